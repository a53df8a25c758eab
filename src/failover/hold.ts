import type { Frame } from '../dialects/dialect.ts';
import type { Fault } from '../exchange/fault.ts';
import type { AnswerState } from './answer-state.ts';
import type { Question } from './engine.ts';

/** Frames that carry an answer, as opposed to ones that end it badly. */
export type AnswerFrame = Extract<Frame, { type: 'events' | 'end' }>;

/** More arguments than this are held for nobody, and no more JSON is held back (DESIGN.md, bounds). */
const LARGEST_HELD = 8 * 1024 * 1024;

/** No answer says the same piece of text so often in a row; a model that has got stuck does, and bills it. */
const MOST_REPEATS = 2000;

/** What waits until it is whole. */
export interface Holding {
  /** Tool calls: they can be taken back as long as nobody has seen them begin. */
  calls: boolean;
  /** The words of the answer: half of a JSON text is of no use, and what has been seen of it can't be asked anew. */
  words: boolean;
}

/** What this client is to get only whole. Whoever did not ask for a stream gets nothing else anyway. */
export function holdingFor({ dialect, head, plan }: Pick<Question, 'dialect' | 'head' | 'plan'>): Holding {
  const { toolArguments, structuredOutput } = plan.failover;
  return {
    calls: !head.stream || toolArguments === 'whole' || dialect.wholeCalls === true,
    words: head.stream && head.structured && structuredOutput === 'whole',
  };
}

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

export function createHold(gateOpen: boolean, holding: Holding): Hold {
  let waiting: AnswerFrame[] = [];
  let open = gateOpen;
  let holdsWords = holding.words;
  /** The place in `waiting` from which on words wait; -1: none do. */
  let words = -1;
  let wordsSize = 0;

  function rest(): AnswerFrame[] {
    const release = waiting;
    waiting = [];
    words = -1;
    return release;
  }

  function take(frame: AnswerFrame): void {
    if (holdsWords) {
      if (words < 0 && begins(frame, 'text')) words = waiting.length;
      if (words >= 0) wordsSize += frame.raw.length;
    }
    waiting.push(frame);
  }

  function release(state: AnswerState): AnswerFrame[] {
    // What comes before a call is no structured answer.
    if (words < 0 || state.endsWithToolCall()) return rest();
    if (wordsSize > LARGEST_HELD) {
      holdsWords = false;
      return rest();
    }
    // Reasoning need not wait with the words. An answer's mere beginning does: once it is out, its failure would be seen.
    if (!waiting.slice(0, words).some((frame) => begins(frame, 'reasoning') || continues(frame))) return [];
    const before = waiting.slice(0, words);
    waiting = waiting.slice(words);
    words = 0;
    return before;
  }

  return {
    push(frames, state) {
      for (const frame of frames) if (frame.type === 'events' || frame.type === 'end') take(frame);
      if (state.heldArguments > LARGEST_HELD) {
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
      open ||= state.shown || ends || (!holding.calls && state.heldArguments > 0);
      const callWaits = state.holding && (holding.calls || state.brokenCall);
      // Reasoning without an answer may yet turn out to be a failure: its finish must not be seen before that is known.
      const undecided = callWaits || (state.finish !== undefined && !state.hasContent() && !ends);
      // A finish within an open part is none: the part may yet be carried on, and nothing can stand behind a finish.
      const premature = state.finish !== undefined && !state.whole();
      if (!open || premature || (undecided && !cutByLimit)) return { release: [] };
      return { release: release(state) };
    },
    rest,
  };
}

function begins(frame: AnswerFrame, type: 'text' | 'reasoning'): boolean {
  return frame.events.some((event) => event.type === 'part-start' && event.part.type === type);
}

function continues(frame: AnswerFrame): boolean {
  return frame.events.some((event) => event.type === 'part-delta' || event.type === 'part-end');
}
