import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import type { AnswerEvent, PartHead } from '../../exchange/event.ts';
import type { Fault } from '../../exchange/fault.ts';
import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { Usage } from '../../exchange/usage.ts';
import type { EncoderContext, StreamEncoder } from '../dialect.ts';
import { errorBody } from './encode-error.ts';
import { writeFinish } from './finish.ts';
import { freeText } from '../plain-tools.ts';
import { isForeign, isSealed, sealReasoning } from './reasoning-details.ts';
import { writeUsage } from './usage.ts';

export const keepAlive = ': keep-alive\n\n';

/** Chat has no word for what foreign producers' other parts say: they are left out of the answer, never shown as text. */
interface Part {
  head: PartHead;
  /** JSON up to a delta's text, and after it: `…"delta":{"content":` and `},…`. Made once a part, because tokens come by the thousand. */
  before: string;
  after: string;
  /** Of an opaque part that chat made: what is written of it. */
  fragment?: Json;
  /** Of a tool call: no arguments have been written yet. */
  bare?: boolean;
  /** Of a tool call: nothing of it has gone out; it is written in one chunk when it is whole, which every client understands (Mistral's insists). */
  whole?: boolean;
  /** Its end has come. */
  complete?: boolean;
  /** Its index among the tool calls. */
  call?: number;
  /** Reasoning that has to be sealed at its end is collected until then. */
  text: string;
  signature?: string;
}

/**
 * Writes `chat.completion.chunk`s. One function, `note`, moves the state for events that went out as bytes and for those
 * written here; `write` only renders.
 */
