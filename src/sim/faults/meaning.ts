import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { Answer, AnswerPart } from '../answer.ts';
import type { SimDialect } from '../asked.ts';
import { bodyScene, errorScene, jsonScene, type VendorError } from '../errors.ts';
import { geminiData } from '../wire/gemini.ts';
import { fault, type Content, type Fault } from './fault.ts';
import { after, isFrame, mapJson } from './frames.ts';

const worded: Fault['applies'] = (_dialect, _stream, content) => content === 'text' || content === 'thinking';
const calling: Fault['applies'] = (_dialect, _stream, content) => callsTools(content);

/** Reasoning comes with a proof everywhere but in chat. */
const signed: Fault['applies'] = (dialect, _stream, content) => dialect !== 'openai-chat' && content === 'thinking';

const SIGNATURE_REFUSED: Partial<Record<SimDialect, VendorError>> = {
  'anthropic-messages': {
    status: 400,
    type: 'invalid_request_error',
    message: 'messages.1.content.0: Invalid `signature` in `thinking` block',
  },
  'openai-responses': {
    status: 400,
    type: 'invalid_request_error',
    code: 'invalid_encrypted_content',
    message: 'The encrypted content for item rs_0 could not be verified. Reason: Encrypted content could not be decrypted or parsed.',
  },
  gemini: { status: 400, type: 'INVALID_ARGUMENT', message: 'Corrupted thought signature.' },
};

function callsTools(content: Content): boolean {
  return content === 'tool' || content === 'parallel';
}

/** A fault of what is said, not of how: the answer itself is changed and written anew. */
function said(id: string, title: string, change: (answer: Answer) => Answer, more: Partial<Fault> = {}): Fault {
  return fault(id, 'E', title, (_scene, _position, context) => context.write(change(context.answer)), { expected: 'answer', ...more });
}

/** Times that `runaway` repeats itself before it hits the token limit. */
const RUNAWAY = 400;

