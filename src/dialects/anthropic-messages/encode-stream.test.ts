import { describe, expect, test } from 'vitest';
import type { AnswerEvent } from '../../exchange/event.ts';
import { isObject, parseObject, type JsonObject } from '../../exchange/json.ts';
import type { EncoderContext } from '../dialect.ts';
import { sseSplitter } from '../sse.ts';
import { anthropicMessages as dialect } from './dialect.ts';
import { readByOfficialClient } from './official-client.ts';

const CONTEXT: EncoderContext = { exchange: 'x_1', head: { model: 'asked', stream: true, includeUsage: true }, created: 0 };
const OWN = { dialect: 'anthropic-messages' as const, vendor: 'anthropic' };
const CHAT = { dialect: 'openai-chat' as const, vendor: 'openai' };
const BEGIN: AnswerEvent = { type: 'start', id: 'chatcmpl-1', model: 'gpt' };
const FINISH: AnswerEvent = { type: 'finish', reason: 'stop' };

function wire(text: string): JsonObject[] {
  return sseSplitter()
    .push(Buffer.from(text))
    .map(({ event, data }) => {
      const body = parseObject(data);
      expect(body?.type).toBe(event);
      return body ?? {};
    });
}

function write(events: AnswerEvent[]): string {
  const encoder = dialect.encoder(CONTEXT);
  return events.map((event) => encoder.encode([event])).join('') + encoder.end(false);
}

function call(index: number, id: string): AnswerEvent {
  return { type: 'part-start', index, part: { type: 'tool-call', id, name: `f${index}` } };
}

function args(index: number, json: string): AnswerEvent {
  return { type: 'part-delta', index, delta: { type: 'arguments', json } };
}

