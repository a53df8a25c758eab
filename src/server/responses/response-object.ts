import type { EncoderContext } from '../../dialects/dialect.ts';
import { isObject, type Json, type JsonObject, parseObject } from '../../exchange/json.ts';
import { faultOf } from '../delivery.ts';
import { parsedOnce } from '../dialect-endpoint.ts';
import { eventsOf, type KeptResponse, outcomeOf, type ResponseDesk } from './kept-response.ts';

export function contextOf({ opening, head, request }: Pick<KeptResponse, 'opening' | 'head' | 'request'>): EncoderContext {
  return { exchange: opening.id, head, created: Math.floor(opening.at / 1000), request: parsedOnce(request) };
}

/** A kept response as `GET /v1/responses/{id}` tells it: whole, or what there is of it under a status that says so. */
export function responseObject({ dialect }: Pick<ResponseDesk, 'dialect'>, kept: KeptResponse): JsonObject {
  const outcome = outcomeOf(kept);
  const withdrawn = outcome?.type === 'deferred' && kept.state === 'cancelled';
  if (outcome?.type === 'complete') return nativeBody(kept) ?? dialect.encodeAnswer(eventsOf(kept), contextOf(kept));
  const events = eventsOf(kept);
  const begun = events.some((event) => event.type === 'start')
    ? events
    : [{ type: 'start' as const, id: '', model: kept.opening.model }, ...events];
  const object = dialect.encodeAnswer(begun, contextOf(kept));
  const usage = events.some((event) => event.type === 'usage') ? object.usage : null;
  const unfinished: JsonObject = { ...object, completed_at: null, incomplete_details: null, usage };
  if (outcome === undefined) return { ...unfinished, status: kept.entries.length === 0 ? 'queued' : 'in_progress' };
  if (outcome.type === 'cancelled' || withdrawn) return { ...unfinished, status: 'cancelled' };
  if (outcome.type === 'deferred') return { ...unfinished, status: 'queued' };
  return { ...unfinished, status: 'failed', error: errorOf(dialect, faultOf(outcome, kept.opening, events.length > 0), kept.opening.id) };
}

/** The provider's own words, where they passed through as a whole. */
function nativeBody({ opening, entries }: KeptResponse): JsonObject | undefined {
  if (opening.stream) return undefined;
  const pieces = entries.flatMap(({ entry }) => (entry.type === 'bytes' ? [entry.bytes] : []));
  return pieces.length === 0 ? undefined : parseObject(Buffer.concat(pieces).toString('utf8'));
}

/** A response's own error has a code out of a short list (OpenAI's `ResponseErrorCode`); of these, two fit what can happen to an exchange. */
function errorOf(dialect: ResponseDesk['dialect'], fault: ReturnType<typeof faultOf>, exchange: string): JsonObject {
  const { error } = dialect.encodeError(fault, exchange).body;
  const message = isObject(error) && typeof error.message === 'string' ? error.message : fault.message;
  return { code: fault.class === 'rate-limited' ? 'rate_limit_exceeded' : 'server_error', message };
}

/** Items that are known by their content alone. Their ids would be looked up, in vain, by whoever did not make them (vercel/ai issue 7543). */
const NAMELESS = new Set(['message', 'function_call', 'custom_tool_call', 'reasoning']);

/** The output of a response as items of the next request's input. */
export function outputAsInput(desk: Pick<ResponseDesk, 'dialect'>, kept: KeptResponse): JsonObject[] {
  const { output } = responseObject(desk, kept);
  return (Array.isArray(output) ? output : []).flatMap((item) => asInput(item));
}

/** An item of an answer as one of a question. */
export function asInput(item: Json): JsonObject[] {
  if (!isObject(item)) return [];
  if (typeof item.type !== 'string' || !NAMELESS.has(item.type)) return [item];
  const { id: _id, ...rest } = item;
  // Without its proof or its text, reasoning is only a name for what its maker's server may have kept.
  if (item.type === 'reasoning' && typeof item.encrypted_content !== 'string' && !Array.isArray(item.content)) return [];
  return [rest];
}
