import { copyFileSync, mkdirSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { constants } from 'node:fs';
import { join, relative } from 'node:path';
import { err, ok, type Result } from '../../exchange/result.ts';
import { gigabytes } from '../../providers/embedded/memory.ts';

const FOLDER = 'models';

/** Copies a model's file into the data folder; shares its blocks with the original where the file system can. Returns the copy's path. */
export function copyModel(file: string, name: string, size: number, data: string): Result<string, string> {
  const folder = join(data, FOLDER);
  const copy = join(folder, `${name.replaceAll(':', '-')}.gguf`);
  const draft = `${copy}.new`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const room = statfsSync(folder);
    const free = room.bavail * room.bsize;
    if (free < size * 1.05) return err(`the disk of ${data} has ${gigabytes(free)} left, and the file has ${gigabytes(size)}`);
    copyFileSync(file, draft, constants.COPYFILE_FICLONE);
    renameSync(draft, copy);
    return ok(copy);
  } catch (error) {
    rmSync(draft, { force: true });
    return err(`${file} could not be copied: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Whether a file is a copy that was made so. */
export function isCopy(file: string, data: string): boolean {
  const path = relative(join(data, FOLDER), file);
  return path !== '' && !path.startsWith('..') && !path.includes('/') && !path.includes('\\');
}
