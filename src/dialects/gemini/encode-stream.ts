import type { AnswerEvent, Delta, FinishEvent, PartHead, StartEvent } from '../../exchange/event.ts';
import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { Usage } from '../../exchange/usage.ts';
import type { EncoderContext, StreamEncoder } from '../dialect.ts';
import { errorBody } from './encode-error.ts';
import { signatureFor, signatureHome } from './signature-home.ts';
import { writeUsage } from './usage.ts';
import { DIALECT } from './wire.ts';
import { callPart, endOf, opaquePart, ownFields, textPart, wordForNone } from './write-parts.ts';

/** Nothing: LangChain's client fails on comments, and an empty chunk counts as an invalid answer in Google's own chat sessions. */
export const keepAlive = '';

interface Part {
  head: PartHead;
  /** JSON before and after a delta's text; made once a part, because tokens come by the thousand. Empty: its words are gathered. */
  before: string;
  after: string;
  text: string;
  signature?: string;
  /** The proof of the reasoning before it, until it is written. */
  proof?: string;
  /** Of reasoning that follows reasoning: the proof of the first, which finds no part to stand on. */
  displaced?: string;
  /** Fields of the next piece that only Gemini has. */
  fields?: JsonObject;
  /** The first call of the answer. */
  firstCall?: true;
}

/**
 * Writes chunks of `:streamGenerateContent`. One function, `note`, moves the state for events that went out as bytes and for those written
 * here; `write` only renders. Finish and usage go together into the last chunk.
 */
