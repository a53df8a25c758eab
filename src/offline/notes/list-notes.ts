import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import { extname, join, sep } from 'node:path';

/** A note as its folder lists it. */
export interface ListedNote {
  path: string;
  folder: string;
  /** Bytes. */
  size: number;
  /** UTC milliseconds. */
  modified: number;
}

export interface NoteList {
  notes: ListedNote[];
  /** What of the named folders was not looked at, and why; for people. */
  problems: string[];
  /** Folders that are not there now, such as a disk that is not plugged in: what is known of them stays. */
  missing: string[];
}

const EXTENSIONS: ReadonlySet<string> = new Set(['.md', '.markdown', '.mdown', '.mkd']);
/** Folders of other programs, in which nobody keeps notes. */
const LEFT_OUT: ReadonlySet<string> = new Set(['node_modules']);
/** Notes of all folders together, folders below each other, and entries that are looked at: what is above is said. */
const MOST_NOTES = 20_000;
const DEEPEST = 24;
const MOST_ENTRIES = 200_000;

/**
 * The Markdown files of these folders. Hidden files and folders are left out. A link is followed as long as it leads to something within the same named
 * folder, and nothing is listed twice.
 */
export function listNotes(folders: readonly string[]): NoteList {
  const list: NoteList = { notes: [], problems: [], missing: [] };
  const seen = new Set<string>();
  let entries = 0;
  let outside = 0;

  function walk(folder: string, root: { named: string; real: string }, depth: number): void {
    if (depth > DEEPEST) return void list.problems.push(`${folder} lies too deep`);
    let found: Dirent[];
    try {
      found = readdirSync(folder, { withFileTypes: true });
    } catch (error) {
      return void list.problems.push(`${folder} can't be read: ${error instanceof Error ? error.message : String(error)}`);
    }
    for (const entry of found.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
      if (list.notes.length >= MOST_NOTES || entries >= MOST_ENTRIES) return;
      entries += 1;
      if (entry.name.startsWith('.') || LEFT_OUT.has(entry.name)) continue;
      const path = join(folder, entry.name);
      if (entry.isFile() && !EXTENSIONS.has(extname(entry.name).toLowerCase())) continue;
      if (entry.isFile() || entry.isDirectory() || entry.isSymbolicLink()) visit(path, root, depth);
    }
  }

  function visit(path: string, root: { named: string; real: string }, depth: number): void {
    try {
      const real = realpathSync(path);
      if (real !== root.real && !real.startsWith(root.real.endsWith(sep) ? root.real : root.real + sep)) {
        outside += 1;
        return;
      }
      if (seen.has(real)) return;
      const { size, mtimeMs, ...found } = statInfo(real);
      if (found.isFolder) {
        seen.add(real);
        walk(path, root, depth + 1);
      } else if (found.isFile && EXTENSIONS.has(extname(real).toLowerCase())) {
        seen.add(real);
        list.notes.push({ path, folder: root.named, size, modified: mtimeMs });
      }
    } catch {
      // Gone meanwhile, or a link that leads nowhere.
    }
  }

  for (const named of folders) {
    let real: string;
    try {
      real = realpathSync(named);
      if (!statInfo(real).isFolder) {
        list.problems.push(`${named} is no folder`);
        continue;
      }
    } catch {
      list.missing.push(named);
      list.problems.push(`${named} is not there`);
      continue;
    }
    if (seen.has(real)) continue;
    seen.add(real);
    walk(named, { named, real }, 0);
  }
  if (list.notes.length >= MOST_NOTES) list.problems.push(`there are more than ${MOST_NOTES} notes; the rest is not read`);
  else if (entries >= MOST_ENTRIES) list.problems.push(`there are more than ${MOST_ENTRIES} files; the rest is not looked at`);
  if (outside > 0)
    list.problems.push(
      `${outside} ${outside === 1 ? 'link leads' : 'links lead'} out of the named folders and ${outside === 1 ? 'is' : 'are'} not followed`,
    );
  return list;
}

function statInfo(path: string): { size: number; mtimeMs: number; isFile: boolean; isFolder: boolean } {
  const found = statSync(path);
  return { size: found.size, mtimeMs: found.mtimeMs, isFile: found.isFile(), isFolder: found.isDirectory() };
}