/** Group E: what is said. */
export const MEANING_FAULTS: readonly Fault[] = [
  said('content-filter', 'stopped by a filter in the middle', (answer) => ({ ...halved(answer), stop: 'content-filter' }), {
    applies: worded,
  }),
  said('refusal', 'the model declines', (answer) => ({
    ...answer,
    parts: [{ type: 'refusal', pieces: ['This is ', 'a simulated ', 'refusal.'] }],
    stop: 'refusal',
  })),
  said('empty-answer', 'an answer without content', (answer) => ({ ...answer, parts: [], stop: 'stop' }), { expected: 'rescue' }),
  said(
    'reasoning-only',
    'it thinks and says nothing',
    (answer) => ({ ...answer, parts: answer.parts.filter((part) => part.type === 'reasoning'), stop: 'stop' }),
    {
      expected: 'rescue',
      applies: (_dialect, _stream, content) => content === 'thinking',
    },
  ),
  said('max-tokens', 'the token limit is reached', (answer) => ({ ...halved(answer), stop: 'length' }), { applies: worded }),
  said(
    'bad-tool-arguments',
    'tool arguments that are not JSON',
    (answer) => mapCalls(answer, (part) => ({ ...part, pieces: ['{"si', 'mulated": oops'] })),
    {
      expected: 'rescue',
      // A whole Messages answer carries arguments as an object, which cannot be malformed by itself; Gemini says it by its reason.
      applies: (dialect, stream, content) => callsTools(content) && (stream || dialect !== 'anthropic-messages'),
    },
  ),
  said(
    'cut-tool-arguments',
    'the token limit is reached inside tool arguments',
    (answer) => ({ ...mapLastCall(answer, firstHalf), stop: 'length' }),
    {
      applies: (dialect, stream, content) => callsTools(content) && dialect !== 'gemini' && (stream || dialect !== 'anthropic-messages'),
    },
  ),
  said('unknown-tool', 'a tool that was never offered', (answer) => mapCalls(answer, (part) => ({ ...part, name: 'never_offered' })), {
    applies: calling,
    unfaithful: true,
  }),
  said('repeated-tool-id', 'two calls with one id', (answer) => mapCalls(answer, (part) => ({ ...part, id: 'call_simulated_twice' })), {
    applies: (_dialect, _stream, content) => content === 'parallel',
    unfaithful: true,
  }),
  said('other-model', 'another model answers', (answer) => ({ ...answer, model: 'simulated-other-model' })),
  said('usage-zero', 'the usage is zero', (answer) => ({
    ...answer,
    usage: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 },
  })),
  said('usage-negative', 'the usage is negative', (answer) => ({
    ...answer,
    usage: { input: -5, output: -3, cacheRead: 0, cacheWrite: 0, reasoning: 0 },
  })),
  fault(
    'prompt-blocked',
    'E',
    'the prompt is blocked: no candidate, only why',
    (_scene, _position, { answer, stream }) => {
      const said: JsonObject = {
        promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
        usageMetadata: { promptTokenCount: answer.usage.input, totalTokenCount: answer.usage.input },
        modelVersion: answer.model,
        responseId: 'simulated-blocked',
      };
      return stream ? bodyScene(200, 'text/event-stream', geminiData(said)) : jsonScene(200, said);
    },
    { expected: 'answer', applies: (dialect) => dialect === 'gemini' },
  ),
  fault('no-candidates', 'E', 'chunks without a candidate', (scene) => mapJson(scene, (json) => ({ ...json, candidates: [] })), {
    applies: (dialect) => dialect === 'gemini',
  }),
  fault('no-call-ids', 'E', 'calls without ids, as before Gemini 3', (scene) => mapJson(scene, withoutCallIds), {
    expected: 'answer',
    applies: (dialect, _stream, content) => dialect === 'gemini' && callsTools(content),
  }),
  fault('usage-missing', 'E', 'no usage', (scene) => mapJson(scene, withoutUsage).filter((step) => !isFrame(step, 'usage')), {
    expected: 'answer',
  }),
  said('signature-missing', 'thinking without a signature', (answer) => mapThinking(answer, ''), {
    applies: signed,
  }),
  said('signature-foreign', "thinking with another vendor's signature", (answer) => mapThinking(answer, 'Zm9yZWlnbi1zaWduYXR1cmU='), {
    applies: signed,
  }),
  fault(
    '400-signature',
    'E',
    'a signature in the history is refused',
    (_scene, _position, { dialect, answer }) => errorScene(dialect, SIGNATURE_REFUSED[dialect]!, answer.seed),
    { expected: 'client-error', applies: signed },
  ),
  said(
    'runaway',
    'the same words until the token limit',
    (answer) => ({
      ...answer,
      parts: [{ type: 'text', pieces: Array.from({ length: RUNAWAY }, () => 'again and ') }],
      stop: 'length',
    }),
    { unfaithful: true, applies: worded },
  ),
  fault(
    'runaway-endless',
    'E',
    'the same words for ever',
    (scene) =>
      after(scene, 'text-first', (rest) => {
        const text = rest.find((step) => isFrame(step, 'text'));
        return text?.type === 'write' ? [{ type: 'repeat', bytes: text.bytes, ms: 50 }] : rest;
      }),
    { expected: 'client-error', unfaithful: true, applies: (dialect, stream, content) => stream && worded(dialect, stream, content) },
  ),
];

function firstHalf<Part extends AnswerPart>(part: Part): Part {
  return { ...part, pieces: part.pieces.slice(0, Math.max(1, Math.floor(part.pieces.length / 2))) };
}

function halved(answer: Answer): Answer {
  return { ...answer, parts: answer.parts.map((part) => (part.type === 'text' ? firstHalf(part) : part)) };
}

type CallPart = Extract<AnswerPart, { type: 'tool-call' }>;

function mapCalls(answer: Answer, change: (part: CallPart) => CallPart): Answer {
  return { ...answer, parts: answer.parts.map((part) => (part.type === 'tool-call' ? change(part) : part)) };
}

function mapLastCall(answer: Answer, change: (part: CallPart) => CallPart): Answer {
  const last = answer.parts.findLastIndex((part) => part.type === 'tool-call');
  return { ...answer, parts: answer.parts.map((part, index) => (index === last && part.type === 'tool-call' ? change(part) : part)) };
}

function mapThinking(answer: Answer, signature: string): Answer {
  return { ...answer, parts: answer.parts.map((part) => (part.type === 'reasoning' ? { ...part, signature } : part)) };
}

function withoutUsage(json: JsonObject): JsonObject {
  const { usage: _usage, usageMetadata: _metadata, ...rest } = json;
  if (isObject(rest.message)) return { ...rest, message: withoutUsage(rest.message) };
  return isObject(rest.response) ? { ...rest, response: withoutUsage(rest.response) } : rest;
}

/** Of a Gemini chunk. */
function withoutCallIds(json: JsonObject): JsonObject {
  return JSON.parse(
    JSON.stringify(json, (key, value: Json) => (key === 'functionCall' && isObject(value) ? { ...value, id: undefined } : value)),
  ) as JsonObject;
}
