import { createHash } from 'node:crypto';
import { existsSync, fsyncSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { wholeFile } from './kept-files.ts';
import type { Archive } from './open.ts';

/** What is known of an original besides its bytes. */
export interface OriginalFacts {
  /** UTC milliseconds. */
  keptAt: number;
  name?: string;
  mediaType?: string;
}

/** Writes one original piece by piece, so that it need not fit into memory. */
export interface OriginalWriter {
  write(bytes: Uint8Array): void;
  /** Puts it in its place, and into the archive's list, which says where it is found again. Of one that a text was taken out of, what is kept instead. */
  finish(facts: OriginalFacts): { sha256: string; size: number };
  /** Leaves nothing behind. */
  abandon(): void;
}

/** Where the bytes of an original lie, as `archive.files` reads them; they may not be there. */
export function originalPath({ folder, files }: Pick<Archive, 'folder' | 'files'>, sha256: string): string {
  const name = files.originalName(sha256);
  return join(folder, 'originals', name.slice(0, 2), name);
}

/** Bytes of an original; `undefined` when it is not there. */
export function readOriginal(archive: Archive, sha256: string): Buffer | undefined {
  const path = originalPath(archive, sha256);
  return existsSync(path) ? wholeFile(archive.files, path) : undefined;
}

/** Keeps bytes as they are. The same bytes are kept once. */
export function keepOriginal(archive: Archive, bytes: Uint8Array, facts: OriginalFacts): { sha256: string; size: number } {
  const writer = writeOriginal(archive, `${process.pid}-${createHash('sha256').update(bytes).digest('hex')}`);
  try {
    writer.write(bytes);
    return writer.finish(facts);
  } catch (error) {
    writer.abandon();
    throw error;
  }
}

/** `name`: of the temporary file; another writer at the same time needs another one. Throws what node:fs throws (ENOSPC …). */
export function writeOriginal(archive: Archive, name: string): OriginalWriter {
  const folder = join(archive.folder, 'incoming');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const temporary = join(folder, name);
  const file = archive.files.create(temporary);
  const hash = createHash('sha256');
  let size = 0;
  let open = true;

  function shut(): void {
    if (open) file.close();
    open = false;
  }

  return {
    write(bytes) {
      hash.update(bytes);
      file.write(bytes);
      size += bytes.length;
    },
    finish({ keptAt, name: called, mediaType }) {
      const sha256 = hash.digest('hex');
      const path = originalPath(archive, sha256);
      fsyncSync(file.handle);
      shut();
      const redacted = archive.database.prepare('SELECT instead, size FROM redacted_files WHERE sha256 = ?').get(sha256);
      if (redacted) {
        rmSync(temporary);
        return { sha256: String(redacted['instead']), size: Number(redacted['size']) };
      }
      if (existsSync(path)) rmSync(temporary);
      else {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        renameSync(temporary, path);
      }
      archive.database
        .prepare('INSERT INTO originals (sha256, size, kept_at, name, media_type) VALUES (?, ?, ?, ?, ?) ON CONFLICT (sha256) DO NOTHING')
        .run(sha256, size, keptAt, called ?? null, mediaType ?? null);
      return { sha256, size };
    },
    abandon() {
      shut();
      rmSync(temporary, { force: true });
    },
  };
}
