import type { Files } from './files.ts';

/** Why nothing can be saved, for people, and what they can do. */
export interface Trouble {
  reason: string;
  action: string;
}

/** Reads an error of the file system in the terms of someone who can mend it. `folder`: where we write. */
export function trouble(error: unknown, folder: string, files: Files): Trouble {
  const code = codeOf(error);
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return { reason: `the disk is full (${code})`, action: `free some space on ${folder}: ${left(folder, files)} bytes left` };
    case 'EROFS':
      return {
        reason: `${folder} is on a read-only file system`,
        action: 'mount it for writing, or choose another folder with --data DIR',
      };
    case 'EACCES':
    case 'EPERM':
      return {
        reason: `no permission to write in ${folder}`,
        action: `make ${folder} writable for this user, or choose another with --data DIR`,
      };
    case 'ENOTDIR':
    case 'EEXIST':
      return {
        reason: `${folder} is not a folder`,
        action: `move the file that is in its place away, or choose another folder with --data DIR`,
      };
    case 'ENOENT':
    case 'EBADF':
      return {
        reason: `the log in ${folder} has been deleted or closed from outside`,
        action: `leave ${folder} alone while the server runs`,
      };
    case 'EMFILE':
    case 'ENFILE':
      return { reason: 'too many open files', action: 'raise the limit on open files (ulimit -n)' };
    default: {
      const message = error instanceof Error ? error.message : String(error);
      return { reason: `writing to ${folder} failed: ${message}`, action: `check the disk that ${folder} is on` };
    }
  }
}

function left(folder: string, files: Files): string {
  try {
    return String(files.free(folder));
  } catch {
    return 'an unknown number of';
  }
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
