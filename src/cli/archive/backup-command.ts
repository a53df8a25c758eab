import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { backupsIn, makeBackup, sizeOf } from '../../archive/care/backup.ts';
import type { Damage } from '../../archive/care/manifest.ts';
import { restoreBackup } from '../../archive/care/restore.ts';
import { examineBackup } from '../../archive/care/verify.ts';
import { isEncrypted } from '../../journal/at-rest/header.ts';
import { bytesText } from '../../journal/bytes-text.ts';
import type { Command, Context } from '../command.ts';
import { counted } from '../counted.ts';
import { unlocked } from '../encryption/unlock.ts';
import { EXIT } from '../exit-code.ts';
import { readConfigAnyway } from '../missing-keys.ts';
import { openedArchive } from './open-archive.ts';
import { CONFIG_ARGS } from '../read-config.ts';
import type { Terminal } from '../terminal.ts';

export const backupCommand: Command = {
  name: 'backup',
  summary: 'Backs up the archive and the record, and restores them.',
  args: {
    what: { type: 'positional', required: false, description: 'A folder for backups; or list, verify or restore, and a backup.' },
    to: { type: 'string', valueHint: 'DIR', description: 'The data folder to restore into; default: the one in use.' },
    force: { type: 'boolean', description: 'Restore where an archive is; that one is set aside.' },
    json: { type: 'boolean', description: 'For programs.' },
    ...CONFIG_ARGS,
  },
  takesMany: true,
  examples: [
    ['understudy backup /mnt/disk', 'a backup of now, also while a server runs'],
    ['understudy backup list /mnt/disk', 'what there is, the newest first'],
    ['understudy backup verify PATH', 'reads every byte of one'],
    ['understudy backup restore PATH --to DIR', 'puts it into a data folder'],
  ],
  page: 'care.md',
  more: [
    'Without a folder it goes into backups/ in the data folder, which a broken disk takes along.',
    'It has everything that you said and were told, readable for its owner only; encrypted, where the data folder is. Configuration and keys are not in it.',
  ],
  async run(context) {
    const [first, second, ...more] = context.flags.words;
    const isVerb = first === 'list' || first === 'verify' || first === 'restore';
    if (more.length > 0 || (second !== undefined && !isVerb)) {
      context.terminal.note(`\`${more[0] ?? second}\` is one word too many. See understudy backup --help.`);
      return EXIT.usage;
    }
    try {
      if (first === 'list') return list(context, second);
      if (first === 'verify') return await verify(context, second);
      if (first === 'restore') return await restore(context, second);
      return await make(context, first);
    } catch (error) {
      if (error instanceof Error && error.name === 'AbortError') {
        context.terminal.note('Stopped; nothing is left of it.');
        return EXIT.interrupted;
      }
      context.terminal.note(`It came to nothing: ${error instanceof Error ? error.message : String(error)}`);
      return EXIT.failed;
    }
  },
};

async function make(context: Context, folder: string | undefined): Promise<number> {
  const { terminal, deps, flags } = context;
  const opened = await openedArchive(context, 'read');
  if (!opened.ok) return opened.error;
  opened.value.archive.close();
  const { data } = opened.value;
  const into = folder === undefined ? join(data, 'backups') : resolve(deps.surroundings.workingFolder, folder);
  const stop = new AbortController();
  const undo = (['SIGINT', 'SIGTERM'] as const).map((each) => deps.surroundings.onSignal(each, () => stop.abort()));
  const at = whereItIs(terminal);
  try {
    const { path, manifest, size } = await makeBackup({
      dataFolder: data,
      ...(opened.value.archive.key && { key: opened.value.archive.key }),
      into,
      now: deps.clock.now(),
      progress: at.show,
      signal: stop.signal,
    });
    at.clear();
    if (flags.on('json')) terminal.out(JSON.stringify({ path, size, files: manifest.files.length, ...manifest.counts }));
    else {
      terminal.out(path);
      terminal.note(
        `${whatIsIn(manifest.counts)}; ${counted(manifest.files.length, 'file')}, ${bytesText(size)}. Read back and found right.`,
      );
      if (isSameDisk(into, data)) terminal.note('It is on the same disk as the archive: give a folder on another one, or copy it there.');
    }
    return EXIT.done;
  } finally {
    at.clear();
    for (const each of undo) each();
  }
}

