import { describe, expect, test } from 'vitest';
import type { AnswerEvent, FinishReason } from '../../exchange/event.ts';
import type { JsonObject } from '../../exchange/json.ts';
import type { EncoderContext } from '../dialect.ts';
import { unwrap } from '../envelope.ts';
import { openaiChat } from './dialect.ts';
import { readWithOpenai } from './openai-client.ts';

const CONTEXT: EncoderContext = { exchange: 'x_1', head: { model: 'asked', stream: true, includeUsage: false }, created: 9 };
const START: AnswerEvent = { type: 'start', id: 'c1', model: 'm', created: 5 };
const USAGE: AnswerEvent = { type: 'usage', usage: { input: 1, output: 2 } };

function text(words: string, index = 0): AnswerEvent[] {
  return [
    { type: 'part-start', index, part: { type: 'text' } },
    { type: 'part-delta', index, delta: { type: 'text', text: words } },
    { type: 'part-end', index },
  ];
}

function call(id: string, index: number): AnswerEvent[] {
  return [
    { type: 'part-start', index, part: { type: 'tool-call', id, name: 'f' } },
    { type: 'part-delta', index, delta: { type: 'arguments', json: '{}' } },
    { type: 'part-end', index },
  ];
}

function chunks(bytes: string): JsonObject[] {
  return bytes
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => JSON.parse(event.slice(6)) as JsonObject);
}

describe('chunks', () => {
  test('the role first, id, model and time the same in all, the terminator last', () => {
    const encoder = openaiChat.encoder(CONTEXT);
    const bytes = encoder.encode([START, ...text('hi'), { type: 'finish', reason: 'stop' }, USAGE]) + encoder.end(false);
    expect(chunks(bytes)).toMatchObject([
      { choices: [{ delta: { role: 'assistant' } }] },
      { choices: [{ index: 0, delta: { content: 'hi' }, finish_reason: null }] },
      { choices: [{ delta: {}, finish_reason: 'stop' }] },
    ]);
    expect(
      chunks(bytes).every(
        (chunk) => chunk.id === 'c1' && chunk.model === 'm' && chunk.created === 5 && chunk.object === 'chat.completion.chunk',
      ),
    ).toBe(true);
    expect(bytes.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(encoder.end(false)).toBe('');
  });

  test('usage only for clients that asked for it', () => {
    const bytes = (includeUsage: boolean): string => {
      const encoder = openaiChat.encoder({ ...CONTEXT, head: { ...CONTEXT.head, includeUsage } });
      return encoder.encode([START, USAGE, ...text('hi'), { type: 'finish', reason: 'stop' }]) + encoder.end(false);
    };
    expect(chunks(bytes(false)).some((chunk) => 'usage' in chunk)).toBe(false);
    expect(chunks(bytes(true)).at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } });
  });

  test.each<[FinishReason, string]>([
    ['stop', 'stop'],
    ['stop-sequence', 'stop'],
    ['length', 'length'],
    ['context-window', 'length'],
    ['pause', 'length'],
    ['tool-calls', 'tool_calls'],
    ['content-filter', 'content_filter'],
    ['refusal', 'content_filter'],
    ['other', 'stop'],
  ])('%s is written as %s', (reason, word) => {
    const bytes = openaiChat.encoder(CONTEXT).encode([START, { type: 'finish', reason, raw: 'end_turn' }]);
    expect(chunks(bytes).at(-1)).toMatchObject({ choices: [{ finish_reason: word }] });
  });

  test('a refusal in words ends with stop, as at OpenAI', async () => {
    const encoder = openaiChat.encoder(CONTEXT);
    const refusal: AnswerEvent[] = [
      { type: 'part-start', index: 0, part: { type: 'refusal' } },
      { type: 'part-delta', index: 0, delta: { type: 'text', text: 'no' } },
      { type: 'part-end', index: 0 },
    ];
    const { choices } = await readWithOpenai(
      encoder.encode([START, ...refusal, { type: 'finish', reason: 'refusal' }]) + encoder.end(false),
    );
    expect(choices[0]).toMatchObject({ finish_reason: 'stop', message: { refusal: 'no' } });
  });

  test('calls are counted on after what was observed', () => {
    const encoder = openaiChat.encoder(CONTEXT);
    encoder.observe([START, ...text('x'), ...call('a', 1)]);
    expect(chunks(encoder.encode(call('b', 2)))).toMatchObject([
      { choices: [{ delta: { tool_calls: [{ index: 1, id: 'b', type: 'function', function: { name: 'f', arguments: '{}' } }] } }] },
    ]);
  });

  test('a call is written when it is whole, in one chunk, after those that began before it', () => {
    const encoder = openaiChat.encoder(CONTEXT);
    const [beginA, ...restA] = call('a', 0);
    const [beginB, ...restB] = call('b', 1);
    expect(chunks(encoder.encode([START, beginA!, beginB!, ...restB]))).toHaveLength(1);
    const written = chunks(encoder.encode(restA)) as { choices: { delta: { tool_calls: { id: string }[] } }[] }[];
    expect(written.map(({ choices }) => choices[0]!.delta.tool_calls[0]!.id)).toEqual(['a', 'b']);
  });

  test('a second start says nothing', () => {
    const encoder = openaiChat.encoder(CONTEXT);
    encoder.observe([START]);
    expect(encoder.encode([{ type: 'start', id: 'c2', model: 'other' }])).toBe('');
    expect(chunks(encoder.encode(text('x')))[0]).toMatchObject({ id: 'c1', model: 'm' });
  });

  test('an answer that ends with a call gets the finish it lacks; a text without a finish does not', () => {
    const withCall = openaiChat.encoder(CONTEXT);
    withCall.observe([START, ...call('a', 0)]);
    expect(chunks(withCall.end(false))).toMatchObject([{ choices: [{ finish_reason: 'tool_calls' }] }]);
    const withText = openaiChat.encoder(CONTEXT);
    withText.observe([START, ...text('x')]);
    expect(withText.end(false)).toBe('data: [DONE]\n\n');
    const whole = openaiChat.encoder(CONTEXT);
    whole.observe([START, ...text('x'), { type: 'finish', reason: 'stop' }]);
    expect(whole.end(true)).toBe('');
  });
});