describe('encoder', () => {
  test('message_start has every count that Claude Code adds up', () => {
    expect(wire(write([BEGIN, FINISH]))[0]).toMatchObject({
      message: {
        usage: { input_tokens: 0, output_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
        stop_reason: null,
        content: [],
      },
    });
  });

  test('parallel calls that take turns are written one after another, in order, with ids that Anthropic takes back', async () => {
    const text = write([
      BEGIN,
      call(0, 'functions.a:0'),
      call(1, 'b'),
      args(1, '{"b"'),
      args(0, '{"a":1}'),
      call(2, 'c'),
      args(1, ':2}'),
      { type: 'part-end', index: 1 },
      { type: 'part-end', index: 0 },
      args(2, '{"c":3}'),
      { type: 'part-end', index: 2 },
      { type: 'finish', reason: 'tool-calls' },
    ]);
    const indexes = wire(text).flatMap((event) => (typeof event.index === 'number' ? [event.index] : []));
    expect(indexes).toEqual(indexes.toSorted((one, other) => one - other));
    const message = await readByOfficialClient(text);
    expect(message.stop_reason).toBe('tool_use');
    expect(message.content).toEqual([
      { type: 'tool_use', id: 'us-functions-2e-a-3a-0', name: 'f0', input: { a: 1 } },
      { type: 'tool_use', id: 'b', name: 'f1', input: { b: 2 } },
      { type: 'tool_use', id: 'c', name: 'f2', input: { c: 3 } },
    ]);
  });

  test('foreign reasoning comes back from the client as it was', async () => {
    const message = await readByOfficialClient(
      write([
        BEGIN,
        { type: 'part-start', index: 0, part: { type: 'reasoning', producer: CHAT } },
        { type: 'part-delta', index: 0, delta: { type: 'text', text: 'hmm' } },
        { type: 'part-delta', index: 0, delta: { type: 'signature', signature: 'secret' } },
        { type: 'part-end', index: 0 },
        { type: 'part-start', index: 1, part: { type: 'reasoning', producer: CHAT, redacted: 'encrypted' } },
        { type: 'part-end', index: 1 },
        FINISH,
      ]),
    );
    const request = dialect.decodeRequest({ model: 'm', messages: [{ role: 'assistant', content: message.content }] }, '/v1/messages');
    expect(request.ok && request.value.messages[0]?.parts).toEqual([
      { type: 'reasoning', text: 'hmm', signature: 'secret', producer: CHAT },
      { type: 'reasoning', text: '', redacted: 'encrypted', producer: CHAT },
    ]);
  });

  test('opaque parts and deltas of another dialect are dropped and leave no gap in the indexes', async () => {
    const message = await readByOfficialClient(
      write([
        BEGIN,
        { type: 'part-start', index: 0, part: { type: 'opaque', producer: CHAT, value: { audio: 1 } } },
        { type: 'part-delta', index: 0, delta: { type: 'opaque', producer: CHAT, value: 1 } },
        { type: 'part-end', index: 0 },
        { type: 'part-start', index: 1, part: { type: 'text' } },
        { type: 'part-delta', index: 1, delta: { type: 'opaque', producer: CHAT, value: 1 } },
        { type: 'part-delta', index: 1, delta: { type: 'text', text: 'hi' } },
        { type: 'part-end', index: 1 },
        FINISH,
      ]),
    );
    expect(message.content).toEqual([{ type: 'text', text: 'hi' }]);
  });

  test('a refusal is text with the stop reason that says so', async () => {
    const message = await readByOfficialClient(
      write([
        BEGIN,
        { type: 'part-start', index: 0, part: { type: 'refusal' } },
        { type: 'part-delta', index: 0, delta: { type: 'text', text: 'I can not.' } },
        { type: 'part-end', index: 0 },
        FINISH,
      ]),
    );
    expect(message).toMatchObject({ content: [{ type: 'text', text: 'I can not.' }], stop_reason: 'refusal' });
  });

  test('end writes only what is missing', () => {
    const encoder = dialect.encoder(CONTEXT);
    encoder.observe([BEGIN, { type: 'part-start', index: 0, part: { type: 'text' } }, { type: 'part-end', index: 0 }, FINISH]);
    expect(encoder.end(true)).toBe('');
    expect(encoder.end(false)).toBe('event: message_stop\ndata: {"type":"message_stop"}\n\n');
    const open = dialect.encoder(CONTEXT);
    open.observe([BEGIN, { type: 'part-start', index: 0, part: { type: 'text' } }]);
    expect(wire(open.end(false)).map(({ type }) => type)).toEqual(['content_block_stop', 'message_delta', 'message_stop']);
  });

  test('thinking that was cut before its signature comes back sealed, so that it is taken out and not refused', async () => {
    const thinking: AnswerEvent = { type: 'part-start', index: 0, part: { type: 'reasoning', producer: OWN } };
    const head =
      'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}\n\n';
    const start =
      'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}\n\n';
    const encoder = dialect.encoder(CONTEXT);
    encoder.observe([BEGIN, thinking]);
    const rest = encoder.encode([
      { type: 'part-end', index: 0 },
      { type: 'part-start', index: 1, part: { type: 'text' } },
      { type: 'part-delta', index: 1, delta: { type: 'text', text: 'On it.' } },
      { type: 'part-end', index: 1 },
      FINISH,
    ]);
    const { content } = await readByOfficialClient(head + start + rest + encoder.end(false));
    const body = {
      model: 'm',
      max_tokens: 9,
      messages: [
        { role: 'user', content: 'q' },
        { role: 'assistant', content },
        { role: 'user', content: 'on' },
      ],
    };
    const facts = {
      vendor: 'anthropic',
      model: 'm',
      prefill: false,
      reasoning: 'adaptive',
      maxTokensField: 'max_tokens',
      systemRole: 'system',
      fixedSampling: false,
    } as const;
    const adapted = parseObject(dialect.adaptRequest(Buffer.from(JSON.stringify(body)), 'm', facts).body.toString());
    expect(adapted?.messages).toEqual([
      body.messages[0],
      { role: 'assistant', content: [{ type: 'text', text: 'On it.' }] },
      body.messages[2],
    ]);
  });

  test('thinking that went out with its signature stays as it is', () => {
    const encoder = dialect.encoder(CONTEXT);
    encoder.observe([
      BEGIN,
      { type: 'part-start', index: 0, part: { type: 'reasoning', producer: OWN } },
      { type: 'part-delta', index: 0, delta: { type: 'signature', signature: 'sig' } },
    ]);
    expect(wire(encoder.encode([{ type: 'part-end', index: 0 }])).map(({ type }) => type)).toEqual(['content_block_stop']);
  });

  test('a call that was held back and never ended is not shown', async () => {
    const text: AnswerEvent = { type: 'part-start', index: 0, part: { type: 'text' } };
    const message = await readByOfficialClient(
      write([BEGIN, text, call(1, 'b'), call(2, 'c'), args(1, '{"cut'), { type: 'part-end', index: 2 }]),
    );
    expect(message.content).toMatchObject([{ type: 'text' }, { id: 'c' }]);
  });

  test('usage that comes after the finish is in message_delta', () => {
    const delta = wire(write([BEGIN, FINISH, { type: 'usage', usage: { input: 10, output: 4, cacheRead: 8 } }])).find(
      ({ type }) => type === 'message_delta',
    );
    expect(delta).toMatchObject({ usage: { input_tokens: 2, cache_read_input_tokens: 8, output_tokens: 4 } });
  });

  test('the official client ignores seam and ping, and raises the error', async () => {
    const encoder = dialect.encoder(CONTEXT);
    const beginning = encoder.encode([BEGIN, { type: 'part-start', index: 0, part: { type: 'text' } }]);
    const middle = `${encoder.seam('anthropic/a', 'openai/b\n')}${dialect.keepAlive}`;
    const rest = encoder.encode([
      { type: 'part-delta', index: 0, delta: { type: 'text', text: 'ok' } },
      { type: 'part-end', index: 0 },
      FINISH,
    ]);
    expect((await readByOfficialClient(beginning + middle + rest + encoder.end(false))).content).toEqual([{ type: 'text', text: 'ok' }]);
    const failed = encoder.error({ class: 'provider-fault', symptom: 'reset', message: 'cut' });
    await expect(readByOfficialClient(beginning + failed)).rejects.toMatchObject({
      type: 'api_error',
      error: { error: { message: 'cut' }, request_id: 'x_1' },
    });
  });

  test('every line is one line of JSON whatever the text', () => {
    const events = wire(
      write([
        BEGIN,
        { type: 'part-start', index: 0, part: { type: 'text' } },
        { type: 'part-delta', index: 0, delta: { type: 'text', text: 'a\n\ndata: b\r"\u2028' } },
        FINISH,
      ]),
    );
    expect(events.map(({ delta }) => isObject(delta) && delta.text).filter(Boolean)).toEqual(['a\n\ndata: b\r"\u2028']);
  });
});
