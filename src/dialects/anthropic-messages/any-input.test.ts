import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../exchange/json.ts';
import { isObject } from '../../exchange/json.ts';
import type { Message } from '../../exchange/request.ts';
import { wrap } from '../envelope.ts';
import type { TargetFacts } from '../target-facts.ts';
import { anthropicMessages as dialect } from './dialect.ts';

const FACTS: TargetFacts = {
  vendor: 'anthropic',
  model: 'claude',
  prefill: false,
  reasoning: 'budget',
  maxTokensField: 'max_tokens',
  systemRole: 'system',
  fixedSampling: false,
};

const json = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);

/** Bodies that are nearly right: known fields with any values, known block types with any fields. */
const block = fc.record(
  {
    type: fc.oneof(fc.constantFrom('text', 'image', 'document', 'tool_use', 'tool_result', 'thinking', 'redacted_thinking', 'new'), json),
    text: json,
    source: fc.oneof(fc.record({ type: fc.constantFrom('base64', 'url', 'text', 'file', 'content'), data: json }), json),
    id: json,
    name: json,
    input: json,
    tool_use_id: json,
    content: json,
    thinking: json,
    signature: json,
    data: json,
  },
  { requiredKeys: ['type'] },
);
const body = fc.record(
  {
    model: json,
    messages: fc.oneof(
      json,
      fc.array(
        fc.record({
          role: fc.constantFrom('user', 'assistant', 'system', 'tool'),
          content: fc.oneof(json, fc.array(block, { maxLength: 3 })),
        }),
        { maxLength: 3 },
      ),
    ),
    system: fc.oneof(json, fc.array(block, { maxLength: 2 })),
    tools: fc.oneof(json, fc.array(json, { maxLength: 2 })),
    tool_choice: json,
    thinking: json,
    output_config: json,
    metadata: json,
    stream: json,
    stop_sequences: json,
  },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonObject>;

test('no body makes the decoder throw: it is a request or a problem with a place', () => {
  fc.assert(
    fc.property(body, (value) => {
      const decoded = dialect.decodeRequest(value, '/v1/messages');
      const inspected = dialect.inspect(Buffer.from(JSON.stringify(value)), '/v1/messages');
      expect(decoded.ok ? 'ok' : decoded.error.message).not.toBe('');
      expect(inspected.ok ? 'ok' : inspected.error.message).not.toBe('');
      expect(decoded.ok && dialect.encodeRequest(decoded.value, FACTS).losses).toBeDefined();
    }),
    { numRuns: 1000 },
  );
});

test('no bytes make the stream decoder throw, and frames never hold more than came in', () => {
  const piece = fc.oneof(
    body.map((value) => `data: ${JSON.stringify(value)}\n\n`),
    fc.constantFrom(
      'event: message_start\n',
      'event: error\n',
      'data: {"type":"message_start","message":{"id":"a","model":"b"}}\n\n',
      '\r\n',
      'data: \n\n',
    ),
    block.map((value) => `data: ${JSON.stringify({ type: 'content_block_start', index: 0, content_block: value })}\n\n`),
    block.map((value) => `data: ${JSON.stringify({ type: 'content_block_delta', index: 0, delta: value })}\n\n`),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (parts) => {
      const bytes = Buffer.from(parts.join(''));
      const decoder = dialect.decoder();
      const frames = [...decoder.push(bytes), ...decoder.end()];
      expect(Buffer.concat(frames.map(({ raw }) => raw)).length).toBeLessThanOrEqual(bytes.length);
      const encoder = dialect.encoder({ exchange: 'x', head: { model: 'm', stream: true, includeUsage: true }, created: 0 });
      for (const frame of frames) if (frame.type === 'events') encoder.encode(frame.events);
      expect(encoder.end(false)).toContain('message_stop');
    }),
    { numRuns: 500 },
  );
});

const said = fc.constantFrom('', ' ', 'hi').map((text) => ({ type: 'text' as const, text }));
const call = fc.constantFrom('a', 'b', 'c.1').map((id) => ({ type: 'tool-call' as const, id, name: 'f', arguments: '{}' }));
const result = fc.constantFrom('a', 'b', 'c.1').map((callId) => ({ type: 'tool-result' as const, callId, content: [], isError: false }));
const thought = fc.constant({
  type: 'reasoning' as const,
  text: 't',
  signature: 's',
  producer: { dialect: 'anthropic-messages' as const, vendor: 'anthropic' },
});

