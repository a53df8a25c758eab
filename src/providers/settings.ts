import { z } from 'zod';
import { DIALECTS } from './dialect-names.ts';

const dialectName = z.enum(DIALECTS);

const factsOverride = z
  .strictObject({
    contextWindow: z.int().positive().optional().describe('Tokens that fit in, input and output together.'),
    cutsLongInput: z
      .boolean()
      .optional()
      .describe('Drops what does not fit into its window without a word (Ollama): what might not fit is not sent there.'),
    maxOutput: z.int().positive().optional().describe('Most tokens that the model can write.'),
    prefill: z.boolean().optional().describe('Takes a trailing assistant turn and carries it on literally.'),
    reasoning: z.enum(['none', 'budget', 'adaptive', 'effort']).optional().describe('How the model is told to reason.'),
    images: z.boolean().optional(),
    documents: z.boolean().optional(),
    tools: z.boolean().optional(),
    structuredOutput: z.boolean().optional().describe('Takes a JSON Schema for its answer.'),
    maxTokensField: z.enum(['max_tokens', 'max_completion_tokens']).optional().describe('Chat: the field that bounds the answer.'),
    systemRole: z.enum(['system', 'developer']).optional().describe('Chat: the role of leading instructions.'),
    systemInside: z.boolean().optional().describe("Messages: takes instructions after a user's turn."),
    toolsNeedNoReasoning: z.boolean().optional().describe('Chat: takes tools only with reasoning switched off.'),
    reasoningGoesBack: z.boolean().optional().describe('Chat: wants the reasoning behind its tool calls back.'),
    signedCalls: z.boolean().optional().describe('Gemini: wants the signatures of its function calls back.'),
    fixedSampling: z.boolean().optional().describe('Refuses temperature, top_p and the like.'),
    tier: z.enum(['frontier', 'balanced', 'fast']).optional().describe('Backups are looked for in the same tier.'),
    price: z
      .strictObject({ input: z.number().nonnegative(), output: z.number().nonnegative(), cached: z.number().nonnegative().optional() })
      .optional()
      .describe('Dollars per million tokens.'),
  })
  .describe('What is so about these models, where the built-in facts are wrong or missing.');

export const providerSettings = z.strictObject({
  preset: z.string().optional().describe('A known service to start from; by default the one of the same name.'),
  dialect: dialectName
    .optional()
    .describe('The wire format that the service speaks; requests of clients of other ones are translated into it.'),
  baseUrl: z
    .string()
    .optional()
    .describe(
      'As the official SDK of the dialect takes it: the origin for anthropic-messages and gemini, with /v1 for the OpenAI dialects.',
    ),
  also: z
    .partialRecord(dialectName, z.string())
    .optional()
    .describe('Base URLs of the same service in further dialects, by dialect: their clients are passed through untouched.'),
  apiKey: z.string().optional().describe('The key; better written as ${VARIABLE} than in plain.'),
  apiKeys: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      'Several keys for one service, in order: the first that is neither refused, nor out of quota, nor at its limit is used. Each is an account of its own.',
    ),
  concurrency: z
    .int()
    .positive()
    .optional()
    .describe(
      'Most requests at once per model of this service, over all its keys; more go to the next target, or, where none is free, wait in line for at most deadlines.patience.',
    ),
  keyFile: z.string().optional().describe('A file that holds the key and that only you may read (chmod 600).'),
  auth: z
    .enum(['x-api-key', 'bearer', 'x-goog-api-key', 'api-key', 'client', 'cloud', 'none'])
    .optional()
    .describe("How the key is shown; client: each client's own credential goes through; cloud: the cloud's own identity; none: no key."),
  sdk: z
    .string()
    .regex(/^(@[\w.-]+\/)?[\w.-]+$/, 'the name of an npm package, such as @ai-sdk/cohere')
    .optional()
    .describe(
      'A provider package of the AI SDK (@ai-sdk/cohere, …) for services that speak none of the dialects; install it beside this file.',
    ),
  options: z.record(z.string(), z.json()).optional().describe("What the package's create function takes: apiKey, region, baseURL …"),
  subscription: z
    .literal('pass-through')
    .optional()
    .describe(
      "anthropic only: the login of Claude Code's own Claude plan goes along with its unchanged requests. Read Anthropic's terms first: understudy login claude-code.",
    ),
  region: z.string().optional().describe('Clouds: the region or location, such as us-east-1, eu or global.'),
  project: z.string().optional().describe('Vertex: the Google Cloud project.'),
  resource: z.string().optional().describe('Azure: the name of the resource.'),
  profile: z.string().min(1).optional().describe('Bedrock: a profile of ~/.aws/config.'),
  headers: z.record(z.string(), z.string()).optional().describe('More headers for every request to this service.'),
  models: z.array(z.string().min(1)).optional().describe('Globs of the model names that the service offers; without: any.'),
  local: z.boolean().optional().describe('Runs on this machine or network: still there when the internet is not.'),
  facts: z.record(z.string(), factsOverride).optional().describe('Facts about models, by glob of their names.'),
  proxy: z.string().optional().describe('URL of an HTTP proxy for this service, or off; by default HTTPS_PROXY and HTTP_PROXY count.'),
  ca: z.string().optional().describe('A PEM file with certificate authorities to trust beside the usual ones.'),
});

const providerName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'a provider name is made of letters, digits, dots, dashes and underscores')
  .refine((name) => name !== 'sim', 'sim is the name of the simulated assistants; choose another');

/** Name -> settings. `anthropic: {}` (or nothing after the colon) takes the preset of that name. */
export const providersSettings = z
  .record(
    providerName,
    providerSettings.nullable().transform((settings) => settings ?? {}),
  )
  .default({});

export type ProviderSettings = z.output<typeof providerSettings>;
export type ProvidersSettings = z.output<typeof providersSettings>;
