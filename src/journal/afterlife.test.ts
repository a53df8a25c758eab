import { expect, test } from 'vitest';
import { virtualClock } from '../exchange/virtual-clock.ts';
import { afterlife } from './afterlife.ts';
import type { LiveAnswer } from './answer-log.ts';

/** As much of an ended answer as this room asks for. */
function ended(name: string, weight: number, onDisk: boolean): LiveAnswer {
  const log = { opening: { id: name }, weight: () => weight, length: () => 3, places: { has: (seq: number) => onDisk && seq === 2 } };
  return log as unknown as LiveAnswer;
}

const KIB = 1024;

test('ended answers stay their time', async () => {
  const clock = virtualClock();
  const gone: string[] = [];
  const stays = afterlife(clock, 60_000, (log) => gone.push(log.opening.id));
  stays.add(ended('first', KIB, true));
  await clock.advance(30_000);
  stays.add(ended('second', KIB, true));
  await clock.advance(29_999);
  expect(gone).toEqual([]);
  await clock.advance(1);
  expect(gone).toEqual(['first']);
  await clock.advance(30_000);
  expect(gone).toEqual(['first', 'second']);
});

test('beyond their room the oldest go earlier, unless they are nowhere else', () => {
  const gone: string[] = [];
  const stays = afterlife(virtualClock(), 60_000, (log) => gone.push(log.opening.id));
  for (let number = 0; number < 400; number++) stays.add(ended(`saved ${number}`, KIB, true));
  expect(gone).toHaveLength(400 - 256);
  expect(gone[0]).toBe('saved 0');

  const unsaved: string[] = [];
  const others = afterlife(virtualClock(), 60_000, (log) => unsaved.push(log.opening.id));
  for (let number = 0; number < 400; number++) others.add(ended(`unsaved ${number}`, KIB, false));
  expect(unsaved).toEqual([]);
});
