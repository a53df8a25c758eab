import type { AnswerEvent } from '../exchange/event.ts';
import type { Fault } from '../exchange/fault.ts';
import type { Usage } from '../exchange/usage.ts';
import { createCarry } from './carry.ts';
import { tokensOf } from './cost.ts';
import type { Delivery, Source } from './delivery.ts';
import type { Question } from './engine.ts';
import { type AnswerFrame, createHold, holdingFor } from './hold.ts';
import type { Handlers } from './launch.ts';

export interface HopInput {
  /** Whose answer broke off. */
  from: string;
  /** Who carries it on. */
  source: Source;
  /** The target carries a trailing assistant turn on by itself. */
  prefill: boolean;
  /** What the first attempt said of its cost. */
  firstUsage: Partial<Usage>;
}

/** Takes a hop's answer and delivers it as the rest of the one that broke off, once the two have met. */
export function hopHandlers(question: Question, delivery: Delivery, input: HopInput): Omit<Handlers, 'settled'> {
  const { delivered } = delivery;
  const before = delivered.text();
  // Whether JSON that was cut in the open goes on as JSON is known at its end.
  const hold = createHold(true, { ...holdingFor(question), words: question.head.structured });
  const carry = createCarry(delivered, input.prefill);
  let seamed = false;

  function pass(frames: readonly AnswerFrame[], usage: Partial<Usage>): Fault | undefined {
    return splice(
      frames.flatMap((frame) => frame.events),
      usage,
    );
  }

  function splice(events: readonly AnswerEvent[], usage: Partial<Usage>): Fault | undefined {
    const step = carry.push(events);
    if (step.type === 'failed') return diverged(step.reason);
    // A limit may cut JSON, and a tool call needs none: only what claims to be the whole answer has to be it.
    const claimsWhole = step.events.some((event) => event.type === 'finish' && event.reason === 'stop');
    const joins = claimsWhole && question.head.structured && before.trim() !== '';
    const words = joins ? delivered.text() + textOf(step.events) : '';
    if (words !== '' && !isJson(words)) return diverged('the continued answer is not valid JSON');
    const join = carry.join();
    if (join !== undefined && !seamed) {
      seamed = true;
      question.append({ type: 'seam', from: input.from, to: input.source.target, delivered: before.length, join });
    }
    if (step.events.some((event) => event.type === 'finish')) step.events.unshift({ type: 'usage', usage: joinedUsage(usage) });
    delivery.events(step.events, input.source);
    return undefined;
  }

  /** Input of the first attempt, output as delivered: what came before the seam is estimated where nobody counted it. */
  function joinedUsage(hop: Partial<Usage>): Partial<Usage> {
    const output = Math.max(input.firstUsage.output ?? 0, tokensOf(before)) + (hop.output ?? 0);
    return input.firstUsage.input === undefined ? { output } : { input: input.firstUsage.input, output };
  }

  return {
    frames(frames, state) {
      const step = hold.push(frames, state);
      return 'fault' in step ? step.fault : pass(step.release, state.usage);
    },
    body: (_bytes, events, state) => splice(events, state.usage),
    rest: (usage) => pass(hold.rest(), usage),
  };
}

function diverged(message: string): Fault {
  return { class: 'provider-fault', symptom: 'diverged', message };
}

function textOf(events: readonly AnswerEvent[]): string {
  return events.map((event) => (event.type === 'part-delta' && event.delta.type === 'text' ? event.delta.text : '')).join('');
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
