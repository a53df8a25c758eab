import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { err, ok } from '../../exchange/result.ts';
import type { Result } from '../../exchange/result.ts';
import type { Archive } from '../store/open.ts';
import type { KeptFile, Ledger } from './ledger.ts';

/** What is to be put back: a file by the path of its original (or the end of it), or all files of a session. */
export type Wanted = { type: 'file'; path: string; generation?: number } | { type: 'session'; id: string };

export function findKept(ledger: Ledger, wanted: Wanted): Result<KeptFile[], string> {
  if (wanted.type === 'session') {
    const files = ledger.ofSession(wanted.id);
    const newest = files.filter((file) => !files.some(({ path, generation }) => path === file.path && generation > file.generation));
    return newest.length > 0 ? ok(newest) : err(`No session ${wanted.id} is kept here.`);
  }
  const exact = ledger.generations(wanted.path);
  const found = exact.length > 0 ? exact : sameEnd(ledger, wanted.path);
  const paths = new Set(found.map(({ path }) => path));
  if (paths.size > 1)
    return err(`${paths.size} kept files end in ${wanted.path}; give the whole path: ${[...paths].slice(0, 5).join(', ')}`);
  const file = wanted.generation === undefined ? found[0] : found.find(({ generation }) => generation === wanted.generation);
  if (file) return ok([file]);
  return err(
    found.length > 0
      ? `It has generations ${found
          .map(({ generation }) => generation)
          .toReversed()
          .join(', ')}.`
      : `No file ${wanted.path} is kept here.`,
  );
}

function sameEnd(ledger: Ledger, path: string): KeptFile[] {
  const end = path.replaceAll('\\', '/');
  return ledger
    .all()
    .filter((file) => file.path.replaceAll('\\', '/').endsWith(`/${end}`))
    .toSorted((one, other) => other.generation - one.generation);
}

/** Puts a kept file back, byte for byte. `to`: where; a folder (also when several files are put back), or a path. What lies there is never written over. */
export function restoreFile(archive: Archive, file: KeptFile, to: string | undefined, count = 1): Result<string, string> {
  const target = targetOf(file, to, count);
  try {
    mkdirSync(dirname(target), { recursive: true });
    archive.files.copyOut(join(archive.folder, file.copy), target, true);
    return ok(target);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'EEXIST') return err(`${target} is there already and stays as it is; choose another place with --to`);
    return err(`${target} can't be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function targetOf({ path }: KeptFile, to: string | undefined, count: number): string {
  if (to === undefined) return path;
  const isFolder = count > 1 || (existsSync(to) && statSync(to).isDirectory());
  return isFolder ? join(to, path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)) : to;
}
