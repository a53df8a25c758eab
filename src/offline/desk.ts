import type { Clock } from '../exchange/clock.ts';
import type { Result } from '../exchange/result.ts';
import { parseProductKey } from '../watch/product.ts';
import type { Board } from '../watch/questions.ts';
import { isIll } from '../watch/verdict.ts';
import { deskText } from './desk-text.ts';
import type { FoundNote } from './notes/find-notes.ts';
import type { SearchAsked, Searched } from './searching.ts';
import type { EarlierAnswer } from './similar/earlier-answers.ts';

/** What the offline desk has to a question. Nothing in it was made for it: texts are word for word what somebody wrote or was answered before. */
export interface DeskAnswer {
  question: string;
  /** UTC milliseconds. */
  at: number;
  /** The best first. */
  answers: EarlierAnswer[];
  notes: FoundNote[];
  /** For what is down now. */
  runbooks: { name: string; title: string }[];
  /** A sentence for each product that is down or degraded; absent: it is not known how they stand. */
  standing?: string[];
  /** How much was looked through. */
  searched: { messages: number; notes: number; late: boolean; notesOnly: boolean };
  /** What could not be looked through; a sentence each. */
  problems: string[];
  /** All of it for people, in lines. Its first and last say that no model wrote it. */
  text: string;
}

export type DeskAsked = Omit<SearchAsked, 'limit' | 'patience'> & Partial<Pick<SearchAsked, 'limit' | 'patience'>>;

export interface DeskParts {
  clock: Clock;
  search(asked: SearchAsked): Promise<Result<Searched, string>>;
  /** How products stand; nothing where nobody watches. */
  board(): Promise<Board | undefined>;
  /** Earlier answers, and notes, that are shown of each unless it is said. */
  shown(): number;
}

export interface Desk {
  answer(asked: DeskAsked): Promise<DeskAnswer>;
}

/** Milliseconds that a question may take; an answer of the desk comes after everybody else has failed already. */
const PATIENCE = 2000;
/** Milliseconds that the board is waited for beside it. */
const BOARD_PATIENCE = 1000;
/** Characters of a question that are looked for. */
const LONGEST_QUESTION = 20_000;

export function createDesk({ clock, search, board, shown }: DeskParts): Desk {
  /** A watch that has just started, or is busy, keeps nobody waiting. */
  async function boardInTime(): Promise<Board | undefined> {
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const stop = clock.after(BOARD_PATIENCE, () => resolve(undefined));
    try {
      return await Promise.race([board(), late]);
    } finally {
      stop();
    }
  }

  return {
    async answer({ question: asked, limit = shown(), patience = PATIENCE, ...rest }) {
      const question = asked.trim().slice(0, LONGEST_QUESTION);
      const [searched, standing] = await Promise.all([search({ ...rest, question, limit, patience }), boardInTime()]);
      const found: Omit<Searched, 'noteState'> & Pick<Searched, 'noteState'> = searched.ok
        ? searched.value
        : { answers: [], notes: [], messages: 0, late: false, problems: [`Nothing could be looked through: ${searched.error}.`] };
      const answer: Omit<DeskAnswer, 'text'> = {
        question,
        at: clock.now(),
        answers: found.answers,
        notes: found.notes,
        runbooks: (standing?.runbooks ?? []).map(({ name, title }) => ({ name, title })),
        ...(standing && standing.judgements.length > 0 && { standing: illOf(standing) }),
        searched: {
          messages: found.messages,
          notes: found.noteState?.sections ?? 0,
          late: found.late,
          notesOnly: rest.notesOnly === true,
        },
        problems: [...found.problems, ...(found.noteState?.problems ?? []).map((problem) => `A note is left out: ${problem}.`)],
      };
      return { ...answer, text: deskText(answer) };
    },
  };
}

/** Of products as a whole; a model of one that fails says less. */
function illOf({ judgements }: Board): string[] {
  return judgements.filter(({ key, verdict }) => isIll(verdict) && parseProductKey(key)?.model === undefined).map(({ summary }) => summary);
}
