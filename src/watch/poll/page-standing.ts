import type { PageReading } from '../page-reading.ts';

/** Milliseconds between two looks at a page (research/status.md, 1.4), and how far that varies, so that many installations do not come at once. */
const INTERVAL = 300_000;
const JITTER = 0.1;
/** The same while something is open there or suspected. */
const HURRIED = { least: 60_000, most: 120_000 };
/** A page is known for so many intervals after it was read. */
const KNOWN_FOR = 3;
/** Milliseconds: some notices stay open for weeks. One that nobody adds to is no reason for haste. */
const NEWS = 86_400_000;

/** Milliseconds until the next look. `random`: 0 to 1. */
export function intervalOf(hurried: boolean, random: number): number {
  if (hurried) return HURRIED.least + (HURRIED.most - HURRIED.least) * random;
  return INTERVAL * (1 - JITTER + 2 * JITTER * random);
}

/** Milliseconds after which what a page said is no longer known to be so. */
export function knownFor(hurried: boolean): number {
  return KNOWN_FOR * (hurried ? HURRIED.most : INTERVAL);
}

/** Something is open on a page and was added to of late. Times are UTC ms. */
export function isUnderWay(reading: PageReading, changedAt: number, now: number): boolean {
  return now - changedAt <= NEWS && isOpen(reading, now);
}

function isOpen({ components, incidents }: PageReading, now: number): boolean {
  if (components.some(({ state }) => state !== 'operational' && state !== 'unknown')) return true;
  return incidents.some(({ phase, startedAt }) => {
    if (phase === 'resolved' || phase === 'scheduled') return false;
    return phase !== 'unknown' || now - startedAt <= NEWS;
  });
}
