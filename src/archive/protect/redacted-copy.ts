import { createHash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { existsSync, fsyncSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { parseObject } from '../../exchange/json.ts';
import type { Finder } from '../redaction/finder.ts';
import { type Note, redactText } from '../redaction/redact-text.ts';
import { type Reading, wholeFile } from '../store/kept-files.ts';
import type { Archive } from '../store/open.ts';
import { rememberedIn } from '../store/redactions.ts';
import { inTransaction } from '../store/transaction.ts';
import type { ReadingState } from '../transcripts/reading.ts';
import type { KeptFile, Ledger } from './ledger.ts';

/** The beginning of a copy that is not its original's any more: so many bytes of it stand for those stretches of the original, in order. */
export interface RedactedBeginning {
  copy: number;
  stretches: { bytes: number; sha256: string }[];
}

/** `removed`: it is no text that could be rewritten. It is not copied any more, either. */
export type Cleaned = 'same' | 'rewritten' | 'removed';

/** JavaScript's strings hold no more than 512 Mi units. */
const LARGEST = 400 * 1024 * 1024;

/** How much longer an original is than its copy because of what was taken out. */
export function shiftOf({ redacted }: KeptFile): number {
  return redacted ? redacted.stretches.reduce((sum, { bytes }) => sum + bytes, 0) - redacted.copy : 0;
}

/** Whether an original still begins with what the redacted beginning of its copy stands for. `read`: bytes of the original. */
export function hasStretches({ stretches }: RedactedBeginning, read: (into: Buffer, position: number) => number): boolean {
  const piece = Buffer.allocUnsafe(1024 * 1024);
  let at = 0;
  for (const { bytes, sha256 } of stretches) {
    const hash = createHash('sha256');
    for (const end = at + bytes; at < end;) {
      const count = read(piece.subarray(0, Math.min(piece.length, end - at)), at);
      if (count === 0) return false;
      hash.update(piece.subarray(0, count));
      at += count;
    }
    if (hash.digest('hex') !== sha256) return false;
  }
  return true;
}

/** Takes out of a copy what a finder finds. `preview`: only says what would become of it. Throws what node:fs throws. */
export function cleanCopy(archive: Archive, ledger: Ledger, file: KeptFile, finder: Finder, note: Note, preview = false): Cleaned {
  const path = join(archive.folder, file.copy);
  if (file.forgotten || !existsSync(path)) return 'same';
  const bytes = wholeFile(archive.files, path);
  const text = textOf(file, bytes);
  if (text === undefined) {
    const found = bytes.length > LARGEST ? [] : [...finder.find(bytes.toString('utf8')), ...finder.find(bytes.toString('latin1'))];
    if (found.length === 0 && bytes.length <= LARGEST) return 'same';
    if (!preview) remove(archive, file, path);
    return 'removed';
  }
  const { clean, placeOf } = cleanText(text, !file.path.endsWith('.json'), finder, note);
  if (clean === text) return 'same';
  if (preview) return 'rewritten';
  const isPacked = file.path.endsWith('.zst');
  const after = isPacked ? zstdCompressSync(clean) : Buffer.from(clean);
  const before = file.redacted;
  const tail = bytes.subarray(before?.copy ?? 0);
  const redacted: RedactedBeginning = {
    copy: after.length,
    stretches: [
      ...(before?.stretches ?? []),
      ...(tail.length > 0 ? [{ bytes: tail.length, sha256: createHash('sha256').update(tail).digest('hex') }] : []),
    ],
  };
  const readSize = file.readSize >= bytes.length ? after.length : isPacked || file.readSize < 0 ? file.readSize : placeOf(file.readSize);
  const reading = isPacked ? undefined : movedReading(ledger.reading(file), placeOf, finder);
  const fresh = `${path}.new`;
  const target = archive.files.create(fresh);
  try {
    target.write(after);
    fsyncSync(target.handle);
  } finally {
    target.close();
  }
  const skipped = file.skipped === undefined ? undefined : redactText(file.skipped, finder, () => undefined);
  inTransaction(archive.database, () => {
    ledger.redacted(file, {
      size: after.length,
      readSize,
      redacted,
      ...(reading && { reading }),
      ...(skipped !== undefined && { skipped }),
    });
    ledger.setMark(`${REPLACING}${file.copy}`, '');
  });
  finishReplacing(archive);
  return 'rewritten';
}

/** Names in the table `marks`: of copies whose row tells of bytes that may still lie beside them. */
const REPLACING = 'replacing/';

/** A copy's row changes first, then its bytes: what a crash has kept apart comes together here. Who calls it holds the copies. */
export function finishReplacing({ database, folder }: Archive): void {
  const forget = database.prepare('DELETE FROM marks WHERE name = ?');
  for (const { name } of database.prepare('SELECT name FROM marks WHERE name GLOB ?').all(`${REPLACING}*`)) {
    const path = join(folder, String(name).slice(REPLACING.length));
    if (existsSync(`${path}.new`)) renameSync(`${path}.new`, path);
    forget.run(String(name));
  }
}

/** After bytes have been added from `from` on: what was taken out of the archive before does not come back with them. */
export function cleanGrown(archive: Archive, ledger: Ledger, file: KeptFile, from: number): void {
  const { database } = archive;
  if (database.prepare('SELECT 1 FROM redactions LIMIT 1').get() === undefined) return;
  const ids = database.prepare('SELECT id FROM conversations WHERE source = ? AND (session = ? OR key = ?)');
  const session = file.session ?? ledger.generations(file.path).find((each) => each.session !== undefined)?.session ?? null;
  const finder = rememberedIn(
    database,
    ids.all(file.source, session, session).map(({ id }) => String(id)),
  );
  if (!finder || !hasIt(archive.files.open(join(archive.folder, file.copy)), file, from, finder)) return;
  cleanCopy(archive, ledger, file, finder, () => undefined);
}

/** Whether it is in what follows the last line before `from`. */
function hasIt(reading: Reading, file: KeptFile, from: number, finder: Finder): boolean {
  try {
    if (!isText(file)) return true;
    const size = reading.size();
    const begin = Math.max(0, from - LINE_BEFORE);
    const bytes = Buffer.allocUnsafe(size - begin);
    let read = 0;
    for (let count = -1; count !== 0 && read < bytes.length; read += count) count = reading.read(bytes.subarray(read), begin + read);
    const line = bytes.lastIndexOf('\n', Math.max(0, from - begin - 1)) + 1;
    const text = bytes.toString('utf8', from === 0 ? 0 : line);
    return cleanText(text, !file.path.endsWith('.json'), finder, () => undefined).clean !== text;
  } finally {
    reading.close();
  }
}

/** Bytes before what was added in which the beginning of its line is looked for. */
const LINE_BEFORE = 4 * 1024 * 1024;

function isText({ path }: KeptFile): boolean {
  return !/\.(db|sqlite|vscdb|zst)$/.test(path);
}

function textOf(file: KeptFile, bytes: Buffer): string | undefined {
  if (bytes.length > LARGEST) return undefined;
  if (isText(file)) return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
  if (!file.path.endsWith('.zst')) return undefined;
  try {
    const unpacked = zstdDecompressSync(bytes, { maxOutputLength: LARGEST });
    return isUtf8(unpacked) ? unpacked.toString('utf8') : undefined;
  } catch {
    return undefined;
  }
}

/** `placeOf`: where a byte of the text at a line's beginning is afterwards. */
function cleanText(text: string, byLines: boolean, finder: Finder, note: Note): { clean: string; placeOf(place: number): number } {
  if (!byLines) {
    const clean = redactText(text, finder, note);
    return { clean, placeOf: (place) => Math.min(place, Buffer.byteLength(clean)) };
  }
  const moves: { end: number; movedEnd: number }[] = [];
  let end = 0;
  let movedEnd = 0;
  const lines = text.split('\n').map((line, index, all) => {
    const clean = redactText(line, finder, note);
    const isLast = index === all.length - 1;
    end += Buffer.byteLength(line) + (isLast ? 0 : 1);
    movedEnd += Buffer.byteLength(clean) + (isLast ? 0 : 1);
    if (clean !== line) moves.push({ end, movedEnd });
    return clean;
  });
  return {
    clean: lines.join('\n'),
    placeOf(place) {
      const last = moves.findLast((move) => move.end <= place);
      return last ? place - last.end + last.movedEnd : place;
    },
  };
}

function movedReading(saved: Uint8Array | undefined, placeOf: (place: number) => number, finder: Finder): Uint8Array | undefined {
  const state = saved && (parseObject(zstdDecompressSync(saved).toString('utf8')) as unknown as ReadingState | undefined);
  if (!state) return undefined;
  const clean = JSON.parse(redactText(JSON.stringify(state), finder, () => undefined)) as ReadingState;
  return zstdCompressSync(JSON.stringify({ ...clean, offset: placeOf(state.offset) }));
}

/** The row stays: the next copy would have it again. */
function remove({ database }: Archive, { row }: KeptFile, path: string): void {
  database.prepare('UPDATE protected_files SET forgotten = 1, reading = NULL, skipped = NULL, torn = 0 WHERE row = ?').run(row);
  rmSync(path, { force: true });
}
