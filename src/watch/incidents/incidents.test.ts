import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Incident } from '../incident.ts';
import type { StatusPage } from '../page.ts';
import type { PageIncident, PageReading } from '../page-reading.ts';
import { openWatch } from '../store/open.ts';
import type { Judgement } from '../verdict.ts';
import { createIncidents, type Incidents } from './incidents.ts';

const MINUTE = 60_000;
const SIX = Date.UTC(2026, 5, 2, 6, 0);
const at = (minute: number): number => SIX + minute * MINUTE;

const PAGE: StatusPage = {
  id: 'anthropic',
  family: 'statuspage',
  url: 'https://status.example',
  covers: [
    { provider: 'anthropic', product: 'api', components: ['k8'] },
    { provider: 'anthropic', product: 'chat', components: ['rw'] },
  ],
  source: 'made up',
};
const XAI: StatusPage = {
  id: 'xai',
  family: 'feed',
  url: 'https://x.example',
  covers: [{ provider: 'xai', product: 'api', all: true }],
  source: 'made up',
};

let folder: string;
let database: DatabaseSync;
let incidents: Incidents;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-incidents-'));
  const opened = openWatch(folder);
  if (!opened.ok) throw new Error(opened.error.reason);
  database = opened.value;
  let seed = 1;
  incidents = createIncidents({ database, random: (bytes) => bytes.fill(seed++ % 256) });
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

function entry(more: Partial<PageIncident> = {}): PageIncident {
  return {
    id: 'zkr',
    kind: 'incident',
    title: 'Elevated errors on Opus 4.6',
    impact: 'major',
    phase: 'investigating',
    startedAt: at(5),
    updates: [{ phase: 'investigating', at: at(5), text: 'We are looking into it.' }],
    components: [{ id: 'k8', name: 'Claude API' }],
    ...more,
  };
}

const reading = (list: PageIncident[], listsAllOpen = true): PageReading => ({ components: [], incidents: list, listsAllOpen });
const see = (list: PageIncident[], minute: number, page = PAGE): string[] =>
  incidents.observe(page, reading(list), at(minute)).map(({ change }) => change);
const all = (): Incident[] => incidents.list({}).incidents;

function verdict(key: string, to: Judgement['verdict'], minute: number, more: Partial<Judgement> = {}): Judgement {
  const evidence = [{ kind: 'own' as const, weight: 4, at: at(minute), text: '8 of your last 20 requests failed', source: 'anthropic/m' }];
  return {
    key,
    verdict: to,
    since: at(minute),
    score: 4,
    evidence,
    summary: `Claude API has been ${to} since then: 8 of 20 failed.`,
    ...more,
  };
}

