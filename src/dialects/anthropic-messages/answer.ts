import type { AnswerEvent } from '../../exchange/event.ts';
import { isObject, type JsonObject } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import { assembleFor, type WholePart } from '../assemble.ts';
import type { EncoderContext } from '../dialect.ts';
import { finishOf } from './decode-stream.ts';
import { wholeBlock } from './read-blocks.ts';
import { extrasOf, MESSAGE_FIELDS, ownFields, readUsage, stopReason, writeUsage } from './wire.ts';
import { closedBlock, isForeign } from './write-blocks.ts';

/** Fields of a whole message that belong to its end: in a stream they come with `message_delta`. */
const END_FIELDS = ['stop_details', 'container', 'context_management'];

/** A whole message as the events of a stream that says the same. */
export function decodeAnswer(body: JsonObject): Result<AnswerEvent[], string> {
  if (body.type !== 'message') return err(`not a message: "type" is ${JSON.stringify(body.type)}`);
  if (typeof body.id !== 'string' || typeof body.model !== 'string') return err('the message has no id or no model');
  if (!Array.isArray(body.content)) return err('the message has no content');
  const fields = { ...extrasOf(body, MESSAGE_FIELDS)?.fields };
  const ending: JsonObject = { stop_reason: body.stop_reason, stop_sequence: body.stop_sequence };
  for (const field of END_FIELDS) {
    if (fields[field] === undefined) continue;
    ending[field] = fields[field];
    delete fields[field];
  }
  const extras = extrasOf(fields, new Set());
  const events: AnswerEvent[] = [{ type: 'start', id: body.id, model: body.model, ...(extras && { extras }) }];
  for (const [index, block] of body.content.entries()) {
    const whole = isObject(block) ? wholeBlock(block, index) : undefined;
    if (!whole) return err(`content[${index}] is not a block`);
    events.push(...whole);
  }
  if (typeof body.stop_reason === 'string') events.push(finishOf(ending, undefined));
  if (isObject(body.usage)) events.push({ type: 'usage', usage: readUsage(body.usage, { fresh: 0 }), raw: body.usage });
  return ok(events);
}

export function encodeAnswer(events: readonly AnswerEvent[], context: EncoderContext): JsonObject {
  const answer = assembleFor(events, isForeign);
  const refused = answer.parts.some(({ head }) => head.type === 'refusal');
  const called = answer.parts.some(({ head }) => head.type === 'tool-call');
  const reason = answer.finish?.reason ?? (called ? 'tool-calls' : 'stop');
  return {
    id: answer.start?.id ?? `msg_${context.exchange}`,
    type: 'message',
    role: 'assistant',
    model: fallbackModel(answer.parts) ?? answer.start?.model ?? context.head.model,
    content: answer.parts.map(closedBlock).filter((block) => block !== undefined),
    stop_reason: stopReason(refused && reason === 'stop' ? 'refusal' : reason, answer.finish?.raw, called),
    stop_sequence: answer.finish?.stopSequence ?? null,
    usage: writeUsage(answer.usage, answer.rawUsage),
    ...ownFields(answer.start?.extras),
    ...ownFields(answer.finish?.extras),
  };
}

/** Anthropic's own fallback within an answer: a whole message bears the name of the model that took over. */
function fallbackModel(parts: readonly WholePart[]): string | undefined {
  const values = parts.map(({ head }) => (head.type === 'opaque' && !isForeign(head.producer) && isObject(head.value) ? head.value : {}));
  const to = values.findLast(({ type }) => type === 'fallback')?.to;
  return isObject(to) && typeof to.model === 'string' ? to.model : undefined;
}
