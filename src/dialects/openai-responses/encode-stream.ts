import type { ResponseStreamEvent } from 'openai/resources/responses/responses';
import type { AnswerEvent, Delta, FinishEvent, PartHead, StartEvent } from '../../exchange/event.ts';
import type { Fault } from '../../exchange/fault.ts';
import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { Usage } from '../../exchange/usage.ts';
import type { WholePart } from '../assemble.ts';
import type { EncoderContext, StreamEncoder } from '../dialect.ts';
import { failure } from './encode-error.ts';
import { writeFinish } from './finish.ts';
import { ITEM_DONE } from './reading.ts';
import { BETWEEN, type Shown } from './read-reasoning.ts';
import { responseResource, type Progress } from './resource.ts';
import { readSequence } from './sequence.ts';
import { writeUsage } from './usage.ts';
import {
  contentOf,
  emptyItem,
  FREE_CLOSING,
  freeInput,
  isLate,
  isShown,
  joins,
  newItem,
  nextText,
  textsOf,
  wholeItem,
  type AnswerItem,
} from './write-items.ts';

export const keepAlive = ': keep-alive\n\n';

/** An item that the client has been shown the beginning of. */
interface OpenItem extends AnswerItem {
  place: number;
  /** Its beginning is out. */
  added: boolean;
  done: boolean;
}

interface OpenPart extends WholePart {
  item: OpenItem;
  /** Its place in a message's content. */
  content: number;
  /** A delta's frame up to its text. Made once a part, because tokens come by the thousand. */
  before: string;
  /** Of a reasoning item: the text that is open. */
  shown?: { kind: Shown; place: number };
  /** The next text is the blank line between two texts of a reasoning item. */
  between: boolean;
  /** Arguments of a custom call that went out as raw bytes. */
  sent: string;
  /** Token probabilities for the next delta. */
  logprobs: Json[];
}

/**
 * Writes the stream of `POST /responses`. One function, `take`, moves the state for events that went out as bytes and for those written
 * here; while it observes, `write` only counts. The end repeats the whole output, so all of it is kept.
 */
