import { err, ok } from '../../exchange/result.ts';
import type { Result } from '../../exchange/result.ts';

/** What an import bears, so that a file made to harm takes neither memory nor disk. Each can be raised: `--limit NAME=VALUE`. */
export interface Limits {
  /** Files in one zip. */
  files: number;
  /** Bytes of all files of one zip, unpacked. */
  unpacked: number;
  /** Unpacked bytes for each packed one. */
  ratio: number;
  /** Bytes of one conversation, or of any other piece that is taken at once. A string can't be longer than 512 MiB here. */
  conversation: number;
}

const GiB = 2 ** 30;
const MiB = 2 ** 20;

/**
 * The largest exports told of have some 10,000 files and a few GB. JSON of chats packs 5 to 15 times, of one repeated letter 1000 times
 * (deflate's most).
 */
export const LIMITS: Readonly<Limits> = { files: 200_000, unpacked: 64 * GiB, ratio: 200, conversation: 192 * MiB };

/** Smaller ones harm nobody, whatever their ratio. */
export const HARMLESS = 64 * MiB;

/** JSON that is nested deeper is cut there: no source does it, and much that follows is recursive. */
export const DEEPEST = 200;

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: MiB, g: GiB, t: 2 ** 40 };

/** `unpacked=100GB,ratio=500` over the defaults. */
export function parseLimits(text: string): Result<Limits, string> {
  const limits: Limits = { ...LIMITS };
  for (const one of text.split(',')) {
    const [, name = '', amount = '', unit = ''] = /^\s*(\w+)\s*=\s*(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?\s*$/i.exec(one) ?? [];
    if (!isLimit(name)) return err(`--limit ${one}: write NAME=VALUE; names are ${Object.keys(LIMITS).join(', ')}; e.g. unpacked=100GB`);
    limits[name] = Math.floor(Number(amount) * UNITS[unit.toLowerCase()]!);
  }
  if (limits.conversation > 500 * MiB) return err('--limit conversation: more than 500 MB at once is not possible here');
  return ok(limits);
}

function isLimit(name: string): name is keyof Limits {
  return Object.hasOwn(LIMITS, name);
}
