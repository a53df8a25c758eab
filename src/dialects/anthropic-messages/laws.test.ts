import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnswerEvent } from '../../exchange/event.ts';
import type { JsonObject } from '../../exchange/json.ts';
import type { Producer, ReasoningPart } from '../../exchange/part.ts';
import type { Request } from '../../exchange/request.ts';
import {
  answers,
  argumentsText,
  base64,
  functionTool,
  image,
  pdf,
  pieces,
  requests,
  schema,
  text,
  textPart,
  type ScriptedPart,
} from '../arbitraries.ts';
import { assemble } from '../assemble.ts';
import type { EncoderContext, Frame } from '../dialect.ts';
import type { TargetFacts } from '../target-facts.ts';
import { anthropicMessages as dialect } from './dialect.ts';
import { readByOfficialClient } from './official-client.ts';

const CONTEXT: EncoderContext = { exchange: 'x_1', head: { model: 'asked', stream: true, includeUsage: true }, created: 0 };
const OWN: Producer = { dialect: 'anthropic-messages' };
const FACTS: TargetFacts = {
  vendor: 'anthropic',
  model: 'claude',
  prefill: false,
  systemInside: true,
  reasoning: 'adaptive',
  maxTokensField: 'max_tokens',
  systemRole: 'system',
  fixedSampling: false,
};

/** As `JSON.stringify` would write it: the wire carries an object, not its text. */
const callArguments = argumentsText.map((json) => JSON.stringify(JSON.parse(json)));

const ownReasoning: fc.Arbitrary<ReasoningPart> = fc.oneof(
  fc.record({ type: fc.constant('reasoning' as const), text, signature: base64, producer: fc.constant(OWN) }),
  base64.map((data) => ({ type: 'reasoning' as const, text: '', redacted: data, producer: OWN })),
);

/** Thinking excludes forced calls and sampling, in Anthropic's API. */
function allowed(request: Request): Request {
  const { toolChoice, parallelToolCalls: _, ...rest } = request;
  const thinks = request.reasoning?.adaptive === true || request.reasoning?.budget !== undefined;
  const forced = toolChoice?.type === 'required' || toolChoice?.type === 'tool';
  if (!thinks) return request;
  return forced ? { ...rest, sampling: {} } : { ...request, sampling: {} };
}

const words = {
  attachment: fc.oneof(
    image,
    pdf,
    text.map((value) => ({ type: 'document' as const, source: { type: 'text' as const, mediaType: 'text/plain', text: value } })),
    fc.constant({ type: 'image' as const, source: { type: 'file' as const, id: 'file_1', producer: OWN } }),
  ),
  resultContent: fc.oneof(textPart, image),
  resultErrors: true,
  callArguments,
  reasoningPart: ownReasoning,
  tool: functionTool,
  output: fc.oneof(
    fc.constant({ type: 'text' as const }),
    schema.map((value) => ({ type: 'json-schema' as const, name: 'answer', schema: value })),
  ),
  sampling: fc.oneof(
    fc.constant({}),
    fc.record({ temperature: fc.constantFrom(0, 0.5, 1), topK: fc.nat(100) }, { requiredKeys: [] }),
    fc.record({ topP: fc.constantFrom(0.1, 0.9) }),
  ),
  maxOutputTokens: fc.integer({ min: 4000, max: 9000 }),
  systemInside: true,
};

const effort = fc.constantFrom('low' as const, 'medium' as const, 'high' as const, 'xhigh' as const, 'max' as const);

function overTheWire(request: Request, facts: TargetFacts) {
  const encoded = dialect.encodeRequest(request, { ...facts, model: request.model });
  return { losses: encoded.losses, decoded: dialect.decodeRequest(JSON.parse(JSON.stringify(encoded.body)) as JsonObject, '/v1/messages') };
}

describe('law: decode(encode(request)) = request, and nothing is lost', () => {
  test('to a model that decides by itself how long to think', () => {
    const reasoning = fc.oneof(
      effort.map((value) => ({ effort: value, adaptive: true })),
      effort.map((value) => ({ effort: value, adaptive: false })),
      fc.constant({ adaptive: true }),
      fc.constant({ effort: 'none' as const }),
    );
    fc.assert(
      fc.property(requests({ ...words, reasoning }).map(allowed), (request) => {
        expect(overTheWire(request, FACTS)).toEqual({ losses: [], decoded: { ok: true, value: request } });
      }),
    );
  });

  test('to a model that takes a budget', () => {
    const reasoning = fc.record({ budget: fc.integer({ min: 1024, max: 3999 }) });
    const facts: TargetFacts = { ...FACTS, reasoning: 'budget' };
    fc.assert(
      fc.property(requests({ ...words, reasoning }).map(allowed), (request) => {
        expect(overTheWire(request, facts)).toEqual({ losses: [], decoded: { ok: true, value: request } });
      }),
    );
  });
});

