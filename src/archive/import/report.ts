import type { ArchivedMessage, Skipped, SourceName } from '../conversation.ts';
import type { Put } from '../store/put.ts';

/** What one source's part of an import came to. */
export interface SourceReport {
  source: SourceName;
  /** Files that its reader has read, and those whose very bytes it had read before. */
  files: { read: number; readBefore: number };
  /** `found` are different ones; the other three are what the archive made of them, 0 in a dry run. */
  conversations: { found: number; added: number; changed: number; same: number };
  messages: { found: number; added: number; changed: number; same: number };
  /** Ends of conversations: as many as conversations with messages where nothing was edited or tried again. */
  branches: number;
  /** Files within messages: bytes kept, text only, links, and named without bytes. */
  attachments: { stored: number; text: number; link: number; missing: number };
}

export type ListKind = 'unreadable' | 'missing' | 'skipped' | 'noted';

export interface Listed extends Skipped {
  /** Absent: of a file that is no source's. */
  source?: SourceName;
}

export interface ImportReport {
  dryRun: boolean;
  sources: SourceReport[];
  /** Should have been read and could not be; parts that an export names and that were not given; left out on purpose; imported, with something to know. */
  lists: Record<ListKind, Listed[]>;
  /** How many there are of each; lists end at `LONGEST_LIST`. */
  counts: Record<ListKind, number>;
  originals: { files: number; bytes: number };
  /** Why it ended before everything was read. What is counted is in the archive; the next run goes on. */
  stopped?: { by: 'interrupt' | 'disk' | 'archive'; reason: string };
}

export const LONGEST_LIST = 5000;

interface Found {
  /** The first telling of this conversation in this run. */
  isNew: boolean;
  messages: readonly ArchivedMessage[];
  branches: number;
  /** What earlier tellings of it in this run came to. */
  outcome: Put['conversation'] | undefined;
}

/** Fills a report while an import runs. */
export interface Reporting {
  report: ImportReport;
  of(source: SourceName): SourceReport;
  list(kind: ListKind, listed: Listed): void;
  conversation(source: SourceName, told: Found, put?: Put): void;
}

export function reporting(dryRun: boolean): Reporting {
  const report: ImportReport = {
    dryRun,
    sources: [],
    lists: { unreadable: [], missing: [], skipped: [], noted: [] },
    counts: { unreadable: 0, missing: 0, skipped: 0, noted: 0 },
    originals: { files: 0, bytes: 0 },
  };

  function of(source: SourceName): SourceReport {
    let found = report.sources.find((one) => one.source === source);
    if (!found) {
      found = {
        source,
        files: { read: 0, readBefore: 0 },
        conversations: { found: 0, added: 0, changed: 0, same: 0 },
        messages: { found: 0, added: 0, changed: 0, same: 0 },
        branches: 0,
        attachments: { stored: 0, text: 0, link: 0, missing: 0 },
      };
      report.sources.push(found);
    }
    return found;
  }

  return {
    report,
    of,
    list(kind, { where, reason, found, source }) {
      report.counts[kind] += 1;
      const listed = { where, reason, ...(found === undefined ? {} : { found }), ...(source === undefined ? {} : { source }) };
      if (report.lists[kind].length < LONGEST_LIST) report.lists[kind].push(listed);
    },
    conversation(source, { isNew, messages, branches, outcome }, put) {
      const into = of(source);
      if (isNew) {
        into.conversations.found += 1;
        into.messages.found += messages.length;
        into.branches += branches;
        for (const { parts } of messages) countFiles(parts, into);
      } else into.messages.found += put?.messages.added ?? 0;
      if (!put) return;
      for (const kind of ['added', 'changed', 'same'] as const) into.messages[kind] += put.messages[kind];
      if (outcome === undefined) into.conversations[put.conversation] += 1;
      else if (outcome === 'same' && put.conversation === 'changed') {
        into.conversations.same -= 1;
        into.conversations.changed += 1;
      }
    },
  };
}

function countFiles(parts: ArchivedMessage['parts'], { attachments }: Pick<SourceReport, 'attachments'>): void {
  for (const part of parts) {
    if (part.type === 'file') attachments[part.content.type] += 1;
    else if (part.type === 'tool-result') countFiles(part.content, { attachments });
  }
}
