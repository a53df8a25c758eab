import { expect, test } from 'vitest';
import { assemble } from './assemble.ts';

test('joins interleaved deltas by part, later usage over earlier, and knows what is not closed', () => {
  const answer = assemble([
    { type: 'start', id: 'm', model: 'x' },
    { type: 'usage', usage: { input: 3, output: 1 }, raw: { a: 1, b: 1 } },
    { type: 'part-start', index: 0, part: { type: 'tool-call', id: 'c0', name: 'f' } },
    { type: 'part-start', index: 1, part: { type: 'text' } },
    { type: 'part-delta', index: 0, delta: { type: 'arguments', json: '{' } },
    { type: 'part-delta', index: 1, delta: { type: 'text', text: 'hel' } },
    { type: 'part-delta', index: 0, delta: { type: 'arguments', json: '}' } },
    { type: 'part-delta', index: 1, delta: { type: 'text', text: 'lo' } },
    { type: 'part-end', index: 0 },
    { type: 'finish', reason: 'stop' },
    { type: 'usage', usage: { output: 9 }, raw: { b: 2 } },
  ]);
  expect(answer.parts.map((part) => [part.text, part.arguments, part.closed])).toEqual([
    ['', '{}', true],
    ['hello', '', false],
  ]);
  expect(answer.usage).toEqual({ input: 3, output: 9 });
  expect(answer.rawUsage).toEqual({ a: 1, b: 2 });
  expect(answer.finish?.reason).toBe('stop');
});