export function encoder(context: EncoderContext): StreamEncoder & { observe(events: readonly AnswerEvent[], raw?: Buffer): void } {
  const items: OpenItem[] = [];
  const parts = new Map<number, OpenPart>();
  let sequence = 0;
  let silent = false;
  let start: StartEvent | undefined;
  let started = false;
  let finish: FinishEvent | undefined;
  let ended = false;
  let refused = false;
  let usage: Partial<Usage> = {};
  let rawUsage: JsonObject | undefined;

  function write(type: EventType, fields: () => JsonObject): string {
    const number = sequence++;
    return silent ? '' : `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: number, ...fields() })}\n\n`;
  }

  /** A delta of words, in as few steps as possible. */
  function writeWords(part: OpenPart, name: string, text: string): string {
    const number = sequence++;
    if (silent) return '';
    part.before ||= opening(part, name);
    if (part.logprobs.length === 0) return `${part.before}${JSON.stringify(text)},"sequence_number":${number}}\n\n`;
    const logprobs = JSON.stringify(part.logprobs);
    part.logprobs = [];
    return `${part.before.replace('"logprobs":[]', () => `"logprobs":${logprobs}`)}${JSON.stringify(text)},"sequence_number":${number}}\n\n`;
  }

  function opening(part: OpenPart, name: string): string {
    const type = `response.${name}.delta` satisfies string;
    const fields = { type, ...place(part), ...(name === 'output_text' && { logprobs: [] }) };
    return `event: ${type}\ndata: ${JSON.stringify(fields).slice(0, -1)},"delta":`;
  }

  function place(part: OpenPart): JsonObject {
    const { item, head, shown, content } = part;
    const where = { item_id: item.id, output_index: item.place };
    if (head.type === 'text' || head.type === 'refusal') return { ...where, content_index: content };
    if (!shown) return where;
    return shown.kind === 'summary' ? { ...where, summary_index: shown.place } : { ...where, content_index: shown.place };
  }

  function take(event: AnswerEvent): string {
    switch (event.type) {
      case 'start':
        return begin(event);
      case 'part-start':
        return begin(undefined) + partStart(event.index, event.part);
      case 'part-delta': {
        const part = parts.get(event.index);
        return part ? partDelta(part, event.delta) : '';
      }
      case 'part-end': {
        const part = parts.get(event.index);
        return part ? partEnd(part) : '';
      }
      case 'usage':
        usage = { ...usage, ...event.usage };
        if (event.raw) rawUsage = { ...rawUsage, ...event.raw };
        return '';
      case 'finish':
        finish = event;
        return closeMessage(undefined);
    }
  }

  /** The first start names the answer. One that begins without (none should) still has to begin on the wire. */
  function begin(event: StartEvent | undefined): string {
    if (started) return '';
    started = true;
    start = event;
    const beginning = () => ({ response: resource({ status: 'in_progress', output: [] }) });
    return write('response.created', beginning) + write('response.in_progress', beginning);
  }

  function resource(progress: Progress): JsonObject {
    return responseResource(context, start, finish)(progress);
  }

  function partStart(index: number, head: PartHead): string {
    if (!isShown(head)) return '';
    const whole: WholePart = { head, text: '', arguments: '', opaque: [], closed: false };
    let out = closeMessage(head);
    let item = items.at(-1);
    if (item && joins(item, head) && (silent || !item.done) && !item.parts.some((part) => !part.closed)) {
      // It had been taken for done; what has been written as done stays so.
      if (item.done) sequence--;
      item.done = false;
    } else {
      const made = newItem(whole, items.length, context.exchange);
      item = { ...made, parts: [], place: items.length, added: false, done: false };
      items.push(item);
      if (silent || !isLate(head)) out += itemAdded(item, whole);
    }
    const part: OpenPart = { ...whole, item, content: item.parts.length, before: '', between: false, sent: '', logprobs: [] };
    item.parts.push(part);
    parts.set(index, part);
    if (head.type === 'text' || head.type === 'refusal') {
      out += write('response.content_part.added', () => ({ ...place(part), part: contentOf({ ...part, text: '', opaque: [] }) }));
    }
    return out;
  }

  function itemAdded(item: OpenItem, part: WholePart): string {
    item.added = true;
    return write('response.output_item.added', () => ({ output_index: item.place, item: emptyItem({ ...item, parts: [part] }) }));
  }

  function partDelta(part: OpenPart, delta: Delta): string {
    const { head } = part;
    switch (delta.type) {
      case 'text':
        if (delta.text === '') return '';
        return head.type === 'reasoning' ? reasoningText(part, delta.text) : words(part, delta.text);
      case 'arguments': {
        const out = head.type === 'tool-call' && delta.json !== '' ? callArguments(part, head, delta.json) : '';
        part.arguments += delta.json;
        return out;
      }
      case 'signature':
        part.signature = (part.signature ?? '') + delta.signature;
        return '';
      case 'opaque':
        return delta.producer.dialect === 'openai-responses' ? ownDelta(part, delta.value) : '';
    }
  }

  function words(part: OpenPart, text: string): string {
    part.text += text;
    refused ||= part.head.type === 'refusal';
    return writeWords(part, part.head.type === 'refusal' ? 'refusal' : 'output_text', text);
  }

  function reasoningText(part: OpenPart, text: string): string {
    if (part.between) {
      part.between = false;
      if (text === BETWEEN) {
        part.text += text;
        return '';
      }
    }
    const out = part.shown ? '' : openText(part, 'summary');
    part.text += text;
    return out + writeWords(part, part.shown!.kind === 'summary' ? 'reasoning_summary_text' : 'reasoning_text', text);
  }

  function openText(part: OpenPart, kind: Shown): string {
    const before = part.shown;
    part.shown = { kind, place: before?.kind === kind ? before.place + 1 : 0 };
    part.before = '';
    return kind === 'summary'
      ? write('response.reasoning_summary_part.added', () => ({ ...place(part), part: { type: 'summary_text', text: '' } }))
      : write('response.content_part.added', () => ({ ...place(part), part: { type: 'reasoning_text', text: '' } }));
  }

  function closeText(part: OpenPart): string {
    if (!part.shown) return '';
    const { kind } = part.shown;
    const text = () => textsOf(part).at(-1)?.text ?? '';
    return kind === 'summary'
      ? write('response.reasoning_summary_text.done', () => ({ ...place(part), text: text() })) +
          write('response.reasoning_summary_part.done', () => ({ ...place(part), part: { type: 'summary_text', text: text() } }))
      : write('response.reasoning_text.done', () => ({ ...place(part), text: text() })) +
          write('response.content_part.done', () => ({ ...place(part), part: { type: 'reasoning_text', text: text() } }));
  }

  /** Functions' arguments stream; the other kinds have another form on the wire, for which all of them are needed. */
  function callArguments(part: OpenPart, head: PartHead & { type: 'tool-call' }, json: string): string {
    if (head.kind === undefined) return writeWords(part, 'function_call_arguments', json);
    if (head.kind === 'custom' && silent && json !== FREE_CLOSING) {
      sequence++;
      part.sent += json;
    }
    return '';
  }

  /** What this dialect's own decoder carried: a further text, an annotation, the progress of something that the provider runs. */
  function ownDelta(part: OpenPart, value: Json): string {
    if (!isObject(value) || typeof value.type !== 'string') return '';
    const { type } = value;
    const next = nextText(value);
    if (next) {
      const out = closeText(part);
      part.opaque.push(value);
      part.between = part.text !== '';
      return out + openText(part, next.shown);
    }
    part.opaque.push(value);
    if (type === ITEM_DONE) return '';
    if (type === 'response.output_text.delta') {
      if (Array.isArray(value.logprobs) && !silent) part.logprobs.push(...value.logprobs);
      return '';
    }
    if (!WRITTEN.test(type)) {
      if (silent) sequence++;
      return '';
    }
    const annotation = type === 'response.output_text.annotation.added' && { annotation_index: annotations(part) - 1 };
    return write(type as EventType, () => ({ ...value, ...place(part), ...annotation }));
  }

  function partEnd(part: OpenPart): string {
    if (part.closed) return '';
    part.closed = true;
    const { head, item } = part;
    switch (head.type) {
      case 'text':
      case 'refusal': {
        const content = () => contentOf(part);
        const out =
          head.type === 'text'
            ? write('response.output_text.done', () => ({ ...place(part), text: part.text, logprobs: content().logprobs }))
            : write('response.refusal.done', () => ({ ...place(part), refusal: part.text }));
        const closed = out + write('response.content_part.done', () => ({ ...place(part), part: content() }));
        // As raw bytes a part ends with its item, unless the next one begins at once. Nothing can join a message behind which something else began.
        return silent || item !== items.at(-1) ? closed + itemDone(item) : closed;
      }
      case 'reasoning':
        return closeText(part) + itemDone(item);
      case 'tool-call':
        return callEnd(part, head) + itemDone(item);
      case 'opaque':
        return itemDone(item);
    }
  }

  function callEnd(part: OpenPart, head: PartHead & { type: 'tool-call' }): string {
    switch (head.kind) {
      case undefined:
        return write('response.function_call_arguments.done', () => ({ ...place(part), name: head.name, arguments: part.arguments }));
      case 'custom': {
        const input = freeInput(part.arguments);
        const rest = input.slice(freeInput(part.sent).length);
        return (
          (rest === '' || silent ? '' : write('response.custom_tool_call_input.delta', () => ({ ...place(part), delta: rest }))) +
          write('response.custom_tool_call_input.done', () => ({ ...place(part), input }))
        );
      }
      default:
        return part.item.added ? '' : itemAdded(part.item, part);
    }
  }

  function itemDone(item: OpenItem): string {
    item.done = true;
    // Only the last item of an incomplete answer is incomplete itself, which is known when the answer ends.
    const status = finish && item === items.at(-1) ? writeFinish(finish, refused).status : 'completed';
    return write('response.output_item.done', () => ({ output_index: item.place, item: wholeItem(item, status) }));
  }

  /** A message stays open for further texts; whatever else begins ends it. */
  function closeMessage(next: PartHead | undefined): string {
    const item = items.at(-1);
    if (!item || item.done || item.parts.some((part) => !part.closed)) return '';
    return next && joins(item, next) ? '' : itemDone(item);
  }

  return {
    observe(events: readonly AnswerEvent[], raw?: Buffer) {
      silent = true;
      for (const event of events) {
        take(event);
        if (event.type === 'finish') ended = true;
      }
      silent = false;
      const last = raw && readSequence(raw);
      if (last !== undefined) sequence = last + 1;
    },
    encode(events) {
      let out = '';
      for (const event of events) out += take(event);
      return out;
    },
    end(terminatorSeen) {
      if (terminatorSeen || ended) return '';
      ended = true;
      let out = begin(undefined);
      for (const part of parts.values()) if (!isCutCall(part)) out += partEnd(part);
      out += closeMessage(undefined);
      const ending = writeFinish(finish, refused);
      return (
        out +
        write(ending.status === 'completed' ? 'response.completed' : 'response.incomplete', () => ({
          response: resource({
            status: ending.status,
            output: output(ending.status),
            usage: writeUsage(usage, rawUsage),
            ...(ending.status === 'incomplete' && { reason: ending.reason }),
          }),
        }))
      );
    },
    error(fault: Fault) {
      return (
        begin(undefined) +
        write('response.failed', () => ({
          response: resource({ status: 'failed', output: output('incomplete'), error: failure(fault) }),
        }))
      );
    },
    seam: (from, to) => `: understudy seam from=${oneLine(from)} to=${oneLine(to)}\n\n`,
  };

  function output(status: 'completed' | 'incomplete'): JsonObject[] {
    return items
      .filter((item) => !item.parts.some((part) => isCutCall(part)))
      .map((item) => wholeItem(item, item === items.at(-1) || !item.done ? status : 'completed'));
  }
}

type EventType = ResponseStreamEvent['type'];

/**
 * Of what the decoder carried, the events that OpenAI's own client knows: at any other it gives up (even where OpenAI sends it, as with
 * `response.apply_patch_call_operation_diff.delta`), and the end of the item says all of it.
 */
const WRITTEN =
  /^response\.(output_text\.annotation|(web_search|file_search|code_interpreter|image_generation|mcp)_call(_code|_arguments)?|mcp_list_tools|shell_call_(command|output_content)|compaction)\.[a-z_]+$/;

/** A call whose end never came is not to be carried out. */
function isCutCall(part: WholePart): boolean {
  return part.head.type === 'tool-call' && !part.closed;
}

function annotations(part: WholePart): number {
  return part.opaque.filter((value) => isObject(value) && value.annotation !== undefined).length;
}

function oneLine(name: string): string {
  return name.replace(/\s+/g, '_');
}
