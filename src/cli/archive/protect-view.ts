import type { KeptFile } from '../../archive/protect/ledger.ts';
import { SOON, type StoreOverview } from '../../archive/protect/overview.ts';
import type { PassReport } from '../../archive/protect/pass.ts';
import { bytesText } from '../../journal/bytes-text.ts';
import { counted } from '../counted.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { wrapped } from '../wrap.ts';

const DAY = 86_400_000;

/** What was found, tool by tool, and what will be deleted. */
export function overviewLines(found: readonly StoreOverview[], now: number, terminal: Terminal): string[] {
  const { paint, width } = terminal;
  if (found.length === 0) {
    return wrapped(
      'No sessions of coding CLIs were found on this machine: neither of Claude Code, Codex, Gemini CLI, opencode, Qwen Code, Copilot CLI, pi nor Cursor.',
      width,
    );
  }
  const rows = found.map((store) => [
    store.title,
    String(store.sessions),
    bytesText(store.bytes),
    store.oldest === undefined ? '' : ageText(now - store.oldest),
    store.newest === undefined ? '' : ageText(now - store.newest),
    store.retention.days === undefined
      ? 'keeps them'
      : `${Number(store.retention.days.toFixed(1))} days${store.retention.setting?.isDefault ? ' (default)' : ''}`,
  ]);
  const columns = [
    { title: 'tool' },
    { title: 'sessions', align: 'right' as const },
    { title: 'size', align: 'right' as const },
    { title: 'oldest', align: 'right' as const },
    { title: 'newest', align: 'right' as const },
    { title: 'its own retention' },
  ];
  const lines = [...table(columns, rows), ''];
  for (const { title, soon, due, retention } of found) {
    if (soon > 0) {
      const when = due > 0 ? `, ${due} of them at its next start` : '';
      lines.push(
        ...wrapped(
          paint.warn(
            `${title} will delete ${counted(soon, 'session')} in the next ${SOON} days${when} (${retention.setting?.shown ?? ''}).`,
          ),
          width,
          '  ',
        ),
      );
    }
    if (retention.note !== undefined) lines.push(...wrapped(`${title}: ${retention.note}.`, width, '  '));
  }
  return lines;
}

/** What a look at all stores came to. */
export function passLines(report: PassReport, { paint, width }: Terminal): string[] {
  const { new: added, grown, again, moved, bytes, conversations, messages, gone, troubles } = report;
  const parts = [
    ...(added > 0 ? [`${counted(added, 'file')} new`] : []),
    ...(grown > 0 ? [`${grown} grown`] : []),
    ...(again > 0 ? [`${again} begun anew (the old state stays)`] : []),
    ...(moved > 0 ? [`${moved} moved`] : []),
  ];
  const lines = wrapped(
    parts.length === 0
      ? 'Everything was kept already.'
      : `${paint.good('Kept')}: ${parts.join(', ')}; ${bytesText(bytes)}. In the archive: ${counted(conversations.added, 'conversation')} new, ${conversations.changed} changed, ${counted(messages, 'message')}.`,
    width,
    '  ',
  );
  if (gone.length > 0) {
    const one = gone.length === 1 ? ` ${gone[0]!.path}` : '';
    lines.push(
      ...wrapped(
        `${counted(gone.length, 'original')} ${gone.length === 1 ? 'is' : 'are'} gone since the last look; kept here.${one}`,
        width,
        '  ',
      ),
    );
  }
  for (const { path, reason } of troubles.slice(0, 10)) lines.push(...wrapped(paint.bad(`Not kept: ${path}: ${reason}`), width, '  '));
  if (troubles.length > 10) lines.push(`… and ${troubles.length - 10} more (--json lists them).`);
  return lines;
}

/** What is kept, tool by tool. */
export function keptLines(files: readonly KeptFile[], now: number, { width }: Terminal): string[] {
  if (files.length === 0) return wrapped('Nothing is kept yet. Begin with: understudy protect', width);
  const sources = [...new Set(files.map(({ source }) => source))];
  const rows = sources.map((source) => {
    const own = files.filter((file) => file.source === source);
    const gone = own.filter((file) => file.goneAt !== undefined);
    const newest = Math.max(...own.map(({ modified }) => modified));
    return [
      source,
      String(own.length),
      bytesText(own.reduce((sum, { size }) => sum + size, 0)),
      String(gone.length),
      ageText(now - newest),
    ];
  });
  const right = 'right' as const;
  const lines = table(
    [
      { title: 'tool' },
      { title: 'files', align: right },
      { title: 'size', align: right },
      { title: 'kept here alone', align: right },
      { title: 'last change', align: right },
    ],
    rows,
  );
  const lost = files.filter((file) => file.goneAt !== undefined).slice(-5);
  if (lost.length > 0) lines.push('', 'Gone where they were, and kept here; the last of them:', ...lost.map(({ path }) => `  ${path}`));
  const unclear = files.flatMap(({ path, skipped }) => (skipped === undefined || skipped === '[]' ? [] : [{ path, skipped }]));
  if (unclear.length > 0) {
    lines.push(
      '',
      ...wrapped(
        `${counted(unclear.length, 'file')} ${unclear.length === 1 ? 'has' : 'have'} something that was not understood; the bytes are kept:`,
        width,
      ),
    );
    for (const { path, skipped } of unclear.slice(0, 5)) lines.push(...wrapped(`  ${path}: ${reasons(skipped)}`, width, '    '));
  }
  return lines;
}

function reasons(skipped: string): string {
  const list = JSON.parse(skipped) as { reason: string }[];
  return list
    .slice(0, 3)
    .map(({ reason }) => reason)
    .join('; ');
}

/** `3 h ago`, `12 days ago`. */
function ageText(age: number): string {
  if (age < 3_600_000) return `${Math.max(0, Math.round(age / 60_000))} min ago`;
  if (age < 2 * DAY) return `${Math.round(age / 3_600_000)} h ago`;
  return `${Math.round(age / DAY)} days ago`;
}
