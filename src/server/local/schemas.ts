import { z } from 'zod';
import { describes } from '../control-schemas.ts';
import type { LocalReport } from './report.ts';

const instant = z.number().describe('UTC, milliseconds since 1970.');

const model = z.object({
  name: z.string(),
  target: z.string().describe('What to ask for: ollama/qwen3:8b.'),
  loaded: z.boolean().describe('In memory.'),
  context: z.number().optional().describe('Tokens that fit in as it runs, or would be loaded.'),
  contextFrom: z
    .enum(['running', 'set', 'assumed'])
    .optional()
    .describe("running: as it is loaded, or was last; set: by its settings; assumed: the service's default."),
  longest: z.number().optional().describe('Tokens that it could take if it were loaded so.'),
  tools: z.boolean().optional(),
  images: z.boolean().optional(),
  reasoning: z.boolean().optional(),
  billions: z.number().optional().describe('Billions of parameters.'),
  bytes: z.number().optional(),
});

/** `GET /api/local`. */
export const localAnswer = describes<LocalReport>()(
  z.object({
    off: z.string().optional().describe('Why nobody is looked for; absent: services are looked for.'),
    places: z.array(z.string()).describe('Base URLs that are looked at.'),
    lookedAt: instant.optional(),
    services: z.array(
      z.object({
        kind: z.enum(['ollama', 'lmstudio', 'llamacpp', 'vllm', 'openai', 'embedded']),
        provider: z.string(),
        configured: z.string().optional().describe('The provider that the configuration has for it.'),
        title: z.string(),
        baseUrl: z.string(),
        version: z.string().optional(),
        slots: z.number().optional().describe('Requests that it works on at once, where it says so.'),
        models: z.array(model),
        leftOut: z
          .array(z.object({ name: z.string(), why: z.string() }))
          .describe('What it has beside them, and why that is of no use here.'),
      }),
    ),
    strangers: z.array(z.object({ baseUrl: z.string(), said: z.string() })).describe('Who answers at such a port and is no model service.'),
    routes: z.array(z.object({ route: z.string(), targets: z.array(z.string()) })).describe('Which routes lead to them.'),
    ahead: z.object({ at: instant, text: z.string() }).optional().describe('The last model that was to be loaded ahead of need.'),
  }),
);
