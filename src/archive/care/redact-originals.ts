import { isUtf8 } from 'node:buffer';
import { existsSync, rmSync } from 'node:fs';
import { LIMITS } from '../import/limits.ts';
import { openZip, startsLikeZip } from '../import/zip.ts';
import type { Finder } from '../redaction/finder.ts';
import { type Note, redactText } from '../redaction/redact-text.ts';
import { wholeFile } from '../store/kept-files.ts';
import type { Archive } from '../store/open.ts';
import { keepOriginal, originalPath } from '../store/originals.ts';

/** An original that holds what is to go. `removed`: it can't be rewritten safely (a picture, a zip), and what is kept in its place says so. */
export interface RedactedOriginal {
  sha256: string;
  name?: string;
  becomes: 'rewritten' | 'removed';
}

/** What is kept instead of one that was removed. */
export const REMOVED = 'This file held a text that was redacted, and was removed with it.\n';
/** JavaScript's strings hold no more than 512 Mi units. */
const LARGEST = 400 * 1024 * 1024;

/** Which of these originals hold it. */
export async function findInOriginals(
  archive: Archive,
  sha256s: readonly string[],
  finder: Finder,
  note: Note,
): Promise<RedactedOriginal[]> {
  const named = archive.database.prepare('SELECT name FROM originals WHERE sha256 = ?');
  const found: RedactedOriginal[] = [];
  for (const sha256 of sha256s) {
    const path = originalPath(archive, sha256);
    if (!existsSync(path)) continue;
    const name = named.get(sha256)?.['name'];
    const becomes = await outcomeOf(archive, path, finder, note);
    if (becomes) found.push({ sha256, becomes, ...(typeof name === 'string' && { name }) });
  }
  return found;
}

async function outcomeOf(archive: Archive, path: string, finder: Finder, note: Note): Promise<RedactedOriginal['becomes'] | undefined> {
  // What can't be looked into may hold it.
  if (archive.files.size(path) > LARGEST) return 'removed';
  const bytes = wholeFile(archive.files, path);
  const text = textIn(bytes);
  if (text !== undefined) return redactText(text, finder, note) === text ? undefined : 'rewritten';
  if (startsLikeZip(bytes)) return (await isInZip(archive, path, finder, note)) ? 'removed' : undefined;
  return isInBytes(bytes, finder) ? 'removed' : undefined;
}

/** Puts what is left of each in its place; returns which one is kept instead. The old ones are still there. */
export function rewriteOriginals(
  archive: Archive,
  originals: readonly RedactedOriginal[],
  finder: Finder,
  now: number,
): Map<string, { sha256: string; size: number }> {
  const facts = archive.database.prepare('SELECT name, media_type FROM originals WHERE sha256 = ?');
  const instead = new Map<string, { sha256: string; size: number }>();
  for (const { sha256, becomes } of originals) {
    const { name, media_type: mediaType } = facts.get(sha256) ?? {};
    const called = typeof name === 'string' ? { name: redactText(name, finder, () => undefined) } : {};
    const path = originalPath(archive, sha256);
    const bytes =
      becomes === 'removed'
        ? Buffer.from(REMOVED)
        : Buffer.from(redactText(wholeFile(archive.files, path).toString('utf8'), finder, () => undefined));
    const type = becomes === 'removed' ? { mediaType: 'text/plain' } : typeof mediaType === 'string' ? { mediaType } : {};
    instead.set(sha256, keepOriginal(archive, bytes, { keptAt: now, ...called, ...type }));
  }
  return instead;
}

/** Within a transaction: the archive names them no more. Who brings one again gets what is kept instead. `removeForgotten` has to follow. */
export function forgetOriginals(archive: Archive, instead: ReadonlyMap<string, { sha256: string; size: number }>, revision: number): void {
  const { database } = archive;
  const remove = database.prepare('DELETE FROM originals WHERE sha256 = ?');
  const remember = database.prepare('INSERT OR REPLACE INTO deleted_files (sha256, revision) VALUES (?, ?)');
  const replaced = database.prepare('INSERT OR REPLACE INTO redacted_files (sha256, instead, size) VALUES (?, ?, ?)');
  for (const [sha256, now] of instead) {
    remove.run(sha256);
    remember.run(sha256, revision);
    replaced.run(sha256, now.sha256, now.size);
  }
}

/** After the transaction: what it has not got to disk may not be missing. Once more after a crash, it does the rest. */
export function removeForgotten(archive: Archive): void {
  for (const { sha256 } of archive.database.prepare('SELECT sha256 FROM redacted_files').all())
    rmSync(originalPath(archive, String(sha256)), { force: true });
}

function textIn(bytes: Buffer): string | undefined {
  return isUtf8(bytes) && !bytes.includes(0) ? bytes.toString('utf8') : undefined;
}

/** What it is there is not noted: bytes look like anything. */
function isInBytes(bytes: Buffer, finder: Finder): boolean {
  return (['latin1', 'utf8', 'utf16le'] as const).some((form) => finder.find(bytes.toString(form)).length > 0);
}

async function isInZip(archive: Archive, path: string, finder: Finder, note: Note): Promise<boolean> {
  const zip = await openZip(() => archive.files.open(path), LIMITS);
  try {
    if (zip.salvaged) return true;
    for (const { path: name, size, refused, open } of zip.members) {
      if (name.endsWith('/')) continue;
      if (refused !== undefined || size > LARGEST) return true;
      const pieces: Uint8Array[] = [];
      for await (const piece of open()) pieces.push(piece);
      const bytes = Buffer.concat(pieces);
      const text = textIn(bytes);
      if (text === undefined ? isInBytes(bytes, finder) : redactText(text, finder, note) !== text) return true;
    }
    return false;
  } catch {
    return true;
  } finally {
    zip.close();
  }
}
