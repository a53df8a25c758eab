import type { AnswerEvent, Delta } from '../../exchange/event.ts';
import type { LoggedEntry } from '../../journal/journal.ts';
import type { Finder, Found } from './finder.ts';
import { type Note, redactJson, redactText } from './redact-text.ts';

/**
 * An exchange's history without what a finder finds; `undefined`: it is not in there. What streams in pieces is put together first. A target's
 * own bytes become the events that they mean: in them, a text is cut wherever the network cut it.
 */
export function redactEntries(logged: readonly LoggedEntry[], finder: Finder, note: Note): LoggedEntry[] | undefined {
  const events = logged.flatMap(({ entry }) => (entry.type === 'bytes' || entry.type === 'events' ? entry.events : []));
  const deltas = new Map([...withoutText(events, finder, note), ...withoutArguments(events, finder, note)]);
  let isChanged = deltas.size > 0;
  const whole = <Value extends object>(value: Value): Value => {
    const json = JSON.stringify(value);
    const clean = redactJson(json, finder, note);
    if (clean === json) return value;
    isChanged = true;
    return JSON.parse(clean) as Value;
  };
  const eventOf = (event: AnswerEvent): AnswerEvent => {
    if (event.type !== 'part-delta' || (event.delta.type !== 'text' && event.delta.type !== 'arguments')) return whole(event);
    const delta = deltas.get(event);
    return delta ? { ...event, delta } : event;
  };
  const redacted = logged.map((each): LoggedEntry => {
    const { entry } = each;
    if (entry.type === 'bytes') {
      const bytes = entry.bytes.toString('utf8');
      if (redactJson(bytes, finder, () => undefined) !== bytes || finder.find(bytes).length > 0) isChanged = true;
      return { ...each, entry: { type: 'events', attempt: entry.attempt, events: entry.events.map(eventOf) } };
    }
    if (entry.type === 'events') return { ...each, entry: { ...entry, events: entry.events.map(eventOf) } };
    return { ...each, entry: whole(entry) };
  });
  return isChanged ? redacted : undefined;
}

/** All that was said, in order: a hop may carry a word on. */
function* withoutText(events: readonly AnswerEvent[], finder: Finder, note: Note): Generator<[AnswerEvent, Delta]> {
  const pieces = events.flatMap((event) =>
    event.type === 'part-delta' && event.delta.type === 'text' ? [{ event, text: event.delta.text }] : [],
  );
  const text = pieces.map((piece) => piece.text).join('');
  const found = finder.find(text);
  for (const { start, end, instead } of found) note(text.slice(start, end), instead);
  let from = 0;
  for (const piece of pieces) {
    const end = from + piece.text.length;
    const clean = stretch(text, from, end, found);
    if (clean !== piece.text) yield [piece.event, { type: 'text', text: clean }];
    from = end;
  }
}

/** What is left of a stretch of a text. What stands for a found place stands where that begins. */
function stretch(text: string, from: number, to: number, found: readonly Found[]): string {
  let clean = '';
  let at = from;
  for (const { start, end, instead } of found) {
    if (end <= from || start >= to) continue;
    clean += text.slice(at, Math.max(at, start));
    if (start >= from) clean += instead;
    at = Math.min(end, to);
  }
  return clean + text.slice(at, to);
}

function* withoutArguments(events: readonly AnswerEvent[], finder: Finder, note: Note): Generator<[AnswerEvent, Delta]> {
  const open = new Map<number, { event: AnswerEvent; json: string }[]>();
  const calls: { event: AnswerEvent; json: string }[][] = [];
  for (const event of events) {
    if (event.type === 'part-start') open.delete(event.index);
    if (event.type !== 'part-delta' || event.delta.type !== 'arguments') continue;
    let call = open.get(event.index);
    if (!call) {
      call = [];
      open.set(event.index, call);
      calls.push(call);
    }
    call.push({ event, json: event.delta.json });
  }
  for (const call of calls) {
    const json = call.map((piece) => piece.json).join('');
    const clean = redactText(json, finder, note);
    if (clean === json) continue;
    for (const [index, { event }] of call.entries()) yield [event, { type: 'arguments', json: index === 0 ? clean : '' }];
  }
}
