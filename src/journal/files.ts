import {
  closeSync,
  fdatasync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  statfsSync,
  statSync,
  unlinkSync,
  writevSync,
} from 'node:fs';

/**
 * The file system as far as the log needs it, so that a full, broken or vanished disk can be had in a test. Functions throw
 * what node:fs throws.
 */
export interface Files {
  makeFolder(path: string): void;
  list(folder: string): string[];
  /** Makes a new file to append to; fails if it is there. */
  create(path: string): number;
  openToRead(path: string): number;
  close(file: number): void;
  /** Appends; may write less than it was given. */
  write(file: number, pieces: readonly Buffer[]): number;
  /** Bytes read; 0 at the end. */
  read(file: number, into: Buffer, position: number): number;
  truncate(file: number, size: number): void;
  /** Waits until what was written would survive a loss of power. */
  sync(file: number, done: (error: Error | null) => void): void;
  /** Bytes in an open file, and whether it still has a name. */
  look(file: number): { size: number; named: boolean };
  size(path: string): number;
  remove(path: string): void;
  /** Bytes left on the disk that `path` is on. */
  free(path: string): number;
}

export const nodeFiles: Files = {
  makeFolder: (path) => void mkdirSync(path, { recursive: true, mode: 0o700 }),
  list: (folder) => readdirSync(folder),
  create: (path) => openSync(path, 'ax+', 0o600),
  openToRead: (path) => openSync(path, 'r'),
  close: closeSync,
  write: (file, pieces) => writevSync(file, pieces),
  read: (file, into, position) => readSync(file, into, 0, into.length, position),
  truncate: ftruncateSync,
  sync: fdatasync,
  look(file) {
    const stat = fstatSync(file);
    return { size: stat.size, named: stat.nlink > 0 };
  },
  size: (path) => statSync(path).size,
  remove: unlinkSync,
  free(path) {
    const stat = statfsSync(path);
    return stat.bavail * stat.bsize;
  },
};
