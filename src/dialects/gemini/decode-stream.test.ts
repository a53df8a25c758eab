import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../exchange/json.ts';
import { assemble } from '../assemble.ts';
import { answerOf, chunk, decode, event, eventsOf, last, response, shape, STOP } from './chunks.ts';
import { decodeAnswer } from './decode-answer.ts';

describe('parts', () => {
  test('text goes on in the open part; thoughts and text close each other; one chunk may hold several', () => {
    const answer = answerOf(
      chunk([{ text: 'h', thought: true }]),
      chunk([{ text: 'm', thought: true }, { text: 'a' }]),
      chunk([{ text: 'b' }, { text: 'c' }]),
      chunk([{ text: 'x', thought: true }, { text: 'd' }, { functionCall: { id: 'f1', name: 'f', args: { a: 1 } } }]),
      STOP,
    );
    expect(shape(answer)).toEqual([
      ['reasoning', 'hm'],
      ['text', 'abc'],
      ['reasoning', 'x'],
      ['text', 'd'],
      ['f', '{"a":1}'],
    ]);
    expect(answer.start).toEqual({ type: 'start', id: 'r-1_x', model: 'gemini-3' });
    expect(answer.finish).toEqual({ type: 'finish', reason: 'tool-calls' });
    expect(answer.usage).toEqual({ input: 1, output: 2 });
  });

  test('one part ends before the next begins', () => {
    const open = { functionCall: { name: 'g', willContinue: true } };
    const frames = decode(chunk([{ text: 'a' }, { functionCall: { name: 'f' } }, open]), chunk([{ text: 'b' }]), STOP);
    const order = eventsOf(frames).flatMap((each) =>
      each.type === 'part-start' || each.type === 'part-end' ? [each.type, each.index] : [],
    );
    expect(order).toEqual([0, 1, 2, 3].flatMap((index) => ['part-start', index, 'part-end', index]));
  });

  test('what has no neutral word is carried whole, in its place', () => {
    const parts: JsonObject[] = [
      { inlineData: { mimeType: 'image/png', data: 'AAAA' }, thoughtSignature: 's' },
      { executableCode: { language: 'PYTHON', code: 'print(1)' } },
      { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } },
      { fileData: { mimeType: 'video/mp4', fileUri: 'https://x/v' } },
      { toolCall: { id: 't', toolType: 'GOOGLE_SEARCH', args: {} } },
      { toolResponse: { id: 't', toolType: 'GOOGLE_SEARCH', response: {} } },
      { somethingNew: { x: 1 } },
    ];
    const answer = answerOf(chunk([{ text: 'a' }]), chunk(parts), chunk([{ text: 'b' }], { finishReason: 'STOP' }));
    expect(answer.parts.map(({ head, text }) => (head.type === 'opaque' ? head.value : text))).toEqual(['a', ...parts, 'b']);
  });

  test('fields beside the text and the call that only Gemini has are kept', () => {
    const [text, call] = answerOf(
      chunk([
        { text: 'a', partMetadata: { k: 1 } },
        { functionCall: { name: 'f', args: {}, new: 1 }, partMetadata: { k: 2 } },
      ]),
      STOP,
    ).parts;
    expect(text!.opaque).toEqual([{ part: { partMetadata: { k: 1 } } }]);
    expect(call!.head).toMatchObject({ extras: { fields: { call: { new: 1 }, part: { partMetadata: { k: 2 } } } } });
  });

  test('empty parts are none', () => {
    expect(shape(answerOf(chunk([{}, { text: '' }, { thought: true }]), chunk([{ text: 'a' }]), STOP))).toEqual([['text', 'a']]);
  });
});