/** Turns in any order, calls without results, results without calls, ids that come again. */
const messy: fc.Arbitrary<Message[]> = fc.array(
  fc.oneof(
    fc.record({ role: fc.constant('user' as const), parts: fc.array(fc.oneof(said, result), { maxLength: 4 }) }),
    fc.record({ role: fc.constant('assistant' as const), parts: fc.array(fc.oneof(said, call, thought), { maxLength: 4 }) }),
    fc.record({ role: fc.constant('system' as const), parts: fc.array(said, { maxLength: 2 }) }),
  ),
  { maxLength: 8 },
);

function blocksOf(message: Json | undefined): JsonObject[] {
  const content = isObject(message) ? message.content : undefined;
  return Array.isArray(content) ? content.filter(isObject) : [];
}

test('whatever the history, the API gets turns that it takes', () => {
  fc.assert(
    fc.property(messy, fc.boolean(), (messages, systemInside) => {
      const request = {
        model: 'm',
        stream: true,
        system: [],
        messages,
        tools: [],
        output: { type: 'text' as const },
        sampling: {},
        stop: [],
      };
      const encoded = dialect.encodeRequest(request, { ...FACTS, systemInside }).body.messages;
      const turns = (Array.isArray(encoded) ? encoded : []).filter(isObject);
      const roles = turns.map(({ role }) => role);
      expect(roles.length === 0 || roles[0] === 'user').toBe(true);
      expect(roles.at(-1)).not.toBe('assistant');
      roles.forEach((role, index) =>
        expect(role === 'system' ? roles[index - 1] : index > 0 && roles[index - 1] === role).toBe(role === 'system' ? 'user' : false),
      );
      turns.forEach((turn, index) => {
        const blocks = blocksOf(turn);
        expect(blocks).not.toEqual([]);
        expect(blocks.every(({ type, text }) => type !== 'text' || String(text).trim() !== '')).toBe(true);
        const calls = blocks.filter(({ type }) => type === 'tool_use').map(({ id }) => id);
        const next = blocksOf(turns[index + 1]);
        const results = next.slice(0, calls.length).map(({ type, tool_use_id: id }) => type === 'tool_result' && id);
        const asked = turn.role === 'assistant' ? calls : [];
        expect(new Set(turn.role === 'assistant' ? results : [])).toEqual(new Set(asked));
        const strays = blocksOf(turn).filter(({ type }) => type === 'tool_result').length;
        expect(strays).toBe(blocksOf(turns[index - 1]).filter(({ type }) => turn.role === 'user' && type === 'tool_use').length);
      });
    }),
    { numRuns: 1000 },
  );
});

test('cutting out foreign reasoning is filtering blocks, wherever they stand', () => {
  const secret = wrap({ dialect: 'openai-chat', vendor: 'x' }, {});
  const foreign = fc.constantFrom<JsonObject>(
    { type: 'thinking', thinking: 't', signature: secret },
    { data: secret, type: 'redacted_thinking' },
  );
  const other = fc.constantFrom<JsonObject>(
    { type: 'text', text: secret },
    { type: 'tool_use', id: 'a', name: 'f', input: { signature: secret } },
    { type: 'thinking', thinking: 't', signature: 's' },
  );
  const content = fc.oneof(fc.constant('text'), fc.array(fc.oneof(foreign, other), { minLength: 1, maxLength: 5 }));
  fc.assert(
    fc.property(fc.array(content, { maxLength: 5 }), fc.constantFrom(undefined, 1), (list, indent) => {
      const messages = list.map((value) => ({ role: 'assistant', content: value }));
      const adapted = dialect.adaptRequest(Buffer.from(JSON.stringify({ model: 'm', messages }, undefined, indent)), 'm', FACTS);
      const isForeign = (value: JsonObject) => value.signature === secret || value.data === secret;
      const wanted = messages.flatMap((message) => {
        if (typeof message.content === 'string') return [message];
        const kept = message.content.filter((value) => !isForeign(value));
        return kept.length === 0 ? [] : [{ ...message, content: kept }];
      });
      expect(JSON.parse(adapted.body.toString())).toEqual({ model: 'm', messages: wanted });
    }),
    { numRuns: 300 },
  );
});
