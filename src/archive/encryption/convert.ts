import { createHash } from 'node:crypto';
import { existsSync, fsyncSync, mkdirSync, readdirSync, renameSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as breathe, setTimeout as wait } from 'node:timers/promises';
import { type HeldDatabase, holdDatabase } from '../../journal/at-rest/copy-database.ts';
import type { DataKey } from '../../journal/at-rest/data-key.ts';
import { filesOf } from '../../journal/at-rest/files-of.ts';
import { type EncryptionHeader, writeHeader } from '../../journal/at-rest/header.ts';
import { beginSwap, commitSwap, finishSwap } from '../../journal/at-rest/swap.ts';
import { encryptedFiles } from '../store/encrypted-files.ts';
import { type KeptFiles, piecesOf, plainFiles } from '../store/kept-files.ts';

export interface ConvertOptions {
  /** Its lock is the caller's: no server works in it. */
  dataFolder: string;
  /** As it is now; `undefined`: not encrypted. */
  from: DataKey | undefined;
  /** As it shall be; `undefined`: not encrypted. */
  to: { key: DataKey; header: EncryptionHeader } | undefined;
  /** `share`: of all bytes, 0 to 1. */
  progress(share: number, file: string): void;
  signal?: AbortSignal;
  /** Milliseconds for which the databases are held after all is done: `WAITERS_GIVE_UP`; less where nobody can wait for them. */
  linger: number;
}

/** A program that waited for a database while it was written anew gives up within this time (sqlite-file.ts waits 5 s), and then finds the new one. */
export const WAITERS_GIVE_UP = 5200;
const DATABASES = ['archive.db', 'record.db', 'watch.db', 'drills.db', 'queue.db', 'notes.db'] as const;
/** What a lock needs is no word of anybody's. */
const LOCKS = /(?:^|\/)lock\.(?:db|json)(?:-journal)?$/;

/**
 * Writes all that holds words in a data folder anew, encrypted or not, reads it back, and puts it in the old one's place, which is removed. Whenever
 * it stops, the old one or the new one is whole. Throws what SQLite and node:fs throw (ENOSPC …); the old one is as it was then.
 */
export async function convert(options: ConvertOptions): Promise<void> {
  const { dataFolder, from, to } = options;
  finishSwap(dataFolder);
  const fresh = beginSwap(dataFolder);
  const held: HeldDatabase[] = [];
  try {
    const databases = DATABASES.filter((name) => existsSync(join(dataFolder, name)));
    for (const name of databases) held.push(holdDatabase(join(dataFolder, name), from));
    const files = [...filesBelow(dataFolder, 'archive'), ...filesBelow(dataFolder, 'log')];
    const told = tellerOf(options, [...databases, ...files]);
    for (const [index, name] of databases.entries()) {
      told.at(name);
      await breathe();
      held[index]!.copyTo(join(fresh, name), to?.key);
      told.done(name);
    }
    const [old, made] = [from, to?.key].map((key): KeptFiles => (key ? encryptedFiles(key) : plainFiles)) as [KeptFiles, KeptFiles];
    for (const path of files) {
      options.signal?.throwIfAborted();
      told.at(path);
      const place = join(fresh, path);
      mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
      if (path.startsWith('log/')) copySegment(join(dataFolder, path), place, from, to?.key);
      else copyKept(join(dataFolder, path), place, old, made, path.startsWith('archive/originals/') ? fresh : undefined);
      told.done(path);
      await breathe();
    }
    if (to) writeHeader(fresh, to.header, to.key);
    options.signal?.throwIfAborted();
    commitSwap(dataFolder);
    // Windows does not rename what is open.
    if (process.platform === 'win32') for (const each of held.splice(0)) each.release();
    finishSwap(dataFolder);
    if (held.length > 0) await wait(options.linger);
  } catch (error) {
    // Before it was whole there is nothing but a draft; afterwards only its end is missing.
    finishSwap(dataFolder);
    throw error;
  } finally {
    for (const each of held) each.release();
  }
}

function tellerOf({ dataFolder, progress }: ConvertOptions, all: readonly string[]): { at(path: string): void; done(path: string): void } {
  const sizes = new Map(all.map((path) => [path, statSync(join(dataFolder, path)).size]));
  const whole = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const { bavail, bsize } = statfsSync(dataFolder);
  // What is encrypted takes a hundredth more: 32 bytes of each page and of each piece of a file.
  const needed = Math.ceil(whole * 1.02) + 1024 * 1024;
  if (bavail * bsize < needed) {
    const free = bavail * bsize;
    throw new Error(`${free} bytes are free, and ${needed} are needed: the old and the new one lie beside each other for a while`);
  }
  let done = 0;
  return {
    at: (path) => progress(whole === 0 ? 1 : done / whole, path),
    done: (path) => void (done += sizes.get(path) ?? 0),
  };
}

/** `originals`: the new data folder, if it is an original, whose name may change. */
function copyKept(from: string, to: string, old: KeptFiles, made: KeptFiles, originals: string | undefined): void {
  const target = made.create(to);
  const hash = createHash('sha256');
  try {
    for (const piece of piecesOf(old, from)) {
      hash.update(piece);
      target.write(piece);
    }
    fsyncSync(target.handle);
  } finally {
    target.close();
  }
  const sha256 = hash.digest('hex');
  const again = createHash('sha256');
  for (const piece of piecesOf(made, to)) again.update(piece);
  if (again.digest('hex') !== sha256) throw new Error(`${to} is not what was written: check the disk, and try again`);
  if (originals === undefined) return;
  const name = made.originalName(sha256);
  const place = join(originals, 'archive', 'originals', name.slice(0, 2), name);
  if (place === to) return;
  mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
  renameSync(to, place);
}

function copySegment(from: string, to: string, fromKey: DataKey | undefined, toKey: DataKey | undefined): void {
  const [old, made] = [filesOf(fromKey), filesOf(toKey)];
  const source = old.openToRead(from);
  const target = made.create(to);
  try {
    const bytes = Buffer.alloc(old.look(source).size);
    for (let at = 0; at < bytes.length;) {
      const read = old.read(source, bytes.subarray(at), at);
      if (read === 0) throw new Error(`${from} became shorter while it was read`);
      at += read;
    }
    if (made.write(target, [bytes]) !== bytes.length) throw Object.assign(new Error(`no space left for ${to}`), { code: 'ENOSPC' });
    fsyncSync(target);
    const back = Buffer.alloc(bytes.length);
    const reading = made.openToRead(to);
    try {
      for (let at = 0; at < back.length;) {
        const read = made.read(reading, back.subarray(at), at);
        if (read === 0) break;
        at += read;
      }
    } finally {
      made.close(reading);
    }
    if (!back.equals(bytes)) throw new Error(`${to} is not what was written: check the disk, and try again`);
  } finally {
    old.close(source);
    made.close(target);
  }
}

/** With slashes, below the data folder. What an import unpacked and was killed over is left out. */
function filesBelow(dataFolder: string, folder: string): string[] {
  if (!existsSync(join(dataFolder, folder))) return [];
  return readdirSync(join(dataFolder, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(dataFolder.length + 1)
        .replaceAll('\\', '/'),
    )
    .filter((path) => !path.startsWith('archive/incoming/') && !LOCKS.test(path));
}
