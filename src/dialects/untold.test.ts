import { describe, expect, test } from 'vitest';
import type { AnswerEvent } from '../exchange/event.ts';
import { anthropicMessages } from './anthropic-messages/dialect.ts';
import { gemini } from './gemini/dialect.ts';
import { openaiResponses } from './openai-responses/dialect.ts';
import { untoldFilter } from './untold.ts';

const THOUGHT: AnswerEvent[] = [
  { type: 'part-start', index: 0, part: { type: 'reasoning', producer: { dialect: 'openai-chat', vendor: 'deepseek' }, untold: true } },
  { type: 'part-delta', index: 0, delta: { type: 'text', text: 'Secretly.' } },
  { type: 'part-delta', index: 0, delta: { type: 'signature', signature: 'proof' } },
  { type: 'part-end', index: 0 },
];
const CALLS: AnswerEvent[] = [1, 2].flatMap((index): AnswerEvent[] => [
  { type: 'part-start', index, part: { type: 'tool-call', id: `call_${index}`, name: 'look_up', unproved: true } },
  { type: 'part-delta', index, delta: { type: 'arguments', json: '{}' } },
  { type: 'part-end', index },
]);
const ANSWER: AnswerEvent[] = [{ type: 'start', id: 'a', model: 'm' }, ...THOUGHT, ...CALLS, { type: 'finish', reason: 'tool-calls' }];
const context = (stream: boolean) => ({ exchange: 'x_1', head: { model: 'm', stream, includeUsage: false }, created: 0 });

describe('what is not to be told', () => {
  test('is left out, wherever the events are cut', () => {
    const told = untoldFilter();
    const all = ANSWER.flatMap((event) => told([event]));
    expect(all).toEqual(ANSWER.filter((event) => !THOUGHT.includes(event)));
  });

  test('leaves everything else as it is, also under an index that was used before', () => {
    const told = untoldFilter();
    told(THOUGHT);
    const text: AnswerEvent[] = [
      { type: 'part-start', index: 0, part: { type: 'text' } },
      { type: 'part-delta', index: 0, delta: { type: 'text', text: 'Said.' } },
    ];
    expect(told(text)).toBe(text);
  });

  test('takes the ids of the items behind it along, which their maker would miss it by; nothing else', () => {
    const extras = { dialect: 'openai-responses' as const, fields: { id: 'msg_1', phase: 'final' } };
    const said = (index: number): AnswerEvent => ({ type: 'part-start', index, part: { type: 'text', extras } });
    const told = untoldFilter();
    const before = [said(5)];
    expect(told(before)).toBe(before);
    const bare = { ...extras, fields: { phase: 'final' } };
    expect(told([...THOUGHT, said(1)])).toEqual([{ type: 'part-start', index: 1, part: { type: 'text', extras: bare } }]);
    expect(told([said(2)])).toEqual([{ type: 'part-start', index: 2, part: { type: 'text', extras: bare } }]);
  });

  test.each([anthropicMessages, openaiResponses, gemini])('is in no answer of $name', (dialect) => {
    const encoder = dialect.encoder(context(true));
    const streamed = ANSWER.map((event) => encoder.encode([event])).join('') + encoder.end(false);
    const whole = JSON.stringify(dialect.encodeAnswer(ANSWER, context(false)));
    for (const answer of [streamed, whole]) {
      expect(answer).not.toMatch(/Secretly|proof|understudy\.v1|"thinking"|"type":"reasoning"/);
      expect(answer).toContain('call_2');
    }
  });

  test('Gemini gets the word for a signature that never was, on the first call alone', () => {
    const encoder = gemini.encoder(context(true));
    const streamed = encoder.encode(ANSWER) + encoder.end(false);
    const whole = JSON.stringify(gemini.encodeAnswer(ANSWER, context(false)));
    for (const answer of [streamed, whole]) {
      expect(answer.split('skip_thought_signature_validator')).toHaveLength(2);
      expect(answer.indexOf('skip_thought_signature_validator')).toBeLessThan(answer.indexOf('call_2'));
    }
  });
});
