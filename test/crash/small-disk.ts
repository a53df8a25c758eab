import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own in memory, so that a disk can really be full or read-only. */
export interface SmallDisk {
  folder: string;
  readOnly(yes: boolean): void;
  remove(): void;
}

/** `undefined`: this machine does not let us mount one (it takes root on Linux). */
export function smallDisk(size: string): SmallDisk | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-disk-'));
  const run = (command: string, ...args: string[]): void => void execFileSync(command, args, { stdio: 'pipe' });
  try {
    run('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder);
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  return {
    folder,
    readOnly: (yes) => run('mount', '-o', `remount,${yes ? 'ro' : 'rw'}`, folder),
    remove() {
      run('umount', '--lazy', folder);
      rmSync(folder, { recursive: true });
    },
  };
}
