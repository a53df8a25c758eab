import { z } from 'zod';
import { embeddedSettings } from '../embedded/settings.ts';

const onOff = z.union([z.literal('on'), z.literal('off'), z.boolean()]).transform((value) => value === 'on' || value === true);

/** The ports that their programs take by default: Ollama, LM Studio, llama.cpp's server, vLLM. */
export const USUAL_PORTS = [11434, 1234, 8080, 8000] as const;

export const localSettings = z.strictObject({
  find: onOff
    .default(true)
    .describe(
      `Look for model services on this machine (127.0.0.1, ports ${USUAL_PORTS.join(', ')} and local.ports), and let what is found be the last target of the default route.`,
    ),
  ports: z
    .array(z.int().min(1).max(65_535))
    .max(16)
    .default([])
    .describe('Further ports of this machine to look at; any OpenAI-compatible service there counts.'),
  models: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      'Which local models may stand in, in this order: names or globs, such as qwen3:* or ollama/qwen3:8b. Without: what is loaded first, then the largest that fits this machine.',
    ),
  concurrency: z.int().positive().default(1).describe('Most requests at once to a service that was found; more wait in line.'),
  warm: onOff
    .default(true)
    .describe('While a lead fails, have the model that would stand in for it loaded in the background, if memory allows.'),
  embedded: embeddedSettings.prefault({}),
});

export type LocalSettings = z.output<typeof localSettings>;
