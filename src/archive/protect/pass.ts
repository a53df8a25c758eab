import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { lockFolder } from '../../journal/lock.ts';
import { finishReplacing } from './redacted-copy.ts';
import type { Archive } from '../store/open.ts';
import type { Put } from '../store/put.ts';
import { inTransaction } from '../store/transaction.ts';
import { databaseOf } from './databases.ts';
import { filesOf, type FoundFile } from './find-files.ts';
import { keepCopy } from './keep-copy.ts';
import { openLedger, type KeptFile, type Ledger } from './ledger.ts';
import { copyDatabase, databaseModified, tellDatabase, tellOldFiles } from './opencode-store.ts';
import type { TranscriptStore } from './stores.ts';
import { tellInto, YOUNG, type Telling } from './tell.ts';

/** What one look at all stores came to. */
export interface PassReport {
  /** Files of the tools that were looked at. */
  files: number;
  new: number;
  grown: number;
  /** Began anew; what was kept of them stays. */
  again: number;
  moved: number;
  /** Originals that are not there any more: "kept here". */
  gone: KeptFile[];
  /** Bytes added to copies. */
  bytes: number;
  conversations: { added: number; changed: number };
  messages: number;
  /** What could not be copied or read, and why. */
  troubles: Trouble[];
}

export interface Trouble {
  path: string;
  reason: string;
  /** Nothing more can be written. */
  full: boolean;
}

export interface Progress {
  stage: 'copying' | 'reading';
  /** Bytes, and of how many. */
  done: number;
  of: number;
  path: string;
}

export interface PassOptions {
  now(): number;
  signal?: AbortSignal;
  progress?(progress: Progress): void;
  /** A database is copied whole at most this often; milliseconds. Default: each time that it has changed. */
  databaseEvery?: number;
  /** False: the disk is nearly full. What is new waits for a later pass. */
  hasRoom?(): boolean;
}

export interface Protection {
  ledger: Ledger;
  /** Looks at all files, copies what is new, reads it into the archive. Another process' pass is waited for. */
  pass(stores: readonly TranscriptStore[], options: PassOptions): Promise<PassReport>;
  /** The same for some files only. */
  look(files: readonly { store: TranscriptStore; found: FoundFile }[], options: PassOptions): Promise<PassReport>;
}

/** Between two tries for the lock; milliseconds. */
const RETRY_LOCK = 100;
/** After this many files others get their turn on this thread. */
const TURN = 50;
/** Bytes that are read in one transaction, about: some 20 ms of work. */
const BATCH = 256 * 1024;

export function protectionOf(archive: Archive): Protection {
  const ledger = openLedger(archive);
  const telling = tellInto(archive, ledger);

  async function locked<Value>(signal: AbortSignal | undefined, now: number, work: () => Promise<Value>): Promise<Value> {
    const folder = join(archive.folder, 'transcripts');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (;;) {
      const lock = lockFolder(folder, { pid: process.pid, started: now });
      if (!lock.ok && lock.error.type === 'failed') throw lock.error.error;
      if (lock.ok) {
        try {
          finishReplacing(archive);
          return await work();
        } finally {
          lock.value.release();
        }
      }
      signal?.throwIfAborted();
      await pause(RETRY_LOCK);
    }
  }

  return {
    ledger,
    pass: (stores, options) => locked(options.signal, options.now(), () => wholePass(archive, ledger, telling, stores, options)),
    look: (files, options) => locked(options.signal, options.now(), () => somePass(archive, ledger, telling, files, options)),
  };
}

export function emptyReport(): PassReport {
  return {
    files: 0,
    new: 0,
    grown: 0,
    again: 0,
    moved: 0,
    gone: [],
    bytes: 0,
    conversations: { added: 0, changed: 0 },
    messages: 0,
    troubles: [],
  };
}

