import { expect, it } from 'vitest';
import { roomText } from './room-text.ts';

it('says who waits for a place, next first, where several people share the server', () => {
  const line = [
    { principal: 'ann', priority: 'interactive' as const },
    { principal: 'bob', priority: 'batch' as const },
  ];
  expect(roomText({ concurrency: { now: 1, most: 1, waiting: 2, line } }, 0)).toEqual([
    'room: 1 of 1 places taken, 2 waiting: ann, bob (batch)',
  ]);
  const own = [{ principal: 'local', priority: 'interactive' as const }];
  expect(roomText({ concurrency: { now: 1, most: 1, waiting: 1, line: own } }, 0)).toEqual(['room: 1 of 1 places taken, 1 waiting']);
  const many = Array.from({ length: 9 }, () => line[0]!);
  expect(roomText({ concurrency: { now: 1, most: 1, waiting: 9, line: many } }, 0)).toEqual([
    'room: 1 of 1 places taken, 9 waiting: ann, ann, ann, ann, ann, ann, …',
  ]);
});
