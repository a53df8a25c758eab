import { z } from 'zod';
import { SOURCES } from '../conversation.ts';

/** Kept as it was written: it names the rule. */
const age = z.string().regex(/^[1-9]\d*(d|w|y)$/, 'an age such as 90d, 12w or 2y');
const size = z.string().regex(/^[1-9]\d*(\.\d+)?(MB|GB|TB|MiB|GiB|TiB)$/, 'a size such as 500MB, 20GB or 20GiB');

const rule = z
  .strictObject({
    source: z.enum(SOURCES).optional(),
    project: z.string().min(1).optional(),
    status: z.enum(['complete', 'partial', 'interrupted', 'deferred']).optional(),
    olderThan: age.optional(),
    max: size.optional(),
  })
  .refine(
    ({ olderThan, max }) => olderThan !== undefined || max !== undefined,
    'a rule needs olderThan or max: else it would remove everything',
  );

export const retentionSettings = z
  .array(rule)
  .default([])
  .describe(
    'Rules by which conversations are removed; without one nothing ever is. `olderThan` (90d, 12w, 2y): last changed before that. `max` (20GB): the oldest go until the rest fits. `source`, `project` (a folder and those below it) and `status` say of which. Each removal is announced 7 days before: docs/care.md.',
  );

export type RetentionSettings = z.output<typeof retentionSettings>;
