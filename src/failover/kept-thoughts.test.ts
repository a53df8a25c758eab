import { describe, expect, test } from 'vitest';
import type { AnswerEvent } from '../exchange/event.ts';
import type { Part, ReasoningPart } from '../exchange/part.ts';
import type { Request } from '../exchange/request.ts';
import { type Asked, createKeptThoughts } from './kept-thoughts.ts';

const producer = { dialect: 'openai-responses' as const, vendor: 'openai' };

function asked(first: string, route = 'default'): Asked {
  const body = Buffer.from(JSON.stringify({ messages: [{ role: 'user', content: first }] }));
  return { head: { model: 'm' }, body, headers: [], plan: { route } };
}

function thought(index: number, text: string, signature: string): AnswerEvent[] {
  return [
    { type: 'part-start', index, part: { type: 'reasoning', producer, untold: true } },
    { type: 'part-delta', index, delta: { type: 'text', text } },
    { type: 'part-delta', index, delta: { type: 'signature', signature } },
    { type: 'part-end', index },
  ];
}

function text(index: number, ...pieces: string[]): AnswerEvent[] {
  return [
    { type: 'part-start', index, part: { type: 'text' } },
    ...pieces.map((piece): AnswerEvent => ({ type: 'part-delta', index, delta: { type: 'text', text: piece } })),
    { type: 'part-end', index },
  ];
}

function call(index: number, id: string): AnswerEvent[] {
  return [
    { type: 'part-start', index, part: { type: 'tool-call', id, name: 'f' } },
    { type: 'part-delta', index, delta: { type: 'arguments', json: '{}' } },
    { type: 'part-end', index },
  ];
}

const finish: AnswerEvent = { type: 'finish', reason: 'tool-calls' };

function requestOf(...parts: Part[]): Request {
  return {
    messages: [
      { role: 'user', parts: [{ type: 'text', text: 'Look.' }] },
      { role: 'assistant', parts },
    ],
  } as unknown as Request;
}

const said = (words: string): Part => ({ type: 'text', text: words });
const called = (id: string): Part => ({ type: 'tool-call', id, name: 'f', arguments: '{}' });
const kept = (words: string, signature: string): ReasoningPart => ({ type: 'reasoning', text: words, signature, producer });

describe('thoughts that a client is not told', () => {
  const answer = [
    ...thought(0, 'first', 'A'),
    ...text(1, 'I ', 'look.'),
    ...thought(2, 'second', 'B'),
    ...call(3, 'c1'),
    ...call(4, 'c2'),
    finish,
  ];

  test('are back in their places when the client sends the answer without them', () => {
    const thoughts = createKeptThoughts();
    const record = thoughts.recorder(asked('Look.'));
    for (const event of answer) record([event]);
    const { messages } = thoughts.restored(asked('Look.'), requestOf(said('I look.'), called('c1'), called('c2')));
    expect(messages[1]!.parts).toEqual([kept('first', 'A'), said('I look.'), kept('second', 'B'), called('c1'), called('c2')]);
    // A client that keeps a stream as it came has words in pieces.
    const pieces = thoughts.restored(asked('Look.'), requestOf(said('I '), said('look.'), called('c1')));
    expect(pieces.messages[1]!.parts).toEqual([kept('first', 'A'), said('I '), said('look.'), kept('second', 'B'), called('c1')]);
  });

  test('go to no other conversation, also where it has calls of the same id', () => {
    const thoughts = createKeptThoughts();
    thoughts.recorder(asked('Look.'))(answer);
    const request = requestOf(called('c1'));
    for (const other of [asked('Look at that.'), asked('Look.', 'other')]) expect(thoughts.restored(other, request)).toEqual(request);
  });

  test('are none where everything is told', () => {
    const thoughts = createKeptThoughts();
    thoughts.recorder(asked('Look.'))([...text(0, 'I look.'), ...call(1, 'c1'), finish]);
    const request = requestOf(said('I look.'), called('c1'));
    expect(thoughts.restored(asked('Look.'), request)).toBe(request);
  });

  test('are bounded: what was not used for longest goes first', () => {
    const thoughts = createKeptThoughts();
    const record = thoughts.recorder(asked('Look.'));
    const large = 'x'.repeat(1024 * 1024);
    const shown = (id: string): number => thoughts.restored(asked('Look.'), requestOf(called(id))).messages[1]!.parts.length;
    for (let round = 0; round < 40; round++) {
      record([...thought(0, large, `${round}`), ...call(1, `c${round}`), finish]);
      expect(shown('c0')).toBe(2);
    }
    expect(shown('c1')).toBe(1);
    expect(shown('c39')).toBe(2);
  });
});