describe('case 33: signatures', () => {
  test.each<[string, JsonObject[][], unknown[]]>([
    [
      'of a call, after a thought',
      [[{ text: 'hm', thought: true }], [{ functionCall: { name: 'f', args: {} }, thoughtSignature: 's' }]],
      [
        ['reasoning', 'hm', 's'],
        ['f', '{}'],
      ],
    ],
    [
      'of a call, without a thought',
      [[{ functionCall: { name: 'f', args: {} }, thoughtSignature: 's' }]],
      [
        ['reasoning', '', 's'],
        ['f', '{}'],
      ],
    ],
    [
      'of text',
      [[{ text: 'a', thoughtSignature: 's' }]],
      [
        ['reasoning', '', 's'],
        ['text', 'a'],
      ],
    ],
    ['of an empty text at the end', [[{ text: 'a' }], [{ text: '', thoughtSignature: 's' }]], [['text', 'a', 'bare']]],
    ['without any text', [[{ text: 'a' }], [{ thoughtSignature: 's' }]], [['text', 'a', 'bare']]],
    [
      'of an empty text after a call',
      [[{ functionCall: { name: 'f' } }], [{ text: '', thoughtSignature: 's' }]],
      [
        ['f', '{}'],
        ['opaque', ''],
      ],
    ],
    ['of nothing at all', [[{ text: '', thoughtSignature: 's' }]], [['reasoning', '', 's']]],
    [
      'of a thought itself',
      [[{ text: 'hm', thought: true, thoughtSignature: 's' }], [{ text: 'a' }]],
      [
        ['reasoning', 'hm', 's'],
        ['text', 'a'],
      ],
    ],
    [
      'of a thought that had begun',
      [[{ text: 'h', thought: true }], [{ text: 'm', thought: true, thoughtSignature: 's' }]],
      [
        ['reasoning', 'hm'],
        ['reasoning', '', 's'],
      ],
    ],
    [
      'of the first of two calls',
      [[{ functionCall: { name: 'f', args: {} }, thoughtSignature: 's' }, { functionCall: { name: 'g', args: {} } }]],
      [
        ['reasoning', '', 's'],
        ['f', '{}'],
        ['g', '{}'],
      ],
    ],
    [
      'of both calls',
      [
        [
          { functionCall: { name: 'f' }, thoughtSignature: 's' },
          { functionCall: { name: 'g' }, thoughtSignature: 't' },
        ],
      ],
      [
        ['reasoning', '', 's'],
        ['f', '{}'],
        ['reasoning', '', 't'],
        ['g', '{}'],
      ],
    ],
  ])('%s', (_where, chunks, wanted) => {
    expect(shape(answerOf(...chunks.map((parts) => chunk(parts)), STOP))).toEqual(wanted);
  });
});

describe('tool calls', () => {
  test('without ids get ones that are the same whenever the bytes are read again', () => {
    const bytes = [chunk([{ functionCall: { name: 'f', args: {} } }, { functionCall: { name: 'f', args: {} } }]), STOP];
    const ids = answerOf(...bytes).parts.map(({ head }) => head.type === 'tool-call' && head.id);
    expect(ids).toEqual(['call_r-1_x_0', 'call_r-1_x_1']);
    expect(answerOf(...bytes)).toEqual(answerOf(...bytes));
  });

  test('of answers without an id differ from one answer to the next', () => {
    const ids = [3, 4].map((promptTokenCount) => {
      const call = { content: { parts: [{ functionCall: { name: 'f', args: {} } }] }, finishReason: 'STOP' };
      const [part] = answerOf(event({ candidates: [call], usageMetadata: { promptTokenCount } })).parts;
      return part!.head.type === 'tool-call' && part!.head.id;
    });
    expect(ids[0]).not.toBe(ids[1]);
    expect(ids.every((id) => typeof id === 'string' && /^call_[a-z0-9]+_0$/.test(id))).toBe(true);
  });

  test('in pieces are put together, whatever their order', () => {
    const piece = (args: JsonObject[], more: JsonObject = { willContinue: true }): string =>
      chunk([{ functionCall: { partialArgs: args, ...more } }]);
    const answer = answerOf(
      chunk([{ functionCall: { name: 'f', willContinue: true }, thoughtSignature: 's' }]),
      piece([{ jsonPath: '$.a.b', stringValue: 'x', willContinue: true }]),
      piece([
        { jsonPath: '$.a.b', stringValue: 'y"' },
        { jsonPath: '$.n', numberValue: 0.5 },
      ]),
      piece([{ jsonPath: "$['odd name'][0].t", boolValue: false }, { jsonPath: '$.z', nullValue: 'NULL_VALUE' }, { jsonPath: '$.e[]' }]),
      piece([{ jsonPath: '$.a.c', stringValue: '' }]),
      chunk([{ functionCall: {} }]),
      chunk([{ functionCall: { name: 'g', partialArgs: [{ jsonPath: '$.q', numberValue: 0 }] } }]),
      STOP,
    );
    expect(answer.parts.map(({ head, arguments: json }) => head.type === 'tool-call' && [head.name, JSON.parse(json)])).toEqual([
      false,
      ['f', { a: { b: 'xy"', c: '' }, n: 0.5, 'odd name': [{ t: false }], z: null, e: [] }],
      ['g', { q: 0 }],
    ]);
  });

  test('case 25: cut within a string they are no JSON', () => {
    const answer = answerOf(
      chunk([{ functionCall: { name: 'f', willContinue: true } }]),
      chunk([{ functionCall: { partialArgs: [{ jsonPath: '$.a', stringValue: 'x', willContinue: true }], willContinue: true } }]),
      chunk([], { finishReason: 'MAX_TOKENS' }),
    );
    expect(answer.parts[0]!.closed).toBe(true);
    expect(() => JSON.parse(answer.parts[0]!.arguments) as unknown).toThrow();
  });

  test.each([
    ['an index out of all bounds', '$.a[999999]'],
    ['no path', 'a'],
    ['a broken path', '$.a['],
    ['the root', '$'],
  ])('%s in a piece is malformed', (_what, jsonPath) => {
    const open = chunk([{ functionCall: { name: 'f', willContinue: true } }]);
    expect(last(open, chunk([{ functionCall: { partialArgs: [{ jsonPath, stringValue: 'x' }] } }]))).toMatchObject({ type: 'malformed' });
  });

  test.each(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL'])('%s is a call that nobody can carry out', (finishReason) => {
    const answer = answerOf(chunk([{ text: 'a' }]), chunk([], { finishReason, finishMessage: 'print(default_api.f(' }));
    const call = answer.parts.at(-1)!;
    expect(call).toMatchObject({ head: { type: 'tool-call' }, closed: true });
    expect(() => JSON.parse(call.arguments) as unknown).toThrow();
    expect(call.arguments).toContain('default_api.f(');
  });
});

