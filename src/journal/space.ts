import { statfsSync } from 'node:fs';

/** What a file system has, in bytes. */
export interface Space {
  /** For us; what is set aside for the system's own use is not in it. */
  free: number;
  total: number;
}

/** `low`: worth a look; `critical`: what is not essential waits, so that answers can be saved. */
export type SpaceLevel = 'plenty' | 'low' | 'critical';

/** Below the lesser of both. A GiB is an afternoon of coding agents, whose histories are kept; small disks have less altogether. */
const LOW = { bytes: 1024 ** 3, share: 0.1 };
/** An hour of them, and room for SQLite to end what it has begun. */
const CRITICAL = { bytes: 256 * 1024 ** 2, share: 0.03 };
/** A level is left again when there is so much more, lest it comes and goes. */
const AMPLE = 1.25;

/** `undefined`: it does not tell. */
export function spaceOf(folder: string): Space | undefined {
  try {
    const { bavail, blocks, bsize } = statfsSync(folder);
    return blocks > 0 ? { free: bavail * bsize, total: blocks * bsize } : undefined;
  } catch {
    return undefined;
  }
}

/** `before`: the level so far. */
export function spaceLevel({ free, total }: Space, before: SpaceLevel = 'plenty'): SpaceLevel {
  const isBelow = ({ bytes, share }: typeof LOW, isLeft: boolean): boolean => free < Math.min(bytes, total * share) * (isLeft ? AMPLE : 1);
  if (isBelow(CRITICAL, before === 'critical')) return 'critical';
  return isBelow(LOW, before !== 'plenty') ? 'low' : 'plenty';
}

/** Milliseconds for which a look at the file system counts. */
const FRESH = 1000;

/** The level of now, for whoever asks at every step. A file system that doesn't tell has plenty. `monotonic`: milliseconds. */
export function spaceGauge(folder: string, monotonic: () => number): () => SpaceLevel {
  let level: SpaceLevel = 'plenty';
  let lookedAt: number | undefined;
  return () => {
    if (lookedAt !== undefined && monotonic() - lookedAt < FRESH) return level;
    lookedAt = monotonic();
    const space = spaceOf(folder);
    level = space ? spaceLevel(space, level) : 'plenty';
    return level;
  };
}
