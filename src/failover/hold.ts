import type { Frame } from '../dialects/dialect.ts';
import type { Fault } from '../exchange/fault.ts';
import type { AnswerState } from './answer-state.ts';

/** Frames that carry an answer, as opposed to ones that end it badly. */
export type AnswerFrame = Extract<Frame, { type: 'events' | 'end' }>;

/** More arguments than this are held for nobody (DESIGN.md, bounds). */
const LARGEST_HELD_ARGUMENTS = 8 * 1024 * 1024;

/** No answer says the same piece of text so often in a row; a model that has got stuck does, and bills it. */
const MOST_REPEATS = 2000;

/**
 * The gate and the atomicity of tool calls in one place: frames wait here until something semantic has come and no tool call
 * is open or broken. What is not released dies with its attempt, unseen.
 */
export interface Hold {
  /** The frames that may go now, in order. */
  push(frames: readonly Frame[], state: AnswerState): { release: AnswerFrame[] } | { fault: Fault };
  /** What is left when the attempt has ended whole. */
  rest(): AnswerFrame[];
}

export function createHold(gateOpen: boolean): Hold {
  let waiting: AnswerFrame[] = [];
  let open = gateOpen;
  function rest(): AnswerFrame[] {
    const release = waiting;
    waiting = [];
    return release;
  }

  return {
    push(frames, state) {
      for (const frame of frames) if (frame.type === 'events' || frame.type === 'end') waiting.push(frame);
      if (state.heldArguments > LARGEST_HELD_ARGUMENTS) {
        return { fault: { class: 'provider-fault', symptom: 'too-large', message: 'a tool call with more than 8 MiB of arguments' } };
      }
      if (state.repeats > MOST_REPEATS) {
        return {
          fault: { class: 'provider-fault', symptom: 'runaway', message: `the same words more than ${MOST_REPEATS} times in a row` },
        };
      }
      // An answer cut by its own token limit is whole as sent, even within a tool call (DESIGN.md, whole).
      const cutByLimit = state.finish === 'length';
      // A terminator only gets here when the answer is whole: then it may also be one without words (a filter's).
      const ends = frames.some((frame) => frame.type === 'end');
      open ||= state.shown || ends;
      // Reasoning without an answer may yet turn out to be a failure: its finish must not be seen before that is known.
      const undecided = state.holding || (state.finish !== undefined && !state.hasContent() && !ends);
      // A finish within an open part is none: the part may yet be carried on, and nothing can stand behind a finish.
      const premature = state.finish !== undefined && !state.whole();
      if (!open || premature || (undecided && !cutByLimit)) return { release: [] };
      return { release: rest() };
    },
    rest,
  };
}
