/** What accounts have left, where conversations are, and what answers have cost outlives a restart: as far as it still says something, and no more than so much. */
import { expect, it } from 'vitest';
import { provider } from '../../test/matrix/providers.ts';
import type { Json } from '../exchange/json.ts';
import { virtualClock } from '../exchange/virtual-clock.ts';
import { createHealth } from '../health/create-health.ts';
import type { AdmissionControl, AttemptAsk } from './admission.ts';
import { createHabits, type Habits } from './habits.ts';
import { createRateRooms, type RateRooms } from './rate-room.ts';
import { createStickiness } from './stickiness.ts';

function ask(model = 'm'): AttemptAsk {
  const target = { provider: 'p', model, credential: 'key 1', dialect: 'openai-chat', vendor: 'p' } as const;
  const service = provider({ name: 'p', dialect: 'openai-chat', key: 'k' });
  const planned = { target, provider: service, facts: service.facts(model), lead: true, native: true, passThrough: false };
  const body = Buffer.from('a b '.repeat(100));
  return { plan: {} as AttemptAsk['plan'], planned, index: 0, kind: 'first', size: body.length, body };
}

function told(rooms: RateRooms, asked: AttemptAsk, remaining: number, reset: string): void {
  const watch = rooms.begin!(asked, asked.body.length)!;
  watch.headers!({
    'x-ratelimit-limit-requests': '60',
    'x-ratelimit-remaining-requests': String(remaining),
    'x-ratelimit-reset-requests': reset,
  });
  watch.settled!('given-up');
}

/** As `state.json` has it. */
function stored(value: Json): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

it('an account with nothing left is not asked after a restart either, until it is there again', async () => {
  const clock = virtualClock();
  const rooms = createRateRooms(clock);
  told(rooms, ask(), 0, '60s');
  const before = rooms.refusal(ask());
  expect(before).toBeDefined();
  const again = createRateRooms(clock, stored(rooms.snapshot()));
  expect(again.refusal(ask())).toEqual(before);
  expect(again.status('p/m')).toEqual(rooms.status('p/m'));
  await clock.advance(60_000);
  const late: AdmissionControl = createRateRooms(clock, stored(rooms.snapshot()));
  expect(late.refusal(ask())).toBeUndefined();
  expect(rooms.snapshot()).toEqual({});
});

it('no more than so much is kept, and what can not be read is nothing', () => {
  const clock = virtualClock();
  const rooms = createRateRooms(clock);
  for (let count = 0; count < 400; count++) told(rooms, ask(`m${count}`), 0, '60s');
  const kept = rooms.snapshot() as Record<string, Json>;
  expect(Object.keys(kept)).toHaveLength(200);
  expect(Object.keys(kept).at(-1)).toContain('m399');
  const room = { kind: 'requests', remaining: 0, reset: clock.now() + 9000, steady: false, at: clock.now() };
  const saves: Json[] = [
    null,
    [],
    'x',
    { a: 1 },
    { 'p/m#key 1': [null, 1, { ...room, kind: 'x' }, { ...room, at: clock.now() + 1 }, { ...room, reset: 1 }] },
  ];
  for (const saved of saves) expect(createRateRooms(clock, saved).snapshot()).toEqual({});
  expect(createRateRooms(clock, { 'p/m#key 1': [room] }).refusal(ask())).toBeDefined();
});

it('conversations are where they were, for as long as their cache may live', async () => {
  const clock = virtualClock();
  const health = createHealth({ clock, random: () => 0.5 });
  const now = clock.now();
  const bindings = Array.from({ length: 900 }, (_, count) => ({ key: `k${count}`, target: 'b/m', left: now, used: now }));
  const saved: Json[] = [...bindings, { key: 'future', target: 'b/m', left: now, used: now + 1 }, { key: 'x' }, 7, null];
  const stickiness = createStickiness(clock, health, saved);
  expect(stickiness.away()).toEqual({ 'b/m': 900 });
  const kept = stickiness.snapshot() as Json[];
  expect(kept).toHaveLength(500);
  expect(kept.at(-1)).toEqual(bindings.at(-1));
  await clock.advance(60 * 60_000);
  expect(stickiness.snapshot()).toEqual([]);
  expect(createStickiness(clock, health, stored(kept)).away()).toEqual({});
  expect(createStickiness(clock, health, { a: 1 }).away()).toEqual({});
});

