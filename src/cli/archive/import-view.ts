import type { ImportReport, Listed, ListKind } from '../../archive/import/report.ts';
import { bytesText } from '../../journal/bytes-text.ts';
import { counted } from '../counted.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { wrapped } from '../wrap.ts';

/** Places that are shown for each reason; --json has them all. */
const EXAMPLES = 3;
/** Reasons of one kind. */
const MOST_REASONS = 12;

const TITLES: Readonly<Record<ListKind, string>> = {
  unreadable: 'Could not be read',
  missing: 'Still to come: parts that the export names and that were not given',
  skipped: 'Left out',
  noted: 'Good to know',
};

/** What an import came to, for people. */
export function importLines(report: ImportReport, { paint, width }: Pick<Terminal, 'paint' | 'width'>): string[] {
  const { sources, counts, originals, dryRun, stopped } = report;
  const lines: string[] = [];
  const read = sources.filter(({ files }) => files.read > 0);
  if (read.length > 0) {
    const columns = ['source', 'found', 'new', 'changed', 'messages', 'branches', 'files', 'without bytes'];
    const rows = read.map(({ source, conversations, messages, branches, attachments }) => [
      source,
      String(conversations.found),
      dryRun ? '-' : String(conversations.added),
      dryRun ? '-' : String(conversations.changed),
      String(messages.found),
      String(branches),
      String(attachments.stored + attachments.text + attachments.link),
      String(attachments.missing),
    ]);
    lines.push(
      ...table(
        columns.map((title, index) => ({ title, align: index === 0 ? 'left' : 'right' })),
        rows,
      ),
      '',
    );
  }
  const before = sources.reduce((sum, { files }) => sum + files.readBefore, 0);
  if (before > 0) lines.push(`${counted(before, 'file')} had been imported before and did not need reading (--again reads them).`);
  for (const kind of ['unreadable', 'missing', 'skipped', 'noted'] as const) lines.push(...listLines(kind, report, { paint, width }));
  if (stopped)
    lines.push(
      paint.bad(`It ended early: ${stopped.reason}. What is counted above is in the archive; the same command goes on from there.`),
    );
  if (sources.length === 0 && counts.unreadable === 0) lines.push('Nothing that could be imported was found.');
  else if (dryRun) lines.push('A dry run: nothing was written.');
  else if (originals.files > 0)
    lines.push(`${counted(originals.files, 'file')} (${bytesText(originals.bytes)}) kept as they came, in the data folder.`);
  if (!dryRun && read.length > 0) lines.push('To look through it: understudy search WORDS, or understudy conversations');
  return lines.flatMap((line) => wrapped(line, width, '    '));
}

function listLines(kind: ListKind, { lists, counts }: ImportReport, { paint }: Pick<Terminal, 'paint' | 'width'>): string[] {
  if (counts[kind] === 0) return [];
  const colour = kind === 'unreadable' ? paint.bad : kind === 'missing' ? paint.warn : paint.bold;
  const reasons = [...Map.groupBy(lists[kind], ({ reason }) => reason)];
  const shown = reasons.slice(0, MOST_REASONS).flatMap(([reason, each]) => reasonLines(reason, each));
  const rest = reasons.length - MOST_REASONS;
  return [
    colour(`${TITLES[kind]} (${counts[kind]})`),
    ...shown,
    ...(rest > 0 ? [`  and ${counted(rest, 'other reason')}; --json lists all`] : []),
    '',
  ];
}

function reasonLines(reason: string, each: readonly Listed[]): string[] {
  if (each.length === 1) return [`  ${placeOf(each[0]!)}: ${reason}`];
  const more = each.length - EXAMPLES;
  return [
    `  ${each.length} × ${reason}`,
    ...each.slice(0, EXAMPLES).map((one) => `      ${placeOf(one)}`),
    ...(more > 0 ? [`      and ${more} more`] : []),
  ];
}

/** Names in exports are anybody's words: no control characters reach the terminal. */
function placeOf({ where, found }: Listed): string {
  const said = typeof found === 'string' ? `${where} (${found})` : where;
  // oxlint-disable-next-line no-control-regex -- these are what is taken out
  return said.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?').slice(0, 400);
}
