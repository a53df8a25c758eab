import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ProductKey } from '../../watch/product.ts';
import type { PastOutage, PastUse } from './past.ts';
import { replayHistory, type ReplayInput } from './replay.ts';

const HOUR = 3_600_000;
const FROM = Date.UTC(2026, 4, 4);
const WEEKS = 4;
const TO = FROM + WEEKS * 168 * HOUR;
const claude: ProductKey = { provider: 'anthropic', product: 'code', model: 'claude-opus-4-6' };
const gpt: ProductKey = { provider: 'openai', product: 'api', model: 'gpt-5.6' };

function outage(products: PastOutage['products'], from: number, hours: number, more: Partial<PastOutage> = {}): PastOutage {
  return { title: 'Elevated errors', products, models: [], severity: 'critical', from, to: from + hours * HOUR, ...more };
}

/** Ten answers in each hour from nine to five on every day. */
function officeHours(asked: ProductKey, web = false): PastUse[] {
  return Array.from({ length: WEEKS * 168 }, (_, index) => FROM + index * HOUR)
    .filter((hour) => new Date(hour).getUTCHours() >= 9 && new Date(hour).getUTCHours() < 17)
    .map((hour) => ({ hour, asked, answers: 10, web }));
}

function input(given: Partial<ReplayInput>): ReplayInput {
  return { from: FROM, to: TO, use: [], outages: [], backups: (asked) => [asked], candidates: [], ...given };
}

const NINE = FROM + 14 * 24 * HOUR + 9 * HOUR;

it('loses what was asked while it was down, and with a backup elsewhere nothing', () => {
  const outages = [outage([{ provider: 'anthropic', product: 'code' }], NINE, 2)];
  const alone = replayHistory(input({ use: officeHours(claude), outages }));
  expect(alone).toMatchObject({ answers: WEEKS * 7 * 8 * 10, atRisk: 20, without: 20, withRoutes: 20, hoursHit: 2 });
  const backed = replayHistory(input({ use: officeHours(claude), outages, backups: (asked) => [asked, gpt] }));
  expect(backed).toMatchObject({ without: 20, withRoutes: 0 });
  expect(backed.outages).toHaveLength(1);
});

it('counts what is usual at that hour where the outage kept one from asking', () => {
  const outages = [outage([{ provider: 'anthropic' }], NINE, 1)];
  const use = officeHours(claude).filter(({ hour }) => hour !== NINE);
  expect(replayHistory(input({ use, outages })).without).toBeCloseTo(10);
  // At night nobody asks.
  expect(replayHistory(input({ use, outages: [outage([{ provider: 'anthropic' }], NINE - 8 * HOUR, 4)] })).without).toBe(0);
});

it('takes both down when both are, and products of one provider together', () => {
  const both = [outage([{ provider: 'anthropic' }], NINE, 1), outage([{ provider: 'openai' }], NINE, 1, { severity: 'major' })];
  const use = officeHours(claude);
  expect(replayHistory(input({ use, outages: both, backups: (asked) => [asked, gpt] })).withRoutes).toBeCloseTo(5);
  const sibling: ProductKey = { provider: 'anthropic', product: 'api', model: 'claude-haiku-4-5' };
  const half = [outage([{ provider: 'anthropic' }], NINE, 1, { severity: 'major' })];
  expect(replayHistory(input({ use, outages: half, backups: (asked) => [asked, sibling] })).withRoutes).toBeCloseTo(5);
  // It is of one model only: the sibling answers.
  const model = [outage([{ provider: 'anthropic' }], NINE, 1, { models: ['claude-opus-4-6'] })];
  expect(replayHistory(input({ use, outages: model, backups: (asked) => [asked, sibling] }))).toMatchObject({ without: 10, withRoutes: 0 });
});

it('leaves web chats lost whatever stands behind, and tells what one more would add', () => {
  const outages = [outage([{ provider: 'anthropic' }], NINE, 1), outage([{ provider: 'xai' }], NINE + HOUR, 1)];
  const chat: ProductKey = { provider: 'anthropic', product: 'chat' };
  const replay = replayHistory(
    input({
      use: [...officeHours(claude), ...officeHours(chat, true)],
      outages,
      backups: (asked) => (asked === chat ? [asked] : [asked]),
      candidates: [
        { key: { provider: 'anthropic', product: 'api' }, title: 'the same again' },
        { key: { provider: 'xai', product: 'api' }, title: 'xAI API' },
        { key: 'local', title: 'a local model' },
      ],
    }),
  );
  expect(replay).toMatchObject({ without: 20, withRoutes: 20, inWebChats: 10 });
  expect(replay.plus.map(({ title, lost }) => [title, lost])).toEqual([
    ['xAI API', 10],
    ['a local model', 10],
    ['the same again', 20],
  ]);
});

it('never makes anything worse by one more backup, nor counts more than was at risk', () => {
  const provider = fc.constantFrom('anthropic', 'openai', 'google');
  const anOutage = fc
    .record({
      provider,
      hour: fc.nat(WEEKS * 168),
      hours: fc.integer({ min: 0, max: 30 }),
      severity: fc.constantFrom('critical', 'major', 'minor', 'unknown'),
    })
    .map(({ provider: name, hour, hours, severity }) =>
      outage([{ provider: name }], FROM + hour * HOUR + 17 * 60_000, hours, { severity: severity as PastOutage['severity'] }),
    );
  fc.assert(
    fc.property(fc.array(anOutage, { maxLength: 12 }), fc.array(provider, { maxLength: 2 }), (outages, names) => {
      const chain = names.map((name): ProductKey => ({ provider: name, product: 'api' }));
      const use = officeHours(claude);
      const candidates = [
        { key: 'local' as const, title: 'local' },
        { key: gpt, title: 'gpt' },
      ];
      const replay = replayHistory(input({ use, outages, backups: (asked) => [asked, ...chain], candidates }));
      const near = (value: number): number => value + 1e-6;
      expect(replay.withRoutes).toBeLessThanOrEqual(near(replay.without));
      expect(replay.without).toBeLessThanOrEqual(near(replay.atRisk));
      for (const { lost } of replay.plus) expect(lost).toBeLessThanOrEqual(near(replay.withRoutes));
      expect(replay.plus.find(({ title }) => title === 'local')?.lost).toBe(0);
      const days = replay.byDay.reduce((sum, day) => sum + day.without, 0);
      const told = replay.outages.reduce((sum, line) => sum + line.without, 0);
      expect(days).toBeCloseTo(replay.without);
      expect(told).toBeCloseTo(replay.without);
    }),
    { numRuns: 60 },
  );
});

it('has no figures of nothing', () => {
  expect(replayHistory(input({}))).toMatchObject({ answers: 0, without: 0, outages: [], byDay: [] });
  expect(replayHistory(input({ to: FROM, use: officeHours(claude) }))).toMatchObject({ answers: 0 });
});