async function wholePass(
  archive: Archive,
  ledger: Ledger,
  telling: Telling,
  stores: readonly TranscriptStore[],
  options: PassOptions,
): Promise<PassReport> {
  const report = emptyReport();
  // All originals are copied first, the oldest at once: those are deleted next. Reading can wait.
  const found = stores.flatMap((store) => {
    const files = store.kind === 'database' ? [] : [...filesOf(store)];
    return files.map((file) => ({ store, file }));
  });
  found.sort((one, other) => one.file.modified - other.file.modified);
  const known = new Map(stores.filter(({ kind }) => kind !== 'database').map((store) => [store.root, ledger.newest(store.root)]));
  // Those that are gone are noted first, so that one that was moved is found again under its new name.
  noteGone(ledger, found, known, stores, report, options.now());
  const changed = new Map<TranscriptStore, KeptFile[]>();
  const of = found.reduce((sum, { file }) => sum + file.size, 0);
  let done = 0;
  for (const { store, file } of found) {
    if (isOver(options)) break;
    report.files += 1;
    const kept = keep(archive, ledger, store, file, known.get(store.root)?.get(file.path), report, options.now());
    if (kept === 'full') break;
    if (kept) addTo(changed, store, kept);
    done += file.size;
    options.progress?.({ stage: 'copying', done, of, path: file.path });
    if (report.files % TURN === 0) await turn();
  }
  for (const store of stores.filter(({ kind }) => kind === 'database'))
    if (!isOver(options)) await databasePass(archive, ledger, telling, store, report, options);
  tellChanged(archive, ledger, telling, changed, report, options);
  await readAll(archive, ledger, telling, report, options);
  // Those that were found again under another name are not gone.
  report.gone = report.gone.filter(({ row }) => ledger.isGone(row));
  return report;
}

async function somePass(
  archive: Archive,
  ledger: Ledger,
  telling: Telling,
  files: readonly { store: TranscriptStore; found: FoundFile }[],
  options: PassOptions,
): Promise<PassReport> {
  const report = emptyReport();
  const changed = new Map<TranscriptStore, KeptFile[]>();
  for (const { store, found } of files) {
    if (isOver(options)) break;
    report.files += 1;
    const kept = keep(archive, ledger, store, found, ledger.newestOf(found.path), report, options.now());
    if (kept === 'full') break;
    if (kept) addTo(changed, store, kept);
  }
  tellChanged(archive, ledger, telling, changed, report, options);
  await readAll(archive, ledger, telling, report, options);
  return report;
}

/** For now: it goes on there. */
function isOver({ signal, hasRoom }: PassOptions): boolean {
  return signal?.aborted === true || hasRoom?.() === false;
}

function addTo(changed: Map<TranscriptStore, KeptFile[]>, store: TranscriptStore, file: KeptFile): void {
  const files = changed.get(store);
  if (files) files.push(file);
  else changed.set(store, [file]);
}

/** Small files that make up sessions together are read together. */
function tellChanged(
  archive: Archive,
  ledger: Ledger,
  telling: Telling,
  changed: ReadonlyMap<TranscriptStore, KeptFile[]>,
  report: PassReport,
  options: PassOptions,
): void {
  for (const [store, files] of changed) {
    if (store.kind === 'files')
      attempt(report, store.root, () => count(report, tellOldFiles(archive, telling, ledger, store, files, options.now())));
  }
}

/** `undefined`: nothing has changed, or it could not be copied now. */
function keep(
  archive: Archive,
  ledger: Ledger,
  store: TranscriptStore,
  found: FoundFile,
  known: KeptFile | undefined,
  report: PassReport,
  now: number,
): KeptFile | 'full' | undefined {
  try {
    const { file, outcome, bytes } = keepCopy(archive, ledger, store, found, known, now);
    report.bytes += bytes;
    if (outcome === 'same') return undefined;
    report[outcome] += 1;
    return file;
  } catch (error) {
    // Deleted since it was found: there is nothing to copy, and the next pass says so.
    if (codeOf(error) === 'ENOENT') return undefined;
    report.troubles.push(troubleOf(found.path, error));
    return report.troubles.at(-1)!.full ? 'full' : undefined;
  }
}

function noteGone(
  ledger: Ledger,
  found: readonly { file: FoundFile }[],
  known: ReadonlyMap<string, Map<string, KeptFile>>,
  stores: readonly TranscriptStore[],
  report: PassReport,
  now: number,
): void {
  const there = new Set(found.map(({ file }) => file.path));
  for (const store of stores) {
    for (const file of known.get(store.root)?.values() ?? []) {
      if (there.has(file.path) || file.goneAt !== undefined) continue;
      ledger.gone(file, now);
      report.gone.push({ ...file, goneAt: now });
    }
  }
}

