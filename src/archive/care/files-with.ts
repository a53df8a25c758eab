import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join, sep } from 'node:path';

/** Bytes read at a time. */
const PIECE = 8 * 1024 * 1024;

/** Files below a folder that have one of these texts in their raw bytes or in their names. `besides`: folders that are not looked into. */
export function filesWith(folder: string, texts: readonly string[], besides: readonly string[]): string[] {
  const wanted = texts.map((text) => Buffer.from(text));
  if (wanted.length === 0) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !besides.some((each) => path.startsWith(each + sep)))
    .filter((path) => texts.some((text) => path.slice(folder.length).includes(text)) || hasAny(path, wanted));
}

function hasAny(path: string, wanted: readonly Buffer[]): boolean {
  const overlap = Math.max(...wanted.map(({ length }) => length)) - 1;
  const piece = Buffer.allocUnsafe(PIECE + overlap);
  const file = openSync(path, 'r');
  try {
    let kept = 0;
    for (;;) {
      const read = readSync(file, piece, kept, PIECE, null);
      if (read === 0) return false;
      const bytes = piece.subarray(0, kept + read);
      if (wanted.some((each) => bytes.includes(each))) return true;
      kept = Math.min(overlap, bytes.length);
      bytes.copyWithin(0, bytes.length - kept);
    }
  } finally {
    closeSync(file);
  }
}
