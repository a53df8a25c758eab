/** What accounts have left, and where conversations are, outlives a restart: as far as it still says something, and no more than so much. */
import { expect, it } from 'vitest';
import { provider } from '../../test/matrix/providers.ts';
import type { Json } from '../exchange/json.ts';
import { virtualClock } from '../exchange/virtual-clock.ts';
import { createHealth } from '../health/create-health.ts';
import type { AdmissionControl, AttemptAsk } from './admission.ts';
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
