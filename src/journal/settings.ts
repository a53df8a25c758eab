import { z } from 'zod';

const UNITS: Record<string, number> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** `512KiB`, `64MiB`; a bare number is bytes. Becomes bytes. */
const byteSize = z
  .union([z.int().positive(), z.string().regex(/^\d+(B|KiB|MiB|GiB)$/, 'a size such as 512KiB or 64MiB')])
  .transform((value) => (typeof value === 'number' ? value : Number.parseInt(value, 10) * UNITS[value.replace(/^\d+/, '')]!))
  .meta({ description: 'A size: 512KiB, 64MiB; a bare number is bytes.' });

/** `500ms`, `60s`, `5m`; a bare number is seconds. Becomes milliseconds. */
const span = z
  .union([z.number().nonnegative(), z.string().regex(/^\d+(ms|s|m)$/, 'a duration such as 500ms, 60s or 5m')])
  .transform((value) => {
    if (typeof value === 'number') return value * 1000;
    return Number.parseInt(value, 10) * (value.endsWith('ms') ? 1 : value.endsWith('s') ? 1000 : 60_000);
  })
  .meta({ description: 'A duration: 500ms, 60s, 5m; a bare number is seconds.' });

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
  keepAfterEnd: span.default(60_000).describe('How long an answer stays in memory after its end, for readers that come late.'),
});

export type JournalSettings = z.infer<typeof journalSettings>;
