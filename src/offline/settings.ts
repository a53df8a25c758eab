import { z } from 'zod';

/** `offline` in the configuration: what there is when no model answers. */
export const offlineSettings = z.strictObject({
  notes: z
    .array(z.string().min(1))
    .default([])
    .describe('Folders of Markdown notes that the offline desk looks through: [~/notes, ./docs]. They are read on this machine only.'),
  runbooks: z
    .array(z.string().min(1))
    .default([])
    .describe('Folders of runbooks of your own, besides those that come along; one of the same name takes its place.'),
  shown: z.int().min(1).max(10).default(3).describe('Earlier answers, and notes, that the offline desk shows at most of each.'),
});

export type OfflineSettings = z.output<typeof offlineSettings>;
