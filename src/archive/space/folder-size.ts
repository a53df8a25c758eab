import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Archive } from '../store/open.ts';

/** What the data folder consists of, in bytes. */
export interface FolderSizes {
  /** archive.db: messages, search index. */
  archive: number;
  originals: number;
  transcripts: number;
  /** record.db. */
  record: number;
  log: number;
  backups: number;
  /** Archives that `backup restore` has set aside. */
  setAside: number;
  other: number;
}

/** Looks at every file. What vanishes meanwhile counts nothing. */
export function folderSizes(dataFolder: string): FolderSizes {
  const sizes: FolderSizes = { archive: 0, originals: 0, transcripts: 0, record: 0, log: 0, backups: 0, setAside: 0, other: 0 };
  for (const name of namesIn(dataFolder)) {
    const path = join(dataFolder, name);
    if (name !== 'archive') sizes[kindOf(name)] += sizeBelow(path);
    else
      for (const each of namesIn(path))
        sizes[each === 'originals' || each === 'transcripts' ? each : 'other'] += sizeBelow(join(path, each));
  }
  return sizes;
}

/** What it takes, but for backups, without a look at every file: from the archive's own lists. */
export function quickSize({ database }: Archive, dataFolder: string): number {
  const [row] = database
    .prepare(
      `SELECT (SELECT coalesce(sum(size), 0) FROM originals) + (SELECT coalesce(sum(size), 0) FROM protected_files WHERE forgotten = 0) AS bytes`,
    )
    .all();
  const files = namesIn(dataFolder).filter((name) => ['archive', 'record', 'log'].includes(kindOf(name)) && name !== 'archive');
  return files.reduce((sum, name) => sum + sizeBelow(join(dataFolder, name)), Number(row?.['bytes']));
}

function kindOf(name: string): keyof FolderSizes {
  if (name.startsWith('archive.db')) return 'archive';
  if (name.startsWith('record.db')) return 'record';
  if (name === 'log' || name === 'backups') return name;
  return name.startsWith('before-restore-') ? 'setAside' : 'other';
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function sizeBelow(path: string): number {
  try {
    const stat = statSync(path);
    if (!stat.isDirectory()) return stat.size;
  } catch {
    return 0;
  }
  return namesIn(path).reduce((sum, name) => sum + sizeBelow(join(path, name)), 0);
}
