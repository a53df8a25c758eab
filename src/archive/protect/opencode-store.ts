import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { parseObject } from '../../exchange/json.ts';
import type { JsonObject } from '../../exchange/json.ts';
import { wholeFile } from '../store/kept-files.ts';
import type { Archive } from '../store/open.ts';
import type { Put } from '../store/put.ts';
import { type StoredMessage, tellSession } from '../transcripts/opencode/messages.ts';
import type { LineCounts } from '../transcripts/line-reader.ts';
import { databaseOf } from './databases.ts';
import { freeCopy } from './keep-copy.ts';
import { dropDeletedSessions } from './deleted-sessions.ts';
import { lookAt } from './find-files.ts';
import { inMemory } from './in-memory.ts';
import type { KeptFile, Ledger } from './ledger.ts';
import type { TranscriptStore } from './stores.ts';
import type { Telling } from './tell.ts';

/** Tables of opencode's database that hold its users' credentials: a copy of conversations has none of them. */
const SECRETS = ['account', 'control_account', 'account_state', 'credential', 'session_share'];
/** Bytes of a database that is copied by way of memory; both it and its copy are in memory for a moment. */
const LARGEST_IN_MEMORY = 1024 * 1024 * 1024;
/** What a copy must not lose. */
const KEPT = ['session', 'message', 'part'];

export interface DatabasePass {
  puts: Put[];
  /** It could not be read. */
  trouble?: string;
  /** What of it is not understood. */
  unknown?: string;
}

/** When a database was written last: changes stand in its -wal first. */
export function databaseModified(path: string): number {
  return Math.max(0, ...[path, `${path}-wal`].flatMap((each) => lookAt(each, '')?.modified ?? []));
}

/** Reads what has changed in a tool's database since the last time. Opened to read only; the tool is not held up. */
export function tellDatabase(telling: Telling, ledger: Ledger, store: TranscriptStore, now: number): DatabasePass {
  const { path, open } = databaseOf(store);
  const opened = open();
  if (!opened.ok) return { puts: [], trouble: opened.error };
  try {
    const mark = `protect ${store.source} ${path}`;
    let since = Number(ledger.mark(mark) ?? 0);
    const puts: Put[] = [];
    const counts: LineCounts = { left: {}, unknown: {} };
    for (const { id, at } of opened.value.changed(since)) {
      const told = opened.value.session(id, counts);
      if (told) puts.push(telling.put(told, now));
      since = Math.max(since, at);
    }
    ledger.setMark(mark, String(since));
    const unknown = Object.entries(counts.unknown).map(([kind, count]) => `${count} of a kind that is not known here: ${kind}`);
    return { puts, ...(unknown.length > 0 && { unknown: unknown.join('; ') }) };
  } catch (error) {
    return { puts: [], trouble: error instanceof Error ? error.message : String(error) };
  } finally {
    opened.value.close();
  }
}

/**
 * Copies the database as a whole, by SQLite's own backup, without the credentials in it. Where something of the last copy is not in
 * the new one (a session was deleted), the last copy stays beside it.
 */
export async function copyDatabase(archive: Archive, ledger: Ledger, store: TranscriptStore, path: string, now: number): Promise<KeptFile> {
  const modified = databaseModified(path);
  const inode = lookAt(path, '')?.inode ?? '';
  const before = ledger.newestOf(path);
  const copy = before?.copy ?? freeCopy(archive, ledger, store, { relative: 'opencode.db' });
  const place = join(archive.folder, copy);
  const fresh = `${place}.new`;
  mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
  for (const rest of [fresh, `${fresh}-wal`, `${fresh}-shm`, `${fresh}-journal`]) rmSync(rest, { force: true });
  const source = new DatabaseSync(path, { readOnly: true, timeout: 2000 });
  try {
    if (archive.key) copyEncrypted(archive, source, fresh);
    else {
      await backup(source, fresh);
      withoutSecrets(fresh);
    }
  } finally {
    source.close();
  }
  if (store.source === 'opencode') dropDeletedSessions(archive, fresh);
  let file = before;
  if (before && existsSync(place) && losesSome(archive, place, fresh)) {
    const next = freeCopy(archive, ledger, store, { relative: 'opencode.db' });
    file = ledger.begin({
      source: store.source,
      store: store.root,
      path,
      generation: before.generation + 1,
      copy: next,
      inode,
      keptAt: now,
    });
  }
  file ??= ledger.begin({ source: store.source, store: store.root, path, generation: 1, copy, inode, keptAt: now });
  renameSync(fresh, join(archive.folder, file.copy));
  const grown = ledger.grown(file, { size: archive.files.size(join(archive.folder, file.copy)), modified, inode });
  ledger.read(grown, { readSize: grown.size, version: 0, skipped: '[]' });
  return grown;
}

