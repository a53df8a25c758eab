import { existsSync, realpathSync } from 'node:fs';
import { delimiter, isAbsolute, join, relative, sep } from 'node:path';

/**
 * What to type to call this program once more, from `workingFolder`: its name where a shell finds it by that; in a clone its path; `npx understudy`
 * where it is installed in a folder of somebody's. `entry`: bin/understudy of this very program.
 */
export function calledAs(entry: string, environment: Readonly<Record<string, string | undefined>>, workingFolder: string): string {
  // npm and npx put folders before the path that the user's own shell does not have.
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => !folder.split(sep).includes('node_modules'));
  if (folders.some((folder) => isSame(join(folder, 'understudy'), entry) || existsSync(join(folder, 'understudy.cmd'))))
    return 'understudy';
  if (entry.split(sep).includes('node_modules')) return 'npx understudy';
  const path = relative(workingFolder, entry);
  const shown = path.startsWith('..') || isAbsolute(path) ? entry : path;
  return /\s/.test(shown) ? `"${shown}"` : shown;
}

function isSame(path: string, entry: string): boolean {
  try {
    return realpathSync(path) === realpathSync(entry);
  } catch {
    return false;
  }
}
