import { isObject, parseObject, type JsonObject } from '../../exchange/json.ts';
import type { Edit } from '../dialect.ts';
import { containsEnvelope, MARKER, unwrap } from '../envelope.ts';
import { elements, type Layout, layoutOf, members, removals, replace, type Span, type SpanEdit } from '../json-spans.ts';
import type { TargetFacts } from '../target-facts.ts';
import { callsWithoutThinking, lacksThinking } from './encode-thinking.ts';
import { DIALECT, VENDOR } from './wire.ts';

/** Ends the type of both kinds of reasoning blocks. */
const THINKING = 'thinking"';

/** Type of a block that answers a call. Within a text its quotes would be escaped. */
const RESULT = '"tool_result"';

/**
 * A native target's request: the model's name is replaced, and blocks that hold another producer's reasoning are cut out, or
 * given back their own secret when this vendor made them. No other byte changes. The body has passed `inspect`.
 */
export function adaptRequest(body: Buffer, model: string, facts: TargetFacts, layout?: Layout): { body: Buffer; edits: Edit[] } {
  const edits: Edit[] = [];
  const changes: SpanEdit[] = [];
  const found = layoutOf(body, layout);
  if (!found.ok) return { body, edits };
  const name = found.value.members.get('model');
  const written = JSON.stringify(model);
  if (name && body.toString('utf8', name.start, name.end) !== written) {
    edits.push({ what: 'model', why: `this target knows it as ${model}` });
    changes.push({ ...name, with: written });
  }
  const messages = found.value.members.get('messages');
  const thinking = found.value.members.get('thinking');
  if (messages && (containsEnvelope(body) || (bareIsForeign(facts) && body.includes(THINKING, 0, 'latin1')))) {
    const unwrapped = unwrapMessages(body, messages, facts, edits);
    changes.push(...unwrapped.changes);
    const off = unwrapped.cut || facts.vendor === VENDOR ? turnThinkingOff(body, thinking, replace(body, unwrapped.changes)) : undefined;
    if (off) {
      edits.push({ what: 'thinking', why: 'the last assistant turn calls tools and its reasoning was cut out' });
      changes.push(off);
    }
  } else if (messages && thinking && facts.vendor === VENDOR && isBudget(body, thinking) && beganElsewhere(body, messages)) {
    edits.push({ what: 'thinking', why: 'somebody else began this turn of tool calls, without the thinking that Anthropic demands' });
    changes.push({ ...thinking, with: OFF });
  }
  return { body: changes.length === 0 ? body : replace(body, changes), edits };
}

function unwrapMessages(body: Buffer, span: Span, facts: TargetFacts, edits: Edit[]): { changes: SpanEdit[]; cut: boolean } {
  const list = elements(body, span.start, span.end);
  if (!list.ok) return { changes: [], cut: false };
  const changes: SpanEdit[] = [];
  const emptied = new Set<number>();
  let anyCut = false;
  for (const [index, message] of list.value.entries()) {
    const bytes = body.subarray(message.start, message.end);
    if (!containsEnvelope(bytes) && !(bareIsForeign(facts) && bytes.includes(THINKING, 0, 'latin1'))) continue;
    const fields = members(body, message.start, message.end);
    const content = fields.ok ? fields.value.get('content') : undefined;
    const blocks = content && elements(body, content.start, content.end);
    if (!blocks?.ok) continue;
    const cut = new Set<number>();
    for (const [place, block] of blocks.value.entries()) {
      const change = unwrapBlock(body, block, facts);
      if (change === undefined) continue;
      const at = `messages[${index}].content[${place}]`;
      if (change.type === 'restore') {
        edits.push({ what: at, why: 'this provider gets its own reasoning back' });
        changes.push(change.edit);
      } else {
        edits.push({ what: at, why: `only ${change.producer} can read its own reasoning; cut out` });
        cut.add(place);
      }
    }
    anyCut ||= cut.size > 0;
    if (cut.size > 0 && cut.size === blocks.value.length) emptied.add(index);
    else changes.push(...removals(blocks.value, cut));
  }
  return { changes: [...changes, ...removals(list.value, emptied)], cut: anyCut };
}

