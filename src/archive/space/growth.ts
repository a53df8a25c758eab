import { parseObject } from '../../exchange/json.ts';
import type { Archive } from '../store/open.ts';

/** What the data folder took at a time: UTC milliseconds, bytes. */
export type Sample = readonly [at: number, bytes: number];

const HOUR = 60 * 60_000;
/** Between two samples; milliseconds. */
export const EVERY = HOUR;
/** How far back growth is looked at: what was imported a week ago says nothing of tomorrow. */
const WINDOW = 72 * HOUR;
/** Less than this says nothing: a day has a night. */
const SHORTEST = 20 * HOUR;
/** Name in the table `marks`. */
const MARK = 'space/samples';

/** How it has grown lately; `undefined`: it has not, or nothing is known yet. */
export interface Growth {
  bytes: number;
  /** Milliseconds. */
  within: number;
}

/** Those that still count, and the new one. */
export function withSample(samples: readonly Sample[], sample: Sample): Sample[] {
  const [now] = sample;
  return [...samples.filter(([at]) => at < now && now - at <= WINDOW), sample];
}

export function growthOf(samples: readonly Sample[]): Growth | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last) return undefined;
  const growth = { bytes: last[1] - first[1], within: last[0] - first[0] };
  return growth.bytes > 0 && growth.within >= SHORTEST ? growth : undefined;
}

/** Milliseconds until `free` bytes are used up at that pace. */
export function fullIn({ bytes, within }: Growth, free: number): number {
  return (free / bytes) * within;
}

export function readSamples({ database }: Archive): Sample[] {
  const value = database.prepare('SELECT value FROM marks WHERE name = ?').get(MARK)?.['value'];
  const samples = typeof value === 'string' ? parseObject(value)?.['samples'] : undefined;
  if (!Array.isArray(samples)) return [];
  return samples.flatMap((each): Sample[] =>
    Array.isArray(each) && typeof each[0] === 'number' && typeof each[1] === 'number' ? [[each[0], each[1]]] : [],
  );
}

export function writeSamples({ database }: Archive, samples: readonly Sample[]): void {
  database
    .prepare('INSERT INTO marks (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value')
    .run(MARK, JSON.stringify({ samples }));
}
