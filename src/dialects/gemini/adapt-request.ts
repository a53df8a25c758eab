import { parseObject, type JsonObject } from '../../exchange/json.ts';
import type { Edit } from '../dialect.ts';
import { MARKER } from '../envelope.ts';
import { elements, type Layout, layoutOf, members, removals, replace, type Span, type SpanEdit } from '../json-spans.ts';
import type { TargetFacts } from '../target-facts.ts';
import { camelName } from './camel.ts';
import { bareIsForeign, signatureAt } from './own-signature.ts';
import { resourceName } from './path.ts';
import { NO_SIGNATURE } from './step-signatures.ts';

const CALL = /"function_?[cC]all"/;
/** Ends the names of the member. Within a text its quote would be escaped. */
const SIGNATURE = /hought_?[sS]ignature"/;

interface Work {
  body: Buffer;
  facts: TargetFacts;
  edits: Edit[];
  changes: SpanEdit[];
}

/**
 * A native target's request. The model is in the path, so the bytes stay as they are, but for our envelopes: signatures of this vendor's own are
 * put back, those of others are cut out. Where the model wants its calls signed, calls that another model made since the user last
 * spoke get Google's word for having no signature. A body for `:countTokens` may hold a whole request, which also names the model.
 */
export function adaptRequest(body: Buffer, model: string, facts: TargetFacts, layout?: Layout): { body: Buffer; edits: Edit[] } {
  const work: Work = { body, facts, edits: [], changes: [] };
  const found = layoutOf(body, layout);
  const outer = inCamelCase(found.ok ? found.value.members : new Map());
  const whole = outer.get('generateContentRequest');
  for (const fields of whole ? [outer, fieldsOf(body, whole)] : [outer]) {
    const name = fields.get('model');
    const written = JSON.stringify(resourceName(model));
    if (name && body[name.start] === 34 && body.toString('utf8', name.start, name.end) !== written) {
      work.edits.push({ what: 'model', why: `this target knows it as ${model}` });
      work.changes.push({ ...name, with: written });
    }
    const contents = fields.get('contents');
    if (contents) adaptContents(work, contents);
  }
  return { body: work.changes.length === 0 ? body : replace(body, work.changes), edits: work.edits };
}

function adaptContents(work: Work, span: Span): void {
  const { body, facts } = work;
  const sealed = hasForeign(body, span, facts);
  const signed = facts.signedCalls === true && CALL.test(body.toString('latin1', span.start, span.end));
  if (!sealed && !signed) return;
  const list = elements(body, span.start, span.end);
  if (!list.ok) return;
  const emptied = new Set<number>();
  /** Still since the user last spoke. */
  let current = signed;
  for (const [index, content] of [...list.value.entries()].toReversed()) {
    const fields = fieldsOf(body, content);
    const span = fields.get('parts');
    const parts = span && elements(body, span.start, span.end);
    if (!parts?.ok) continue;
    const model = text(body, fields.get('role')) === 'model';
    if (!model && current) current = parts.value.some((part) => has(body, part, 'functionResponse'));
    if (!(model && current) && !hasForeign(body, content, facts)) continue;
    if (adaptParts(work, parts.value, `contents[${index}].parts`, model && current)) emptied.add(index);
  }
  work.changes.push(...removals(list.value, emptied));
}

/** Whether there may be a signature that this target would refuse; whoever acts on it looks closer. */
function hasForeign(body: Buffer, span: Span, facts: TargetFacts): boolean {
  if (body.subarray(span.start, span.end).includes(MARKER, 0, 'latin1')) return true;
  return bareIsForeign(facts) && SIGNATURE.test(body.toString('latin1', span.start, span.end));
}

