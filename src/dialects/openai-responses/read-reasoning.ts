import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import { carryChanges, changed, missing, say, type NextPart, type OpenItem, type Reading } from './reading.ts';
import { extrasOf, listOf, PRODUCER, textOf } from './wire.ts';

const KNOWN = new Set(['type', 'summary', 'content', 'encrypted_content', 'status']);
const CLOSING = new Set([...KNOWN, 'id']);

/** `summary` is what OpenAI shows of it, `content` the reasoning itself, which open models show. */
export type Shown = 'summary' | 'content';

/** Stands between the texts of one item, which are one part. */
export const BETWEEN = '\n\n';

/** What tells this dialect's encoder that a further text of the item begins, before the blank line that tells everybody else. */
export const NEXT_TEXT: Record<Shown, string> = {
  summary: 'response.reasoning_summary_part.added',
  content: 'response.content_part.added',
};

/** A reasoning item is one part, whatever number of texts it shows; its encrypted content is the part's signature. */
export function readReasoning(item: JsonObject, nextPart: NextPart, reading: Reading): OpenItem {
  const extras = extrasOf(item, KNOWN);
  const part = nextPart();
  reading.events.push({ type: 'part-start', index: part, part: { type: 'reasoning', producer: PRODUCER, ...(extras && { extras }) } });
  /** Texts by kind and place: `summary0`. */
  const texts = new Map<string, string>();
  let current = '';
  /** Of the part's text so far. */
  let length = 0;

  function enter(shown: Shown, place: Json | undefined, reading: Reading): string {
    const key = `${shown}${typeof place === 'number' ? place : 0}`;
    if (key === current) return key;
    if (texts.size > 0 || shown === 'content') {
      say(reading, part, { type: 'opaque', producer: PRODUCER, value: { type: NEXT_TEXT[shown], at: length } });
      if (length > 0) {
        length += BETWEEN.length;
        say(reading, part, { type: 'text', text: BETWEEN });
      }
    }
    current = key;
    texts.set(key, texts.get(key) ?? '');
    return key;
  }

  function speak(key: string, text: Json | undefined, reading: Reading): void {
    if (typeof text !== 'string' || text === '') return;
    length += text.length;
    texts.set(key, texts.get(key)! + text);
    say(reading, part, { type: 'text', text });
  }

  /** Reasoning is shown and no more: a repetition that differs is no reason to give the answer up. */
  function mend(shown: Shown, place: Json | undefined, full: Json | undefined, reading: Reading): void {
    const key = `${shown}${typeof place === 'number' ? place : 0}`;
    const rest = missing(texts.get(key) ?? '', full);
    if (rest === '') return;
    reading.clean = false;
    if (rest !== undefined && (key === current || !texts.has(key))) speak(enter(shown, place, reading), rest, reading);
  }

  function delta(shown: Shown, place: Json | undefined, text: Json | undefined, reading: Reading): void {
    const before = current;
    const key = enter(shown, place, reading);
    if (key !== before) reading.clean = false;
    speak(key, text, reading);
  }

  return {
    id: typeof item.id === 'string' ? item.id : undefined,
    event(type, body, reading) {
      switch (type) {
        case 'response.reasoning_summary_part.added':
          enter('summary', body.summary_index, reading);
          return;
        case 'response.content_part.added':
          enter('content', body.content_index, reading);
          return;
        case 'response.reasoning_summary_text.delta':
          return delta('summary', body.summary_index, body.delta, reading);
        case 'response.reasoning_text.delta':
        case 'response.reasoning.delta':
          return delta('content', body.content_index, body.delta, reading);
        case 'response.reasoning_summary_text.done':
          return mend('summary', body.summary_index, body.text, reading);
        case 'response.reasoning_text.done':
        case 'response.reasoning.done':
          return mend('content', body.content_index, body.text, reading);
      }
    },
    done(final, reading) {
      for (const shown of ['summary', 'content'] as const) {
        for (const [place, entry] of listOf(final[shown]).entries()) if (isObject(entry)) mend(shown, place, entry.text, reading);
      }
      // While the item is in progress this may be incomplete (OpenAI's types say so).
      const signature = textOf(final.encrypted_content);
      if (signature !== '') say(reading, part, { type: 'signature', signature });
      carryChanges(reading, part, changed(item, final, CLOSING));
      reading.events.push({ type: 'part-end', index: part });
    },
  };
}
