import { createOpenAI } from '@ai-sdk/openai';
import { stepCountIs, streamText, tool, jsonSchema } from 'ai';
import { describe, expect, test } from 'vitest';
import type { AnswerEvent, FinishReason, PartHead } from '../../exchange/event.ts';
import { isObject, type JsonObject } from '../../exchange/json.ts';
import { unwrap } from '../envelope.ts';
import type { EncoderContext } from '../dialect.ts';
import { decoder } from './decode-stream.ts';
import { encodeAnswer } from './encode-answer.ts';
import { encoder } from './encode-stream.ts';
import { eventsWithOpenai, readWithOpenai } from './openai-client.ts';
import { decodeReasoning } from './reasoning-item.ts';

const CONTEXT: EncoderContext = { exchange: 'x_1', head: { model: 'asked', stream: true, includeUsage: true }, created: 1_780_000_000 };

const START: AnswerEvent = { type: 'start', id: 'msg_claude', model: 'claude' };
const STOP: AnswerEvent = { type: 'finish', reason: 'stop' };

function part(index: number, head: PartHead, ...deltas: (string | Extract<AnswerEvent, { type: 'part-delta' }>['delta'])[]): AnswerEvent[] {
  return [
    { type: 'part-start', index, part: head },
    ...deltas.map((delta): AnswerEvent => ({
      type: 'part-delta',
      index,
      delta:
        typeof delta !== 'string' ? delta : head.type === 'tool-call' ? { type: 'arguments', json: delta } : { type: 'text', text: delta },
    })),
    { type: 'part-end', index },
  ];
}

function written(events: readonly AnswerEvent[], context = CONTEXT): string {
  const writing = encoder(context);
  return events.map((event) => writing.encode([event])).join('') + writing.end(false);
}

function eventsIn(bytes: string): JsonObject[] {
  return Array.from(bytes.matchAll(/^data: (.*)$/gm), ([, data]) => JSON.parse(data!) as JsonObject);
}

function typesIn(bytes: string): string[] {
  return eventsIn(bytes).map(({ type }) => String(type).replace('response.', ''));
}

