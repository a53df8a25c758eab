import type { Edit } from '../dialect.ts';
import { containsEnvelope } from '../envelope.ts';
import { elements, type Layout, layoutOf, members, parseJson, removals, replace, type Span, type SpanEdit } from '../json-spans.ts';
import type { TargetFacts } from '../target-facts.ts';
import { openReasoning } from './reasoning-details.ts';

/**
 * The client's bytes for a native target. Only the model's name changes, and reasoning in assistant messages that we sealed
 * for another producer: what is not this vendor's is cut out together with the plain text that says the same, what is its own is
 * restored. Where the target's model is another than the one that was asked for, what that one would refuse goes with it: the client
 * wrote it for its own. Bytes that are not a JSON object stay as they are: `inspect` has refused those.
 */
export function adaptRequest(body: Buffer, model: string, facts: TargetFacts, layout?: Layout): { body: Buffer; edits: Edit[] } {
  const top = layoutOf(body, layout);
  if (!top.ok) return { body, edits: [] };
  const edits: Edit[] = [];
  const changes: SpanEdit[] = [];
  const name = top.value.members.get('model');
  const wanted = JSON.stringify(model);
  if (name && body.toString('utf8', name.start, name.end) !== wanted) {
    edits.push({ what: 'model', why: `the target's name for it is ${model}` });
    const limit = renamedLimit(body, top.value.members, facts, edits);
    const gone = new Set([...(limit ? [limit.from] : []), ...unwanted(top.value.members, facts, edits)]);
    changes.push({ ...name, with: limit ? `${wanted},${JSON.stringify(facts.maxTokensField)}:${limit.value}` : wanted });
    changes.push(...withoutMembers(body, { start: body.indexOf('{'), end: body.length }, top.value.members, gone));
  }
  const messages = top.value.members.get('messages');
  if (messages && containsEnvelope(body.subarray(messages.start, messages.end))) {
    const list = elements(body, messages.start, messages.end);
    for (const [index, span] of (list.ok ? list.value : []).entries()) {
      if (containsEnvelope(body.subarray(span.start, span.end))) adaptMessage(body, span, `messages[${index}]`, facts, changes, edits);
    }
  }
  return { body: changes.length === 0 ? body : replace(body, changes), edits };
}

/** OpenAI's reasoning models refuse `max_tokens`, most other services know nothing else. */
function renamedLimit(
  body: Buffer,
  members: Layout['members'],
  facts: TargetFacts,
  edits: Edit[],
): { from: string; value: string } | undefined {
  const from = facts.maxTokensField === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
  const span = members.get(from);
  if (!span || members.has(facts.maxTokensField)) return undefined;
  edits.push({ what: from, why: `${facts.model} takes it as ${facts.maxTokensField}` });
  return { from, value: body.toString('utf8', span.start, span.end) };
}

const SAMPLING = ['temperature', 'top_p', 'presence_penalty', 'frequency_penalty'];

/** Sampling parameters that the model refuses. */
function unwanted(members: Layout['members'], facts: TargetFacts, edits: Edit[]): string[] {
  const gone = facts.fixedSampling ? SAMPLING.filter((field) => members.has(field)) : [];
  for (const field of gone) edits.push({ what: field, why: `${facts.model} refuses it` });
  return gone;
}

function adaptMessage(body: Buffer, message: Span, where: string, facts: TargetFacts, changes: SpanEdit[], edits: Edit[]): void {
  const found = members(body, message.start, message.end);
  const details = found.ok ? found.value.get('reasoning_details') : undefined;
  // The marker may also stand in a text that merely quotes it: that is left alone.
  if (!found.ok || !details) return;
  const list = elements(body, details.start, details.end);
  if (!list.ok) return;
  const sealed = new Set<number>();
  const own: string[] = [];
  for (const [index, span] of list.value.entries()) {
    const entry = parseJson(body, span.start, span.end);
    const part = entry.ok ? openReasoning(entry.value) : undefined;
    if (!part) continue;
    sealed.add(index);
    if (part.producer.dialect === 'openai-chat' && part.producer.vendor === facts.vendor) own.push(part.text);
  }
  if (sealed.size === 0) return;
  const gone = new Set<string>();
  if (sealed.size === list.value.length) gone.add('reasoning_details');
  else changes.push(...removals(list.value, sealed));
  for (const field of ['reasoning_content', 'reasoning']) {
    const span = found.value.get(field);
    if (!span) continue;
    const text = own.join('');
    if (text === '') gone.add(field);
    else changes.push({ ...span, with: JSON.stringify(text) });
  }
  changes.push(...withoutMembers(body, message, found.value, gone));
  edits.push({
    what: `${where}.reasoning_details`,
    why:
      own.length > 0
        ? `reasoning of ${facts.vendor} restored, that of others cut out`
        : 'reasoning that another producer made is not sent to this one',
  });
}

/** Edits that take members out of an object, each with its key and one comma. */
function withoutMembers(body: Buffer, object: Span, spans: ReadonlyMap<string, Span>, names: ReadonlySet<string>): SpanEdit[] {
  const ordered = [...spans].map(([name, value]) => ({ name, value })).toSorted((one, other) => one.value.start - other.value.start);
  const cells: Span[] = ordered.map(({ value }, index) => {
    // From the key's quote: behind the comma (or the brace) that follows what comes before.
    const before = ordered[index - 1]?.value.end ?? object.start;
    let start = before;
    while (body[start] !== 34) start++;
    return { start, end: value.end };
  });
  return removals(cells, new Set(ordered.flatMap(({ name }, index) => (names.has(name) ? [index] : []))));
}
