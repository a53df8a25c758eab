import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Incident } from '../../watch/incident.ts';
import { createIncidentStore } from '../../watch/incidents/store.ts';
import { openWatch } from '../../watch/store/open.ts';
import { runIn, type Ran } from '../testing/run-in.ts';
import type { Paint } from '../terminal.ts';
import { incidentDetailLines } from './incident-view.ts';

const HOUR = 3_600_000;
let folder: string;
let now: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-incidents-command-'));
  now = Date.now();
  // Nothing listens there.
  writeFileSync(join(folder, 'understudy.yaml'), 'server: { port: 1 }\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

function keep(...incidents: Incident[]): void {
  const opened = openWatch(folder);
  if (!opened.ok) throw new Error(opened.error.reason);
  const store = createIncidentStore(opened.value);
  for (const incident of incidents) store.put(incident, now);
  opened.value.close();
}

function incident(id: string, product: string, hoursAgo: number, more: Partial<Incident> = {}): Incident {
  const startedAt = now - hoursAgo * HOUR;
  const source = { type: 'page' as const, page: 'anthropic', id: 'zkr', url: 'https://stspg.io/zkr' };
  return {
    id,
    kind: 'incident',
    title: `Errors of ${id}`,
    products: [product],
    models: [],
    severity: 'major',
    phase: 'investigating',
    startedAt,
    firstSeenAt: startedAt + HOUR,
    updates: [{ at: startedAt, seenAt: startedAt + HOUR, phase: 'investigating', text: 'It is looked into.', source }],
    sources: [source],
    ...more,
  };
}

const over = (hoursAgo: number): Partial<Incident> => ({
  phase: 'resolved',
  endedAt: now - hoursAgo * HOUR,
  endSeenAt: now - hoursAgo * HOUR,
});
const run = (...words: string[]): Promise<Ran> => runIn(folder, ['incidents', ...words, '--data', folder]);
const ids = async (...words: string[]): Promise<string[]> =>
  (JSON.parse((await run(...words, '--json')).out) as { incidents: Incident[] }).incidents.map(({ id }) => id);

it('shows what was seen until the server stopped, and says so', async () => {
  keep(
    incident('i_one', 'anthropic/api', 3),
    incident('i_two', 'openai/api', 30, over(29)),
    incident('i_old', 'openai/api', 24 * 20, over(24 * 20 - 1)),
  );
  const ran = await run();
  expect(ran).toMatchObject({ code: 0, note: expect.stringContaining('is not running') });
  expect(ran.out).toContain('Errors of i_one');
  expect(ran.out).toContain('2 incidents');
  expect(await ids()).toEqual(['i_one', 'i_two']);
  expect(await ids('--open')).toEqual(['i_one']);
  expect(await ids('--days', '30', '--product', 'openai')).toEqual(['i_two', 'i_old']);
  expect(await ids('--product', 'claude api')).toEqual(['i_one']);
});

it('shows one with when it was seen and what it said before', async () => {
  const base = incident('i_one', 'anthropic/api', 3);
  const [update] = base.updates;
  keep({ ...base, updates: [{ ...update!, before: [{ text: 'All is down.', phase: 'investigating', at: update!.at, seenUntil: now }] }] });
  const { code, out } = await run('i_one');
  expect(code).toBe(0);
  for (const text of ['investigating, major', 'first seen 1 h later', 'It is looked into.', 'All is down.', 'https://stspg.io/zkr'])
    expect(out).toContain(text);
  const paint = new Proxy({} as Paint, {
    get:
      () =>
      (text: string): string =>
        text,
  });
  for (const line of incidentDetailLines(base, now, { paint, width: 80 })) expect(line.length).toBeLessThanOrEqual(80);
  expect(await run('i_none')).toMatchObject({ code: 1, out: '' });
});

it('has more than the API gives at once', async () => {
  keep(...Array.from({ length: 450 }, (_, index) => incident(`i_${index}`, 'anthropic/api', 5 + index / 10)));
  expect(new Set(await ids()).size).toBe(450);
});

it('refuses what it cannot understand, and finds nothing where nothing was watched', async () => {
  expect((await run('--days', 'many')).code).toBe(2);
  expect((await run('--product', 'clod')).code).toBe(2);
  expect((await run()).code).toBe(3);
});