export function encoder(context: EncoderContext): StreamEncoder {
  let id = `chatcmpl-${context.exchange}`;
  let model = context.head.model;
  let created = context.created;
  let opening = '';
  let roleWritten = false;
  let refusalWritten = false;
  let finished = false;
  let callsEnded = false;
  let legacyCall = false;
  let nextCall = 0;
  const parts = new Map<number, Part>();
  /** Calls that are not written yet, in the order in which they began: they go out in it. */
  let unwritten: Part[] = [];
  const usage: Partial<Usage> = {};
  let usageToWrite = false;
  let ended = false;

  /** Everything of a chunk that does not change from one to the next. */
  function frame(choices: string, rest = ''): string {
    opening ||= `data: {"id":${JSON.stringify(id)},"object":"chat.completion.chunk","created":${created},"model":${JSON.stringify(model)},"choices":[`;
    return `${opening}${choices}]${rest}}\n\n`;
  }

  function chunk(
    delta: ChatCompletionChunk.Choice.Delta | JsonObject,
    finish: ChatCompletionChunk.Choice['finish_reason'] = null,
    more = '',
    rest = '',
  ): string {
    return frame(`{"index":0,"delta":${JSON.stringify(delta)},"logprobs":null,"finish_reason":${JSON.stringify(finish)}${more}}`, rest);
  }

  function notePart(head: PartHead): Part {
    const part: Part = { head, before: '', after: '', text: '' };
    let open: string;
    let close = '}';
    switch (head.type) {
      case 'text':
        open = '{"content":';
        break;
      case 'refusal':
        open = '{"refusal":';
        break;
      case 'reasoning':
        open = own(head.extras)?.field === 'reasoning' ? '{"reasoning":' : '{"reasoning_content":';
        break;
      case 'tool-call':
        part.bare = true;
        if (own(head.extras)?.function_call === true) {
          legacyCall = true;
          open = '{"function_call":{"arguments":';
          close = '}}';
        } else if (head.kind === 'custom') {
          // Free text: told when it is whole, because what comes is JSON of it.
          part.call = nextCall++;
          part.bare = false;
          return part;
        } else {
          part.call = nextCall++;
          open = `{"tool_calls":[{"index":${part.call},"function":{"arguments":`;
          close = '}}]}';
        }
        break;
      case 'opaque':
        part.fragment = numbered(head);
        return part;
    }
    part.before = `{"index":0,"delta":${open}`;
    part.after = `${close},"logprobs":null,"finish_reason":null}`;
    return part;
  }

  /** Custom tool calls are counted with the others. */
  function numbered(head: PartHead & { type: 'opaque' }): Json {
    if (head.producer.dialect !== 'openai-chat' || !isObject(head.value)) return null;
    const calls = head.value.tool_calls;
    if (!Array.isArray(calls)) return head.value;
    return { ...head.value, tool_calls: calls.map((call) => (isObject(call) ? { ...call, index: nextCall++ } : call)) };
  }

  function note(event: AnswerEvent): void {
    switch (event.type) {
      case 'start':
        // The first one names the answer; chunks after a switch keep its id and model.
        if (roleWritten) return;
        if (event.id !== '') id = event.id;
        if (event.model !== '') model = event.model;
        if (event.created !== undefined) created = event.created;
        opening = '';
        roleWritten = true;
        return;
      case 'part-start':
        parts.set(event.index, notePart(event.part));
        return;
      case 'part-delta': {
        const part = parts.get(event.index);
        if (!part) return;
        if (event.delta.type === 'arguments' && event.delta.json !== '') part.bare = false;
        if (event.delta.type === 'arguments' && (part.whole || isCustom(part.head))) part.text += event.delta.json;
        if (event.delta.type === 'signature') part.signature = (part.signature ?? '') + event.delta.signature;
        else if (event.delta.type === 'text' && part.head.type === 'reasoning' && isForeign(part.head)) part.text += event.delta.text;
        else if (event.delta.type === 'text' && part.head.type === 'refusal') refusalWritten = true;
        return;
      }
      case 'part-end':
        if (parts.get(event.index)?.head.type === 'tool-call') callsEnded = true;
        return;
      case 'usage':
        Object.assign(usage, event.usage);
        return;
      case 'finish':
        finished = true;
        return;
    }
  }

  function role(): string {
    if (roleWritten) return '';
    roleWritten = true;
    return chunk({ role: 'assistant', content: '' });
  }

  function write(event: AnswerEvent): string {
    switch (event.type) {
      case 'start':
        return chunk({ role: 'assistant', content: '' }, null, '', inside(own(event.extras)));
      case 'part-start': {
        const part = parts.get(event.index)!;
        if (part.head.type !== 'tool-call' || part.bare === undefined) return writeHead(part);
        part.whole = true;
        unwritten.push(part);
        return '';
      }
      case 'part-delta': {
        const part = parts.get(event.index);
        const { delta } = event;
        if (!part) return '';
        if (delta.type === 'opaque') return delta.producer.dialect === 'openai-chat' ? fragment(delta.value) : '';
        // Words of a part that chat has no place for, and what is not complete yet.
        if (part.before === '' || part.whole) return '';
        if (delta.type === 'text') return delta.text === '' ? '' : frame(part.before + JSON.stringify(delta.text) + part.after);
        if (delta.type === 'arguments') return delta.json === '' ? '' : frame(part.before + JSON.stringify(delta.json) + part.after);
        return '';
      }
      case 'part-end': {
        const part = parts.get(event.index);
        if (part?.head.type === 'reasoning') return seal(part.head, part);
        if (part?.whole) {
          part.complete = true;
          return writeCalls();
        }
        if (part && isCustom(part.head)) return chunk({ tool_calls: [{ index: part.call ?? 0, custom: { input: freeText(part.text) } }] });
        // Chat's clients parse the arguments: a call without any is an empty object.
        return part?.bare ? frame(`${part.before}"{}"${part.after}`) : '';
      }
      case 'usage':
        usageToWrite = true;
        return '';
      case 'finish': {
        const word = legacyCall && event.reason === 'tool-calls' ? 'function_call' : writeFinish(event.reason, refusalWritten);
        const { choice, ...late } = own(event.extras) ?? {};
        return chunk({}, word, isObject(choice) ? inside(choice) : '', inside(late));
      }
    }
  }

  function writeHead({ head, call = 0, fragment: piece = null }: Part): string {
    if (head.type === 'opaque') return fragment(piece);
    if (head.type !== 'tool-call') return '';
    if (own(head.extras)?.function_call === true) return chunk({ function_call: { name: head.name, arguments: '' } });
    if (isCustom(head))
      return chunk({ tool_calls: [{ index: call, id: head.id, type: 'custom', custom: { name: head.name, input: '' } }] });
    return chunk({ tool_calls: [{ index: call, id: head.id, type: 'function', function: { name: head.name, arguments: '' } }] });
  }

  function writeCalls(): string {
    const incomplete = unwritten.findIndex((part) => part.complete !== true);
    const ready = incomplete < 0 ? unwritten : unwritten.slice(0, incomplete);
    unwritten = incomplete < 0 ? [] : unwritten.slice(incomplete);
    return ready.map(writeCall).join('');
  }

  function writeCall({ head, call = 0, text }: Part): string {
    if (head.type !== 'tool-call') return '';
    const called = { name: head.name, arguments: text.trim() === '' ? '{}' : text };
    if (own(head.extras)?.function_call === true) return chunk({ function_call: called });
    if (isCustom(head))
      return chunk({ tool_calls: [{ index: call, id: head.id, type: 'custom', custom: { name: head.name, input: freeText(text) } }] });
    return chunk({ tool_calls: [{ index: call, id: head.id, type: 'function', function: called }] });
  }

  /** What chat's own decoder carried whole: the shape of a delta, except that `logprobs` stand beside it. */
  function fragment(value: Json): string {
    if (!isObject(value)) return '';
    const { logprobs, ...delta } = value;
    if (logprobs === undefined) return chunk(delta);
    return frame(`{"index":0,"delta":${JSON.stringify(delta)},"logprobs":${JSON.stringify(logprobs)},"finish_reason":null}`);
  }

  function seal(head: PartHead & { type: 'reasoning' }, part: Part): string {
    const redacted = head.redacted;
    if (!isSealed(head, part)) return '';
    const sealed = sealReasoning({
      text: part.text,
      producer: head.producer,
      ...(part.signature !== undefined && { signature: part.signature }),
      ...(redacted !== undefined && { redacted }),
    });
    return chunk({ reasoning_details: [sealed] });
  }

  return {
    observe(events) {
      for (const event of events) {
        note(event);
        if (event.type === 'usage') usageToWrite = false;
      }
    },
    encode(events) {
      let out = '';
      for (const event of events) {
        if (event.type === 'start') {
          if (roleWritten) continue;
        } else if (event.type !== 'usage') out += role();
        note(event);
        out += write(event);
      }
      return out;
    },
    end(terminatorSeen) {
      if (terminatorSeen || ended) return '';
      ended = true;
      let out = role();
      if (!finished && callsEnded) out += chunk({}, legacyCall ? 'function_call' : 'tool_calls');
      if (context.head.includeUsage && usageToWrite) out += frame('', `,"usage":${JSON.stringify(writeUsage(usage))}`);
      return `${out}data: [DONE]\n\n`;
    },
    error: (fault) => inBandError(fault),
    seam: (from, to) => `: understudy seam from=${word(from)} to=${word(to)}\n\n`,
  };
}

function inBandError(fault: Fault): string {
  return `data: ${JSON.stringify(errorBody(fault))}\n\n`;
}

function own(extras: { dialect: string; fields: JsonObject } | undefined): JsonObject | undefined {
  return extras?.dialect === 'openai-chat' ? extras.fields : undefined;
}

/** Fields to stand after others: `,"citations":[…]`; nothing where there are none. */
function inside(fields: JsonObject | undefined): string {
  const json = fields ? JSON.stringify(fields).slice(1, -1) : '';
  return json === '' ? '' : `,${json}`;
}

function isCustom(head: PartHead): boolean {
  return head.type === 'tool-call' && head.kind === 'custom';
}

/** A name inside an SSE comment: one line. */
function word(name: string): string {
  return name.replace(/\s+/g, '_');
}
