import type { ArchivedMessage } from './conversation.ts';

/** Characters, as people count them. What a list can show in a line. */
const LONGEST = 80;
/** Blocks that clients put before or into a question, and nobody typed: `<system-reminder>…</system-reminder>`, `<environment_context>…`. */
const INJECTED =
  /<(system-reminder|(?:environment|session)_context|current_datetime|[a-z]+_instructions|ide_[a-z_]+|local-command-[a-z]+|command-message|command-args)\b[^>]*>[\s\S]*?<\/\1>/g;

/** A title for a conversation that has none: the beginning of its first question, in one line. Calls no model. */
export function titleFrom(messages: Iterable<Pick<ArchivedMessage, 'role' | 'parts' | 'hidden'>>): string | undefined {
  for (const { role, parts, hidden } of messages) {
    if (role !== 'user' || hidden) continue;
    const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
    const line = inOneLine(text.replace(INJECTED, ' '));
    if (line !== '') return line;
  }
  return undefined;
}

/** Shortened at the end of a word where there is one. */
function inOneLine(text: string): string {
  const line = text
    .replace(/<\/?[a-z][a-z-]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  if (line.length <= LONGEST) return line;
  // Enough of it: a pasted log is not cut up whole.
  const beginning = line.slice(0, 20 * LONGEST);
  const characters = charactersOf(beginning);
  if (characters.length <= LONGEST) return line;
  const cut = characters.slice(0, LONGEST - 1).join('');
  const space = cut.lastIndexOf(' ');
  return `${space > LONGEST / 2 ? cut.slice(0, space) : cut}…`;
}

function charactersOf(text: string): string[] {
  // Taking ASCII apart by Unicode's rules costs more than all else that is done with a short question.
  if (/^[\x20-\x7e]*$/.test(text)) return text.split('');
  return Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
}