/** By way of memory: the disk gets nothing of it that is not encrypted. */
function copyEncrypted({ files }: Archive, source: DatabaseSync, to: string): void {
  const pages = Number(source.prepare('PRAGMA page_count').get()?.['page_count']);
  const size = pages * Number(source.prepare('PRAGMA page_size').get()?.['page_size']);
  if (size > LARGEST_IN_MEMORY) {
    throw new Error(
      `it has ${size} bytes; only up to ${LARGEST_IN_MEMORY} are copied into an encrypted archive. What was said in it is kept all the same`,
    );
  }
  const database = inMemory(source.serialize());
  try {
    emptySecrets(database);
    const target = files.create(to);
    try {
      target.write(database.serialize());
    } finally {
      target.close();
    }
  } finally {
    database.close();
  }
}

function withoutSecrets(path: string): void {
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA journal_mode = DELETE');
    emptySecrets(database);
  } finally {
    database.close();
  }
}

function emptySecrets(database: DatabaseSync): void {
  database.exec('PRAGMA secure_delete = ON; PRAGMA foreign_keys = OFF');
  const tables = new Set(
    database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
      .all()
      .map(({ name }) => String(name)),
  );
  const emptied = SECRETS.filter((name) => tables.has(name)).reduce(
    (rows, name) => rows + Number(database.prepare(`DELETE FROM ${name}`).run().changes),
    0,
  );
  if (emptied > 0) database.exec('VACUUM');
}

function losesSome({ files, key }: Archive, old: string, fresh: string): boolean {
  const database = key ? inMemory(wholeFile(files, fresh)) : new DatabaseSync(fresh, { readOnly: true });
  try {
    if (key) {
      const bytes = wholeFile(files, old);
      database.exec("ATTACH ':memory:' AS old");
      database.deserialize(bytes, { dbName: 'old' });
    } else database.prepare('ATTACH ? AS old').run(old);
    return KEPT.some(
      (table) => database.prepare(`SELECT 1 FROM old.${table} WHERE id NOT IN (SELECT id FROM main.${table}) LIMIT 1`).get() !== undefined,
    );
  } catch {
    // The old copy can't be read or has other tables: it stays.
    return true;
  } finally {
    database.close();
  }
}

/** Sessions of opencode's older files, told out of their copies. `changed`: copies that have changed. */
export function tellOldFiles(
  archive: Archive,
  telling: Telling,
  ledger: Ledger,
  store: TranscriptStore,
  changed: readonly KeptFile[],
  now: number,
): Put[] {
  const sessions = new Set<string>();
  const messages = new Set<string>();
  const copies = new Map<string, KeptFile>();
  for (const file of ledger.newest(store.root).values()) copies.set(relativeOf(store, file), file);
  for (const file of changed) {
    const [kind, folder = '', name = ''] = relativeOf(store, file).split('/').slice(0, 3);
    if (kind === 'session') sessions.add(name.replace(/\.json$/, ''));
    else if (kind === 'message') sessions.add(folder);
    else messages.add(folder);
  }
  for (const path of copies.keys()) {
    const [, session, message] = /^message\/([^/]+)\/([^/]+)\.json$/.exec(path) ?? [];
    if (message !== undefined && messages.has(message)) sessions.add(session!);
  }
  const read = (path: string): JsonObject | undefined => {
    const file = copies.get(path);
    if (!file) return undefined;
    try {
      return parseObject(wholeFile(archive.files, join(archive.folder, file.copy)).toString('utf8'));
    } catch {
      return undefined;
    }
  };
  const puts: Put[] = [];
  for (const path of copies.keys()) {
    const id = /^session\/(?:.*\/)?([^/]+)\.json$/.exec(path)?.[1];
    if (id === undefined || !sessions.has(id)) continue;
    const session = read(path);
    if (!session) continue;
    const stored: StoredMessage[] = [];
    for (const [at, data] of below(copies, read, `message/${id}/`))
      stored.push({
        id: stem(at),
        data,
        parts: below(copies, read, `part/${stem(at)}/`).map(([part, value]) => ({ id: stem(part), data: value })),
      });
    stored.sort((one, other) => one.id.localeCompare(other.id));
    puts.push(telling.put(tellSession({ ...session, id }, stored, { left: {}, unknown: {} }), now));
  }
  return puts;
}

function below(
  copies: ReadonlyMap<string, KeptFile>,
  read: (path: string) => JsonObject | undefined,
  folder: string,
): [string, JsonObject][] {
  return [...copies.keys()]
    .filter((path) => path.startsWith(folder))
    .toSorted()
    .flatMap((path) => {
      const value = read(path);
      return value ? [[path, value] as [string, JsonObject]] : [];
    });
}

function stem(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.json$/, '');
}

function relativeOf(store: TranscriptStore, { path }: KeptFile): string {
  return path.slice(store.root.length + 1).replaceAll('\\', '/');
}
