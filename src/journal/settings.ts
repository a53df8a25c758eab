import { z } from 'zod';
import { byteSize, duration } from './units.ts';

/** The defaults are DESIGN.md's bounds. */
export const journalSettings = z.strictObject({
  ring: byteSize.default(1024 ** 2).describe('Memory for the newest part of each answer; readers further behind are served from disk.'),
  unsaved: byteSize
    .default(8 * 1024 ** 2)
    .describe('Memory for an answer that is not on disk (save: off, or a disk that fails); readers further behind are lost.'),
  segmentSize: byteSize.default(64 * 1024 ** 2).describe('Size at which a file of the answer log is closed and the next one begun.'),
  durability: z
    .enum(['process', 'power'])
    .default('process')
    .describe(
      'What a saved answer survives. process: the death of Understudy; power: also a power cut, at the price of a disk wait per write.',
    ),
  keepAfterEnd: duration.default(60_000).describe('How long an answer stays in memory after its end, for readers that come late.'),
});

export type JournalSettings = z.infer<typeof journalSettings>;
