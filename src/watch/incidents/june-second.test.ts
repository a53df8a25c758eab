import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { claudeIncidentsOnJuneSecond, claudeOnJuneSecond } from '../feeds/testing/june-second.ts';
import { pageNamed, payload } from '../feeds/testing/payload.ts';
import { statuspage } from '../feeds/statuspage.ts';
import type { PageReading, Payload } from '../page-reading.ts';
import { mergeReadings } from '../poll/merge-readings.ts';
import { openWatch } from '../store/open.ts';
import type { Judgement } from '../verdict.ts';
import { createIncidents, type IncidentChange, type Incidents } from './incidents.ts';

const MINUTE = 60_000;
const clockFace = (time: string): number => Date.parse(`2026-06-02T${time}Z`);
const CLAUDE = pageNamed('anthropic');

const folders: string[] = [];
const closing: (() => void)[] = [];
let incidents: Incidents;
beforeEach(() => void (incidents = fresh()));
afterEach(() => {
  for (const close of closing.splice(0)) close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function fresh(): Incidents {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-june-'));
  folders.push(folder);
  const opened = openWatch(folder);
  if (!opened.ok) throw new Error(opened.error.reason);
  closing.push(() => opened.value.close());
  let seed = 1;
  return createIncidents({ database: opened.value, random: (bytes) => bytes.fill(seed++ % 256) });
}

/** What the page says at a moment, as its two feeds have it. */
function payloadsAt(at: number): Payload[] {
  return [payload(claudeOnJuneSecond(at)), payload(claudeIncidentsOnJuneSecond(at))];
}

function readAt(payloads: readonly Payload[], at: number): PageReading {
  return mergeReadings(
    payloads.map((one) => {
      const read = statuspage.read(one, CLAUDE, at);
      if (!read.ok) throw new Error(read.error.message);
      return read.value;
    }),
  );
}

/** Looks at the page every five minutes from 06:02 on. */
function* looks(): Generator<number> {
  for (let at = clockFace('06:02:00'); at < clockFace('12:30:00'); at += 5 * MINUTE) yield at;
}

function watchTheMorning(into: Incidents): { at: string; change: IncidentChange['change'] }[] {
  return [...looks()].flatMap((at) =>
    into.observe(CLAUDE, readAt(payloadsAt(at), at), at).map(({ change }) => ({ at: new Date(at).toISOString().slice(11, 16), change })),
  );
}

it('2 June 2026 as the page told it: one incident, one model and then several, seen after it was said', () => {
  expect(watchTheMorning(incidents)).toEqual([
    { at: '06:07', change: 'opened' },
    { at: '06:42', change: 'updated' },
    { at: '09:37', change: 'updated' },
    { at: '10:42', change: 'updated' },
    { at: '11:52', change: 'ended' },
  ]);
  const { incidents: all } = incidents.list({});
  expect(all).toHaveLength(1);
  const [one] = all;
  expect(one).toMatchObject({
    title: 'Elevated errors on multiple models',
    phase: 'resolved',
    severity: 'major',
    startedAt: clockFace('06:04:59'),
    firstSeenAt: clockFace('06:07:00'),
    endedAt: clockFace('11:49:06'),
    endSeenAt: clockFace('11:52:00'),
  });
  expect(one!.products.toSorted()).toEqual(['anthropic/api', 'anthropic/chat', 'anthropic/code', 'anthropic/console']);
  for (const { at, seenAt } of one!.updates) {
    expect(seenAt).toBeGreaterThanOrEqual(at);
    expect(seenAt - at).toBeLessThan(5 * MINUTE);
  }
});

it('is no longer about one model once the page says that it is about several', () => {
  const at = clockFace('06:07:00');
  incidents.observe(CLAUDE, readAt(payloadsAt(at), at), at);
  expect(incidents.open()[0]!.models).toEqual(['claude-opus-4-6']);
  const later = clockFace('06:42:00');
  incidents.observe(CLAUDE, readAt(payloadsAt(later), later), later);
  expect(incidents.open()[0]!.models).toEqual([]);
});

it('own evidence was first; the page joins it, and it is still one', () => {
  const since = clockFace('06:01:00');
  const down: Judgement = {
    key: 'anthropic/api',
    verdict: 'down',
    since,
    scope: 'model',
    score: 4,
    evidence: [{ kind: 'own', weight: 4, at: since, text: '5 of your last 8 requests failed', source: 'anthropic/claude-opus-4-6' }],
    summary: 'Claude API has been down since 06:01 UTC: 5 of your last 8 requests failed.',
  };
  expect(incidents.own({ to: down }, ['claude-opus-4-6'], since).map(({ change }) => change)).toEqual(['opened']);
  expect(watchTheMorning(incidents)[0]).toEqual({ at: '06:07', change: 'merged' });
  const { incidents: all } = incidents.list({});
  expect(all).toHaveLength(1);
  expect(all[0]).toMatchObject({ firstSeenAt: since, startedAt: since, endedAt: clockFace('11:49:06') });
});

it('payloads kept and replayed give what was seen live, and those that said nothing new may be missing', () => {
  const live = fresh();
  watchTheMorning(live);
  const kept: { at: number; payloads: Payload[] }[] = [];
  let last = '';
  for (const at of looks()) {
    const payloads = payloadsAt(at);
    const text = payloads.map(({ bytes }) => new TextDecoder().decode(bytes)).join('');
    if (text !== last) kept.push({ at, payloads });
    last = text;
  }
  expect(kept).toHaveLength(6);
  for (const { at, payloads } of kept) incidents.observe(CLAUDE, readAt(payloads, at), at);
  expect(incidents.list({})).toEqual(live.list({}));
});
