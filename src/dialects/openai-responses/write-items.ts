import type { PartHead } from '../../exchange/event.ts';
import { isObject, parseObject, type Json, type JsonObject } from '../../exchange/json.ts';
import { wrap } from '../envelope.ts';
import type { WholePart } from '../assemble.ts';
import { itemChanges } from './reading.ts';
import { BETWEEN, NEXT_TEXT, type Shown } from './read-reasoning.ts';
import { CALL_ITEMS, DIALECT, isForeign, listOf, objectOf, ownFields } from './wire.ts';

/** One item of the output. Only a message has more than one part. */
export interface AnswerItem {
  id: string;
  /** Fields that its own dialect gave it besides those written here. */
  fields: JsonObject;
  parts: WholePart[];
}

type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

/** Prefixes of OpenAI's own ids, which some clients go by. */
const PREFIXES = { text: 'msg', refusal: 'msg', reasoning: 'rs', opaque: 'item' } as const;

/** Another dialect's opaque parts have no item that a client would understand. */
export function isShown(head: PartHead): boolean {
  return head.type !== 'opaque' || (head.producer.dialect === DIALECT && isObject(head.value));
}

/** The item that a part begins. Its id is its own, or made from the exchange and the item's place: always the same. */
export function newItem(part: WholePart, place: number, exchange: string): AnswerItem {
  const { head } = part;
  const value = head.type === 'opaque' ? objectOf(head.value) : undefined;
  const { id, ...fields } = value ?? itemFields(head);
  const prefix = head.type === 'tool-call' ? CALL_ITEMS[head.kind ?? 'function'].prefix : PREFIXES[head.type];
  return { id: typeof id === 'string' && id !== '' ? id : `${prefix}_${exchange}_${place}`, fields, parts: [part] };
}

/** Whether a part is a further content of a message: texts in a row are one, unless their own dialect gave them items of their own. */
export function joins(item: AnswerItem | undefined, head: PartHead): boolean {
  const before = item?.parts.at(-1)?.head;
  if (!before || !isText(before) || !isText(head)) return false;
  const own = itemFields(head).id;
  return own === undefined || own === item!.id;
}

function isText(head: PartHead): boolean {
  return head.type === 'text' || head.type === 'refusal';
}

/** Text parts that a request's decoder made carry their content's fields too, which are not the item's. */
function itemFields(head: PartHead): JsonObject {
  if (!('extras' in head)) return {};
  const { annotations: _annotations, logprobs: _logprobs, summary: _summary, content: _content, ...fields } = ownFields(head.extras) ?? {};
  return fields;
}

/** The item as `output_item.added` has it, before anything of it has been said. */
export function emptyItem(item: AnswerItem): JsonObject {
  const part = item.parts[0]!;
  const { head } = part;
  if (head.type === 'opaque') return { ...objectOf(head.value), id: item.id };
  const empty: WholePart = { ...part, text: '', arguments: isLate(head) ? withoutDiff(part.arguments) : '', opaque: [] };
  return write({ ...item, parts: isText(head) ? [] : [empty] }, head, 'in_progress');
}

/** A patch says from the beginning what it does to which file (the AI SDK refuses it otherwise), so it begins when that is known. */
export function isLate(head: PartHead): boolean {
  return head.type === 'tool-call' && head.kind === 'apply-patch';
}

function withoutDiff(json: string): string {
  const operation = parseObject(json);
  return operation?.diff === undefined ? json : JSON.stringify({ ...operation, diff: '' });
}

/** The item as a whole. */
export function wholeItem(item: AnswerItem, status: ItemStatus): JsonObject {
  const { head } = item.parts[0]!;
  const changes = Object.assign({}, ...item.parts.map((part) => itemChanges(part.opaque))) as JsonObject;
  return { ...write(item, head, status), ...changes };
}

function write(item: AnswerItem, head: PartHead, status: ItemStatus): JsonObject {
  const { id, fields } = item;
  switch (head.type) {
    case 'text':
    case 'refusal':
      return { id, type: 'message', status, role: 'assistant', ...fields, content: item.parts.map(contentOf) };
    case 'reasoning':
      return { id, type: 'reasoning', ...fields, ...reasoning(item.parts[0]!, head) };
    case 'tool-call':
      // Whatever becomes of the answer, a call that came to its end is complete; one whose arguments did not must not be carried out.
      return {
        id,
        ...call(item.parts[0]!, head),
        status: status === 'in_progress' || isWhole(item.parts[0]!) ? settled(status) : 'incomplete',
        ...fields,
      };
    case 'opaque':
      return { ...objectOf(head.value), id };
  }
}

