import type { unfinishedIn } from '../../archive/care/finish.ts';
import type { RedactionPlan } from '../../archive/care/redact.ts';
import type { Archive } from '../../archive/store/open.ts';
import { findConversation } from '../../archive/store/read.ts';
import { counted } from '../counted.ts';
import type { Terminal } from '../terminal.ts';

/** Lines of conversations in a preview; a program gets them all by --json. */
const SHOWN = 20;

/** A conversation in which it was found. */
interface Place {
  id: string;
  title: string;
  /** How many of its messages; 0: only what is said of it, such as its title. */
  messages: number;
}

export function placesOf({ database, ...archive }: Archive, { messages }: RedactionPlan): Place[] {
  const idOf = database.prepare('SELECT id FROM conversations WHERE row = ?');
  return [...messages.messages].map(([row, found]) => {
    const id = String(idOf.get(row)?.['id']);
    return { id, title: findConversation({ ...archive, database }, id)?.title ?? '', messages: found.length };
  });
}

export function redactionJson(plan: RedactionPlan, places: readonly Place[], done: { redacted: boolean; left: readonly string[] }): object {
  return {
    ...done,
    texts: plan.texts,
    places: plan.places,
    notRemembered: plan.short,
    conversations: places.map(({ id, messages }) => ({ id, messages })),
    named: plan.messages.named,
    originals: plan.originals,
    copies: plan.copies.map(({ file, becomes }) => ({ path: file.path, becomes })),
    handoffs: plan.handoffs,
    requests: plan.record.requests.length,
    answers: plan.record.answers.length,
  };
}

export function isEmpty({ messages, originals, copies, handoffs, record, places }: RedactionPlan): boolean {
  return places === 0 && messages.messages.size + originals.length + copies.length + handoffs.length + record.requests.length === 0;
}

export function previewRedaction(plan: RedactionPlan, places: readonly Place[], { out, note }: Terminal): void {
  note(`${counted(plan.texts, 'text')} in ${counted(plan.places, 'place')}:`);
  for (const { id, title, messages } of places.slice(0, SHOWN)) {
    const where = messages === 0 ? 'its title, or what is said of it' : counted(messages, 'message');
    out(`${id}  ${where}: ${JSON.stringify(title).slice(1, -1)}`);
  }
  if (places.length > SHOWN) out(`… and ${places.length - SHOWN} more conversations`);
  const { originals, copies, handoffs, record } = plan;
  const of = (list: readonly { becomes: string }[], becomes: string): number => list.filter((each) => each.becomes === becomes).length;
  const lines = [
    [of(originals, 'rewritten'), 'attachment or import', 'attachments and imports', 'rewritten'],
    [of(originals, 'removed'), 'attachment or import', 'attachments and imports', 'removed: not text, so it can’t be rewritten safely'],
    [of(copies, 'rewritten'), 'copy of a transcript', 'copies of transcripts', 'rewritten'],
    [of(copies, 'removed'), 'copy of a database', 'copies of databases', 'removed, and not copied any more; what was said stays'],
    [handoffs.length, 'hand-over', 'hand-overs', 'rewritten'],
    [record.requests.length, 'request in the record', 'requests in the record', 'rewritten'],
    [record.answers.length, 'answer in the record', 'answers in the record', 'rewritten, as events instead of its provider’s bytes'],
  ] as const;
  for (const [count, one, several, becomes] of lines) if (count > 0) out(`  ${count} ${count === 1 ? one : several}: ${becomes}`);
  if (plan.short > 0) note(`${counted(plan.short, 'text')} of fewer than 8 letters: not known again in what is said later.`);
  for (const id of plan.messages.named) note(`${id} is called by it, which stays: understudy delete ${id} takes it out as a whole.`);
}

/** What was cut off and can't be finished without being told the text; one line each. */
export function cutOff(unfinished: ReturnType<typeof unfinishedIn>): string[] {
  return unfinished
    .filter(({ kind, stage }) => kind === 'redact' && stage === 'taking')
    .map(
      ({ at }) =>
        `A redaction of ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC was cut off: what it was to take out may still be there. Give the same command again.`,
    );
}
