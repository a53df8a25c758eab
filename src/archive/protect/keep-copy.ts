import { createHash } from 'node:crypto';
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Reading } from '../store/kept-files.ts';
import type { Archive } from '../store/open.ts';
import type { FoundFile } from './find-files.ts';
import type { KeptFile, Ledger } from './ledger.ts';
import { cleanGrown, hasStretches, shiftOf } from './redacted-copy.ts';
import type { TranscriptStore } from './stores.ts';

/** What became of one file. `again`: its original began anew, so its copy does, and the old one stays. */
export type Kept = { file: KeptFile; outcome: 'same' | 'new' | 'grown' | 'again' | 'moved'; bytes: number };

/** Bytes read and written at a time. */
const PIECE = 1024 * 1024;
/** A copy up to this size is compared whole with its original before more is added to it. */
const COMPARED_WHOLE = 256 * 1024;
/** Of larger ones this much at the beginning and at the end, while the file is the same one and has only grown. */
const BEGINNING = 4 * 1024;
const END = 64 * 1024;
/** Mark of a file whose copy a retention rule has removed, with its row. */
export const LET_GO = 'retention/let-go/';

/**
 * Brings a file's copy up to date: adds what is new, byte for byte. A file whose known bytes are not what they were (truncated,
 * written anew, replaced) begins a new copy; no copy is ever written over. The original is opened for as long as it is read.
 * After a crash the copy may be longer than was remembered: what it holds came from the original, so it counts.
 * Throws what node:fs throws (ENOSPC …); what was written before stays.
 */
export function keepCopy(
  archive: Archive,
  ledger: Ledger,
  store: TranscriptStore,
  found: FoundFile,
  known: KeptFile | undefined,
  now: number,
): Kept {
  if (known?.forgotten && !hasGoneOn(ledger, known, found)) return { file: known, outcome: 'same', bytes: 0 };
  if (known && known.size + shiftOf(known) === found.size && known.modified === found.modified && known.inode === found.inode) {
    if (known.goneAt !== undefined) ledger.gone(known, undefined);
    return { file: known, outcome: 'same', bytes: 0 };
  }
  const original = openSync(found.path, 'r');
  try {
    const size = fstatSync(original).size;
    const before = known?.forgotten ? undefined : (known ?? movedHere(archive, ledger, store, found, original, size));
    const moved = known === undefined && before !== undefined;
    if (before) {
      const held = sizeOf(archive, before);
      const stands = held + shiftOf(before);
      const isSame = before.inode === found.inode && size > stands && held > COMPARED_WHOLE;
      if (stands <= size && sameBytes(archive, before, original, held, isSame)) {
        const bytes = append(archive, before, original, stands);
        const file = ledger.grown(before, { size: held + bytes, modified: found.modified, inode: found.inode });
        if (bytes > 0) cleanGrown(archive, ledger, file, held);
        return { file, outcome: moved ? 'moved' : bytes > 0 ? 'grown' : 'same', bytes };
      }
    }
    const generation = ((before ?? known)?.generation ?? 0) + 1;
    const copy = freeCopy(archive, ledger, store, found);
    // First the row, then the bytes: what a crash leaves always belongs to somebody.
    const begun = ledger.begin({
      source: store.source,
      store: store.root,
      path: found.path,
      generation,
      copy,
      inode: found.inode,
      keptAt: now,
    });
    const bytes = append(archive, begun, original, 0);
    const file = ledger.grown(begun, { size: bytes, modified: found.modified, inode: found.inode });
    if (bytes > 0) cleanGrown(archive, ledger, file, 0);
    return { file, outcome: before ? 'again' : 'new', bytes };
  } finally {
    closeSync(original);
  }
}

