import type { Delivery, Source } from './delivery.ts';
import type { Question } from './engine.ts';
import { createHold, holdingFor } from './hold.ts';
import type { Handlers } from './launch.ts';

/** What is told of an answer that begins, each at most once. */
export interface Voice {
  /** Something of it has come, if only the arguments of a tool call: it is not slow to begin. */
  speaks(): void;
  /**
   * It is the answer from here on: something that means something has come, or all of it where the client did not ask for a stream. Told
   * before anything is delivered.
   */
  leads(): void;
}

/** Takes the answer of an attempt before which nothing has been seen: what arrives waits at the gate, then goes out. */
export function openingHandlers(question: Question, delivery: Delivery, source: Source, voice: Voice): Omit<Handlers, 'settled'> {
  const hold = createHold(false, holdingFor(question));
  let speaks = false;
  let leads = false;

  function lead(): void {
    if (leads) return;
    leads = true;
    voice.leads();
  }

  return {
    frames(frames, state) {
      const step = hold.push(frames, state);
      if ('fault' in step) return step.fault;
      if (!speaks && (state.shown || state.heldArguments > 0)) {
        speaks = true;
        voice.speaks();
      }
      // Words that are held back (structuredOutput) decide as well: nobody is to write, and bill, a second answer to its end.
      if (!leads && question.head.stream && (state.shown || step.release.length > 0)) lead();
      if (step.release.length > 0) delivery.frames(step.release, source);
      return undefined;
    },
    body(bytes, events) {
      lead();
      delivery.body(bytes, events, source);
      return undefined;
    },
    rest() {
      lead();
      const frames = hold.rest();
      if (frames.length > 0) delivery.frames(frames, source);
      delivery.flush(source);
      return undefined;
    },
  };
}