describe('an incident of a page', () => {
  it('goes through its life, with what was claimed and when it was seen', () => {
    expect(see([entry()], 41)).toEqual(['opened']);
    expect(see([entry()], 43)).toEqual([]);
    const second = entry({
      title: 'Elevated errors on multiple models',
      phase: 'identified',
      components: [
        { id: 'k8', name: 'Claude API' },
        { id: 'rw', name: 'claude.ai' },
      ],
      updates: [...entry().updates, { phase: 'identified', at: at(39), text: 'Found.' }],
    });
    expect(see([second], 45)).toEqual(['updated']);
    const over = {
      ...second,
      phase: 'resolved' as const,
      endedAt: at(349),
      updates: [...second.updates, { phase: 'resolved' as const, at: at(349), text: 'Over.' }],
    };
    expect(see([over], 351)).toEqual(['ended']);
    const [one, ...others] = all();
    expect(others).toEqual([]);
    expect(one).toMatchObject({
      title: 'Elevated errors on multiple models',
      products: ['anthropic/api', 'anthropic/chat'],
      models: [],
      before: [{ title: 'Elevated errors on Opus 4.6', severity: 'major', startedAt: at(5), seenUntil: at(45) }],
      severity: 'major',
      phase: 'resolved',
      startedAt: at(5),
      firstSeenAt: at(41),
      endedAt: at(349),
      endSeenAt: at(351),
    });
    expect(one!.updates.map(({ at: claimed, seenAt }) => [(claimed - SIX) / MINUTE, (seenAt - SIX) / MINUTE])).toEqual([
      [5, 41],
      [39, 45],
      [349, 351],
    ]);
  });

  it('keeps what was changed or taken away after the fact', () => {
    see([entry()], 41);
    expect(
      see([entry({ startedAt: at(20), updates: [{ phase: 'investigating', at: at(5), text: 'A few users saw errors.' }] })], 60),
    ).toEqual(['edited']);
    expect(all()[0]!.updates[0]).toMatchObject({
      text: 'A few users saw errors.',
      before: [{ text: 'We are looking into it.', phase: 'investigating', at: at(5), seenUntil: at(60) }],
    });
    expect(see([entry({ startedAt: at(20), updates: [{ phase: 'monitoring', at: at(50), text: 'Mended.' }] })], 70)).toEqual(['updated']);
    expect(all()[0]!.updates.find(({ text }) => text === 'A few users saw errors.')?.removedAt).toBe(at(70));
  });

  it('keeps a severity that was lowered and a beginning that was moved, with when that was seen', () => {
    see([entry({ impact: 'critical' })], 41);
    expect(see([entry({ impact: 'minor', startedAt: at(20) })], 60)).toEqual(['edited']);
    expect(see([entry({ impact: 'minor', startedAt: at(20) })], 65)).toEqual([]);
    expect(all()[0]).toMatchObject({
      severity: 'minor',
      startedAt: at(20),
      before: [{ severity: 'critical', startedAt: at(5), seenUntil: at(60) }],
    });
  });

  it('is over when a page that lists all that is open lists it no more; a list of the newest is no such page', () => {
    see([entry()], 10);
    expect(incidents.observe(PAGE, reading([], false), at(20))).toEqual([]);
    expect(see([], 30)).toEqual(['ended']);
    expect(all()[0]).toMatchObject({ phase: 'resolved', endSeenAt: at(30) });
    expect(see([entry()], 40)).toEqual([]);
  });

  it('is nothing where it is about what is not watched', () => {
    expect(see([entry({ components: [{ id: 'zz', name: 'Marketing site' }] })], 10)).toEqual([]);
  });

  it('that is filed once for each region is one', () => {
    const copies = ['us-east-1', 'eu-west-1'].map((region, index) =>
      entry({ id: region, title: `Degraded performance [API (${region}.api.x.ai)]`, startedAt: at(index), components: [] }),
    );
    expect(see(copies, 10, XAI)).toEqual(['opened', 'merged']);
    expect(see([...copies, entry({ id: 'later', title: copies[0]!.title, startedAt: at(600), components: [] })], 610, XAI)).toEqual([
      'opened',
    ]);
  });
});

describe('one event that is told several times', () => {
  const copy = (region: string, minute: number, over?: number): PageIncident =>
    entry({
      id: region,
      title: `Slow answers [API (${region}.api.x.ai)]`,
      startedAt: at(minute),
      components: [],
      updates: [
        { phase: 'investigating', at: at(minute), text: 'Slow.' },
        ...(over === undefined ? [] : [{ phase: 'resolved' as const, at: at(over), text: 'Over.' }]),
      ],
      ...(over !== undefined && { phase: 'resolved' as const, endedAt: at(over) }),
    });

  it('is over when the last of its entries is', () => {
    see([copy('us', 0), copy('eu', 2)], 5, XAI);
    expect(see([copy('us', 0, 30), copy('eu', 2)], 31, XAI)).toEqual(['updated']);
    expect(incidents.open()).toHaveLength(1);
    expect(see([copy('us', 0, 30), copy('eu', 2, 40)], 41, XAI)).toEqual(['ended']);
    expect(all()[0]).toMatchObject({ phase: 'resolved', endedAt: at(40), endSeenAt: at(41) });
  });

  it('also where they are only taken off the list', () => {
    see([copy('us', 0), copy('eu', 2)], 5, XAI);
    expect(see([copy('eu', 2)], 31, XAI)).toEqual(['updated']);
    expect(see([copy('eu', 2)], 36, XAI)).toEqual([]);
    expect(see([], 41, XAI)).toEqual(['ended']);
    expect(see([], 46, XAI)).toEqual([]);
  });

  it('is the same in whatever order the page lists its entries', () => {
    const list = ['a', 'b', 'c', 'd', 'e'].map((region, index) => copy(region, index * 4));
    const grouped = (): unknown[] => all().map(({ sources, title, startedAt }) => [title, startedAt, sources]);
    see(list, 40, XAI);
    const expected = grouped();
    fc.assert(
      fc.property(fc.shuffledSubarray(list, { minLength: 5 }), (shuffled) => {
        database.exec('DELETE FROM incidents');
        see(shuffled, 40, XAI);
        expect(grouped()).toEqual(expected);
      }),
    );
  });
});

