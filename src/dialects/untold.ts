import type { AnswerEvent } from '../exchange/event.ts';
import type { Dialect, StreamEncoder } from './dialect.ts';

/** Leaves out what is not for the client: parts that are marked `untold`. What it keeps is the same array where nothing is left out. */
export function untoldFilter(): (events: readonly AnswerEvent[]) => readonly AnswerEvent[] {
  const hidden = new Set<number>();

  function isTold(event: AnswerEvent): boolean {
    if (event.type === 'part-start') {
      if (event.part.type === 'reasoning' && event.part.untold) hidden.add(event.index);
      else hidden.delete(event.index);
    }
    return hidden.size === 0 || !('index' in event) || !hidden.has(event.index);
  }

  return (events) => {
    for (const [place, event] of events.entries()) {
      if (!isTold(event)) return [...events.slice(0, place), ...events.slice(place + 1).filter(isTold)];
    }
    return events;
  };
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
