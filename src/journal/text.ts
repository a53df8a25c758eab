import type { LoggedEntry } from './journal.ts';

/** The answer's text as a person would read it: text and refusals; reasoning and tool arguments are left out. */
export function answerText(entries: readonly LoggedEntry[]): string {
  // A continuation carries on inside a part that another attempt began, so parts are known by their index alone.
  const kinds = new Map<number, string>();
  let text = '';
  for (const { entry } of entries) {
    if (entry.type !== 'bytes' && entry.type !== 'events') continue;
    for (const event of entry.events) {
      if (event.type === 'part-start') kinds.set(event.index, event.part.type);
      else if (event.type === 'part-delta' && event.delta.type === 'text' && kinds.get(event.index) !== 'reasoning')
        text += event.delta.text;
    }
  }
  return text;
}
