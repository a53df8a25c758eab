/** What of an answer is no longer there after it has been written in a dialect and read back: counted by kind. */
import { assemble, type WholeAnswer, type WholePart } from '../../src/dialects/assemble.ts';
import { MARKER, unwrap } from '../../src/dialects/envelope.ts';
import { flatName } from '../../src/dialects/plain-tools.ts';
import { argumentsOf } from '../../src/dialects/said.ts';
import type { AnswerEvent } from '../../src/exchange/event.ts';
import { isObject, type Json } from '../../src/exchange/json.ts';

/** Every kind of loss that may be, and why it has to be. */
export const LOSSES = {
  'server tools':
    "steps that the provider's own tools took (searches, code, files): no other dialect has items for them; the text that came of them stays",
  progress: 'events that told how far a step was: a finished item has all that came of them',
  annotations: 'citations into results that only the provider has, log probabilities, the signature of an empty text',
  fields: 'fields that only their dialect has (containers, safety ratings, item ids, statuses)',
  'reasoning proofs': 'a signature or encrypted reasoning, which only its maker can read, has no place where the target keeps none',
  'call kinds':
    'free-text, shell and patch calls come as function calls, and a tool has no namespace; an engine gives them back where the client offered such tools (`EncodedRequest.calls`)',
  'refusal as text': 'a refusal is written as text where the dialect has no part of its own for it',
  'parts joined': 'several texts one after another are one where the dialect has only one',
  'end told coarser': "the dialect's own word for the end, or the stop sequence that was met",
  'usage details': 'counts beyond tokens in and out: caches, reasoning, tiers',
  'ids and dates': "the provider's id of the answer or its date, where the dialect has none or another form",
} as const;

export type LossKind = keyof typeof LOSSES;

export type Losses = Partial<Record<LossKind, number>>;

/** Compares the answer with what came back of it. Text, calls, stop class and tokens are judged by pair.ts; this is all the rest. */
export function lossesBetween(before: readonly AnswerEvent[], after: readonly AnswerEvent[]): Losses {
  const one = assemble(before);
  const other = assemble(after);
  const losses: Losses = {};
  const lose = (kind: LossKind, number = 1): void => {
    if (number > 0) losses[kind] = (losses[kind] ?? 0) + number;
  };
  lose('server tools', missing(steps(one), steps(other)).length);
  lose('progress', missing(progress(one), progress(other)).length);
  lose('annotations', missing(notes(one), notes(other)).length);
  lose('fields', missing(fields(one), fields(other)).length);
  lose('reasoning proofs', missing(proofs(one), [...proofs(other), ...sealed(after)]).length);
  lose('call kinds', missing(called(one), called(other)).length);
  lose('refusal as text', missing(refusals(one), refusals(other)).length);
  const texts = (answer: WholeAnswer): number => answer.parts.filter(({ head }) => head.type === 'text').length;
  lose('parts joined', Math.max(0, texts(one) - texts(other)));
  if (one.finish?.reason !== other.finish?.reason || one.finish?.stopSequence !== other.finish?.stopSequence) lose('end told coarser');
  if (details(one) !== details(other)) lose('usage details');
  if (one.start?.id !== other.start?.id || (one.start?.created ?? 0) !== (other.start?.created ?? 0)) lose('ids and dates');
  return losses;
}

function isOpaque({ head }: WholePart): boolean {
  return head.type === 'opaque';
}

/** Opaque parts, as they stand at their end. */
function steps({ parts }: WholeAnswer): unknown[] {
  return parts.filter(isOpaque).map(({ head, opaque }) => [head, opaque.filter((value) => !isProgress(value))]);
}

/** Of steps that are there before and after: whoever has no steps has no progress of them. */
function progress({ parts }: WholeAnswer): Json[] {
  return parts.flatMap(({ opaque }) => opaque.filter(isProgress));
}

/** `response.web_search_call.searching`, `response.custom_tool_call_input.delta`: all but the item's end and what is added to a text. */
function isProgress(value: Json): boolean {
  return isObject(value) && typeof value.type === 'string' && /^response\.\w+_call/.test(value.type);
}

/** Those of `before` that `after` has not. */
function missing(before: readonly unknown[], after: readonly unknown[]): string[] {
  const left = after.map((value) => JSON.stringify(sorted(value)));
  return before
    .map((value) => JSON.stringify(sorted(value)))
    .filter((value) => {
      const at = left.indexOf(value);
      if (at >= 0) left.splice(at, 1);
      return at < 0;
    });
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.keys(value).toSorted().map((key) => [key, sorted(value[key])])); // prettier-ignore
}

function notes({ parts }: WholeAnswer): Json[] {
  return parts.flatMap((part) => (isOpaque(part) ? [] : part.opaque.filter((value) => !isProgress(value))));
}

/** Extras of the start, of parts and of the finish, field by field. */
function fields({ start, parts, finish }: WholeAnswer): unknown[] {
  const extras = [start?.extras, ...parts.map(({ head }) => ('extras' in head ? head.extras : undefined)), finish?.extras];
  return extras.flatMap((each) => (each ? Object.entries(each.fields) : []));
}

function proofs({ parts }: WholeAnswer): unknown[] {
  return parts.flatMap(({ head, signature }) =>
    head.type === 'reasoning' && (signature !== undefined || head.redacted !== undefined) ? [[signature ?? '', head.redacted ?? '']] : [],
  );
}

/** What stands in envelopes, wherever the target keeps them: it comes back to its maker with the client's next turn (envelope.ts). */
function sealed(events: readonly AnswerEvent[]): unknown[] {
  const found = JSON.stringify(events).match(new RegExp(`${MARKER.replaceAll('.', '\\.')}[\\w-]+`, 'g')) ?? [];
  return found.flatMap((envelope) => {
    const value = unwrap(envelope)?.value;
    return isObject(value) ? [[value.signature ?? '', value.redacted ?? '']] : [];
  });
}

function called({ parts }: WholeAnswer): unknown[] {
  return parts.flatMap(({ head, arguments: json }) =>
    head.type === 'tool-call' ? [[flatName(head), head.kind ?? 'function', argumentsOf(json)]] : [],
  );
}

function refusals({ parts }: WholeAnswer): string[] {
  return parts.flatMap(({ head, text }) => (head.type === 'refusal' ? [text] : []));
}

function details({ usage }: WholeAnswer): string {
  const told = Object.entries(usage).filter(([name, tokens]) => name !== 'input' && name !== 'output' && tokens > 0);
  return JSON.stringify(told.toSorted(([one], [other]) => one.localeCompare(other)));
}