it('what a turn costs is expected of the first one after a restart as of the last before it', async () => {
  const clock = virtualClock();
  const habits = createHabits(clock);
  const body = Buffer.alloc(6000, 'word ');
  const learn = (by: Habits, target: string, route: string, output: number): void =>
    by.learn(target, route, body, { input: 2000, output }, 1, 0.2, true);
  const expected = (of: Habits): unknown[] => [of.inputTokens('p/m', body), of.warmth('p/m'), of.outputTokens('p/m', 'agent')];
  for (let time = 0; time < 6; time++) learn(habits, 'p/m', 'agent', 9000);
  const before = expected(habits);
  expect(before).not.toEqual(expected(createHabits(clock)));
  expect(before[2]).toBe(9000);
  const again = createHabits(clock, stored(habits.snapshot()));
  expect(expected(again)).toEqual(before);
  expect(again.snapshot()).toEqual(habits.snapshot());
  // Four answers are still too few, and with the fifth they are enough.
  for (let time = 0; time < 4; time++) learn(again, 'p/m', 'chat', 50);
  const third = createHabits(clock, stored(again.snapshot()));
  expect(third.outputTokens('p/m', 'chat')).toBeUndefined();
  learn(third, 'p/m', 'chat', 50);
  expect(third.outputTokens('p/m', 'chat')).toBe(50);

  const month = 30 * 24 * 60 * 60_000;
  await clock.advance(month);
  expect(expected(createHabits(clock, stored(habits.snapshot())))).toEqual(before);
  await clock.advance(1);
  expect(habits.snapshot()).toEqual({ targets: [], outputs: [] });
  expect(expected(createHabits(clock, stored(again.snapshot())))).toEqual(expected(createHabits(clock)));
});

it('of habits no more than so many are kept, the latest, and what can not be read is none', () => {
  const clock = virtualClock();
  const habits = createHabits(clock);
  for (let count = 0; count < 400; count++) habits.learn(`p/m${count}`, 'r', Buffer.alloc(10), { input: 1, output: 1 }, 1, 1, true);
  const kept = habits.snapshot() as { targets: Record<string, Json>[]; outputs: Record<string, Json>[] };
  for (const list of [kept.targets, kept.outputs]) {
    expect(list).toHaveLength(200);
    expect(list.at(-1)!['target']).toBe('p/m399');
  }
  const at = clock.now();
  const nothing = { targets: [], outputs: [] };
  const sound = { target: 'p/m', bytesAToken: 4, warmth: 0.5, at };
  for (const one of [null, 7, { ...sound, warmth: 'x' }, { ...sound, at: at + 1 }, { ...sound, target: 1 }])
    expect(createHabits(clock, { targets: [one] }).snapshot()).toEqual(nothing);
  const answers = { target: 'p/m', route: 'r', tokens: 5, answers: 9, at };
  for (const one of [
    { ...answers, tokens: -1 },
    { ...answers, answers: 0.5 },
    { ...answers, at: at + 1 },
  ])
    expect(createHabits(clock, { outputs: [one] }).snapshot()).toEqual(nothing);
  for (const saved of [null, [], 'x', { targets: 7 }]) expect(createHabits(clock, saved).snapshot()).toEqual(nothing);
  // Nobody's bill is taken for nothing, or for a thousand times what it is, on the word of a file.
  expect(createHabits(clock, { targets: [{ ...sound, warmth: 0 }] }).warmth('p/m')).toBe(0.05);
  expect(createHabits(clock, { targets: [{ ...sound, bytesAToken: 0 }] }).inputTokens('p/m', Buffer.alloc(300))).toBe(200);
});
