import { z } from 'zod';
import { retentionSettings } from './retention/settings.ts';

export const archiveSettings = z.strictObject({
  mirror: z
    .string()
    .min(1)
    .optional()
    .describe('A folder of Markdown that a running server keeps in step with the archive; `understudy mirror` does it by hand.'),
  retention: retentionSettings,
});
