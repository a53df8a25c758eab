import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type VirtualClock, virtualClock } from '../../exchange/virtual-clock.ts';
import { deadlinesSettings, failoverSettings, routesSettings } from '../../failover/settings.ts';
import { createConcurrency } from '../../failover/concurrency.ts';
import { makeWorld } from '../../failover/world.ts';
import { memoryJournal } from '../../journal/memory-journal.ts';
import { resolveProviders } from '../../providers/resolve.ts';
import { providersSettings } from '../../providers/settings.ts';
import { simCall } from '../../sim/sim-call.ts';
import { createSimProvider, type FaultRule } from '../../sim/sim-provider.ts';
import type { Happening } from '../../telemetry/signal.ts';
import { drillSettings } from '../settings.ts';
import { type Drills, serveDrills } from './serve-drills.ts';

const DAY = 24 * 60 * 60_000;
const PRICE = { facts: { '*': { price: { input: 1, output: 4 } } } };
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Time goes by in steps, and what waits for what has come in between gets its turn. */
async function pass(clock: VirtualClock, span: number): Promise<void> {
  for (let step = 0; step < 20; step++) {
    await clock.advance(span / 20);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

interface Open {
  drills: Drills;
  clock: VirtualClock;
  told: Happening[];
  asked(): number;
  fault(rules: readonly FaultRule[]): void;
}

/** A route of two: a lead, and a backup that somebody pays for. */
function open(settings: Record<string, unknown>, folder = mkdtempSync(join(tmpdir(), 'understudy-drills-'))): Open {
  folders.push(folder);
  const clock = virtualClock();
  const backup = createSimProvider({ clock, key: 'k' });
  let asked = 0;
  const call = simCall({
    clock,
    providers: { 'backup.test': backup },
    observe: () => {
      asked += 1;
      return undefined;
    },
  });
  const found = resolveProviders(
    providersSettings.parse({
      lead: { dialect: 'openai-chat', baseUrl: 'http://lead.test/v1', apiKey: 'k' },
      backup: { dialect: 'openai-chat', baseUrl: 'http://backup.test/v1', apiKey: 'k', ...PRICE },
    }),
    { environment: {}, home: folder, platform: 'linux' },
  );
  if (!found.ok) throw new Error(JSON.stringify(found.error));
  const world = makeWorld({
    providers: found.value.providers,
    simulated: new Map(),
    ownVendor: () => undefined,
    routes: routesSettings.parse({ default: ['lead/m', 'backup/n'] }),
    deadlines: deadlinesSettings.parse({}),
    failover: failoverSettings.parse({}),
  });
  const told: Happening[] = [];
  const drills = serveDrills(
    { folder, key: undefined, settings: drillSettings.parse(settings) },
    {
      call,
      clock,
      random: (bytes) => bytes.fill(7),
      journal: memoryJournal({ clock }),
      concurrency: createConcurrency(clock),
      feed: { publish: (happening) => void told.push(happening) },
      world: () => world,
    },
  );
  return { drills, clock, told, asked: () => asked, fault: (rules) => void backup.setFaults(rules) };
}

it('asks nobody by itself unless it is told to', async () => {
  const { drills, clock, asked, told } = open({});
  await pass(clock, 70 * DAY);
  expect([asked(), told, drills.list(9)]).toEqual([0, [], []]);
  await drills.close();
});

it('asks nobody by itself without a budget, and says so', async () => {
  const { drills, clock, asked, told } = open({ monthly: 'on' });
  await pass(clock, 2 * DAY);
  expect([asked(), drills.list(9)]).toEqual([0, []]);
  expect(told).toEqual([]);
  expect(drills.notices().join()).toContain('drill.budget is 0');
  await drills.close();
});

it('drills every thirty days, and tells people when it comes out badly', async () => {
  const { drills, clock, told, fault } = open({ monthly: 'on', budget: 0.5 });
  await pass(clock, 29 * DAY);
  expect(drills.list(9)).toHaveLength(1);
  expect(drills.last().drill!.score).toBe(100);
  expect(told.filter(({ type }) => type === 'alert')).toEqual([]);
  fault([{ fault: '401' }]);
  await pass(clock, 3 * DAY);
  expect(drills.list(9).map(({ score }) => score)).toEqual([0, 100]);
  const alert = told.find((happening) => happening.type === 'alert')!;
  expect(alert.title).toBe('Readiness fell from 100 to 0');
  expect(alert.text).toContain('the key is refused');
  await drills.close();
});

it('does one at a time, stops when it is told to, and keeps what it has found', async () => {
  const wish = { on: 'my-routes', sample: 3, budget: 0.5, time: 60_000 };
  const { drills, clock, fault } = open({});
  fault([{ fault: 'hang' }]);
  const first = await drills.start(wish, true);
  expect(first.ok).toBe(true);
  expect(await drills.start(wish, true)).toMatchObject({ ok: false });
  await pass(clock, 1000);
  const id = first.ok ? first.value : '';
  expect(drills.running()!.id).toBe(id);
  expect(drills.stop('d_other')).toBe(false);
  expect(drills.stop(id)).toBe(true);
  await pass(clock, 1000);
  expect(drills.running()).toBeUndefined();
  expect((await drills.show(id))!.ended).toBe('stopped');
  expect([drills.list(9).map(({ ended }) => ended), drills.last()]).toEqual([['stopped'], {}]);
  await drills.close();
});

it('ends by its time against a backup that hangs, and says that it is slow', async () => {
  const { drills, clock, fault } = open({});
  fault([{ fault: 'hang' }]);
  const begun = await drills.start({ on: 'default', sample: 0, budget: 0.5, time: 20_000 }, true);
  await pass(clock, 25_000);
  const report = (await drills.show(begun.ok ? begun.value : ''))!;
  expect(report.took).toBeLessThanOrEqual(21_000);
  expect(report.routes[0]!.targets[0]!.findings.map(({ state }) => state)).toContain('bad');
  expect(report.score).toBe(0);
  await drills.close();
});

it('knows the last one after a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-drills-'));
  const { drills, clock } = open({}, folder);
  const begun = await drills.start({ on: 'default', sample: 0, budget: 0.5, time: 60_000 }, true);
  await pass(clock, 60_000);
  await drills.close();
  const again = open({}, folder);
  expect(again.drills.last().drill).toMatchObject({ score: 100 });
  expect(again.drills.list(9).map(({ id }) => id)).toEqual([begun.ok ? begun.value : '']);
  await again.drills.close();
});
