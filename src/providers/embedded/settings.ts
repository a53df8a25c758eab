import { z } from 'zod';

/** The engine's name as a provider. */
export const EMBEDDED = 'embedded';

const modelName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:@-]*$/, 'a model name is made of letters, digits, dots, dashes, colons and underscores');

export const embeddedSettings = z.strictObject({
  models: z
    .record(
      modelName,
      z.strictObject({
        file: z.string().min(1).describe('The GGUF file.'),
        context: z
          .int()
          .min(256)
          .optional()
          .describe('Tokens of its window; a longer one takes more memory. By default what it was trained for, at most 16384.'),
      }),
    )
    .default({})
    .describe(
      'Models that the embedded engine runs, by the name they are asked for; the first stands in first. understudy local install writes them.',
    ),
  threads: z.int().positive().optional().describe('Processor cores that the engine may use; by default all that are of use.'),
});

export type EmbeddedSettings = z.output<typeof embeddedSettings>;
