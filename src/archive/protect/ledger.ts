import type { SourceName } from '../conversation.ts';
import type { Archive } from '../store/open.ts';
import type { RedactedBeginning } from './redacted-copy.ts';

/** What is known of one protected file: where its copy lies, and how far it and its reading are. */
export interface KeptFile {
  row: number;
  source: SourceName;
  /** Root of the store that it lies in. */
  store: string;
  /** Where the original lies, or lay. */
  path: string;
  /** 1, then one more each time that the original began anew. */
  generation: number;
  /** Below the archive's folder. */
  copy: string;
  /** Bytes of it that are in the copy. */
  size: number;
  inode: string;
  modified: number;
  /** UTC milliseconds. */
  keptAt: number;
  /** When its original was found to be gone. */
  goneAt?: number;
  /** Somebody has had it deleted here: it is not taken up again. */
  forgotten: boolean;
  /** Bytes that its reader has seen; less than `size`: there is something to read. */
  readSize: number;
  readerVersion: number;
  /** The client's session id, once it has been read. */
  session?: string;
  /** What its reader did not understand: JSON of `Skipped[]`. */
  skipped?: string;
  /** Something was taken out of its copy. */
  redacted?: RedactedBeginning;
}

export interface Ledger {
  /** The newest generation of every path, of one store. */
  newest(store: string): Map<string, KeptFile>;
  newestOf(path: string): KeptFile | undefined;
  all(): KeptFile[];
  /** Every generation, the newest first. */
  generations(path: string): KeptFile[];
  ofSession(session: string): KeptFile[];
  /** A file that is not there any more and had this inode. */
  goneWithInode(inode: string): KeptFile | undefined;
  isCopyTaken(copy: string): boolean;
  begin(file: Pick<KeptFile, 'source' | 'store' | 'path' | 'generation' | 'copy' | 'inode' | 'keptAt'>): KeptFile;
  /** After bytes have been added. */
  grown(file: KeptFile, now: { size: number; modified: number; inode: string }): KeptFile;
  moved(file: KeptFile, path: string, store: string): KeptFile;
  /** After its copy was written anew. */
  redacted(
    file: KeptFile,
    now: { size: number; readSize: number; redacted: RedactedBeginning; reading?: Uint8Array; skipped?: string },
  ): void;
  gone(file: KeptFile, at: number | undefined): void;
  isGone(row: number): boolean;
  unread(): KeptFile[];
  /** Read, but not to their end, and not changed since `before`. */
  torn(before: number): KeptFile[];
  reading(file: KeptFile): Uint8Array | undefined;
  read(
    file: KeptFile,
    done: { readSize: number; version: number; torn?: boolean; reading?: Uint8Array; session?: string; skipped: string },
  ): void;
  mark(name: string): string | undefined;
  setMark(name: string, value: string): void;
}

const COLUMNS =
  'row, source, store, path, generation, copy, size, inode, modified, kept_at, gone_at, forgotten, read_size, reader_version, session, skipped, redacted';
const IS_NEWEST = 'generation = (SELECT max(generation) FROM protected_files AS other WHERE other.path = protected_files.path)';

