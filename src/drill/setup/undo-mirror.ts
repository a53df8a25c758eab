import { existsSync, readFileSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, parseObject } from '../../exchange/json.ts';
import { hashOf, hashOfEntry, textOf, writeWhole } from './apply-mirror.ts';
import { memberAt, withoutMembers } from './edit-json.ts';
import { withoutTomlBlock } from './edit-toml.ts';
import { saveJournal, type JournaledChange, type MirrorJournal } from './mirror-journal.ts';
import { safePlace } from './safe-place.ts';

/** What became of one file: as it was before; without what was added; or left, with why. */
export interface Undone {
  path: string;
  result: 'restored' | 'deleted' | 'taken-out' | 'left';
  why?: string;
}

/** Takes back all that was mirrored, the last first. What it has to leave is forgotten: it is the user's from then on. */
export function undoMirror(journal: MirrorJournal, roots: readonly string[]): Undone[] {
  const undone: Undone[] = [];
  for (let run = journal.runs.pop(); run !== undefined; run = journal.runs.pop()) {
    for (const change of run.changes.toReversed()) undone.push(undoOne(change, journal.folder, roots));
    for (const { before } of run.changes) if (before !== null) rmSync(join(journal.folder, before), { force: true });
    saveJournal(journal);
  }
  return undone;
}

function undoOne(change: JournaledChange, folder: string, roots: readonly string[]): Undone {
  const { path, real } = change;
  const left = (why: string): Undone => ({ path, result: 'left', why });
  try {
    const place = safePlace(path, roots);
    if (!place.ok) return left(place.error);
    if (place.value !== real) return left(`it is somewhere else now: ${place.value}`);
    const now = textOf(real);
    const before = change.before === null ? undefined : readFileSync(join(folder, change.before));
    // A mirror that was broken off may not have come to this file.
    if (now === undefined) {
      dropFolders(change.folders);
      return before === undefined ? { path, result: 'deleted' } : left('it is gone; nothing is left to take out');
    }
    if (before !== undefined && before.equals(readFileSync(real))) {
      writeWhole(real, before, change.mode ?? 0o600);
      return { path, result: 'restored' };
    }
    if (hashOf(now) === change.after) {
      if (before !== undefined) {
        writeWhole(real, before, change.mode ?? 0o600);
        return { path, result: 'restored' };
      }
      rmSync(real);
      dropFolders(change.folders);
      return { path, result: 'deleted' };
    }
    const less = takenOut(now, change.added);
    if (less.text === undefined) return left('what was added was edited since, and is yours');
    writeWhole(real, less.text, statSync(real).mode & 0o777);
    const others = less.kept.length === 0 ? '' : `, and so does ${less.kept.join(', ')}, which was edited too`;
    return { path, result: 'taken-out', why: `it was edited since; the rest of it stays${others}` };
  } catch (error) {
    return left(error instanceof Error ? error.message : String(error));
  }
}

/** An edited file without what was added, as far as that is still as it was. */
function takenOut(now: string, added: JournaledChange['added']): { text: string | undefined; kept: string[] } {
  if (added.type === 'copy') return { text: undefined, kept: [] };
  if (added.type === 'block') {
    const start = now.indexOf(`${added.first}\n`);
    const end = start < 0 ? -1 : now.indexOf(`${added.last}\n`, start);
    const block = end < 0 ? '' : now.slice(start, end + added.last.length + 1);
    return { text: hashOf(block) === added.hash ? withoutTomlBlock(now, block) : undefined, kept: [] };
  }
  const servers = memberAt(parseObject(now), added.at);
  const there = isObject(servers) ? Object.keys(added.entries).filter((name) => servers[name] !== undefined) : [];
  const same = there.filter((name) => hashOfEntry(isObject(servers) ? servers[name] : undefined) === added.entries[name]);
  return {
    text: same.length === 0 ? undefined : withoutMembers(now, added.at, same),
    kept: there.filter((name) => !same.includes(name)),
  };
}

/** Those that were made and are empty again. */
function dropFolders(folders: readonly string[]): void {
  for (const folder of folders.toReversed()) {
    try {
      if (existsSync(folder)) rmdirSync(folder);
    } catch {
      return; // Something else is in it now.
    }
  }
}
