import { isObject } from '../../exchange/json.ts';
import type { Edit } from '../dialect.ts';
import { containsEnvelope, MARKER, unwrap } from '../envelope.ts';
import { elements, type Layout, layoutOf, members, parseJson, removals, replace, type Span, type SpanEdit } from '../json-spans.ts';
import type { TargetFacts } from '../target-facts.ts';
import { isReadable } from './reasoning-item.ts';
import { PRODUCER } from './wire.ts';

/** What an item that holds reasoning says. Within a text its quotes would be escaped. */
const SECRET = '"encrypted_content"';

/**
 * A native target's request: the model's name is replaced; reasoning items that we sealed for another producer are cut out, those that are
 * this vendor's own get their secret back. Every other byte stays, `previous_response_id` too: whoever asks decides which body goes out.
 */
export function adaptRequest(body: Buffer, model: string, facts: TargetFacts, layout?: Layout): { body: Buffer; edits: Edit[] } {
  const top = layoutOf(body, layout);
  if (!top.ok) return { body, edits: [] };
  const edits: Edit[] = [];
  const changes: SpanEdit[] = [];
  const name = top.value.members.get('model');
  const wanted = JSON.stringify(model);
  if (name && body.toString('utf8', name.start, name.end) !== wanted) {
    changes.push({ ...name, with: wanted });
    edits.push({ what: 'model', why: `the target's name for it is ${model}` });
  }
  const input = top.value.members.get('input');
  const bare = !isReadable(PRODUCER, facts);
  if (input && (containsEnvelope(body.subarray(input.start, input.end)) || (bare && body.includes(SECRET, input.start, 'latin1')))) {
    changes.push(...adaptInput(body, input, facts, edits));
  }
  return { body: changes.length === 0 ? body : replace(body, changes), edits };
}

function adaptInput(body: Buffer, input: Span, facts: TargetFacts, edits: Edit[]): SpanEdit[] {
  const list = elements(body, input.start, input.end);
  if (!list.ok) return [];
  const changes: SpanEdit[] = [];
  const cut = new Set<number>();
  for (const [index, item] of list.value.entries()) {
    const bytes = body.subarray(item.start, item.end);
    if (!bytes.includes(SECRET, 0, 'latin1')) continue;
    const fields = members(body, item.start, item.end);
    const secret = fields.ok ? fields.value.get('encrypted_content') : undefined;
    if (!fields.ok || !secret || text(body, fields.value.get('type')) !== 'reasoning') continue;
    const value = text(body, secret);
    const change = value === undefined ? undefined : opened(value, facts);
    if (!change) continue;
    const what = `input[${index}]`;
    if ('restored' in change) {
      changes.push({ ...secret, with: JSON.stringify(change.restored) });
      edits.push({ what, why: 'this provider gets its own reasoning back' });
    } else {
      cut.add(index);
      edits.push({ what, why: `only ${change.maker} can read its own reasoning; cut out` });
    }
  }
  return [...changes, ...removals(list.value, cut)];
}

/** `undefined`: it stays as it is. */
function opened(secret: string, facts: TargetFacts): { restored: string } | { maker: string } | undefined {
  if (!secret.startsWith(MARKER)) return isReadable(PRODUCER, facts) ? undefined : { maker: 'its vendor' };
  const envelope = unwrap(secret);
  // A damaged envelope is nobody's reasoning any more, and a secret that the vendor would refuse.
  if (!envelope) return { maker: 'its producer' };
  const { producer, value } = envelope;
  const signature = isObject(value) ? value.signature : undefined;
  if (isReadable(producer, facts) && typeof signature === 'string') return { restored: signature };
  return { maker: producer.vendor ?? producer.dialect };
}

function text(body: Buffer, span: Span | undefined): string | undefined {
  if (!span) return undefined;
  const parsed = parseJson(body, span.start, span.end);
  return parsed.ok && typeof parsed.value === 'string' ? parsed.value : undefined;
}
