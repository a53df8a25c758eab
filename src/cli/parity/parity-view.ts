import type { BackupSetup, State } from '../../drill/setup/compare.ts';
import type { PlannedChange, Refusal } from '../../drill/setup/plan-mirror.ts';
import { shortened } from '../../drill/setup/plan-mirror.ts';
import { setupSummary } from '../../drill/setup/summary.ts';
import type { Undone } from '../../drill/setup/undo-mirror.ts';
import { counted } from '../counted.ts';
import type { Terminal } from '../terminal.ts';
import { wrapped } from '../wrap.ts';
import type { ClaudeProject } from './claude-projects.ts';

export interface Places {
  home: string;
  project?: string;
}

/** A backup: what it has, lacks and has otherwise. */
export function backupLines(backup: BackupSetup, places: Places, terminal: Terminal): string[] {
  const lines = [terminal.paint.bold(`${backup.title}: ${setupSummary(backup)?.slice(backup.tool.length + 1) ?? 'nothing is lacking'}`)];
  const short = (path: string): string => shortened(path, places);
  const item = (state: State, text: string, notes: readonly string[]): void => {
    lines.push(...wrapped(`  ${mark(state, terminal)} ${text}`, terminal.width, '    '));
    for (const note of notes) lines.push(...wrapped(`    ${terminal.paint.dim(shortenedIn(note, places))}`, terminal.width, '    '));
  };
  for (const { scope, state, from, at, note } of backup.instructions) {
    const where = scope === 'user' ? 'everywhere' : 'in this project';
    item(state, `rules ${where}: ${from.map(short).join(', ')} ${ARROW[state]} ${short(at)}`, note === undefined ? [] : [note]);
  }
  for (const { name, scope, state, shown, as, notes } of backup.servers) {
    const where = scope === 'user' ? '' : ' (this project)';
    item(state, `MCP server ${name}${where}${as === undefined ? '' : `, there ${as}`}: ${shown}`, notes);
  }
  for (const trouble of backup.troubles)
    lines.push(...wrapped(`  ${terminal.paint.warn('!')} ${shortenedIn(trouble, places)}`, terminal.width, '    '));
  return lines;
}

const ARROW: Record<State, string> = {
  same: '=',
  lacks: '→ not there yet:',
  outdated: '→ an old copy:',
  differs: '≠',
  'by-hand': '→',
};

function mark(state: State, { paint }: Terminal): string {
  if (state === 'same') return paint.good('✓');
  return state === 'lacks' || state === 'outdated' ? paint.bad('✗') : paint.warn('!');
}

/** What would be written, file by file. */
export function planLines(changes: readonly PlannedChange[], places: Places, terminal: Terminal): string[] {
  return changes.flatMap(({ path, before, what, isSecret }) => [
    ...wrapped(`  ${before === undefined ? 'new      ' : 'changed  '}${shortened(path, places)}: ${what}`, terminal.width, '           '),
    ...(isSecret
      ? wrapped('           credentials are written out in it: for you alone to read (0600)', terminal.width, '           ')
      : []),
  ]);
}

/** What is to be put there by hand. */
export function refusalLines(refusals: readonly Refusal[], places: Places, terminal: Terminal): string[] {
  return refusals.flatMap(({ path, why, snippet, isSecret }) => [
    ...wrapped(
      `${terminal.paint.warn('!')} ${shortened(path, places)} is left as it is: ${shortenedIn(why, places)}. To put there by hand:`,
      terminal.width,
      '  ',
    ),
    ...snippet
      .trimEnd()
      .split('\n')
      .map((line) => `    ${line}`),
    ...(isSecret ? wrapped('  ••• stands for what the lead’s own file says there.', terminal.width, '  ') : []),
  ]);
}

const UNDONE: Record<Undone['result'], string> = {
  restored: 'as it was before',
  deleted: 'deleted; there was none before',
  'taken-out': 'what was added is taken out',
  left: 'left as it is',
};

export function undoneLines(undone: readonly Undone[], places: Places, terminal: Terminal): string[] {
  if (undone.length === 0) return ['Nothing was mirrored that is not taken back already.'];
  return undone.flatMap(({ path, result, why }) => {
    const sign = result === 'left' ? terminal.paint.warn('!') : terminal.paint.good('✓');
    const because = why === undefined ? '' : `; ${shortenedIn(why, places)}`;
    return wrapped(`  ${sign} ${shortened(path, places)}: ${UNDONE[result]}${because}`, terminal.width, '    ');
  });
}

/** What no program can carry over. */
export function projectLines(projects: readonly ClaudeProject[] | 'locked', terminal: Terminal): string[] {
  if (projects === 'locked')
    return wrapped(
      'Projects of claude.ai are not looked up: the archive is encrypted. understudy conversations --source claude-ai lists them.',
      terminal.width,
    );
  if (projects.length === 0) return [];
  return [
    ...wrapped('Projects of claude.ai, to paste by hand where you go on (understudy export ID prints one):', terminal.width),
    ...projects.flatMap(({ id, name, instructions, documents }) => {
      const parts = [
        ...(instructions > 0 ? [`instructions of ${counted(instructions, 'character')}`] : []),
        ...(documents.length > 0 ? [`${counted(documents.length, 'document')}: ${documents.join(', ')}`] : []),
      ];
      return wrapped(`  ${id}  ${name}: ${parts.join('; ')}`, terminal.width, '    ');
    }),
  ];
}

/** Paths within a sentence. */
function shortenedIn(sentence: string, { home, project }: Places): string {
  const nearer = project === undefined ? sentence : sentence.replaceAll(`${project}/`, '');
  return nearer.replaceAll(`${home}/`, '~/');
}