/** A file that was somewhere else before: the same inode, and the same bytes. */
function movedHere(
  archive: Archive,
  ledger: Ledger,
  store: TranscriptStore,
  found: FoundFile,
  original: number,
  size: number,
): KeptFile | undefined {
  const gone = ledger.goneWithInode(found.inode);
  if (!gone || gone.source !== store.source || gone.forgotten) return undefined;
  const held = sizeOf(archive, gone);
  // Inodes are used again: only the bytes prove it. An empty file proves nothing.
  if (held === 0 || held + shiftOf(gone) > size || !sameBytes(archive, gone, original, held, false)) return undefined;
  return ledger.moved(gone, found.path, store.root);
}

/** Its copy went by a retention rule, for its age or its size, and it was written to since. */
function hasGoneOn(ledger: Ledger, known: KeptFile, found: FoundFile): boolean {
  return found.size !== known.size + shiftOf(known) && ledger.mark(LET_GO + known.row) !== undefined;
}

/** `from`: where the original goes on. */
function append(archive: Archive, { copy }: KeptFile, original: number, from: number): number {
  const path = join(archive.folder, copy);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const target = archive.files.addTo(path);
  try {
    const piece = Buffer.allocUnsafe(PIECE);
    let at = from;
    for (;;) {
      const read = readSync(original, piece, 0, PIECE, at);
      if (read === 0) return at - from;
      target.write(piece.subarray(0, read));
      at += read;
    }
  } finally {
    target.close();
  }
}

/** Whether the original begins with the `held` bytes of the copy, and with what was taken out of that. */
function sameBytes(archive: Archive, file: KeptFile, original: number, held: number, onlyEnds: boolean): boolean {
  if (held === 0) return true;
  const { redacted } = file;
  const target = archive.files.open(join(archive.folder, file.copy));
  try {
    if (redacted) {
      const read = (into: Buffer, position: number): number => readSync(original, into, 0, into.length, position);
      return held >= redacted.copy && hasStretches(redacted, read) && sameRange(original, target, redacted.copy, held, shiftOf(file));
    }
    if (onlyEnds)
      return sameRange(original, target, 0, Math.min(BEGINNING, held)) && sameRange(original, target, Math.max(0, held - END), held);
    return sameRange(original, target, 0, held);
  } finally {
    target.close();
  }
}

/** `shift`: how much further on in the original. */
function sameRange(original: number, copy: Reading, from: number, to: number, shift = 0): boolean {
  const first = Buffer.allocUnsafe(Math.min(PIECE, to - from));
  const second = Buffer.allocUnsafe(first.length);
  for (let at = from; at < to;) {
    const wanted = Math.min(first.length, to - at);
    const read = readSync(original, first, 0, wanted, at + shift);
    if (read === 0 || copy.read(second.subarray(0, read), at) !== read) return false;
    if (first.compare(second, 0, read, 0, read) !== 0) return false;
    at += read;
  }
  return true;
}

function sizeOf({ folder, files }: Archive, { copy }: KeptFile): number {
  const path = join(folder, copy);
  return existsSync(path) ? files.size(path) : 0;
}

/** A place for a new copy: the path below its store, and `.~2`, `.~3` … where that is taken. */
export function freeCopy(
  archive: Archive,
  ledger: Ledger,
  store: Pick<TranscriptStore, 'source' | 'root'>,
  { relative }: Pick<FoundFile, 'relative'>,
): string {
  // Two homes may have the same names in them.
  const root = createHash('sha256').update(store.root).digest('hex').slice(0, 8);
  const wanted = ['transcripts', store.source, root, ...relative.split('/').map(safeName)].join('/');
  for (let count = 1; ; count++) {
    const copy = count === 1 ? wanted : `${wanted}.~${count}`;
    if (!ledger.isCopyTaken(copy) && !existsSync(join(archive.folder, copy))) return copy;
  }
}

/** Names that Linux takes and Windows does not. */
function safeName(name: string): string {
  return name.replace(/[<>:"|?*\\]/g, '_').replace(/[. ]+$/, '_');
}