/** After a cut the last turn may call tools without its thinking, which a budget for thinking does not allow. */
function turnThinkingOff(before: Buffer, thinking: Span | undefined, after: Buffer): SpanEdit | undefined {
  if (!thinking || !isBudget(before, thinking)) return undefined;
  const messages = parsed(after, { start: 0, end: after.length })?.messages;
  if (!Array.isArray(messages) || !lacksThinking(messages.filter(isObject))) return undefined;
  return { ...thinking, with: OFF };
}

const OFF = '{"type":"disabled"}';

function isBudget(body: Buffer, thinking: Span): boolean {
  return parsed(body, thinking)?.type === 'enabled';
}

/** `lacksThinking` on bytes: results, which can be large, are passed by, and of the answers only the first is parsed. */
function beganElsewhere(body: Buffer, span: Span): boolean {
  if (!body.includes(RESULT, span.start, 'latin1')) return false;
  const list = elements(body, span.start, span.end);
  let first: Span | undefined;
  for (const message of list.ok ? list.value.toReversed() : []) {
    if (body.subarray(message.start, message.end).includes(RESULT, 0, 'latin1')) continue;
    const fields = members(body, message.start, message.end);
    const role = fields.ok ? text(body, fields.value.get('role')) : undefined;
    if (role === 'assistant') first = message;
    else if (role === 'user') break;
  }
  const message = first && parsed(body, first);
  return message !== undefined && callsWithoutThinking(message);
}

function parsed(body: Buffer, span: Span): JsonObject | undefined {
  return parseObject(body.toString('utf8', span.start, span.end));
}

/** Beside other vendors' targets, whose reasoning we seal, a bare signature is Anthropic's own. */
function bareIsForeign(facts: TargetFacts): boolean {
  return facts.mixedVendors === true && facts.vendor !== VENDOR;
}

type Change = { type: 'restore'; edit: SpanEdit } | { type: 'cut'; producer: string };

/** `undefined`: nothing of another producer's is in this block. */
function unwrapBlock(body: Buffer, block: Span, facts: TargetFacts): Change | undefined {
  const bytes = body.subarray(block.start, block.end);
  const bareForeign = bareIsForeign(facts) && bytes.includes(THINKING, 0, 'latin1');
  if (!bareForeign && !containsEnvelope(bytes)) return undefined;
  const fields = members(body, block.start, block.end);
  if (!fields.ok) return undefined;
  const type = text(body, fields.value.get('type'));
  const secret = type === 'thinking' ? 'signature' : type === 'redacted_thinking' ? 'data' : undefined;
  const span = secret && fields.value.get(secret);
  const value = text(body, span);
  // A text may quote an envelope; only where a client keeps secrets is it one.
  if (!span || value === undefined) return undefined;
  if (!value.startsWith(MARKER)) return bareForeign ? { type: 'cut', producer: VENDOR } : undefined;
  const envelope = unwrap(value);
  // A damaged envelope is nobody's reasoning any more, and a signature that the vendor would refuse.
  if (!envelope) return { type: 'cut', producer: 'its producer' };
  const { producer, value: kept } = envelope;
  const original = isObject(kept) ? (type === 'thinking' ? kept.signature : kept.redacted) : undefined;
  if (producer.dialect === DIALECT && producer.vendor === facts.vendor && typeof original === 'string') {
    return { type: 'restore', edit: { ...span, with: JSON.stringify(original) } };
  }
  return { type: 'cut', producer: producer.vendor ?? producer.dialect };
}

function text(body: Buffer, span: Span | undefined): string | undefined {
  if (!span || body[span.start] !== 34) return undefined;
  try {
    return JSON.parse(body.toString('utf8', span.start, span.end)) as string;
  } catch {
    return undefined;
  }
}
