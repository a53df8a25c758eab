import { z } from 'zod';

export const archiveSettings = z.strictObject({
  mirror: z
    .string()
    .min(1)
    .optional()
    .describe('A folder of Markdown that a running server keeps in step with the archive; `understudy mirror` does it by hand.'),
});
