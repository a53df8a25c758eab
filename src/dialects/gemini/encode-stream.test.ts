import { describe, expect, test } from 'vitest';
import type { AnswerEvent, FinishReason, PartHead } from '../../exchange/event.ts';
import { parseObject, type JsonObject } from '../../exchange/json.ts';
import type { Producer } from '../../exchange/part.ts';
import type { EncoderContext } from '../dialect.ts';
import { unwrap, wrap } from '../envelope.ts';
import { encodeAnswer } from './encode-answer.ts';
import { encoder } from './encode-stream.ts';
import { historyByGoogle, readBodyByGoogle, readByGoogle } from './official-client.ts';

const CONTEXT: EncoderContext = { exchange: 'x_1', head: { model: 'asked', stream: true, includeUsage: true }, created: 1 };
const START: AnswerEvent = { type: 'start', id: 'msg_1', model: 'claude' };
const FINISH: AnswerEvent = { type: 'finish', reason: 'stop' };
const CLAUDE: Producer = { dialect: 'anthropic-messages', vendor: 'anthropic' };

function part(index: number, head: PartHead, ...words: string[]): AnswerEvent[] {
  return [
    { type: 'part-start', index, part: head },
    ...words.map((word): AnswerEvent => {
      const delta = head.type === 'tool-call' ? ({ type: 'arguments', json: word } as const) : ({ type: 'text', text: word } as const);
      return { type: 'part-delta', index, delta };
    }),
    { type: 'part-end', index },
  ];
}

function thought(index: number, producer: Producer, words: string, signature?: string): AnswerEvent[] {
  const [begin, said, end] = part(index, { type: 'reasoning', producer }, words);
  return [
    begin!,
    said!,
    ...(signature === undefined ? [] : [{ type: 'part-delta', index, delta: { type: 'signature', signature } } as const]),
    end!,
  ];
}

function stream(...events: AnswerEvent[]): string {
  const writer = encoder(CONTEXT);
  return writer.encode(events) + writer.end(false);
}

function chunks(bytes: string): JsonObject[] {
  return bytes
    .split('\n\n')
    .filter((line) => line !== '')
    .map((line) => parseObject(line.slice(6))!);
}

function partsOf(bytes: string): unknown[] {
  return chunks(bytes).flatMap(({ candidates }) => (candidates as { content: { parts: JsonObject[] } }[])[0]!.content.parts);
}

const call: PartHead = { type: 'tool-call', id: 'toolu_1', name: 'f' };

describe('a stream', () => {
  test('each piece of text is a chunk, a call is written when it is complete, the last chunk has finish and usage', () => {
    const writer = encoder(CONTEXT);
    const [begin, first, second, end] = part(0, { type: 'text' }, 'a', 'b');
    const [open, left, right, close] = part(1, call, '{"x":', '1}');
    expect(writer.encode([START, begin!])).toBe('');
    expect(chunks(writer.encode([first!]))).toEqual([
      { candidates: [{ content: { parts: [{ text: 'a' }], role: 'model' }, index: 0 }], modelVersion: 'claude', responseId: 'msg_1' },
    ]);
    expect(partsOf(writer.encode([second!]))).toEqual([{ text: 'b' }]);
    expect(writer.encode([end!, open!, left!, right!])).toBe('');
    expect(partsOf(writer.encode([close!]))).toEqual([{ functionCall: { id: 'toolu_1', name: 'f', args: { x: 1 } } }]);
    expect(
      writer.encode([
        { type: 'finish', reason: 'tool-calls' },
        { type: 'usage', usage: { input: 3, output: 4, reasoning: 1 } },
      ]),
    ).toBe('');
    expect(chunks(writer.end(false))).toEqual([
      {
        candidates: [{ content: { parts: [{ text: '' }], role: 'model' }, finishReason: 'STOP', index: 0 }],
        usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 3, totalTokenCount: 7, thoughtsTokenCount: 1 },
        modelVersion: 'claude',
        responseId: 'msg_1',
      },
    ]);
    expect(writer.end(false)).toBe('');
  });

  test("Google's chat session keeps what it has read", async () => {
    const bytes = stream(START, ...part(0, { type: 'text' }, 'a', 'b'), ...part(1, call), FINISH);
    expect(await historyByGoogle(bytes)).toEqual([
      { text: 'a' },
      { text: 'b' },
      { functionCall: { id: 'toolu_1', name: 'f', args: {} } },
      { text: '' },
    ]);
  });

  test('parallel calls whose pieces take turns are each written whole', () => {
    const [open, left, right, close] = part(0, call, '{"x":', '1}');
    const [open2, left2, right2, close2] = part(1, { type: 'tool-call', id: 't2', name: 'g' }, '{"y":', '2}');
    const parts = partsOf(stream(START, open!, left!, open2!, left2!, right!, right2!, close!, close2!, FINISH));
    expect(parts).toEqual([
      { functionCall: { id: 'toolu_1', name: 'f', args: { x: 1 } } },
      { functionCall: { id: 't2', name: 'g', args: { y: 2 } } },
      { text: '' },
    ]);
  });

  test('case 25: a call that was cut is left out', () => {
    expect(
      partsOf(stream(START, ...part(0, { type: 'text' }, 'a'), ...part(1, call, '{"x":'), { type: 'finish', reason: 'length' })),
    ).toEqual([{ text: 'a' }, { text: '' }]);
  });

  test('an answer that ends with a complete call is ended properly', async () => {
    expect(await readByGoogle(stream(START, ...part(0, call, '{}')))).toMatchObject({ finish: 'STOP', calls: [{ name: 'f' }] });
    expect(stream(START)).toBe('');
  });

  test('without a start it has an id and a model all the same', () => {
    expect(chunks(stream(...part(0, { type: 'text' }, 'a')))[0]).toMatchObject({ modelVersion: 'asked', responseId: 'x_1' });
  });

  test('what the first chunk says besides is said once', () => {
    const start: AnswerEvent = { ...START, extras: { dialect: 'gemini', fields: { createTime: 't' } } } as AnswerEvent;
    const [begin, first, second, end] = part(0, { type: 'text' }, 'a', 'b');
    const times = (bytes: string): unknown[] => chunks(bytes).map(({ createTime }) => createTime);
    expect(times(stream(start, begin!, first!, second!, end!, FINISH))).toEqual(['t', undefined, undefined]);
    const writer = encoder(CONTEXT);
    writer.observe([start, begin!, first!]);
    expect(times(writer.encode([second!, end!, FINISH]) + writer.end(false))).toEqual([undefined, undefined]);
  });

  test("another dialect's opaque parts are left out, our own are written as they were", () => {
    const value = { executableCode: { code: 'x' } };
    const parts = partsOf(
      stream(
        START,
        ...part(0, { type: 'opaque', producer: CLAUDE, value: { type: 'server_tool_use' } }),
        ...part(1, { type: 'opaque', producer: { dialect: 'gemini' }, value }),
        FINISH,
      ),
    );
    expect(parts).toEqual([value, { text: '' }]);
  });

  test('says nothing of seams and has no keep-alive: there are clients that fail on comments', () => {
    expect(encoder(CONTEXT).seam('a', 'b')).toBe('');
  });
});