export function encoder(context: EncoderContext): StreamEncoder {
  let start: StartEvent | undefined;
  /** A chunk has gone out: the first one bears what the start says besides. */
  let begun = false;
  let called = false;
  let refused = false;
  let parts = 0;
  let finish: FinishEvent | undefined;
  /** The client has the last chunk. */
  let finished = false;
  /** A proof that belongs to the part that comes next. */
  let proof: string | undefined;
  let tail = '';
  const open = new Map<number, Part>();
  const usage: Partial<Usage> = {};
  let rawUsage: JsonObject | undefined;

  function note(event: AnswerEvent): void {
    switch (event.type) {
      case 'start':
        // The first one names the answer; chunks after a switch keep its id and model.
        start ??= event;
        return;
      case 'part-start':
        open.set(event.index, notePart(event.part));
        return;
      case 'part-delta': {
        const part = open.get(event.index);
        if (part) noteDelta(part, event.delta);
        return;
      }
      case 'part-end': {
        const part = open.get(event.index);
        if (part) noteEnd(part);
        return;
      }
      case 'usage':
        Object.assign(usage, event.usage);
        if (event.raw) rawUsage = { ...rawUsage, ...event.raw };
        return;
      case 'finish':
        finish = event;
    }
  }

  function notePart(head: PartHead): Part {
    const part: Part = { head, before: '', after: '', text: '' };
    parts++;
    if (head.type === 'tool-call') {
      if (!called) part.firstCall = true;
      called = true;
    }
    if (head.type === 'refusal') refused = true;
    if (head.type === 'reasoning') {
      if (signatureHome(head.extras) === 'next') [part.before, part.after] = around('{"text":', ',"thought":true}');
      return part;
    }
    if (head.type === 'text' || head.type === 'refusal') [part.before, part.after] = around('{"text":', '}');
    if (proof !== undefined) part.proof = proof;
    proof = undefined;
    return part;
  }

  function noteDelta(part: Part, delta: Delta): void {
    if (delta.type === 'signature') part.signature = (part.signature ?? '') + delta.signature;
    else if (delta.type === 'arguments') part.text += delta.json;
    else if (delta.type === 'text' && part.head.type === 'reasoning') part.text += delta.text;
    else if (delta.type === 'opaque' && delta.producer.dialect === DIALECT && isObject(delta.value) && isObject(delta.value.part)) {
      part.fields = delta.value.part;
    }
  }

  function noteEnd(part: Part): void {
    const { head } = part;
    if (head.type === 'reasoning') {
      const next = signatureHome(head.extras) === 'next' ? signatureFor(head, part.text, part.signature) : undefined;
      if (next !== undefined && proof !== undefined) part.displaced = proof;
      proof = next ?? proof;
    } else if (part.proof !== undefined && !isWritten(part)) {
      // What would have borne it is no part on the wire.
      proof ??= part.proof;
    }
  }

  /** Of a part that ends: whether there is anything of it on the wire with its proof. */
  function isWritten({ head, text, proof: held }: Part): boolean {
    if (head.type === 'tool-call') return callPart(head, text, held) !== undefined;
    return head.type === 'opaque' && opaquePart(head, held) !== undefined;
  }

  /** What stands before and after the one part of a chunk. */
  function around(before: string, after: string): [string, string] {
    tail ||= `],"role":"model"},"index":0}],"modelVersion":${JSON.stringify(model())},"responseId":${JSON.stringify(id())}}\n\n`;
    return [`data: {"candidates":[{"content":{"parts":[${before}`, after + tail];
  }

  function id(): string {
    return start?.id || context.exchange;
  }

  function model(): string {
    return start?.model || context.head.model;
  }

  function chunk(...parts: JsonObject[]): string {
    const [before, after] = around('', '');
    return first(before + parts.map((part) => JSON.stringify(part)).join(',') + after);
  }

  /** Adds to the first chunk what only it says. */
  function first(text: string): string {
    if (begun) return text;
    begun = true;
    const fields = ownFields(start);
    return fields && Object.keys(fields).length > 0 ? `${text.slice(0, -3)},${JSON.stringify(fields).slice(1)}\n\n` : text;
  }

  function write(event: AnswerEvent): string {
    if (event.type === 'part-delta') {
      const part = open.get(event.index);
      if (part && event.delta.type === 'opaque') return event.delta.producer.dialect === DIALECT ? bareSignature(event.delta.value) : '';
      return part && event.delta.type === 'text' && event.delta.text !== '' ? words(part, event.delta.text) : '';
    }
    if (event.type !== 'part-end') return '';
    const part = open.get(event.index);
    open.delete(event.index);
    return part ? whole(part) : '';
  }

  /** What read-answer.ts made of a signature on an empty text part. */
  function bareSignature(value: Json): string {
    return isObject(value) && isObject(value.bare) ? chunk(value.bare) : '';
  }

  function words(part: Part, text: string): string {
    if (part.before === '') return '';
    if (part.proof === undefined && part.fields === undefined) return first(part.before + JSON.stringify(text) + part.after);
    const out = chunk({
      ...textPart(text, part.head.type === 'reasoning', part.proof),
      ...part.fields,
    });
    delete part.proof;
    delete part.fields;
    return out;
  }

  /** Words that went out took with them what stood beside them. */
  function wordsSeen(index: number): void {
    const part = open.get(index);
    if (!part) return;
    delete part.proof;
    delete part.fields;
  }

  /** What is only written when it is complete. */
  function whole(part: Part): string {
    const { head } = part;
    switch (head.type) {
      case 'reasoning': {
        const home = signatureHome(head.extras);
        if (home === 'next') return part.displaced === undefined ? '' : chunk(textPart('', false, part.displaced));
        return chunk(textPart(part.text, home === 'thought', signatureFor(head, part.text, part.signature)));
      }
      case 'tool-call': {
        const call = callPart(head, part.text, part.proof ?? (part.firstCall && wordForNone(head)));
        return call ? chunk(call) : '';
      }
      case 'opaque': {
        const own = opaquePart(head, part.proof);
        return own ? chunk(own) : '';
      }
      case 'text':
      case 'refusal':
        return '';
    }
  }

  function last(): string {
    const body = endOf({
      finish,
      refused,
      // An empty part, as Google's own last chunks have one: a candidate without content counts as invalid.
      parts: [textPart('', false, proof)],
      empty: parts === 0,
      usage: writeUsage(usage, rawUsage),
      model: model(),
      id: id(),
    });
    return first(`data: ${JSON.stringify(body)}\n\n`);
  }

  return {
    observe(events) {
      for (const event of events) {
        note(event);
        if (event.type === 'part-end') open.delete(event.index);
        else if (event.type === 'finish') finished = true;
        else if (event.type === 'part-delta' && event.delta.type === 'text' && event.delta.text !== '') wordsSeen(event.index);
        begun = true;
      }
    },
    encode(events) {
      let out = '';
      for (const event of events) {
        note(event);
        out += write(event);
      }
      return out;
    },
    end() {
      if (finished) return '';
      finished = true;
      return finish || called ? last() : '';
    },
    error: (fault) => `data: ${JSON.stringify(errorBody(fault, context.exchange))}\n\n`,
    seam: () => '',
  };
}