describe('an answer of another dialect', () => {
  test('case 1: begins once, and goes through every step that OpenAI takes', () => {
    const bytes = written([START, START, ...part(0, { type: 'text' }, 'Hel', 'lo'), STOP]);
    expect(typesIn(bytes)).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'completed',
    ]);
    const events = eventsIn(bytes);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
    expect(events[0]!.response).toMatchObject({
      id: 'resp_x_1',
      model: 'claude',
      created_at: 1_780_000_000,
      status: 'in_progress',
      output: [],
    });
    expect(events[4]).toEqual({
      type: 'response.output_text.delta',
      sequence_number: 4,
      item_id: 'msg_x_1_0',
      output_index: 0,
      content_index: 0,
      delta: 'Hel',
      logprobs: [],
    });
    expect(bytes.endsWith('\n\n')).toBe(true);
    expect(bytes).not.toContain('[DONE]');
  });

  test('texts in a row are one message; what stands between parts them', async () => {
    const bytes = written([
      START,
      ...part(0, { type: 'text' }, 'one'),
      ...part(1, { type: 'text' }, 'two'),
      ...part(2, { type: 'tool-call', id: 'call_1', name: 'f' }, '{}'),
      ...part(3, { type: 'text' }, 'three'),
      STOP,
    ]);
    const { output } = await readWithOpenai(bytes);
    expect(output).toMatchObject([
      { id: 'msg_x_1_0', content: [{ text: 'one' }, { text: 'two' }] },
      { id: 'fc_x_1_1', call_id: 'call_1', name: 'f', arguments: '{}', status: 'completed' },
      { id: 'msg_x_1_2', content: [{ text: 'three' }] },
    ]);
  });

  test("case 34: another's reasoning is shown, and its proof sealed so that it is known when it comes back", () => {
    const producer = { dialect: 'anthropic-messages' as const, vendor: 'anthropic', model: 'claude' };
    const events = [START, ...part(0, { type: 'reasoning', producer }, 'hmm', { type: 'signature', signature: 'proof' }), STOP];
    const item = eventsIn(written(events)).find(({ type }) => type === 'response.output_item.done')!.item as JsonObject;
    expect(item).toMatchObject({ type: 'reasoning', summary: [{ type: 'summary_text', text: 'hmm' }] });
    expect(unwrap(String(item.encrypted_content))).toEqual({ producer, value: { signature: 'proof' } });
    expect(decodeReasoning(item)).toEqual({ type: 'reasoning', text: 'hmm', signature: 'proof', producer });
    const redacted = encodeAnswer([START, ...part(0, { type: 'reasoning', producer, redacted: 'dark' }), STOP], CONTEXT)
      .output as JsonObject[];
    expect(redacted[0]).toMatchObject({ summary: [] });
    expect(decodeReasoning(redacted[0]!)).toEqual({ type: 'reasoning', text: '', redacted: 'dark', producer });
  });

  test("OpenAI's own reasoning goes out bare, another vendor's of the same dialect sealed", () => {
    const secrets = ['openai', 'xai', undefined].map((vendor) => {
      const producer = { dialect: 'openai-responses' as const, ...(vendor && { vendor }) };
      const { output } = encodeAnswer(
        [START, ...part(0, { type: 'reasoning', producer }, { type: 'signature', signature: 'E' }), STOP],
        CONTEXT,
      );
      return String((output as JsonObject[])[0]!.encrypted_content);
    });
    expect(secrets[0]).toBe('E');
    expect(unwrap(secrets[1]!)).toMatchObject({ producer: { vendor: 'xai' }, value: { signature: 'E' } });
    expect(secrets[2]).toBe('E');
  });

  test('case 20: calls that no function can say are items of their own', () => {
    const calls: [PartHead & { type: 'tool-call' }, JsonObject][] = [
      [{ type: 'tool-call', id: 'c', name: 'apply_patch', kind: 'custom' }, { input: '*** "Begin"\n' }],
      [{ type: 'tool-call', id: 'c', name: 'local_shell', kind: 'local-shell' }, { command: ['ls'] }],
      [{ type: 'tool-call', id: 'c', name: 'shell', kind: 'shell' }, { commands: ['ls'] }],
      [
        { type: 'tool-call', id: 'c', name: 'apply_patch', kind: 'apply-patch' },
        { type: 'delete_file', path: 'a' },
      ],
      [{ type: 'tool-call', id: 'c', name: 'search', namespace: 'mcp__x' }, { q: 1 }],
    ];
    const items = calls.map(
      ([head, value]) => (encodeAnswer([START, ...part(0, head, JSON.stringify(value)), STOP], CONTEXT).output as JsonObject[])[0],
    );
    expect(items).toMatchObject([
      { type: 'custom_tool_call', id: 'ctc_x_1_0', call_id: 'c', name: 'apply_patch', input: '*** "Begin"\n' },
      { type: 'local_shell_call', call_id: 'c', action: { type: 'exec', command: ['ls'], env: {} } },
      { type: 'shell_call', call_id: 'c', action: { commands: ['ls'], max_output_length: null, timeout_ms: null }, environment: null },
      { type: 'apply_patch_call', call_id: 'c', operation: { type: 'delete_file', path: 'a' } },
      { type: 'function_call', call_id: 'c', name: 'search', namespace: 'mcp__x', arguments: '{"q":1}' },
    ]);
    // A model that did not keep to the form meant what it wrote.
    const free = encodeAnswer([START, ...part(0, calls[0]![0], '{"patch":1}'), STOP], CONTEXT).output as JsonObject[];
    expect(free[0]).toMatchObject({ input: '{"patch":1}' });
  });

  test("another's opaque parts are left out, and nothing is written of them", () => {
    const head: PartHead = { type: 'opaque', producer: { dialect: 'anthropic-messages' }, value: { type: 'server_tool_use' } };
    const delta = { type: 'opaque' as const, producer: head.producer, value: {} };
    expect(written([START, ...part(0, head, delta), ...part(1, { type: 'text' }, 'x'), STOP])).toBe(
      written([START, ...part(1, { type: 'text' }, 'x'), STOP]),
    );
  });

  test.each<[FinishReason, string, string?]>([
    ['stop', 'completed'],
    ['stop-sequence', 'completed'],
    ['tool-calls', 'completed'],
    ['length', 'incomplete', 'max_output_tokens'],
    ['context-window', 'incomplete', 'max_output_tokens'],
    ['pause', 'incomplete', 'max_output_tokens'],
    ['content-filter', 'incomplete', 'content_filter'],
    ['refusal', 'incomplete', 'content_filter'],
    ['other', 'completed'],
  ])('case 39: %s is %s', (reason, status, why) => {
    const events: AnswerEvent[] = [START, ...part(0, { type: 'text' }, 'x'), { type: 'finish', reason }];
    const last = eventsIn(written(events)).at(-1)!;
    expect(last.type).toBe(`response.${status}`);
    expect(last.response).toMatchObject({ status, incomplete_details: why === undefined ? null : { reason: why } });
    expect(last.response).toEqual(encodeAnswer(events, CONTEXT));
  });

  test('a refusal in words is a completed answer', () => {
    const { status, output } = encodeAnswer(
      [START, ...part(0, { type: 'refusal' }, 'No.'), { type: 'finish', reason: 'refusal' }],
      CONTEXT,
    );
    expect([status, output]).toMatchObject(['completed', [{ content: [{ type: 'refusal', refusal: 'No.' }] }]]);
  });

  test('case 40: tokens read from and written to a cache are counted in, as OpenAI does', () => {
    const usage: AnswerEvent = {
      type: 'usage',
      usage: { input: 10, output: 4, cacheRead: 6, cacheWrite: 2, reasoning: 3 },
      raw: { input_tokens: 2, output_tokens: 4, cache_read_input_tokens: 6 },
    };
    expect(encodeAnswer([START, STOP, usage], CONTEXT).usage).toEqual({
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 6, cache_write_tokens: 2 },
      output_tokens: 4,
      output_tokens_details: { reasoning_tokens: 3 },
      total_tokens: 14,
    });
  });

  test('in the background it has the id that the client was given', () => {
    const context: EncoderContext = { ...CONTEXT, head: { ...CONTEXT.head, background: true } };
    expect(encodeAnswer([{ ...START, id: 'resp_theirs' }, STOP], context)).toMatchObject({ id: 'resp_x_1', background: true });
    expect(encodeAnswer([{ ...START, id: 'resp_theirs' }, STOP], CONTEXT)).toMatchObject({ id: 'resp_theirs', background: false });
  });
});