describe('own evidence', () => {
  it('opens an incident that a page joins later, and that keeps when it was first seen', () => {
    const opened = incidents.own({ to: verdict('anthropic/api', 'down', 2) }, ['claude-opus-4-6'], at(3));
    expect(opened.map(({ change }) => change)).toEqual(['opened']);
    expect(
      see([entry({ startedAt: at(41), updates: [{ phase: 'investigating', at: at(41), text: 'We are looking into it.' }] })], 42),
    ).toEqual(['merged']);
    expect(all()).toHaveLength(1);
    expect(all()[0]).toMatchObject({ startedAt: at(2), firstSeenAt: at(3), severity: 'major' });
    expect(all()[0]!.sources.map(({ type }) => type)).toEqual(['own', 'page']);
  });

  it('ends by itself what only it knew of, and leaves to the page what is the page’s', () => {
    incidents.own({ to: verdict('anthropic/api', 'down', 2) }, [], at(3));
    const from = verdict('anthropic/api', 'down', 2);
    const well = { from, to: verdict('anthropic/api', 'operational', 30) };
    expect(incidents.own(well, [], at(30)).map(({ change }) => change)).toEqual(['ended']);
    incidents.own({ to: verdict('anthropic/api', 'down', 600) }, [], at(600));
    see([entry({ startedAt: at(610) })], 611);
    expect(incidents.own({ from, to: verdict('anthropic/api', 'operational', 700) }, [], at(700)).map(({ change }) => change)).toEqual([
      'updated',
    ]);
    expect(incidents.open()).toHaveLength(1);
  });

  it('opens nothing for an account, a network, or what only others say', () => {
    for (const more of [{ scope: 'account' as const }, { scope: 'network' as const }, { evidence: [] }])
      expect(incidents.own({ to: verdict('anthropic/api', 'degraded', 1, more) }, [], at(1))).toEqual([]);
  });
});

describe('planned work and words of one’s own', () => {
  it('begins and ends by its window where the page forgets to say so', () => {
    const planned = entry({ id: 'm', kind: 'maintenance', phase: 'scheduled', startedAt: at(60), endedAt: at(120), updates: [] });
    expect(see([planned], 0)).toEqual(['opened']);
    expect(incidents.turn(at(30))).toEqual([]);
    expect(incidents.turn(at(61)).map(({ incident }) => incident.phase)).toEqual(['in-progress']);
    expect(all()[0]!.byWindow).toBe(true);
    expect(see([{ ...planned, phase: 'in-progress' }], 70)).toEqual([]);
    expect(all()[0]!.byWindow).toBeUndefined();
    expect(incidents.turn(at(121)).map(({ change }) => change)).toEqual(['ended']);
    expect(all()[0]).toMatchObject({ byWindow: true, endedAt: at(120), endSeenAt: at(121) });
    expect(see([{ ...planned, phase: 'resolved' }], 130)).toEqual([]);
    expect(all()[0]!.byWindow).toBeUndefined();
    expect(incidents.turn(at(200))).toEqual([]);
  });

  it('can be posted, added to and ended by hand', () => {
    const note = {
      kind: 'incident' as const,
      title: 'Our proxy is slow',
      products: ['wall/api'],
      phase: 'investigating' as const,
      text: 'On it.',
      by: 'ops',
    };
    const { incident } = incidents.post(note, at(0));
    expect(incidents.add(incident.id, { phase: 'resolved', text: 'Restarted.' }, at(9))).toMatchObject({ change: 'ended' });
    expect(incidents.add('i_none', { phase: 'resolved', text: '' }, at(9))).toBeUndefined();
    expect(incidents.get(incident.id)).toMatchObject({ endedAt: at(9), sources: [{ type: 'hand', by: 'ops' }] });
  });

  it('is found by product, kind, time and page of the list', () => {
    for (let index = 0; index < 5; index++)
      see([entry({ id: `e${index}`, startedAt: at(index * 1000), title: `Number ${index}` })], index * 1000 + 1);
    const first = incidents.list({ limit: 2, product: 'anthropic/api' });
    expect(first.incidents.map(({ title }) => title)).toEqual(['Number 4', 'Number 3']);
    expect(incidents.list({ limit: 2, before: first.next! }).incidents.map(({ title }) => title)).toEqual(['Number 2', 'Number 1']);
    expect(incidents.list({ product: 'anthropic/chat' }).incidents).toEqual([]);
    expect(incidents.list({ open: true }).incidents.map(({ title }) => title)).toEqual(['Number 4']);
    expect(incidents.list({ from: at(3500) }).incidents).toHaveLength(2);
  });
});

