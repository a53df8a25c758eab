import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Json } from '../../exchange/json.ts';
import { saveJournal, type JournaledChange, type MirrorJournal } from './mirror-journal.ts';
import type { Added, PlannedChange } from './plan-mirror.ts';

export interface Applied {
  written: PlannedChange[];
  /** Files that were left as they are, each with why. */
  left: { path: string; why: string }[];
}

/**
 * Writes what was planned. The journal and the copies are on disk before the first file changes; a file that has changed since the plan
 * is left alone.
 */
export function applyMirror(
  changes: readonly PlannedChange[],
  run: { id: string; at: number; from: string },
  journal: MirrorJournal,
): Applied {
  const applied: Applied = { written: [], left: [] };
  mkdirSync(journal.folder, { recursive: true, mode: 0o700 });
  const kept: [PlannedChange, JournaledChange][] = [];
  for (const [index, change] of changes.entries()) {
    const { path, real, before } = change;
    if (textOf(real) !== before) {
      applied.left.push({ path, why: 'it has changed meanwhile; run it again' });
      continue;
    }
    const name = before === undefined ? null : `${run.id}-${index}`;
    if (name !== null) {
      copyFileSync(real, join(journal.folder, name));
      chmodSync(join(journal.folder, name), 0o600);
    }
    kept.push([
      change,
      {
        path,
        real,
        before: name,
        mode: before === undefined ? null : statSync(real).mode & 0o777,
        after: hashOf(change.after),
        folders: missingFolders(real),
        added: journaled(change.added),
      },
    ]);
  }
  if (kept.length === 0) return applied;
  const entry = { ...run, changes: kept.map(([, change]) => change) };
  journal.runs.push(entry);
  saveJournal(journal);
  for (const [change, { mode }] of kept) {
    try {
      writeWhole(change.real, change.after, change.isSecret ? 0o600 : (mode ?? (change.added.type === 'copy' ? 0o644 : 0o600)));
      applied.written.push(change);
    } catch (error) {
      applied.left.push({ path: change.path, why: error instanceof Error ? error.message : String(error) });
    }
  }
  return applied;
}

/** The file is whole at every moment. */
export function writeWhole(file: string, content: string | Uint8Array, mode: number): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.new`;
  writeFileSync(draft, content, { mode, flag: 'wx' });
  chmodSync(draft, mode);
  renameSync(draft, file);
}

export function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

export function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

export function hashOfEntry(entry: Json | undefined): string {
  return hashOf(JSON.stringify(entry ?? null));
}

function missingFolders(file: string): string[] {
  const folders: string[] = [];
  for (let folder = dirname(file); !existsSync(folder); folder = dirname(folder)) folders.unshift(folder);
  return folders;
}

function journaled(added: Added): JournaledChange['added'] {
  if (added.type === 'members')
    return {
      type: 'members',
      at: [...added.at],
      entries: Object.fromEntries(Object.entries(added.entries).map(([name, entry]) => [name, hashOfEntry(entry)])),
    };
  if (added.type === 'copy') return added;
  const lines = added.text.trimEnd().split('\n');
  return { type: 'block', first: lines[0]!, last: lines.at(-1)!, hash: hashOf(added.text) };
}