/** A message's content: `output_text` with what its opaque deltas brought, or a refusal. */
export function contentOf(part: WholePart): JsonObject {
  if (part.head.type === 'refusal') return { type: 'refusal', refusal: part.text };
  const annotations: Json[] = [];
  const logprobs: Json[] = [];
  for (const value of part.opaque) {
    if (!isObject(value)) continue;
    if (value.annotation !== undefined) annotations.push(value.annotation);
    logprobs.push(...listOf(value.logprobs));
  }
  return { type: 'output_text', annotations, logprobs, text: part.text };
}

function reasoning(part: WholePart, head: PartHead & { type: 'reasoning' }): JsonObject {
  const secret = secretOf(part, head);
  return { ...shownTexts(part), ...(secret !== undefined && { encrypted_content: secret }) };
}

/**
 * What a client keeps and sends back without reading it: OpenAI's own secret bare; anybody else's reasoning in an envelope, so that it is
 * known again even where it had no proof.
 */
function secretOf({ signature }: WholePart, head: PartHead & { type: 'reasoning' }): string | undefined {
  if (!isForeign(head.producer)) return signature;
  return wrap(head.producer, {
    ...(signature !== undefined && { signature }),
    ...(head.redacted !== undefined && { redacted: head.redacted }),
    ...(head.extras && { extras: { dialect: head.extras.dialect, fields: head.extras.fields } }),
  });
}

/** A reasoning's texts; several where its own dialect said so. */
function shownTexts(part: WholePart): JsonObject {
  const summary: JsonObject[] = [];
  const content: JsonObject[] = [];
  for (const { shown, text } of textsOf(part)) {
    if (shown === 'summary') summary.push({ type: 'summary_text', text });
    else content.push({ type: 'reasoning_text', text });
  }
  return { summary, ...(content.length > 0 && { content }) };
}

interface ShownText {
  shown: Shown;
  text: string;
}

export function textsOf(part: WholePart): ShownText[] {
  const texts: ShownText[] = [];
  let from = 0;
  let shown: Shown = 'summary';
  let begun = false;
  for (const value of part.opaque) {
    const next = nextText(value);
    if (!next) continue;
    const { at } = next;
    if (at > from || begun) texts.push({ shown, text: part.text.slice(from, at) });
    from = at > 0 && part.text.startsWith(BETWEEN, at) ? at + BETWEEN.length : at;
    shown = next.shown;
    begun = true;
  }
  if (part.text.length > from || begun) texts.push({ shown, text: part.text.slice(from) });
  return texts;
}

/** Where a further text of a reasoning item begins, as the decoder says it. */
export function nextText(value: Json): { shown: Shown; at: number } | undefined {
  if (!isObject(value) || typeof value.at !== 'number') return undefined;
  if (value.type === NEXT_TEXT.summary) return { shown: 'summary', at: value.at };
  return value.type === NEXT_TEXT.content ? { shown: 'content', at: value.at } : undefined;
}

function call(part: WholePart, head: PartHead & { type: 'tool-call' }): JsonObject {
  const { type, field } = CALL_ITEMS[head.kind ?? 'function'];
  const base = { type, call_id: head.id };
  const named = { name: head.name, ...(head.namespace !== undefined && { namespace: head.namespace }) };
  switch (head.kind) {
    case undefined:
      return { ...base, ...named, [field]: part.arguments };
    case 'custom':
      return { ...base, ...named, [field]: freeInput(part.arguments) };
    default:
      return {
        ...base,
        [field]: { ...EMPTY_ACTIONS[head.kind], ...parseObject(part.arguments) },
        ...(head.kind === 'shell' && !ownFields(head.extras) && { environment: null }),
      };
  }
}

function isWhole({ closed, arguments: json }: WholePart): boolean {
  return closed && (json === '' || parseObject(json) !== undefined);
}

function settled(status: ItemStatus): ItemStatus {
  return status === 'incomplete' ? 'completed' : status;
}

/** What OpenAI's schema wants in any case. */
const EMPTY_ACTIONS: Record<'local-shell' | 'shell' | 'apply-patch', JsonObject> = {
  'local-shell': { type: 'exec', command: [], env: {} },
  shell: { commands: [], max_output_length: null, timeout_ms: null },
  'apply-patch': {},
};

/** What the arguments of a custom call begin and end with, as this dialect's decoder writes them. */
const FREE_OPENING = '{"input":"';
export const FREE_CLOSING = '"}';

/** The text of a custom call, or what has come of it. A model that did not keep to the form meant what it wrote. */
export function freeInput(json: string): string {
  const value = parseObject(json) ?? (json.startsWith(FREE_OPENING) ? parseObject(json + FREE_CLOSING) : undefined);
  return typeof value?.input === 'string' ? value.input : json;
}
