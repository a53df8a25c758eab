import type { Dialect, Frame, RequestHead, StreamDecoder } from '../dialects/dialect.ts';
import type { TargetFacts } from '../dialects/target-facts.ts';
import { isObject, parseObject, type JsonObject } from '../exchange/json.ts';
import type { WireError } from '../exchange/fault.ts';
import { err, ok } from '../exchange/result.ts';
import { decodeCall } from './decode-call.ts';
import { encodeCall } from './encode-call.ts';
import type { Maker } from './maker.ts';
import { partReader, type ToldPart } from './read-parts.ts';
import { STAND_IN } from './stand-in.ts';

const LINE_FEED = 10;
const COLON = 58;
const PREFIX = 'data: '.length;

/**
 * Calls of the AI SDK's models, as the engine takes questions and answers: of the dialects' functions those that an engine asks, whose
 * answer goes to nobody over a wire. `lead`: whose history it is where nothing says otherwise.
 */
export function modelDialect(lead: Maker): Dialect {
  return {
    name: STAND_IN,
    keepAlive: '',
    endpoint: () => '/',
    inspect(bytes) {
      const body = parseObject(bytes.toString('utf8'));
      return body ? ok(headOf(body, bytes.length, true)) : err({ field: '', message: 'the call is not JSON' });
    },
    decodeRequest: (body) => ok(decodeCall(body)),
    encodeRequest: (request, facts: TargetFacts) => encodeCall(request, facts, facts.vendor === lead),
    adaptRequest: (body) => ({ body, edits: [] }),
    decoder,
    decodeAnswer: () => err('models of the AI SDK are asked for streams'),
    encoder: () => ({ observe: () => undefined, encode: () => '', end: () => '', error: () => '', seam: () => '' }),
    encodeAnswer: () => ({}),
    decodeError(status, _headers, body) {
      const error = parseObject(body)?.error;
      return isObject(error) ? ({ ...error } as unknown as WireError) : { status, message: body };
    },
    encodeError: (fault) => ({ status: fault.status ?? 500, headers: {}, body: { message: fault.message } }),
  };
}

/** What planning and limits need to know of a call. */
export function headOf(body: JsonObject, size: number, stream: boolean): RequestHead {
  const { reasoning, maxOutputTokens, tools, responseFormat } = body;
  const effort = typeof reasoning === 'string' && reasoning !== 'provider-default' ? (reasoning as RequestHead['effort']) : undefined;
  return {
    model: String(body.model),
    stream,
    size,
    ...(typeof maxOutputTokens === 'number' && { maxOutputTokens }),
    reasoning: effort === undefined ? asksForThought(body.providerOptions) : effort !== 'none',
    ...(effort !== undefined && { effort }),
    hasTools: Array.isArray(tools) && tools.length > 0,
    structured: isObject(responseFormat) && responseFormat.type === 'json',
    foreignParts: false,
    candidates: 1,
    includeUsage: true,
  };
}

/** By the names that the packages have for it: Anthropic's, Google's, OpenAI's. */
function asksForThought(options: unknown): boolean {
  if (!isObject(options)) return false;
  return Object.values(options).some((own) => {
    if (!isObject(own)) return false;
    const { thinking, thinkingConfig, reasoningEffort, effort } = own;
    if (isObject(thinking)) return thinking.type !== 'disabled';
    return isObject(thinkingConfig) || (typeof reasoningEffort === 'string' && reasoningEffort !== 'none') || typeof effort === 'string';
  });
}

/** The lines of model-call.ts. */
function decoder(): StreamDecoder {
  const parts = partReader();
  let rest: Buffer = Buffer.alloc(0);
  let over = false;

  function frame(raw: Buffer): Frame {
    if (raw[0] === COLON) return { type: 'events', raw, clean: true, events: [] };
    const part = parseObject(raw.toString('utf8', PREFIX)) as (ToldPart | { type: 'error'; error: WireError }) | undefined;
    if (!part) return { type: 'malformed', raw, reason: 'a part of the answer is no JSON' };
    if (part.type === 'error') return { type: 'error', raw, error: part.error };
    const events = parts.read(part);
    return part.type === 'finish' ? { type: 'end', raw, clean: true, events } : { type: 'events', raw, clean: true, events };
  }

  return {
    push(chunk) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const frames: Frame[] = [];
      let from = 0;
      for (let end = bytes.indexOf(LINE_FEED); end >= 0 && !over; end = bytes.indexOf(LINE_FEED, from)) {
        const next = frame(bytes.subarray(from, end + 1));
        over = next.type !== 'events';
        frames.push(next);
        from = end + 1;
      }
      rest = bytes.subarray(from);
      return frames;
    },
    end: () => (over || rest.length === 0 ? [] : [{ type: 'malformed', raw: rest, reason: 'the answer was cut within a part' }]),
  };
}