describe('case 39: finish', () => {
  test.each([
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content-filter'],
    ['RECITATION', 'content-filter'],
    ['LANGUAGE', 'content-filter'],
    ['BLOCKLIST', 'content-filter'],
    ['PROHIBITED_CONTENT', 'content-filter'],
    ['SPII', 'content-filter'],
    ['IMAGE_SAFETY', 'content-filter'],
    ['CONTINUATION', 'length'],
    ['OTHER', 'content-filter'],
    ['TOO_MANY_TOOL_CALLS', 'length'],
    ['SOMETHING_NEW', 'other'],
  ])('%s is %s', (finishReason, reason) => {
    const answer = answerOf(chunk([{ text: 'a' }], { finishReason, continuationToken: 'c' }));
    expect(answer.finish).toMatchObject({ reason, ...(reason === 'other' && { raw: finishReason }) });
    expect(answer.finish).toMatchObject({ extras: { fields: { candidate: { continuationToken: 'c' } } } });
    expect(shape(answer)).toEqual([['text', 'a']]);
  });

  test.each([
    ['MALFORMED_RESPONSE', 500],
    ['MISSING_THOUGHT_SIGNATURE', 400],
  ])('%s is an error', (finishReason, status) => {
    expect(last(chunk([{ text: 'a' }]), chunk([], { finishReason }))).toMatchObject({
      type: 'error',
      error: { status, code: finishReason },
    });
    expect(decodeAnswer(response({ finishReason })).ok).toBe(false);
  });

  test.each(['OTHER', 'TOO_MANY_TOOL_CALLS'])('%s without a word is no answer', (finishReason) => {
    expect(answerOf(chunk([], { finishReason })).finish).toMatchObject({ reason: 'other', raw: finishReason });
  });

  test('comes alone, with words, before usage', () => {
    const usage = event({ usageMetadata: { promptTokenCount: 5, thoughtsTokenCount: 7 }, responseId: 'r-1_x' });
    const answer = answerOf(chunk([{ text: 'a' }]), event(response({ finishReason: 'MAX_TOKENS' })), usage);
    expect(answer).toMatchObject({ finish: { reason: 'length' }, usage: { input: 5, output: 7, reasoning: 7 } });
    expect(shape(answer)).toEqual([['text', 'a']]);
  });

  test('a prompt that was not let through is an answer', () => {
    const blocked = {
      promptFeedback: { blockReason: 'SAFETY' },
      usageMetadata: { promptTokenCount: 3 },
      modelVersion: 'm',
      responseId: 'r',
    };
    const wanted = { parts: [], finish: { reason: 'content-filter', extras: { fields: { promptFeedback: { blockReason: 'SAFETY' } } } } };
    expect(answerOf(event(blocked))).toMatchObject(wanted);
    const whole = decodeAnswer(blocked);
    expect(assemble(whole.ok ? whole.value : [])).toMatchObject(wanted);
  });

  test('a block in mid-answer closes what is open', () => {
    const answer = answerOf(chunk([{ text: 'a' }]), event({ promptFeedback: { blockReason: 'OTHER' } }));
    expect(shape(answer)).toEqual([['text', 'a']]);
    expect(answer.finish).toMatchObject({ reason: 'content-filter' });
  });

  test('a stop before the first words is not believed until nothing follows it', () => {
    const early = chunk([], { finishReason: 'STOP' });
    const events = eventsOf(decode(early, early, chunk([{ text: 'a' }]), chunk([], { finishReason: 'STOP' }), early));
    expect(events.map(({ type }) => type)).toEqual(['start', 'part-start', 'part-delta', 'part-end', 'finish']);
    const alone = decode(early);
    expect(eventsOf(alone).at(-1)).toMatchObject({ type: 'finish', reason: 'stop' });
    expect(Buffer.concat(alone.map(({ raw }) => raw)).toString()).toBe(early);
    // Cut after the first words, the stream has no finish.
    expect(answerOf(early, chunk([{ text: 'a' }])).finish).toBeUndefined();
  });

  test('words after a finish are told, and it counts again when it is said again', () => {
    const stop = { finishReason: 'STOP' };
    const answer = answerOf(chunk([{ text: 'a' }], stop), chunk([{ text: 'b' }], stop));
    expect(shape(answer)).toEqual([
      ['text', 'a'],
      ['text', 'b'],
    ]);
    expect(answer.finish).toBeDefined();
    expect(shape(answerOf(chunk([{ text: 'a' }], stop), chunk([{ text: 'b' }])))).toEqual([
      ['text', 'a'],
      ['text', 'b', 'open'],
    ]);
  });

  test('case 12: a stream without a finish has none', () => {
    expect(answerOf(chunk([{ text: 'a' }]))).toMatchObject({ parts: [{ closed: false }] });
    expect(answerOf(chunk([{ text: 'a' }])).finish).toBeUndefined();
  });
});