/** Returns whether nothing is left of it. */
function adaptParts(work: Work, parts: readonly Span[], at: string, sign: boolean): boolean {
  const { body, facts, edits, changes } = work;
  const cut = new Set<number>();
  let unsigned = sign;
  for (const [index, part] of parts.entries()) {
    const fields = fieldsOf(body, part);
    const place = `${at}[${index}]`;
    const signature = fields.get('thoughtSignature');
    const value = text(body, signature);
    const isCall = fields.has('functionCall');
    const first = isCall && unsigned;
    if (isCall) unsigned = false;
    if (!signature || value === undefined || value === '') {
      if (!first) continue;
      edits.push({ what: place, why: 'another model made this call; it has no signature' });
      changes.push(signature ? { ...signature, with: JSON.stringify(NO_SIGNATURE) } : insertion(body, part));
      continue;
    }
    const found = signatureAt(value, facts);
    if ('own' in found) {
      if (found.own === value) continue;
      edits.push({ what: place, why: 'this provider gets its own reasoning back' });
      changes.push({ ...signature, with: JSON.stringify(found.own) });
      continue;
    }
    edits.push({ what: place, why: `only ${found.foreign} can read its own reasoning; cut out` });
    // The words that the proof belongs to: the thoughts right before it.
    for (let before = index - 1; before >= 0 && isThought(parsed(body, parts[before]!)); before--) cut.add(before);
    if (first || (isCall && facts.signedCalls === true)) changes.push({ ...signature, with: JSON.stringify(NO_SIGNATURE) });
    else if (isBare(parsed(body, part))) cut.add(index);
    else changes.push(withoutMember(body, part, fields, signature));
  }
  if (cut.size > 0 && cut.size === parts.length) return true;
  changes.push(...removals(parts, cut));
  return false;
}

function isThought(part: JsonObject | undefined): boolean {
  if (part?.thought !== true || 'functionCall' in part || 'function_call' in part) return false;
  return (part.thoughtSignature ?? part.thought_signature ?? '') === '';
}

/** A part that is there for its signature only, or shows another model's thought. */
function isBare(part: JsonObject | undefined): boolean {
  if (!part) return false;
  if (part.thought === true) return true;
  return Object.entries(part).every(([name, value]) => camelName(name) === 'thoughtSignature' || (name === 'text' && value === ''));
}

/** As the first member, before whatever there is. */
function insertion(body: Buffer, part: Span): SpanEdit {
  const at = body.indexOf(123, part.start) + 1;
  return { start: at, end: at, with: `"thoughtSignature":${JSON.stringify(NO_SIGNATURE)},` };
}

/** Takes out a member with its key and one comma. */
function withoutMember(body: Buffer, part: Span, fields: ReadonlyMap<string, Span>, member: Span): SpanEdit {
  const ends = [...fields.values()].map(({ end }) => end).filter((end) => end <= member.start);
  const next = body.indexOf(44, member.end);
  if (ends.length > 0) return { start: Math.max(...ends), end: member.end, with: '' };
  const open = body.indexOf(123, part.start) + 1;
  return { start: open, end: next !== -1 && next < part.end ? next + 1 : member.end, with: '' };
}

function has(body: Buffer, part: Span, name: string): boolean {
  return fieldsOf(body, part).has(name);
}

/** Members by their names in camelCase. */
function fieldsOf(body: Buffer, span: Span): Map<string, Span> {
  const found = members(body, span.start, span.end);
  return inCamelCase(found.ok ? found.value : new Map());
}

function inCamelCase(spans: ReadonlyMap<string, Span>): Map<string, Span> {
  const fields = new Map<string, Span>();
  for (const [name, span] of spans) fields.set(camelName(name), span);
  return fields;
}

function parsed(body: Buffer, span: Span): JsonObject | undefined {
  return parseObject(body.toString('utf8', span.start, span.end));
}

function text(body: Buffer, span: Span | undefined): string | undefined {
  if (!span || body[span.start] !== 34) return undefined;
  try {
    return JSON.parse(body.toString('utf8', span.start, span.end)) as string;
  } catch {
    return undefined;
  }
}
