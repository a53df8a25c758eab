import type { AnswerEvent } from '../exchange/event.ts';
import type { Dialect, StreamEncoder } from './dialect.ts';

/**
 * Leaves out what is not for the client: parts that are marked `untold`. What follows one loses its maker's own id: Responses refuses an item of
 * its own that comes back without the thought before it ("provided without its required 'reasoning' item"). What it keeps is the same array where
 * nothing is left out.
 */
export function untoldFilter(): (events: readonly AnswerEvent[]) => readonly AnswerEvent[] {
  const hidden = new Set<number>();
  let withheld = false;

  function isTold(event: AnswerEvent): boolean {
    if (event.type === 'part-start') {
      if (event.part.type === 'reasoning' && event.part.untold) hidden.add(event.index);
      else hidden.delete(event.index);
      withheld ||= hidden.size > 0;
    }
    return hidden.size === 0 || !('index' in event) || !hidden.has(event.index);
  }

  function told(event: AnswerEvent): AnswerEvent[] {
    if (!isTold(event)) return [];
    return [withheld ? unnamed(event) : event];
  }

  return (events) => {
    for (const [place, event] of events.entries()) {
      const [kept] = told(event);
      if (kept !== event) return [...events.slice(0, place), ...(kept ? [kept] : []), ...events.slice(place + 1).flatMap(told)];
    }
    return events;
  };
}

function unnamed(event: AnswerEvent): AnswerEvent {
  if (event.type !== 'part-start' || !('extras' in event.part) || event.part.extras?.fields['id'] === undefined) return event;
  const { id: _id, ...fields } = event.part.extras.fields;
  return { ...event, part: { ...event.part, extras: { ...event.part.extras, fields } } };
}

/** A dialect's way of writing answers, without what is not to be told. */
export function discreet({ encoder, encodeAnswer }: Pick<Dialect, 'encoder' | 'encodeAnswer'>): Pick<Dialect, 'encoder' | 'encodeAnswer'> {
  return {
    encoder(context): StreamEncoder {
      const inner = encoder(context);
      const told = untoldFilter();
      return { ...inner, encode: (events) => inner.encode(told(events)) };
    },
    encodeAnswer: (events, context) => encodeAnswer(untoldFilter()(events), context),
  };
}
