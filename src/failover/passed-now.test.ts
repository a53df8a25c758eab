import { expect, it } from 'vitest';
import { provider } from '../../test/matrix/providers.ts';
import { virtualClock } from '../exchange/virtual-clock.ts';
import type { AttemptAsk } from './admission.ts';
import { windowEnd } from './caps.ts';
import { createConcurrency } from './concurrency.ts';
import { passedNow } from './passed-now.ts';
import { parseRoute } from './route.ts';
import { deadlinesSettings, failoverSettings, routeSettings } from './settings.ts';
import { createSpendLedger } from './spend.ts';

const price = { input: 2, output: 10 };
const lead = provider({ name: 'lead', dialect: 'anthropic-messages', key: 'k', price });
const dear = { ...provider({ name: 'dear', dialect: 'openai-chat', key: 'k', price }), concurrency: 2 };
const free = provider({ name: 'free', dialect: 'openai-chat', key: 'k' });

/** As on 2 June 2026, 06:05 UTC, after backups have cost `spent` dollars. */
function house(spent: number, routes: Record<string, object>, failover: object = {}) {
  const clock = virtualClock();
  const hour = new Date(clock.now()).toISOString().slice(0, 13);
  const spend = createSpendLedger(clock, { [hour]: [{ route: 'main', provider: 'dear', backup: true, dollars: spent }] }, () => undefined);
  const concurrency = createConcurrency(clock);
  const world = {
    provider: (name: string) => [lead, dear, free].find((one) => one.name === name),
    routes: new Map(Object.entries(routes).map(([name, settings]) => [name, parseRoute(name, routeSettings.parse(settings))])),
    deadlines: deadlinesSettings.parse({}),
    failover: failoverSettings.parse(failover),
  };
  return {
    clock,
    concurrency,
    passed: (target: string) => passedNow(world, [spend, concurrency], target),
    begin: () =>
      concurrency.begin!({ planned: { provider: dear, target: { provider: 'dear', model: 'm' } }, plan: {} } as unknown as AttemptAsk, 1)!,
  };
}

const ROUTES = { main: ['lead/*', 'dear/m', 'free/m'], own: ['dear/*'], other: ['lead/m', 'dear/m'] };

it('a cap that is used up passes over the backups that cost something, until its next window', () => {
  const { passed, clock } = house(5, ROUTES);
  const until = windowEnd(clock.now(), 'day');
  expect(passed('dear/m')).toEqual([
    { routes: ['main', 'other'], reason: expect.stringContaining('failover.backupSpend') as string, until },
  ]);
  expect(passed('dear/m')[0]!.reason).toContain('backups have cost $5.00 of the $5 that they may cost a day');
  expect(passed('dear/m')[0]!.reason).toContain('wait until 00:00 UTC');
  // Elsewhere it is the lead; another model of it is no backup; what costs nothing is asked.
  expect(passed('dear/n')).toEqual([]);
  expect(passed('lead/m')).toEqual([]);
  expect(passed('free/m')).toEqual([]);
});

it('also where so little is left that not even a short answer can be paid, and not before', () => {
  // 1000 tokens of an answer are a cent.
  expect(house(4.98, ROUTES).passed('dear/m')).toEqual([]);
  expect(house(4.995, ROUTES).passed('dear/m')).toHaveLength(1);
});

it('a cap of nothing keeps all backups out, for good', () => {
  const { passed } = house(0, ROUTES, { backupSpend: '0/day' });
  const never = [{ routes: ['main'], reason: 'backups may cost nothing (failover.backupSpend: 0)' }];
  expect(passed('free/m')).toEqual(never);
  expect(passed('lead/m')).toEqual([]);
});

it("a route's own cap keeps its lead out, too", () => {
  const { passed, clock } = house(1, { ...ROUTES, main: { targets: ['lead/*', 'dear/m'], spend: '1/hour' } });
  for (const target of ['lead/m', 'dear/m'])
    expect(passed(target)).toEqual([
      { routes: ['main'], reason: expect.stringContaining('routes.main.spend') as string, until: windowEnd(clock.now(), 'hour') },
    ]);
});

it('places that are all taken, until one is free', async () => {
  const { passed, begin, clock } = house(0, ROUTES);
  const first = begin();
  expect(passed('dear/m')).toEqual([]);
  begin();
  expect(passed('dear/m')).toEqual([
    { routes: ['main', 'own', 'other'], reason: 'all its 2 places are taken (providers.dear.concurrency)' },
  ]);
  // Places are a model's; looking takes none.
  expect(passed('dear/n')).toEqual([]);
  first.settled!('given-up');
  await clock.advance(1);
  expect(passed('dear/m')).toEqual([]);
});

it('a route that never sends there passes nobody over, and who is no longer configured is nowhere', () => {
  const { passed } = house(5, {
    main: { targets: ['lead/*', 'dear/m'], never: ['dear'] },
    other: { targets: ['lead/m', 'dear/m'], allow: ['lead'] },
  });
  expect(passed('dear/m')).toEqual([]);
  expect(passed('gone/m')).toEqual([]);
});
