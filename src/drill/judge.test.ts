import { describe, expect, it } from 'vitest';
import type { Verdict } from './judge.ts';
import { judge } from './judge.ts';
import type { Heard } from './listen.ts';
import type { Reading } from './wire-reader.ts';

const expected = { text: 'One two three.', calls: [] };
const whole: Reading = { text: 'One two three.', calls: [], finished: true, seams: 0 };

function heard(reading: Partial<Reading> | undefined, ending: Heard['ending'] = 'ended'): Heard {
  return { ending, tries: 1, took: 5, ...(reading && { reading: { ...whole, ...reading } }) };
}

describe('the verdict on an answer', () => {
  const cases: [string, Heard, Verdict][] = [
    ['the exact answer', heard({}), 'whole'],
    ['the exact answer with a seam', heard({ seams: 1 }), 'continued'],
    ['the exact answer, then a broken connection', heard({}, 'lost'), 'whole'],
    ['a clean end in the middle', heard({ text: 'One two', finished: false }), 'truncated'],
    ['a beginning that says that it is all', heard({ text: 'One two' }), 'truncated'],
    ['a doubled word', heard({ text: 'One two two three.' }), 'wrong'],
    ['one character too much', heard({ text: 'One two three. ' }), 'wrong'],
    ['an empty answer that says that it is all', heard({ text: '' }), 'truncated'],
    ['an error after some words', heard({ text: 'One', finished: false, error: 'Overloaded' }), 'failed'],
    ['a reset before anything', heard(undefined, 'lost'), 'broken'],
    ['a reset within the answer', heard({ text: 'One', finished: false }, 'lost'), 'truncated'],
    ['a web page', heard({ text: '', finished: false, garbled: 'no JSON' }), 'broken'],
    ['silence', heard({ text: 'One', finished: false }, 'patience'), 'hung'],
    ['a tool call that nobody expected', heard({ calls: [{ name: 'look_up', arguments: '{}' }] }), 'wrong'],
  ];
  it.each(cases)('%s', (_title, what, verdict) => expect(judge(what, expected)).toBe(verdict));

  it('compares tool calls as JSON, and whole', () => {
    const call = { text: '', calls: [{ name: 'look_up', arguments: '{"a":1}' }] };
    expect(judge(heard({ text: '', calls: [{ name: 'look_up', arguments: '{ "a": 1 }' }] }), call)).toBe('whole');
    expect(judge(heard({ text: '', calls: [{ name: 'look_up', arguments: '{"a":' }] }), call)).toBe('truncated');
    expect(judge(heard({ text: '', calls: [{ name: 'look_up', arguments: '{"a":2}' }] }), call)).toBe('wrong');
    expect(judge(heard({ text: '', calls: [] }), call)).toBe('truncated');
  });
});