it('what a page’s history says, asked for before and come later, does not take the place of what it says now', () => {
  const over = entry({
    phase: 'resolved',
    updates: [...entry().updates, { phase: 'resolved', at: at(40), text: 'It is over.' }],
  });
  incidents.observe(PAGE, reading([over], false), at(41), { askedAt: at(40.5) });
  expect(incidents.observe(PAGE, reading([entry()]), at(42), { past: true, askedAt: at(39) })).toEqual([]);
  expect(all()).toMatchObject([{ phase: 'resolved', endedAt: at(40) }]);
  // The other way round as well; and what nobody has read later is taken.
  incidents.observe(PAGE, reading([over], false), at(43), { past: true, askedAt: at(42.5) });
  expect(incidents.observe(PAGE, reading([entry()], false), at(44), { askedAt: at(42) })).toEqual([]);
  expect(all()).toMatchObject([{ phase: 'resolved' }]);
  expect(see([entry()], 45)).toEqual(['reopened']);
});

describe('whatever is observed', () => {
  const update = fc.record({
    phase: fc.constantFrom('investigating' as const, 'identified' as const, 'resolved' as const),
    at: fc.integer({ min: 0, max: 50 }).map(at),
    text: fc.constantFrom('a', 'b', 'c'),
  });
  const entries = fc.array(
    fc
      .record({
        id: fc.constantFrom('1', '2', '3'),
        phase: fc.constantFrom('investigating' as const, 'resolved' as const),
        startedAt: fc.integer({ min: 0, max: 3 }).map((hour) => at(hour * 200)),
        updates: fc.array(update, { maxLength: 3 }),
      })
      .map((given) => entry(given)),
    { maxLength: 3 },
  );

  it('says nothing when it is seen again, and never forgets an update', () => {
    fc.assert(
      fc.property(fc.array(entries, { maxLength: 6 }), (sightings) => {
        database.exec('DELETE FROM incidents');
        const texts = new Set<string>();
        for (const [index, list] of sightings.entries()) {
          const unique = list.filter(({ id }, place) => list.findIndex((other) => other.id === id) === place);
          for (const { id, updates } of unique) for (const { text } of updates) texts.add(`${id} ${text}`);
          incidents.observe(PAGE, reading(unique), at(1000 + index * 10));
          const before = JSON.stringify(all());
          expect(incidents.observe(PAGE, reading(unique), at(1005 + index * 10))).toEqual([]);
          expect(JSON.stringify(all())).toBe(before);
        }
        const kept = new Set(
          all().flatMap(({ updates }) =>
            updates.flatMap(({ text, source, before = [] }) =>
              source.type === 'page' ? [text, ...before.map((one) => one.text)].map((one) => `${source.id} ${one}`) : [],
            ),
          ),
        );
        for (const text of texts) expect(kept).toContain(text);
      }),
      { numRuns: 60 },
    );
  });
});