describe('case 33: reasoning and its proof', () => {
  const google: Producer = { dialect: 'gemini', vendor: 'google', model: 'gemini-3' };

  test("Google's own goes back bare, on the part that follows", () => {
    const bytes = stream(START, ...thought(0, google, 'hm', 'sig'), ...part(1, call, '{}'), ...part(2, { type: 'text' }, 'a'), FINISH);
    expect(partsOf(bytes)).toEqual([
      { text: 'hm', thought: true },
      { functionCall: { id: 'toolu_1', name: 'f', args: {} }, thoughtSignature: 'sig' },
      { text: 'a' },
      { text: '' },
    ]);
  });

  test('or on a part of its own, where none follows', () => {
    expect(partsOf(stream(START, ...thought(0, google, 'hm', 'sig'), FINISH)).at(-1)).toEqual({ text: '', thoughtSignature: 'sig' });
    const body = encodeAnswer([START, ...thought(0, google, 'hm', 'sig'), FINISH], CONTEXT);
    expect(body).toMatchObject({
      candidates: [
        {
          content: {
            parts: [
              { text: 'hm', thought: true },
              { text: '', thoughtSignature: 'sig' },
            ],
          },
        },
      ],
    });
  });

  test.each<[string, AnswerEvent[], JsonObject]>([
    ['signed', thought(0, CLAUDE, 'hm', 'sig'), { text: 'hm', signature: 'sig' }],
    ['redacted', part(0, { type: 'reasoning', producer: CLAUDE, redacted: 'r' }), { text: '', redacted: 'r' }],
    ["another vendor's of this dialect", thought(0, { dialect: 'gemini', vendor: 'proxy' }, 'hm', 'sig'), { text: 'hm', signature: 'sig' }],
  ])('case 31: what somebody else %s is sealed with all that it takes to give it back', (_what, reasoning, value) => {
    const events = [START, ...reasoning, ...part(1, { type: 'text' }, 'a', 'b'), FINISH];
    const producer = (reasoning[0] as { part: { producer: Producer } }).part.producer;
    const parts = partsOf(stream(...events)) as JsonObject[];
    const bearing = parts.filter(({ thoughtSignature }) => thoughtSignature !== undefined);
    expect(bearing).toHaveLength(1);
    expect(bearing[0]!.text).toBe('a');
    expect(unwrap(String(bearing[0]!.thoughtSignature))).toEqual({ producer, value });
  });

  test('what is not written passes its proof on', () => {
    const cut = part(1, call, '{"x":');
    expect(partsOf(stream(START, ...thought(0, google, 'hm', 'sig'), ...cut, { type: 'finish', reason: 'length' })).at(-1)).toEqual({
      text: '',
      thoughtSignature: 'sig',
    });
  });

  test('on an empty text, the proof is a part of its own in its place', () => {
    const bare: AnswerEvent = {
      type: 'part-delta',
      index: 0,
      delta: { type: 'opaque', producer: google, value: { bare: { text: '', thoughtSignature: 'sig' } } },
    };
    const [begin, first, second, end] = part(0, { type: 'text' }, 'a', 'b');
    const parts = [{ text: 'a' }, { text: '', thoughtSignature: 'sig' }, { text: 'b' }, { text: '' }];
    expect(partsOf(stream(START, begin!, first!, bare, second!, end!, FINISH))).toEqual(parts);
  });

  test('words without proof are shown as they are where Google thought them, and sealed besides where it did not', () => {
    const said = (producer: Producer): unknown[] =>
      partsOf(stream(START, ...thought(0, producer, 'hm'), ...part(1, { type: 'text' }, 'a'), FINISH));
    const shown = { text: 'hm', thought: true };
    expect(said(google)).toEqual([shown, { text: 'a' }, { text: '' }]);
    const chat: Producer = { dialect: 'openai-chat', vendor: 'deepseek' };
    expect(said(chat)).toEqual([shown, { text: 'a', thoughtSignature: wrap(chat, { text: 'hm' }) }, { text: '' }]);
  });

  test('primed after the thought, the proof is still on its way; primed after its bearer, it is not', () => {
    const reasoning = thought(0, google, 'hm', 'sig');
    const text = part(1, { type: 'text' }, 'a', 'b');
    const rest = (seen: AnswerEvent[], next: AnswerEvent[]): unknown[] => {
      const writer = encoder(CONTEXT);
      writer.observe(seen);
      return partsOf(writer.encode(next) + writer.end(false));
    };
    expect(rest([START, ...reasoning], [...text, FINISH])[0]).toEqual({ text: 'a', thoughtSignature: 'sig' });
    expect(rest([START, ...reasoning, ...text.slice(0, 2)], [...text.slice(2), FINISH])).toEqual([{ text: 'b' }, { text: '' }]);
  });
});

