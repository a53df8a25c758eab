import type { AnswerEvent } from '../exchange/event.ts';
import type { AnswerState } from './answer-state.ts';
import { createSplicer, type Join, type SpliceStep } from './splice.ts';

export type CarryStep = { type: 'events'; events: AnswerEvent[] } | { type: 'failed'; reason: string };

/** Turns a hop's events into ones that carry the delivered answer on: right indexes, no second beginning, text joined at the seam. */
export interface Carry {
  push(events: readonly AnswerEvent[]): CarryStep;
  /** How the join was made, once it is. */
  join(): Join | 'fresh' | undefined;
}

/** A sentence that has ended: after it a tool call may follow without another word. */
const SENTENCE_END = /[.!?:。！？：…)\]}`]\s*$/u;

/**
 * `delivered` is what the client has. Where that is only reasoning or blank, the hop is a new answer after it (`fresh`); otherwise its
 * first words have to meet the delivered text.
 */
export function createCarry(delivered: AnswerState, prefill: boolean): Carry {
  const text = delivered.text();
  const fresh = text.trim() === '';
  const splicer = fresh ? undefined : createSplicer(text, prefill);
  let join: Join | 'fresh' | undefined = fresh ? 'fresh' : undefined;
  let next = delivered.parts.reduce((most, part) => Math.max(most, part.index), -1) + 1;
  /** Where the hop's part goes in the client's answer; -1: it is not shown. */
  const mapped = new Map<number, number>();
  const open = new Set(delivered.parts.filter((part) => part.open).map((part) => part.index));
  const lastOpenText = delivered.parts.findLast((part) => part.open && part.type === 'text')?.index;
  /** The hop's part whose text goes through the splicer. */
  let seamPart: number | undefined;

  function push(events: readonly AnswerEvent[]): CarryStep {
    const out: AnswerEvent[] = [];
    for (const event of events) {
      const reason = take(event, out);
      if (reason !== undefined) return { type: 'failed', reason };
    }
    return { type: 'events', events: out };
  }

  function take(event: AnswerEvent, out: AnswerEvent[]): string | undefined {
    switch (event.type) {
      case 'start':
      case 'usage':
        return undefined;
      case 'part-start':
        return startPart(event, out);
      case 'part-delta':
        return extendPart(event, out);
      case 'part-end':
        return endPart(event.index, out);
      case 'finish': {
        const reason = settle(out, false);
        if (reason !== undefined) return reason;
        closeOpen(out);
        out.push(event);
        return undefined;
      }
    }
  }

  function startPart(event: Extract<AnswerEvent, { type: 'part-start' }>, out: AnswerEvent[]): string | undefined {
    const kind = event.part.type;
    if (!fresh && kind === 'text' && join === undefined && seamPart === undefined) {
      seamPart = event.index;
      return undefined;
    }
    // Reasoning about a dropped connection is not part of the answer, and in mid-text no dialect has a place for it.
    if (!fresh && kind === 'reasoning') {
      mapped.set(event.index, -1);
      return undefined;
    }
    const reason = settle(out, kind === 'tool-call');
    if (reason !== undefined) return reason;
    closeOpen(out);
    mapped.set(event.index, next);
    open.add(next);
    out.push({ ...event, index: next });
    next += 1;
    return undefined;
  }

  function extendPart(event: Extract<AnswerEvent, { type: 'part-delta' }>, out: AnswerEvent[]): string | undefined {
    if (event.index === seamPart && splicer) {
      if (event.delta.type === 'text') return spliced(splicer.push(event.delta.text), out);
      return undefined;
    }
    const index = mapped.get(event.index);
    if (index !== undefined && index >= 0) out.push({ ...event, index });
    return undefined;
  }

  function endPart(part: number, out: AnswerEvent[]): string | undefined {
    if (part === seamPart) {
      const reason = settle(out, false);
      if (reason !== undefined) return reason;
      closeOpen(out);
      return undefined;
    }
    const index = mapped.get(part);
    if (index === undefined || index < 0) return undefined;
    open.delete(index);
    out.push({ type: 'part-end', index });
    return undefined;
  }

  /** The splicer has to have found the join by now. A tool call may also come at once, where the text had come to a stop. */
  function settle(out: AnswerEvent[], toolCall: boolean): string | undefined {
    if (!splicer || settled) return undefined;
    settled = true;
    if (seamPart === undefined && toolCall && (lastOpenText === undefined || SENTENCE_END.test(text))) {
      join = 'fresh';
      return undefined;
    }
    return spliced(splicer.end(), out);
  }
  let settled = false;

  function spliced(step: SpliceStep, out: AnswerEvent[]): string | undefined {
    if (step.type === 'failed') return step.reason;
    if (step.type === 'hold') return undefined;
    join = step.join;
    if (step.text === '') return undefined;
    out.push({ type: 'part-delta', index: textIndex(out), delta: { type: 'text', text: step.text } });
    return undefined;
  }

  /** The open text part goes on; where it had been closed, a new one begins. */
  function textIndex(out: AnswerEvent[]): number {
    if (lastOpenText !== undefined && open.has(lastOpenText)) return lastOpenText;
    const known = seamPart === undefined ? undefined : mapped.get(seamPart);
    if (known !== undefined) return known;
    closeOpen(out);
    const index = next++;
    open.add(index);
    if (seamPart !== undefined) mapped.set(seamPart, index);
    out.push({ type: 'part-start', index, part: { type: 'text' } });
    return index;
  }

  function closeOpen(out: AnswerEvent[]): void {
    for (const index of open) out.push({ type: 'part-end', index });
    open.clear();
  }

  return { push, join: () => join };
}