describe('after raw bytes', () => {
  const raw = written([{ ...START, id: 'resp_1' }, ...part(0, { type: 'text' }, 'The answer is', ' forty'), STOP]);
  const until = raw.indexOf('event: response.output_text.done');

  /** A stream that broke off in the middle of a text, and an encoder that knows it. */
  function broken() {
    const bytes = Buffer.from(raw.slice(0, until));
    const reading = decoder();
    const writing = encoder(CONTEXT);
    for (const frame of reading.push(bytes)) if (frame.type === 'events') writing.observe(frame.events, frame.raw);
    return { bytes: bytes.toString(), writing };
  }

  test('the text goes on in the item that is open', async () => {
    const { bytes, writing } = broken();
    const rest = writing.encode([
      { type: 'part-delta', index: 0, delta: { type: 'text', text: '-two.' } },
      { type: 'part-end', index: 0 },
      ...part(1, { type: 'tool-call', id: 'call_1', name: 'f' }, '{}'),
      { type: 'finish', reason: 'tool-calls' },
    ]);
    const whole = bytes + writing.seam('a/b', 'c d/e') + rest + writing.end(false);
    expect(whole).toContain(': understudy seam from=a/b to=c_d/e\n\n');
    expect(await readWithOpenai(whole)).toMatchObject({
      id: 'resp_1',
      status: 'completed',
      output: [
        { id: 'msg_x_1_0', content: [{ text: 'The answer is forty-two.' }] },
        { type: 'function_call', call_id: 'call_1' },
      ],
    });
    expect(eventsIn(whole).map((event) => event.sequence_number)).toEqual(eventsIn(whole).map((_, index) => index));
  });

  test('a message that has come to its end on the wire is not opened again', async () => {
    const all = decoder().push(Buffer.from(raw));
    const before = all.slice(0, -1);
    const writing = encoder(CONTEXT);
    for (const frame of before) if (frame.type === 'events') writing.observe(frame.events, frame.raw);
    const rest = writing.encode([...part(1, { type: 'text' }, 'More.'), STOP]) + writing.end(false);
    const whole = Buffer.concat(before.map((frame) => frame.raw)).toString() + rest;
    const { output } = await readWithOpenai(whole);
    expect(output).toMatchObject([{ content: [{ text: 'The answer is forty' }] }, { content: [{ text: 'More.' }] }]);
    expect(typesIn(whole).filter((type) => type === 'output_item.done')).toHaveLength(2);
  });

  test("a provider's own numbers are gone on from, whatever they count", () => {
    const events = raw.slice(0, until).replace(/"sequence_number":(\d+)/g, (_, number) => `"sequence_number":${Number(number) + 100}`);
    const reading = decoder();
    const writing = encoder(CONTEXT);
    for (const frame of reading.push(Buffer.from(events))) if (frame.type === 'events') writing.observe(frame.events, frame.raw);
    const [first] = eventsIn(writing.encode([{ type: 'part-delta', index: 0, delta: { type: 'text', text: 'x' } }]));
    expect(first!.sequence_number).toBe(106);
  });

  test('case 7: a failure is response.failed with what there was, a code that Codex tries again after, and no terminator', async () => {
    const { bytes, writing } = broken();
    const failed = writing.error({ class: 'provider-fault', symptom: 'closed', message: 'the connection closed', status: 529 });
    expect(typesIn(failed)).toEqual(['failed']);
    const [event] = eventsIn(failed);
    expect(event!.sequence_number).toBe(6);
    expect(event!.response).toMatchObject({
      id: 'resp_1',
      status: 'failed',
      error: { code: 'server_error', message: 'the connection closed' },
      output: [{ status: 'incomplete', content: [{ text: 'The answer is forty' }] }],
    });
    expect((await eventsWithOpenai(bytes + failed)).at(-1)).toMatchObject({ type: 'response.failed' });
  });

  test('nothing is missing of an end that has been seen', () => {
    const reading = decoder();
    const writing = encoder(CONTEXT);
    for (const frame of reading.push(Buffer.from(raw))) if ('events' in frame) writing.observe(frame.events, frame.raw);
    expect(writing.end(false)).toBe('');
    expect(writing.end(true)).toBe('');
  });

  test('case 25: a call whose end never came is not finished for it', () => {
    const writing = encoder(CONTEXT);
    const begun = writing.encode([START, ...part(0, { type: 'tool-call', id: 'c', name: 'f' }, '{"a":').slice(0, -1)]);
    const end = writing.end(false);
    expect(typesIn(begun)).toContain('output_item.added');
    expect(typesIn(end)).toEqual(['completed']);
    expect(eventsIn(end)[0]!.response).toMatchObject({ output: [] });
  });
});

