import type { ArchivedCall, ArchivedMessage } from '../conversation.ts';
import { workDone } from '../handoff/work-done.ts';

/** How a session ended, as far as its transcript tells. */
export interface LastState {
  /** `answered`: its last answer is whole. `asked`: nobody has answered yet. `in-tools`: tools were called and their results not answered. */
  type: 'answered' | 'asked' | 'in-tools' | 'cut' | 'empty';
  /** What the tool itself wrote down as errors since the last question: `API Error: 529 …`. */
  errors: string[];
  /** Calls since the last question without a result. */
  pending: ArchivedCall[];
  /** Who answered last. */
  producer?: ArchivedMessage['producer'];
  /** Tokens that the last answer had to read; the next one has at least as many. */
  inputTokens?: number;
}

/** Characters of an error that a line shows. */
const LONGEST = 200;

/** `messages`: the branch that is shown. */
export function lastState(messages: readonly ArchivedMessage[]): LastState {
  const told = messages.filter(({ hidden }) => !hidden);
  const question = told.findLastIndex(({ role, parts }) => role === 'user' && parts.some(({ type }) => type === 'text'));
  const since = told.slice(question + 1);
  const answers = since.filter((message) => message.role === 'assistant' && !isError(message));
  const last = since.findLast((message) => !isError(message));
  const spoke = told.findLast(({ role, usage }) => role === 'assistant' && (usage?.input ?? 0) > 0);
  const producer = told.findLast((message) => message.producer?.model !== undefined && !isError(message))?.producer;
  const { pending } = workDone(told);
  return {
    type: typeOf(told.length, answers, last, pending.length),
    errors: since.filter(isError).flatMap(({ parts }) => parts.flatMap((part) => (part.type === 'text' ? [oneLine(part.text)] : []))),
    pending,
    ...(producer && { producer }),
    ...(spoke?.usage?.input !== undefined && { inputTokens: spoke.usage.input }),
  };
}

function typeOf(count: number, answers: readonly ArchivedMessage[], last: ArchivedMessage | undefined, pending: number): LastState['type'] {
  if (count === 0) return 'empty';
  const answer = answers.at(-1);
  if (!answer || !last) return 'asked';
  if (answer.status !== 'complete') return 'cut';
  if (pending > 0 || last !== answer || last.parts.some(({ type }) => type === 'tool-call')) return 'in-tools';
  return 'answered';
}

/** Claude Code writes what the API answered in the place of an answer. */
function isError({ extras }: ArchivedMessage): boolean {
  return extras?.['apiError'] !== undefined;
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}
