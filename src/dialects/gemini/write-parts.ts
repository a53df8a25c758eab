import type { FinishEvent, PartHead } from '../../exchange/event.ts';
import { isObject, parseObject, type JsonObject } from '../../exchange/json.ts';
import type { Extras } from '../../exchange/part.ts';
import { writeFinish } from './finish.ts';
import { NO_SIGNATURE } from './step-signatures.ts';
import { DIALECT } from './wire.ts';

export function textPart(text: string, thought: boolean, signature: string | undefined): JsonObject {
  return { text, ...(thought && { thought: true }), ...(signature !== undefined && { thoughtSignature: signature }) };
}

/** `undefined`: the arguments are no JSON object. A call that was cut is not to be carried out, and this dialect cannot say half of one. */
export function callPart(head: PartHead & { type: 'tool-call' }, json: string, signature: string | undefined): JsonObject | undefined {
  const args = json.trim() === '' ? {} : parseObject(json);
  if (!args) return undefined;
  const { unnamed, call, part } = ownFields(head) ?? {};
  return {
    functionCall: { ...(unnamed !== true && { id: head.id }), name: head.name, args, ...(isObject(call) && call) },
    ...(signature !== undefined && { thoughtSignature: signature }),
    ...(isObject(part) && part),
  };
}

/** On the first call of an answer that somebody else made: without it Gemini 3 refuses the call, should the client bring it to Google by itself. */
export function wordForNone(head: PartHead & { type: 'tool-call' }): string | undefined {
  return head.unproved ? NO_SIGNATURE : undefined;
}

/** What an opaque part says, where this dialect made it; `undefined` for everyone else's. */
export function opaquePart(head: PartHead & { type: 'opaque' }, signature: string | undefined): JsonObject | undefined {
  if (head.producer.dialect !== DIALECT || !isObject(head.value)) return undefined;
  return signature === undefined || head.value.thoughtSignature !== undefined ? head.value : { ...head.value, thoughtSignature: signature };
}

export interface Ending {
  finish: FinishEvent | undefined;
  /** A refusal was written as text: clients see by the finish reason that it is one. */
  refused: boolean;
  /** Parts of the candidate; in a stream, those of its last chunk. */
  parts: JsonObject[];
  /** The answer has no parts at all. */
  empty: boolean;
  usage: JsonObject;
  model: string;
  id: string;
}

/** The response that ends an answer. */
export function endOf({ finish, refused, parts, empty, usage, model, id }: Ending): JsonObject {
  const own = ownFields(finish) ?? {};
  const rest: JsonObject = {
    ...(isObject(own.promptFeedback) && { promptFeedback: own.promptFeedback }),
    usageMetadata: usage,
    modelVersion: model,
    responseId: id,
    ...(isObject(own.response) && own.response),
  };
  if (empty && rest.promptFeedback !== undefined) return rest;
  const reason = finish?.reason ?? 'stop';
  const word = typeof own.finishReason === 'string' ? own.finishReason : writeFinish(refused && reason === 'stop' ? 'refusal' : reason);
  const candidate = { content: { parts, role: 'model' }, finishReason: word, index: 0, ...(isObject(own.candidate) && own.candidate) };
  return { candidates: [candidate], ...rest };
}

/** What this dialect's own extras say; nothing for another's. */
export function ownFields(from: { extras?: Extras } | undefined): JsonObject | undefined {
  return from?.extras?.dialect === DIALECT ? from.extras.fields : undefined;
}