describe("Vercel's AI SDK", () => {
  async function readWithAiSdk(bytes: string) {
    const openai = createOpenAI({
      apiKey: 'test',
      fetch: () => Promise.resolve(new Response(bytes, { headers: { 'content-type': 'text/event-stream' } })),
    });
    const errors: unknown[] = [];
    const result = streamText({
      model: openai.responses('gpt-5'),
      prompt: 'hello',
      tools: { f: tool({ inputSchema: jsonSchema({ type: 'object' }) }) },
      stopWhen: stepCountIs(1),
      maxRetries: 0,
      onError: ({ error }) => void errors.push(error),
    });
    await result.consumeStream();
    const [text, calls, reason, usage, reasoning] = await Promise.all([
      result.text,
      result.toolCalls,
      result.finishReason,
      result.usage,
      result.reasoningText,
    ]);
    return {
      text,
      calls: calls.map(({ toolCallId, toolName, input }) => ({ toolCallId, toolName, input: input as unknown })),
      reason,
      usage,
      reasoning,
      errors,
    };
  }

  test('reads the same', async () => {
    const producer = { dialect: 'anthropic-messages' as const };
    const bytes = written([
      START,
      ...part(0, { type: 'reasoning', producer }, 'hmm', { type: 'signature', signature: 'p' }),
      ...part(1, { type: 'text' }, 'one'),
      ...part(2, { type: 'text' }, ' two'),
      ...part(3, { type: 'tool-call', id: 'call_1', name: 'f' }, '{"a":', '1}'),
      { type: 'finish', reason: 'tool-calls' },
      { type: 'usage', usage: { input: 10, output: 4, cacheRead: 6, reasoning: 3 } },
    ]);
    const read = await readWithAiSdk(bytes);
    expect(read).toMatchObject({
      text: 'one two',
      reasoning: 'hmm',
      calls: [{ toolCallId: 'call_1', toolName: 'f', input: { a: 1 } }],
      reason: 'tool-calls',
      usage: { inputTokens: 10, outputTokens: 4 },
      errors: [],
    });
  });

  test('sees a failure', async () => {
    const writing = encoder(CONTEXT);
    const bytes =
      writing.encode([START]) + writing.error({ class: 'rate-limited', symptom: 'status', message: 'slow down', retryAfter: 1500 });
    const failed = eventsIn(bytes).at(-1)!;
    expect(isObject(failed.response) && failed.response.error).toEqual({
      code: 'rate_limit_exceeded',
      message: 'slow down. Please try again in 1.5s.',
    });
    await expect(readWithAiSdk(bytes)).rejects.toThrow();
  });
});
