import { isAboutContent } from '../../journal/sqlite-file.ts';
import type { SourceName } from '../conversation.ts';
import { conversationId } from '../ids.ts';
import type { Archive } from '../store/open.ts';
import { forksIn } from '../store/forks.ts';
import { putInto } from '../store/put.ts';
import type { Put } from '../store/put.ts';
import { some } from './loose.ts';
import type { Told } from './reader.ts';
import type { Reporting } from './report.ts';
import { tidied } from './tidy.ts';

/** Puts what readers tell into the archive, and into the report. Returns how many files it awaits. */
export type Taking = (told: Told, source: SourceName) => number;

export function takingInto(
  archive: Archive,
  telling: Reporting,
  { dryRun, now, again }: { dryRun: boolean; now(): number; again?: boolean },
): Taking {
  const put = putInto(archive, { again: again === true });
  const withoutCopies = forksIn(archive);
  const label = archive.database.prepare('UPDATE conversations SET account = ? WHERE source = ? AND account = ?');
  /** Conversations of this run: when each says that it was changed last, and what became of it. */
  const seen = new Map<string, { updatedAt?: number; outcome?: Put['conversation'] }>();

  function conversation(told: Told & { type: 'conversation' }, source: SourceName): number {
    const { notes, branches, ...tidy } = tidied(told.head, told.messages, now());
    const { head, messages } = withoutCopies(tidy);
    const id = conversationId(head.source, head.key);
    const before = seen.get(id);
    const known = before ?? { ...some('updatedAt', head.updatedAt) };
    seen.set(id, known);
    // Of two tellings with the same date neither is newer: the first one stays, or each run would turn it over.
    const isTie = before?.updatedAt !== undefined && (head.updatedAt ?? before.updatedAt) <= before.updatedAt;
    try {
      const done = dryRun ? undefined : put.conversation(isTie ? { ...head, updatedAt: before.updatedAt! - 1 } : head, messages);
      telling.conversation(source, { isNew: before === undefined, messages, branches, outcome: known.outcome }, done);
      if (done && (known.outcome === undefined || known.outcome === 'same')) known.outcome = done.conversation;
    } catch (error) {
      if (!isAboutContent(error)) throw error;
      telling.list('unreadable', { source, where: told.where, reason: `the archive does not take it: ${(error as Error).message}` });
      return 0;
    }
    for (const reason of notes) telling.list('noted', { source, where: told.where, reason });
    return told.awaits ?? 0;
  }

  return (told, source) => {
    if (told.type === 'conversation') return conversation(told, source);
    if (told.type === 'account') {
      if (!dryRun) label.run(told.label, source, told.id);
      return 0;
    }
    telling.list(told.type, { ...told, source });
    return 0;
  };
}
