import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import { openaiChat } from './dialect.ts';

/** Anything at all where a field should be, or something like it. */
const value: fc.Arbitrary<Json> = fc.jsonValue({ maxDepth: 2 }).map((json) => JSON.parse(JSON.stringify(json)) as Json);

function strange(fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<JsonObject> {
  const arbitraries = Object.fromEntries(
    Object.entries(fields).map(([name, right]) => [name, fc.oneof({ weight: 4, arbitrary: right }, { weight: 1, arbitrary: value })]),
  );
  return fc.record(arbitraries, { requiredKeys: [] }).map((record) => JSON.parse(JSON.stringify(record)) as JsonObject);
}

const word = fc.constantFrom('', 'a', 'function', 'custom', 'text', '{}', '{"a":1}', 'stop', 'tool_calls');
const call = strange({
  index: fc.nat(2),
  id: word,
  type: word,
  function: strange({ name: word, arguments: word }),
  custom: strange({ name: word, input: word }),
});
const part = strange({
  type: fc.constantFrom('text', 'image_url', 'file', 'input_audio', 'thinking'),
  text: word,
  image_url: strange({ url: word }),
  file: strange({ file_data: word }),
});
const message = strange({
  role: fc.constantFrom('system', 'user', 'assistant', 'tool', 'function'),
  content: fc.oneof(word, fc.array(part, { maxLength: 2 })),
  name: word,
  refusal: word,
  reasoning_content: word,
  reasoning_details: fc.array(value, { maxLength: 2 }),
  tool_calls: fc.array(call, { maxLength: 2 }),
  tool_call_id: word,
  function_call: strange({ name: word, arguments: word }),
});
const chunk = strange({
  id: word,
  model: word,
  choices: fc.array(strange({ index: fc.constantFrom(0, 1), delta: message, message, finish_reason: word, logprobs: value }), {
    maxLength: 2,
  }),
  usage: strange({ prompt_tokens: fc.integer(), completion_tokens: fc.integer() }),
});
const request = strange({
  model: word,
  messages: fc.array(message, { maxLength: 3 }),
  tools: fc.array(strange({ type: word, function: strange({ name: word, parameters: value }) }), { maxLength: 2 }),
  tool_choice: word,
  response_format: strange({ type: fc.constantFrom('text', 'json_object', 'json_schema'), json_schema: value }),
  stop: fc.oneof(word, fc.array(word)),
  reasoning: value,
});

const CONTEXT = { exchange: 'x_1', head: { model: 'asked', stream: true, includeUsage: true }, created: 9 };

describe('nothing that comes over the wire makes a codec throw', () => {
  test('chunks: every part is begun once and ended at most once, and the bytes can be written anew', () => {
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 5 }), (chunks) => {
        const decoder = openaiChat.decoder();
        const bytes = Buffer.from(chunks.map((json) => `data: ${JSON.stringify(json)}\n\n`).join(''));
        const events = [...decoder.push(bytes), ...decoder.end()].flatMap((frame) => ('events' in frame ? frame.events : []));
        const begun = events.flatMap((event) => (event.type === 'part-start' ? [event.index] : []));
        expect(begun).toEqual(begun.map((_, index) => index));
        const ended = events.flatMap((event) => (event.type === 'part-end' ? [event.index] : []));
        expect(new Set(ended).size).toBe(ended.length);
        expect(events.every((event, index) => event.type !== 'start' || index === 0)).toBe(true);
        const encoder = openaiChat.encoder(CONTEXT);
        const again = encoder.encode(events) + encoder.end(false);
        const data = again.split('\n\n').filter((line) => line.startsWith('data: {'));
        expect(data.every((line) => isObject(JSON.parse(line.slice(6))))).toBe(true);
        openaiChat.encodeAnswer(events, CONTEXT);
      }),
      { numRuns: 500 },
    );
  });

  test('bodies and errors', () => {
    fc.assert(
      fc.property(fc.oneof(chunk, value), fc.constantFrom(200, 400, 500), (body, status) => {
        if (isObject(body)) openaiChat.decodeAnswer(body);
        const error = openaiChat.decodeError(status, {}, JSON.stringify(body));
        expect(error !== undefined || status === 200).toBe(true);
        expect(error?.message).not.toBe('');
      }),
      { numRuns: 300 },
    );
  });

  test('requests: read, or refused with a place; what is read can be written and adapted', () => {
    fc.assert(
      fc.property(request, (body) => {
        const bytes = Buffer.from(JSON.stringify(body));
        openaiChat.inspect(bytes, '/v1/chat/completions');
        const facts = {
          vendor: 'v',
          model: 'm',
          prefill: false,
          reasoning: 'effort',
          maxTokensField: 'max_tokens',
          systemRole: 'system',
          fixedSampling: false,
        } as const;
        const adapted: unknown = JSON.parse(openaiChat.adaptRequest(bytes, 'm', facts).body.toString());
        expect(isObject(adapted)).toBe(true);
        const decoded = openaiChat.decodeRequest(body, '/v1/chat/completions');
        if (decoded.ok) openaiChat.encodeRequest(decoded.value, facts);
        expect(decoded.ok || decoded.error.message !== '').toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