describe('beside the words', () => {
  test('grounding, citations, ratings and what is new are kept until the finish', () => {
    const answer = answerOf(
      chunk([{ text: 'a' }], { citationMetadata: { citationSources: [{ uri: '1' }] }, safetyRatings: [{ category: 'x' }] }),
      chunk([{ text: 'b' }], { citationMetadata: { citationSources: [{ uri: '2' }] }, groundingMetadata: { webSearchQueries: ['old'] } }),
      chunk(
        [],
        { finishReason: 'STOP', groundingMetadata: { webSearchQueries: ['q'] }, urlContextMetadata: { urlMetadata: [] } },
        { modelStatus: { s: 1 } },
      ),
    );
    expect(answer.finish?.extras?.fields).toEqual({
      candidate: {
        citationMetadata: { citationSources: [{ uri: '1' }, { uri: '2' }] },
        safetyRatings: [{ category: 'x' }],
        groundingMetadata: { webSearchQueries: ['q'] },
        urlContextMetadata: { urlMetadata: [] },
      },
      response: { modelStatus: { s: 1 } },
    });
  });

  test('grounding that comes after the finish is not lost', () => {
    const answer = answerOf(chunk([{ text: 'a' }], { finishReason: 'STOP' }), event(response({ groundingMetadata: { g: 1 } })));
    expect(answer.finish?.extras?.fields).toEqual({ candidate: { groundingMetadata: { g: 1 } } });
  });

  test('case 40: tokens add up as Google adds them', () => {
    const raw = {
      promptTokenCount: 100,
      cachedContentTokenCount: 60,
      toolUsePromptTokenCount: 10,
      candidatesTokenCount: 20,
      thoughtsTokenCount: 30,
      totalTokenCount: 160,
    };
    const { usage } = answerOf(chunk([{ text: 'a' }], { finishReason: 'STOP' }, { usageMetadata: raw }));
    expect(usage).toEqual({ input: 110, output: 50, cacheRead: 60, reasoning: 30 });
    expect(usage.input! + usage.output!).toBe(raw.totalTokenCount);
  });

  test('case 44: of several candidates the first is told, and the end waits for all', () => {
    const both = (first: JsonObject, second: JsonObject): string =>
      event({
        candidates: [
          { index: 1, ...second },
          { index: 0, ...first },
        ],
        responseId: 'r',
        modelVersion: 'm',
      });
    const words = (text: string): JsonObject => ({ content: { parts: [{ text }], role: 'model' } });
    const begun = both(words('a'), words('b'));
    const frames = decode(begun, both({ finishReason: 'STOP' }, {}), both({}, { finishReason: 'STOP' }));
    expect(shape(assemble(eventsOf(frames)))).toEqual([['text', 'a']]);
    expect(frames.at(-1)!.type).toBe('end');
    expect(last(begun, both({ finishReason: 'STOP' }, {})).type).toBe('malformed');
  });
});
