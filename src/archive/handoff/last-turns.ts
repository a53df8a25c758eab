import type { ArchivedMessage, ArchivedPart, ArchivedResult } from '../conversation.ts';
import { inTokens, shortened } from './budget.ts';
import { callInShort } from './work-done.ts';

/** Tokens that a tool's result may take: in the newest messages, and before. */
const RESULT = { newest: 800, older: 150 };
/** How many messages count as newest. */
const NEWEST = 4;

/** Text of a message, without tools and reasoning. */
export function textOf({ parts }: ArchivedMessage): string {
  return parts
    .flatMap((part) => (part.type === 'text' || part.type === 'refusal' ? [part.text] : []))
    .join('\n')
    .trim();
}

/** The newest messages that fit, as they were said; reasoning is nobody else's business, long results are shortened. */
export function lastTurns(
  messages: readonly ArchivedMessage[],
  budget: number,
  clean: (text: string) => string,
): { text: string; leftOut: number } {
  const told: string[] = [];
  let left = budget;
  let leftOut = 0;
  for (const [back, message] of messages.toReversed().entries()) {
    const body = message.parts.flatMap((part) => tell(part, back < NEWEST ? RESULT.newest : RESULT.older, clean)).join('\n\n');
    if (body.trim() === '') continue;
    const turn = `### ${speaker(message)}\n\n${body}`;
    const cost = inTokens(turn);
    if (cost > left) {
      // The last one of all is worth a part of it.
      if (told.length === 0) told.push(shortened(turn, left));
      leftOut = messages.length - back - (told.length === 1 && back === 0 ? 1 : 0);
      break;
    }
    left -= cost;
    told.push(turn);
  }
  return { text: told.toReversed().join('\n\n'), leftOut };
}

function speaker({ role, producer, status }: ArchivedMessage): string {
  const cut = status === 'complete' ? '' : ` (${status})`;
  if (role === 'user') return `User${cut}`;
  if (role === 'tool') return `Tool${cut}`;
  return `${role === 'system' ? 'System' : 'Assistant'}${producer?.model === undefined ? '' : `, ${producer.model}`}${cut}`;
}

function tell(part: ArchivedPart, resultTokens: number, clean: (text: string) => string): string[] {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return part.text.trim() === '' ? [] : [clean(part.text)];
    case 'tool-call':
      return [`→ ${clean(callInShort(part))}`];
    case 'tool-result':
      return [resultLines(part, resultTokens, clean)];
    case 'file':
      return [`[file${part.name === undefined ? '' : ` ${part.name}`}]`];
    case 'reasoning':
    case 'opaque':
      return [];
  }
}

function resultLines({ content, isError }: ArchivedResult, tokens: number, clean: (text: string) => string): string {
  const text = content
    .map((each) => (each.type === 'text' ? each.text : each.type === 'file' ? `[file ${each.name ?? ''}]` : ''))
    .join('\n');
  const shown = shortened(clean(text), tokens);
  const fence = '`'.repeat(Math.max(3, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  return `${isError ? '← failed' : '←'}\n${fence}\n${shown}\n${fence}`;
}
