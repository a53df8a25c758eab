import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isEncrypted } from '../../journal/at-rest/header.ts';

/** Folders in a data folder that hold what was said, and are not encrypted though they could be: backups from before, what a restore set aside. */
export function inPlain(dataFolder: string): string[] {
  if (!existsSync(dataFolder)) return [];
  const aside = readdirSync(dataFolder)
    .filter((name) => name.startsWith('before-restore-') || name.startsWith('rescue'))
    .map((name) => join(dataFolder, name));
  const backups = join(dataFolder, 'backups');
  const made = existsSync(backups) ? readdirSync(backups).map((name) => join(backups, name)) : [];
  return [...aside, ...made].filter(
    (path) => !isEncrypted(path) && ['archive.db', 'record.db', 'log'].some((name) => existsSync(join(path, name))),
  );
}