describe('case 39: finish', () => {
  test.each<[FinishReason, string]>([
    ['stop', 'STOP'],
    ['stop-sequence', 'STOP'],
    ['tool-calls', 'STOP'],
    ['length', 'MAX_TOKENS'],
    ['context-window', 'MAX_TOKENS'],
    ['pause', 'MAX_TOKENS'],
    ['content-filter', 'SAFETY'],
    ['refusal', 'SAFETY'],
    ['other', 'OTHER'],
  ])('%s is %s', async (reason, word) => {
    const events: AnswerEvent[] = [START, ...part(0, { type: 'text' }, 'a'), { type: 'finish', reason, raw: 'end_of_the_world' }];
    expect((await readByGoogle(stream(...events))).finish).toBe(word);
    expect((await readBodyByGoogle(encodeAnswer(events, CONTEXT))).finish).toBe(word);
  });

  test('a refusal is text with a reason that says so', async () => {
    const events = [START, ...part(0, { type: 'refusal' }, 'no'), FINISH];
    expect(await readByGoogle(stream(...events))).toMatchObject({ text: 'no', finish: 'SAFETY' });
    expect(await readBodyByGoogle(encodeAnswer(events, CONTEXT))).toMatchObject({ text: 'no', finish: 'SAFETY' });
  });

  test('a prompt that was not let through is told so', async () => {
    const feedback = { blockReason: 'SAFETY' };
    const finish: AnswerEvent = {
      type: 'finish',
      reason: 'content-filter',
      extras: { dialect: 'gemini', fields: { promptFeedback: feedback } },
    };
    expect(await readByGoogle(stream(START, finish))).toMatchObject({ blocked: 'SAFETY', calls: [], text: '' });
    expect(encodeAnswer([START, finish], CONTEXT).promptFeedback).toEqual(feedback);
  });
});

test("case 40: usage is Google's own object where it is unchanged, and adds up where it is not", () => {
  const raw = { promptTokenCount: 5, candidatesTokenCount: 2, totalTokenCount: 7, trafficType: 'ON_DEMAND', promptTokensDetails: [] };
  const own: AnswerEvent = { type: 'usage', usage: { input: 5, output: 2 }, raw };
  const last = (...events: AnswerEvent[]): unknown =>
    chunks(stream(START, ...part(0, { type: 'text' }, 'a'), FINISH, ...events)).at(-1)!.usageMetadata;
  expect(last(own)).toEqual(raw);
  expect(last(own, { type: 'usage', usage: { output: 9 } })).toEqual({
    promptTokenCount: 5,
    candidatesTokenCount: 9,
    totalTokenCount: 14,
    trafficType: 'ON_DEMAND',
  });
  const claude: AnswerEvent = { type: 'usage', usage: { input: 8, output: 2, cacheRead: 3 }, raw: { input_tokens: 5, output_tokens: 2 } };
  expect(last(claude)).toEqual({ promptTokenCount: 8, candidatesTokenCount: 2, totalTokenCount: 10, cachedContentTokenCount: 3 });
});
