import { readFileSync } from 'node:fs';
import type { Impact } from '../../src/watch/page-reading.ts';

/** One published incident, and what is assumed of it. Times are UTC milliseconds. */
export interface TrueIncident {
  /** As published. */
  postedAt: number;
  endedAt: number;
  /** When requests began to fail: before the post, by a lag that is drawn. */
  beganAt: number;
  impact: Impact;
  /** It is felt by this user. */
  isFelt: boolean;
}

export interface Half {
  from: number;
  to: number;
}

/** Start to post, in minutes: median and quartiles as published post-mortems state them (research/status.md, 0.1). */
const LAGS: Readonly<Record<string, { median: number; upper: number }>> = {
  anthropic: { median: 39, upper: 58 },
  openai: { median: 19, upper: 69 },
};
/** Of a normal distribution, the upper quartile in standard deviations. */
const QUARTILE = 0.6745;
/** Minutes: the few posts that state more are taken for errors of whoever read them, as the research does. */
const LONGEST_LAG = 240;
/** Share of incidents that a user of the product never meets (research/status.md, 3.6). */
const UNFELT = 0.1;
/** Hours: what is posted for longer is a notice, not an outage (450 hours of "we have suspended access to …"). */
const LONGEST = 24;

/** In the older records: planned work. */
const PLANNED = '4';

interface Row {
  provider: string;
  product: string | null;
  start: string;
  end: string | null;
  severity: string | null;
}

/** Published incidents of a provider's API; overlapping ones are one. */
export function trueIncidents(file: string, provider: string, { from, to }: Half, random: () => number): TrueIncident[] {
  const rows = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
    .filter((row) => row.provider === provider && isOfApi(row) && row.severity !== PLANNED)
    .map(({ start, end, severity }) => ({ postedAt: Date.parse(start), endedAt: Date.parse(end ?? start), impact: impactOf(severity) }))
    .filter(({ postedAt, endedAt }) => postedAt >= from && endedAt < to && endedAt > postedAt && endedAt - postedAt <= LONGEST * 3_600_000)
    .toSorted((one, other) => one.postedAt - other.postedAt);
  const merged: typeof rows = [];
  for (const row of rows) {
    const last = merged.at(-1);
    if (last && row.postedAt <= last.endedAt) last.endedAt = Math.max(last.endedAt, row.endedAt);
    else merged.push({ ...row });
  }
  const { median, upper } = LAGS[provider]!;
  const spread = Math.log(upper / median) / QUARTILE;
  return merged.map((row, place) => {
    const before = merged[place - 1]?.endedAt ?? from;
    const lag = Math.min(median * Math.exp(spread * normal(random)), LONGEST_LAG) * 60_000;
    return { ...row, beganAt: Math.max(before, row.postedAt - lag), isFelt: random() >= UNFELT };
  });
}

/** Of what names no product, the API is taken to be part. */
function isOfApi({ product }: Row): boolean {
  return product === null || product.split(',').some((one) => /api/i.test(one));
}

/** The older records count impacts (0 none to 3 critical); the newer have none, and are taken for major. */
function impactOf(severity: string | null): Impact {
  return severity === null ? 'major' : ((['none', 'minor', 'major', 'critical'] as const)[Number(severity)] ?? 'unknown');
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