async function databasePass(
  archive: Archive,
  ledger: Ledger,
  telling: Telling,
  store: TranscriptStore,
  report: PassReport,
  options: PassOptions,
): Promise<void> {
  const { path, isCopied } = databaseOf(store);
  const modified = databaseModified(path);
  if (modified === 0) return;
  const mark = `protect ${store.source} ${path} modified`;
  if (ledger.mark(mark) !== String(modified)) {
    const told = tellDatabase(telling, ledger, store, options.now());
    count(report, told.puts);
    if (told.trouble === undefined) ledger.setMark(mark, String(modified));
    // What a copy of the whole holds is not lost.
    const reason = told.trouble ?? (isCopied ? undefined : told.unknown);
    if (reason !== undefined) report.troubles.push({ path, reason, full: false });
  }
  if (!isCopied) return;
  const last = ledger.newestOf(path);
  const lastCopy = Number(ledger.mark(`protect opencode ${path} copied`) ?? 0);
  if (last?.forgotten || last?.modified === modified || options.now() - lastCopy < (options.databaseEvery ?? 0)) return;
  try {
    const file = await copyDatabase(archive, ledger, store, path, options.now());
    ledger.setMark(`protect opencode ${path} copied`, String(options.now()));
    report.files += 1;
    report.bytes += file.size;
    report[last === undefined ? 'new' : file.generation === last.generation ? 'grown' : 'again'] += 1;
  } catch (error) {
    report.troubles.push(troubleOf(path, error));
  }
}

async function readAll(archive: Archive, ledger: Ledger, telling: Telling, report: PassReport, options: PassOptions): Promise<void> {
  const unread = ledger.unread();
  const of = unread.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  let batch: KeptFile[] = [];
  let batched = 0;
  const work = (): boolean => {
    const full = tellBatch(archive, telling, batch, report, options.now());
    done += batched;
    [batch, batched] = [[], 0];
    return full;
  };
  for (const file of unread) {
    if (isOver(options)) return;
    batch.push(file);
    batched += Math.max(0, file.size - Math.max(0, file.readSize));
    if (batch.length < TURN && batched < BATCH) continue;
    if (work()) return;
    options.progress?.({ stage: 'reading', done, of, path: file.path });
    await turn();
  }
  if (work()) return;
  // Lines that had no end when their file was read, and got none since: what there is of them counts now.
  for (const file of ledger.torn(options.now() - YOUNG)) tellBatch(archive, telling, [file], report, options.now());
}

/** Many small files in one transaction; where one of them fails, each in its own. True: the disk is full. */
function tellBatch(archive: Archive, telling: Telling, files: readonly KeptFile[], report: PassReport, now: number): boolean {
  try {
    const puts = inTransaction(archive.database, () => files.flatMap((file) => telling.tell(file, now)));
    count(report, puts);
    return false;
  } catch (error) {
    telling.takeBack();
    if (files.length > 1) return files.some((file) => tellBatch(archive, telling, [file], report, now));
    const trouble = troubleOf(files[0]?.path ?? '', error);
    report.troubles.push(trouble);
    return trouble.full;
  }
}

/** True: the disk is full, and going on is of no use. */
function attempt(report: PassReport, path: string, work: () => void): boolean {
  try {
    work();
    return false;
  } catch (error) {
    const trouble = troubleOf(path, error);
    report.troubles.push(trouble);
    return trouble.full;
  }
}

function count(report: PassReport, puts: readonly Put[]): void {
  for (const { conversation, messages } of puts) {
    if (conversation !== 'same') report.conversations[conversation] += 1;
    report.messages += messages.added;
  }
}

/** SQLITE_FULL: https://sqlite.org/rescode.html */
const SQLITE_FULL = 13;

export function troubleOf(path: string, error: unknown): Trouble {
  const code = codeOf(error);
  const sqlite = error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : 0;
  const full = code === 'ENOSPC' || code === 'EDQUOT' || sqlite === SQLITE_FULL;
  if (full)
    return { path, full, reason: 'the disk is full: free some space; what is kept already stays, and copying goes on where it stopped' };
  if (code === 'EACCES' || code === 'EPERM') return { path, full, reason: 'it may not be read: check its permissions' };
  if (code === 'EBUSY') return { path, full, reason: 'another program holds it: it is tried again' };
  return { path, full, reason: error instanceof Error ? error.message : String(error) };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds));
}