describe('what only others can read', () => {
  const producer = { dialect: 'anthropic-messages' as const, vendor: 'anthropic', model: 'claude' };
  const thought: AnswerEvent[] = [
    { type: 'part-start', index: 0, part: { type: 'reasoning', producer } },
    { type: 'part-delta', index: 0, delta: { type: 'text', text: 'hm' } },
    { type: 'part-delta', index: 0, delta: { type: 'signature', signature: 'sig' } },
    { type: 'part-end', index: 0 },
  ];

  function sealed(details: unknown): unknown {
    return unwrap((details as { data: string }[])[0]!.data);
  }

  test('a signature is sealed with the words at the end of the part', () => {
    const written = chunks(openaiChat.encoder(CONTEXT).encode([START, ...thought]));
    expect(written.map((chunk) => Object.keys((chunk.choices as { delta: JsonObject }[])[0]!.delta))).toEqual([
      ['role', 'content'],
      ['reasoning_content'],
      ['reasoning_details'],
    ]);
    const last = (written[2]!.choices as { delta: JsonObject }[])[0]!.delta;
    expect(sealed(last.reasoning_details)).toEqual({ producer, value: { text: 'hm', signature: 'sig' } });
  });

  test('in a whole body too', () => {
    const body = openaiChat.encodeAnswer([START, ...thought, ...text('x', 1), { type: 'finish', reason: 'stop' }], CONTEXT);
    const { message } = (body.choices as { message: JsonObject }[])[0]!;
    expect(message).toMatchObject({ content: 'x', reasoning_content: 'hm' });
    expect(sealed(message.reasoning_details)).toEqual({ producer, value: { text: 'hm', signature: 'sig' } });
  });

  test('foreign opaque parts are left out, own ones written', () => {
    const own = { annotations: [{ type: 'url_citation' }] };
    const opaque = (dialect: 'anthropic-messages' | 'openai-chat', index: number): AnswerEvent[] => [
      { type: 'part-start', index, part: { type: 'opaque', producer: { dialect }, value: own } },
      { type: 'part-end', index },
    ];
    expect(
      chunks(openaiChat.encoder(CONTEXT).encode([START, ...opaque('anthropic-messages', 0), ...opaque('openai-chat', 1)])),
    ).toMatchObject([{}, { choices: [{ delta: own }] }]);
  });
});

describe('around the answer', () => {
  const fault = { class: 'provider-fault', symptom: 'truncated', message: 'cut' } as const;

  test('the error frame makes the official client throw, after what it has read', async () => {
    const encoder = openaiChat.encoder(CONTEXT);
    const bytes = encoder.encode([START, ...text('half')]) + encoder.error(fault);
    expect(bytes).not.toContain('[DONE]');
    await expect(readWithOpenai(bytes)).rejects.toThrow('cut');
  });

  test('comments disturb nobody and stay on one line', async () => {
    const encoder = openaiChat.encoder(CONTEXT);
    const seam = encoder.seam('a/b\n\ndata: x', 'c');
    expect(seam).toBe(': understudy seam from=a/b_data:_x to=c\n\n');
    const bytes =
      openaiChat.keepAlive +
      encoder.encode([START, ...text('a')]) +
      seam +
      openaiChat.keepAlive +
      encoder.encode([...text('b', 1), { type: 'finish', reason: 'stop' }]) +
      encoder.end(false);
    expect((await readWithOpenai(bytes)).choices[0]!.message.content).toBe('ab');
  });
});
