import type { AnswerEvent } from '../../exchange/event.ts';
import { isObject, type JsonObject } from '../../exchange/json.ts';
import { assembleFor, type WholePart } from '../assemble.ts';
import type { EncoderContext } from '../dialect.ts';
import { signatureFor, signatureHome } from './signature-home.ts';
import { writeUsage } from './usage.ts';
import { DIALECT } from './wire.ts';
import { callPart, endOf, opaquePart, ownFields, textPart, wordForNone } from './write-parts.ts';

/** A whole `GenerateContentResponse`. */
export function encodeAnswer(events: readonly AnswerEvent[], context: EncoderContext): JsonObject {
  const answer = assembleFor(events, ({ dialect }) => dialect !== DIALECT);
  const parts: JsonObject[] = [];
  let proof: string | undefined;
  let called = false;
  for (const part of answer.parts) {
    if (part.head.type === 'reasoning') {
      const signature = signatureFor(part.head, part.text, part.signature);
      const home = signatureHome(part.head.extras);
      if (home !== 'next') parts.push(textPart(part.text, home === 'thought', signature));
      else {
        if (part.text !== '') parts.push(textPart(part.text, true, undefined));
        // Reasoning after reasoning: the first proof stands by itself.
        if (signature !== undefined && proof !== undefined) parts.push(textPart('', false, proof));
        proof = signature ?? proof;
      }
      continue;
    }
    const firstCall = part.head.type === 'tool-call' && !called;
    if (firstCall) called = true;
    const wire = wirePart(part, proof, firstCall);
    if (!wire) continue;
    parts.push(wire);
    proof = undefined;
    for (const value of part.opaque) {
      if (isObject(value) && isObject(value.bare)) parts.push(value.bare);
    }
  }
  if (proof !== undefined) parts.push(textPart('', false, proof));
  const body = endOf({
    finish: answer.finish,
    refused: answer.parts.some(({ head }) => head.type === 'refusal'),
    parts,
    empty: parts.length === 0,
    usage: writeUsage(answer.usage, answer.rawUsage),
    model: answer.start?.model || context.head.model,
    id: answer.start?.id || context.exchange,
  });
  return { ...body, ...ownFields(answer.start) };
}

function wirePart(part: WholePart, proof: string | undefined, firstCall: boolean): JsonObject | undefined {
  const { head } = part;
  switch (head.type) {
    case 'text':
    case 'refusal':
      return part.text === '' ? undefined : { ...textPart(part.text, false, proof), ...fieldsOf(part) };
    case 'tool-call':
      return callPart(head, part.arguments, proof ?? (firstCall ? wordForNone(head) : undefined));
    case 'opaque':
      return opaquePart(head, proof);
    case 'reasoning':
      return undefined;
  }
}

/** Fields of the part that only this dialect has. */
function fieldsOf(part: WholePart): JsonObject {
  const fields: JsonObject = {};
  for (const value of part.opaque) if (isObject(value) && isObject(value.part)) Object.assign(fields, value.part);
  return fields;
}