function list(context: Context, folder: string | undefined): number {
  const { terminal, flags } = context;
  const where = backupFolder(context, folder);
  if (where === undefined) return EXIT.usage;
  const found = backupsIn(where);
  if (flags.on('json')) {
    terminal.out(
      JSON.stringify(
        found.map(({ path, manifest, reason }) => ({
          path,
          ...(manifest ? { madeAt: manifest.madeAt, size: sizeOf(manifest), ...manifest.counts } : { reason }),
        })),
      ),
    );
    return EXIT.done;
  }
  if (found.length === 0) terminal.note(`There is no backup in ${where}. Make one: understudy backup ${folder ?? ''}`.trim());
  for (const { path, manifest, reason } of found) {
    terminal.out(path);
    terminal.out(
      manifest ? `  ${whatIsIn(manifest.counts)}, ${bytesText(sizeOf(manifest))}` : `  ${terminal.paint.bad(`no good: ${reason}`)}`,
    );
  }
  return EXIT.done;
}

async function verify(context: Context, given: string | undefined): Promise<number> {
  const { terminal, flags } = context;
  const path = chosenBackup(context, given);
  if (path === undefined) return EXIT.usage;
  const key = await unlocked(path, context);
  const at = whereItIs(terminal);
  const damages = await examineBackup(path, at.show, { ...(key.ok && key.value && { key: key.value }) });
  at.clear();
  if (!key.ok) terminal.note(`Its databases were not looked into, only their bytes. ${key.error}`);
  if (flags.on('json')) terminal.out(JSON.stringify({ path, damages }));
  else if (damages.length === 0) terminal.out(`${path} is right, to the last byte.`);
  else tellDamages(path, damages, terminal);
  return damages.length === 0 ? EXIT.done : EXIT.failed;
}

async function restore(context: Context, given: string | undefined): Promise<number> {
  const { terminal, deps, flags } = context;
  const backup = chosenBackup(context, given);
  if (backup === undefined) return EXIT.usage;
  const wanted = flags.text('to');
  const to = wanted === undefined ? dataFolder(context) : resolve(deps.surroundings.workingFolder, wanted);
  if (to === undefined) return EXIT.usage;
  const wasEncrypted = isEncrypted(to);
  const at = whereItIs(terminal);
  const restored = await restoreBackup({ backup, to, force: flags.on('force'), now: deps.clock.now(), progress: at.show });
  at.clear();
  if (restored.ok) {
    if (wasEncrypted && !isEncrypted(to))
      terminal.note(`${to} is not encrypted any more: the backup was not. See understudy encryption on.`);
    terminal.out(`${to} is as it was when ${backup} was made: ${counted(restored.value.files, 'file')}.`);
    if (restored.value.setAside !== undefined) terminal.note(`What was there lies in ${restored.value.setAside}; delete it when you like.`);
    return EXIT.done;
  }
  switch (restored.error.type) {
    case 'damaged':
      tellDamages(backup, restored.error.damages, terminal);
      return EXIT.failed;
    case 'occupied':
      terminal.note(`${to} has an archive or a record already. --force sets it aside (nothing is deleted); --to DIR restores elsewhere.`);
      return EXIT.usage;
    case 'in-use':
      terminal.note(`A server works in ${to}. Stop it first, or restore elsewhere with --to DIR.`);
      return EXIT.failed;
  }
}

function tellDamages(path: string, damages: readonly Damage[], { out, note }: Terminal): void {
  note(`${path} can't be relied on:`);
  for (const damage of damages) out(`  ${damage.path}: ${damage.reason}`);
  note('What to do: take another backup (understudy backup list), or make a new one while the archive itself is good.');
}

function chosenBackup(context: Context, given: string | undefined): string | undefined {
  if (given !== undefined) return resolve(context.deps.surroundings.workingFolder, given);
  context.terminal.note('Which backup? Its path, as understudy backup list says it.');
  return undefined;
}

function backupFolder(context: Context, given: string | undefined): string | undefined {
  if (given !== undefined) return resolve(context.deps.surroundings.workingFolder, given);
  const data = dataFolder(context);
  return data === undefined ? undefined : join(data, 'backups');
}

function dataFolder(context: Context): string | undefined {
  const loaded = readConfigAnyway(context);
  if (loaded.ok) return loaded.value.loaded.settings.data;
  for (const line of loaded.error) context.terminal.note(line);
  return undefined;
}

function whatIsIn(counts: Record<string, number>): string {
  return `${counted(counts['archive.conversations'] ?? 0, 'conversation')}, ${counted(counts['archive.messages'] ?? 0, 'message')}, ${counted(counts['record.exchanges'] ?? 0, 'exchange')}`;
}

function isSameDisk(one: string, other: string): boolean {
  return statSync(one).dev === statSync(other).dev;
}

/** On a screen, which file is at hand. */
function whereItIs({ screen, raw, width }: Terminal): { show(file: string): void; clear(): void } {
  const line = (text: string): void => raw(`\r\u001b[2K${text.slice(0, width - 1)}`);
  return screen ? { show: line, clear: () => line('') } : { show: () => undefined, clear: () => undefined };
}
