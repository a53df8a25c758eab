import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { type KeptFiles, piecesOf } from '../store/kept-files.ts';

const PIECE = 1024 * 1024;

export interface Hashed {
  size: number;
  sha256: string;
}

/** Reads a file to its end; `each` is given its pieces. */
export function hashFile(path: string, each: (piece: Buffer) => void = () => undefined): Hashed {
  const file = openSync(path, 'r');
  try {
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(PIECE);
    let size = 0;
    for (;;) {
      const read = readSync(file, buffer, 0, PIECE, size);
      if (read === 0) return { size, sha256: hash.digest('hex') };
      const piece = buffer.subarray(0, read);
      hash.update(piece);
      each(piece);
      size += read;
    }
  } finally {
    closeSync(file);
  }
}

/** The same of what is in a file of the archive's; `undefined`: it is damaged. */
export function hashKept(files: KeptFiles, path: string): Hashed | undefined {
  const hash = createHash('sha256');
  let size = 0;
  try {
    for (const piece of piecesOf(files, path)) {
      hash.update(piece);
      size += piece.length;
    }
  } catch {
    return undefined;
  }
  return { size, sha256: hash.digest('hex') };
}

/** Copies a file for its owner only, through to the disk, and says what was copied. */
export function copyHashed(from: string, to: string): Hashed {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  const target = openSync(to, 'wx', 0o600);
  try {
    const hashed = hashFile(from, (piece) => {
      for (let at = 0; at < piece.length;) at += writeSync(target, piece, at);
    });
    fsyncSync(target);
    return hashed;
  } finally {
    closeSync(target);
  }
}