export function openLedger({ database }: Archive): Ledger {
  const newest = database.prepare(`SELECT ${COLUMNS} FROM protected_files WHERE store = ? AND ${IS_NEWEST}`);
  const newestOf = database.prepare(`SELECT ${COLUMNS} FROM protected_files WHERE path = ? ORDER BY generation DESC LIMIT 1`);
  const all = database.prepare(`SELECT ${COLUMNS} FROM protected_files ORDER BY row`);
  const generations = database.prepare(`SELECT ${COLUMNS} FROM protected_files WHERE path = ? ORDER BY generation DESC`);
  const ofSession = database.prepare(`SELECT ${COLUMNS} FROM protected_files WHERE session = ? ORDER BY row DESC`);
  const gone = database.prepare(
    `SELECT ${COLUMNS} FROM protected_files WHERE inode = ? AND inode <> '' AND gone_at IS NOT NULL AND ${IS_NEWEST} ORDER BY row DESC LIMIT 1`,
  );
  const taken = database.prepare('SELECT 1 FROM protected_files WHERE copy = ?');
  const begin = database.prepare(
    `INSERT INTO protected_files (source, store, path, generation, copy, size, inode, modified, kept_at) VALUES (?, ?, ?, ?, ?, 0, ?, 0, ?) RETURNING ${COLUMNS}`,
  );
  const grown = database.prepare('UPDATE protected_files SET size = ?, modified = ?, inode = ?, gone_at = NULL WHERE row = ?');
  const moved = database.prepare('UPDATE protected_files SET path = ?, store = ?, generation = ?, gone_at = NULL WHERE row = ?');
  const redacted = database.prepare(
    'UPDATE protected_files SET size = ?, read_size = ?, redacted = ?, reading = ?, skipped = ? WHERE row = ?',
  );
  const setGone = database.prepare('UPDATE protected_files SET gone_at = ? WHERE row = ?');
  const isGone = database.prepare('SELECT 1 FROM protected_files WHERE row = ? AND gone_at IS NOT NULL');
  const unread = database.prepare(`SELECT ${COLUMNS} FROM protected_files WHERE read_size <> size AND forgotten = 0 ORDER BY row`);
  const torn = database.prepare(`SELECT ${COLUMNS} FROM protected_files WHERE torn = 1 AND modified < ? AND forgotten = 0`);
  const reading = database.prepare('SELECT reading FROM protected_files WHERE row = ?');
  const read = database.prepare(
    'UPDATE protected_files SET read_size = ?, reader_version = ?, torn = ?, reading = ?, session = coalesce(?, session), skipped = ? WHERE row = ?',
  );
  const mark = database.prepare('SELECT value FROM marks WHERE name = ?');
  const setMark = database.prepare('INSERT INTO marks (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value');

  return {
    newest: (store) =>
      new Map(
        newest
          .all(store)
          .map(fileOf)
          .map((file) => [file.path, file]),
      ),
    newestOf: (path) => optional(newestOf.get(path)),
    all: () => all.all().map(fileOf),
    generations: (path) => generations.all(path).map(fileOf),
    ofSession: (session) => ofSession.all(session).map(fileOf),
    goneWithInode: (inode) => optional(gone.get(inode)),
    isCopyTaken: (copy) => taken.get(copy) !== undefined,
    begin: ({ source, store, path, generation, copy, inode, keptAt }) =>
      fileOf(begin.get(source, store, path, generation, copy, inode, Math.round(keptAt))!),
    grown(file, { size, modified, inode }) {
      grown.run(size, modified, inode, file.row);
      const { goneAt: _, ...rest } = file;
      return { ...rest, size, modified, inode };
    },
    moved(file, path, store) {
      const generation = (optional(newestOf.get(path))?.generation ?? 0) + 1;
      moved.run(path, store, generation, file.row);
      const { goneAt: _, ...rest } = file;
      return { ...rest, path, store, generation };
    },
    redacted: (file, { size, readSize, redacted: beginning, reading: state, skipped }) =>
      void redacted.run(size, readSize, JSON.stringify(beginning), state ?? null, skipped ?? null, file.row),
    gone: (file, at) => void setGone.run(at === undefined ? null : Math.round(at), file.row),
    isGone: (row) => isGone.get(row) !== undefined,
    unread: () => unread.all().map(fileOf),
    torn: (before) => torn.all(before).map(fileOf),
    reading(file) {
      const value = reading.get(file.row)?.['reading'];
      return value instanceof Uint8Array ? value : undefined;
    },
    read(file, { readSize, version, torn: isTorn = false, reading: state, session, skipped }) {
      read.run(readSize, version, isTorn ? 1 : 0, state ?? null, session ?? null, skipped, file.row);
    },
    mark(name) {
      const value = mark.get(name)?.['value'];
      return typeof value === 'string' ? value : undefined;
    },
    setMark: (name, value) => void setMark.run(name, value),
  };
}

type Row = Record<string, unknown>;

function optional(row: Row | undefined): KeptFile | undefined {
  return row && fileOf(row);
}

function fileOf(row: Row): KeptFile {
  return {
    row: Number(row['row']),
    source: String(row['source']) as SourceName,
    store: String(row['store']),
    path: String(row['path']),
    generation: Number(row['generation']),
    copy: String(row['copy']),
    size: Number(row['size']),
    inode: String(row['inode']),
    modified: Number(row['modified']),
    keptAt: Number(row['kept_at']),
    ...(typeof row['gone_at'] === 'number' ? { goneAt: row['gone_at'] } : {}),
    forgotten: row['forgotten'] === 1,
    readSize: Number(row['read_size']),
    readerVersion: Number(row['reader_version']),
    ...(typeof row['session'] === 'string' ? { session: row['session'] } : {}),
    ...(typeof row['skipped'] === 'string' ? { skipped: row['skipped'] } : {}),
    ...(typeof row['redacted'] === 'string' ? { redacted: JSON.parse(row['redacted']) as RedactedBeginning } : {}),
  };
}
