import { z } from 'zod';

// The lowest room that has settings keeps the units in which all rooms write theirs.

const MILLISECONDS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const BYTES: Record<string, number> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** `250ms`, `5s`, `2m`, `1h`; a bare number is seconds. Becomes milliseconds. */
export const duration = z
  .union([z.number().nonnegative(), z.string().regex(/^\d+(\.\d+)?(ms|s|m|h)$/, 'a duration such as 250ms, 5s, 2m or 1h')])
  .transform((value) => (typeof value === 'number' ? value * 1000 : scaled(value, MILLISECONDS)))
  .meta({ description: 'A duration: 250ms, 5s, 2m, 1h; a bare number is seconds.' });

/** `512KiB`, `64MiB`; a bare number is bytes. Becomes bytes. */
export const byteSize = z
  .union([z.int().positive(), z.string().regex(/^\d+(B|KiB|MiB|GiB)$/, 'a size such as 512KiB, 64MiB or 1GiB')])
  .transform((value) => (typeof value === 'number' ? value : scaled(value, BYTES)))
  .meta({ description: 'A size: 512KiB, 64MiB, 1GiB; a bare number is bytes.' });

function scaled(text: string, units: Record<string, number>): number {
  const unit = /[A-Za-z]+$/.exec(text)?.[0] ?? '';
  return Number.parseFloat(text) * (units[unit] ?? 1);
}