const thought: fc.Arbitrary<ScriptedPart> = fc.oneof(
  fc.tuple(text.chain(pieces), base64).map(([parts, signature]): ScriptedPart => ({
    head: { type: 'reasoning', producer: OWN },
    deltas: [...parts.map((piece) => ({ type: 'text' as const, text: piece })), { type: 'signature', signature }],
  })),
  base64.map((data): ScriptedPart => ({ head: { type: 'reasoning', producer: OWN, redacted: data }, deltas: [] })),
);

const answer = answers({
  reasoning: thought,
  maxTexts: 3,
  callArguments,
  interleaved: true,
  finish: fc.constantFrom('stop', 'stop-sequence', 'length', 'refusal', 'pause', 'context-window'),
  usage: fc
    .record({ fresh: fc.nat(1000), output: fc.nat(1000), cacheRead: fc.nat(1000), cacheWrite: fc.nat(1000), reasoning: fc.nat(100) })
    .map(({ fresh, ...rest }) => ({ ...rest, input: fresh + rest.cacheRead + rest.cacheWrite })),
  id: fc.stringMatching(/^msg_[a-z0-9]{1,8}$/),
});

function frames(bytes: Buffer, cuts: number[] = []): Frame[] {
  const decoder = dialect.decoder();
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((one, other) => one - other), bytes.length];
  return [...edges.slice(1).flatMap((edge, index) => decoder.push(bytes.subarray(edges[index], edge))), ...decoder.end()];
}

function eventsOf(all: Frame[]): AnswerEvent[] {
  return all.flatMap((frame) => (frame.type === 'events' || frame.type === 'end' ? frame.events : []));
}

function written(events: readonly AnswerEvent[]): string {
  const encoder = dialect.encoder(CONTEXT);
  return encoder.encode(events) + encoder.end(false);
}

/** What an answer says, without how it was cut into pieces. */
function said(events: readonly AnswerEvent[]) {
  const { rawUsage: _, ...rest } = assemble(events);
  return rest;
}

describe('laws of answers', () => {
  test('decode(encode(events)) says the same, event by event encoded or all at once, at any cut of the bytes', () => {
    fc.assert(
      fc.property(answer, fc.array(fc.nat(5000), { maxLength: 6 }), (events, cuts) => {
        const bytes = Buffer.from(written(events));
        const whole = frames(bytes);
        expect(said(eventsOf(whole))).toEqual(said(events));
        expect(whole.every((frame) => 'clean' in frame && frame.clean)).toBe(true);
        expect(frames(bytes, cuts)).toEqual(whole);
        const encoder = dialect.encoder(CONTEXT);
        const single = events.map((event) => encoder.encode([event])).join('') + encoder.end(false);
        expect(said(eventsOf(frames(Buffer.from(single))))).toEqual(said(events));
      }),
    );
  });

  test('a whole body says the same', () => {
    fc.assert(
      fc.property(answer, (events) => {
        const body = JSON.parse(JSON.stringify(dialect.encodeAnswer(events, CONTEXT))) as JsonObject;
        const decoded = dialect.decodeAnswer(body);
        expect(decoded.ok && said(decoded.value)).toEqual(said(events));
      }),
    );
  });

  test('the official client reads what was meant', async () => {
    await fc.assert(
      fc.asyncProperty(answer, async (events) => {
        const body = JSON.parse(JSON.stringify(dialect.encodeAnswer(events, CONTEXT))) as JsonObject;
        expect(await readByOfficialClient(written(events))).toEqual(body);
      }),
      { numRuns: 40 },
    );
  });

  test('primed: whatever prefix went out raw, the rest makes the same message', async () => {
    await fc.assert(
      fc.asyncProperty(answer, fc.nat(), async (events, place) => {
        const all = frames(Buffer.from(written(events)));
        const encoder = dialect.encoder(CONTEXT);
        const cut = place % (all.length + 1);
        encoder.observe(eventsOf(all.slice(0, cut)));
        const raw = Buffer.concat(all.slice(0, cut).map((frame) => frame.raw)).toString();
        const rest = encoder.encode(eventsOf(all.slice(cut))) + encoder.end(cut === all.length);
        expect(await readByOfficialClient(raw + rest)).toEqual(await readByOfficialClient(written(events)));
      }),
      { numRuns: 60 },
    );
  });
});
