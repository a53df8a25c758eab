import { spaceLevel, spaceOf, type Space, type SpaceLevel } from '../../journal/space.ts';
import type { Archive } from '../store/open.ts';
import { quickSize } from './folder-size.ts';
import { EVERY, fullIn, growthOf, readSamples, withSample, writeSamples, type Growth, type Sample } from './growth.ts';
import type { SpaceReport } from './report.ts';

/** Milliseconds between two looks at the file system. */
const LOOK = 1000;
/** It is said when the disk will be full within this; milliseconds. */
const SOON = 7 * 24 * 60 * 60_000;

export interface SpaceGuard {
  /** Looks at the disk, unless that was done a moment ago. `archive`: where it is open, growth is followed. */
  look(archive: Archive | undefined): void;
  isCritical(): boolean;
}

export interface SpaceGuardOptions {
  /** The data folder. */
  folder: string;
  now(): number;
  monotonic(): number;
  /** Told of each look that found something else to say than the one before. */
  say(report: SpaceReport): void;
  /** Defaults to the file system. */
  read?(folder: string): Space | undefined;
}

/** Keeps an eye on the space that is left for the data folder. */
export function spaceGuard({ folder, now, monotonic, say, read = spaceOf }: SpaceGuardOptions): SpaceGuard {
  let lookedAt: number | undefined;
  let level: SpaceLevel = 'plenty';
  let samples: Sample[] | undefined;
  let said = '';

  function growth(archive: Archive | undefined): Growth | undefined {
    try {
      if (archive) sample(archive);
    } catch {
      // Least of all on a full disk: what is known so far has to do.
    }
    return growthOf(samples ?? []);
  }

  function sample(archive: Archive): void {
    samples ??= readSamples(archive);
    const last = samples.at(-1)?.[0];
    if (last !== undefined && Math.abs(now() - last) < EVERY) return;
    samples = withSample(samples, [now(), quickSize(archive, folder)]);
    writeSamples(archive, samples);
  }

  return {
    isCritical: () => level === 'critical',
    look(archive) {
      if (lookedAt !== undefined && monotonic() - lookedAt < LOOK) return;
      lookedAt = monotonic();
      const space = read(folder);
      if (!space) return;
      level = spaceLevel(space, level);
      const grown = growth(archive);
      const left = grown && fullIn(grown, space.free);
      const isSoon = left !== undefined && left < SOON;
      const report: SpaceReport = {
        ...space,
        level: level === 'plenty' && isSoon ? 'soon' : level,
        ...(isSoon && grown && { grown, fullIn: left }),
      };
      // Bytes that come and go are no news.
      const news = `${report.level} ${Math.round(Math.log2(space.free + 1) * 4)}`;
      if (news !== said) say(report);
      said = news;
    },
  };
}
