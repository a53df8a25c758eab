import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Skipped } from '../conversation.ts';
import type { Archive } from '../store/open.ts';
import { assigned, looksLikeData, unknown } from './assign.ts';
import { shapeOf } from './head-keys.ts';
import type { Assigned } from './assign.ts';
import { gather } from './gather.ts';
import type { Gathered } from './gather.ts';
import { Interrupted } from './interrupted.ts';
import { hashOf, keeping } from './keeping.ts';
import type { Keeping } from './keeping.ts';
import type { Limits } from './limits.ts';
import { marksOf } from './marks.ts';
import type { Marks } from './marks.ts';
import { Unreadable } from './reader.ts';
import type { Reader, SourceFile } from './reader.ts';
import { clearRemains } from './remains.ts';
import { reporting } from './report.ts';
import type { ImportReport, Reporting } from './report.ts';
import { takingInto } from './take.ts';

export interface ImportOptions {
  archive: Archive;
  /** Asked in this order. */
  readers: readonly Reader[];
  limits: Limits;
  /** UTC milliseconds. */
  now(): number;
  /** Reads everything and writes nothing. */
  dryRun?: boolean;
  /** Reads also files whose very bytes were read before. */
  again?: boolean;
  signal?: AbortSignal;
  /** Bytes read so far, of how many, and what is being read. */
  progress?(done: number, all: number, where: string): void;
}

/** A file on disk of which something is read: by itself, or files in it. */
interface Given {
  path: string;
  members: Assigned[];
  sha256: string;
  /** Readers and their versions. */
  versions: string;
  isReadBefore: boolean;
  unreadable: number;
  awaits: number;
  /** Parts that it names and that were not given with it. */
  missing: Skipped[];
}

/** Imports whatever these paths are: files, folders and zips, in any mix and order. Never throws for what they contain. */
export async function runImport(paths: readonly string[], options: ImportOptions): Promise<ImportReport> {
  const { archive, limits, dryRun = false, signal } = options;
  const telling = reporting(dryRun);
  let gathered: Gathered | undefined;
  try {
    const temporary = join(archive.folder, 'incoming');
    mkdirSync(temporary, { recursive: true, mode: 0o700 });
    clearRemains(temporary);
    gathered = await gather(paths, { limits, temporary, kept: archive.files });
    for (const { type, where, reason } of gathered.troubles) telling.list(type, { where, reason });
    const keeper = keeping(archive, telling.report, { now: () => options.now(), dryRun, signal });
    const marks = marksOf(archive, dryRun);
    const givens = await givensOf(await assigned(gathered.files, options.readers), gathered, { telling, keeper, marks }, options);
    await readAll(givens, gathered.files, { telling, keeper, marks }, options);
    listUnread(gathered.files, givens, keeper, telling);
    if (!dryRun) rememberRead(givens, marks, options.now());
  } catch (error) {
    telling.report.stopped = stopOf(error);
  } finally {
    gathered?.close();
  }
  return telling.report;
}

async function givensOf(
  all: readonly Assigned[],
  { files, troubles }: Pick<Gathered, 'files' | 'troubles'>,
  { marks, telling }: Parts,
  { again, signal }: ImportOptions,
): Promise<Given[]> {
  const givens: Given[] = [];
  for (const [path, members] of Map.groupBy(all, ({ file }) => file.onDisk ?? file.container)) {
    const versions = [...new Set(members.map(({ reader }) => `${reader.source} ${reader.version}`))].toSorted().join(', ');
    try {
      const unreadable = troubles.filter(({ type, container }) => type === 'unreadable' && container === path).length;
      givens.push({
        path,
        members,
        versions,
        sha256: await hashOf(path, signal),
        isReadBefore: false,
        unreadable,
        awaits: 0,
        missing: [],
      });
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      telling.list('unreadable', { where: path, reason: error.message });
    }
  }
  if (again) return givens;
  const known = givens.map(({ sha256, versions }) => {
    const mark = marks.imported(sha256);
    return mark?.versions === versions ? mark : undefined;
  });
  const read = new Set(all.map(({ file }) => file.container));
  // What is new, or nothing but pictures, may bring the files that an older part was waiting for.
  const isNothingNew = known.every((mark) => mark !== undefined) && files.every(({ container }) => read.has(container));
  const names = new Set(files.map(({ path }) => basename(path)));
  return givens.map((given, index) => {
    const mark = known[index];
    // A part that was missing may have been imported by itself meanwhile.
    const isComplete = mark?.missing.some(({ where }) => names.has(basename(where))) === true;
    return mark && !isComplete && (mark.awaits === 0 || isNothingNew)
      ? { ...given, isReadBefore: true, awaits: mark.awaits, missing: mark.missing }
      : given;
  });
}

interface Parts {
  telling: Reporting;
  keeper: Keeping;
  marks: Marks;
}

async function readAll(givens: readonly Given[], files: readonly SourceFile[], parts: Parts, options: ImportOptions): Promise<void> {
  const { archive, dryRun = false, signal, progress } = options;
  const { telling, keeper, marks } = parts;
  const take = takingInto(archive, telling, { dryRun, now: () => options.now(), again: options.again === true });
  const unread = givens.filter(({ isReadBefore }) => !isReadBefore);
  for (const { path, members, awaits, missing } of givens.filter(({ isReadBefore }) => isReadBefore)) {
    for (const { reader } of members) telling.of(reader.source).files.readBefore += 1;
    for (const part of missing) telling.list('missing', part);
    if (awaits > missing.length)
      telling.list('noted', {
        where: path,
        reason: 'read before; it names files that were not there: give them together with it',
        found: awaits - missing.length,
      });
  }

  if (!dryRun)
    for (const { path, members } of unread)
      if (!members.every(({ reader, what }) => reader.keepsOriginals?.(what))) await kept(path, parts);

  const order = unread
    .flatMap((given) => given.members.map((one) => ({ given, ...one })))
    .toSorted((left, right) => rankOf(left) - rankOf(right) || ageOf(left) - ageOf(right));
  const all = order.reduce((sum, { file }) => sum + file.size, 0);
  let done = 0;
  for (const { given, file, reader, what } of order) {
    telling.of(reader.source).files.read += 1;
    const damagedBefore = keeper.damaged.length;
    let bytes = 0;
    const counted: SourceFile = {
      ...file,
      async *open() {
        bytes = 0;
        for await (const chunk of file.open()) {
          if (signal?.aborted) throw new Interrupted();
          bytes += chunk.length;
          progress?.(done + bytes, all, file.where);
          yield chunk;
        }
      },
    };
    try {
      const context = {
        what,
        files,
        now: options.now(),
        most: options.limits.conversation,
        keep: keeper.member,
        memory: marks.memoryOf(reader.source),
      };
      for await (const told of reader.read(counted, context)) {
        if (signal?.aborted) throw new Interrupted();
        if (told.type === 'unreadable') given.unreadable += 1;
        if (told.type === 'missing') {
          given.awaits += 1;
          given.missing.push({ where: told.where, reason: told.reason, ...(told.found !== undefined && { found: told.found }) });
        }
        given.awaits += take(told, reader.source);
      }
    } catch (error) {
      if (!isAboutFile(error)) throw error;
      given.unreadable += 1;
      telling.list('unreadable', { source: reader.source, where: file.where, reason: blame(error) });
    }
    given.unreadable += keeper.damaged.length - damagedBefore;
    done += file.size;
    progress?.(done, all, file.where);
  }
  const recognised = givens.flatMap(({ members, sha256 }) => members.map((one) => ({ ...one, sha256 })));
  for (const [reader, given] of Map.groupBy(recognised, (one) => one.reader))
    for (const told of reader.end?.(given, { memory: marks.memoryOf(reader.source) }) ?? []) take(told, reader.source);
}

/** What of a file could not be read has to be said each time, so that such a file is read each time. */
function rememberRead(givens: readonly Given[], marks: Marks, at: number): void {
  for (const { path, sha256, versions, isReadBefore, unreadable, awaits, missing } of givens)
    if (!isReadBefore && unreadable === 0) marks.markImported(sha256, { versions, awaits, missing, name: basename(path), at });
}

function rankOf({ reader, what }: Assigned): number {
  return reader.rank?.(what) ?? 0;
}

function ageOf({ reader, file }: Assigned): number {
  return reader.oldestFirst ? (file.modified ?? 0) : 0;
}

async function kept(path: string, { keeper, telling }: Parts): Promise<void> {
  try {
    await keeper.whole(path);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    telling.list('unreadable', { where: path, reason: error.message });
  }
}

/** Files that no reader has read: loudly where they were given to be read. */
function listUnread(files: readonly SourceFile[], givens: readonly Given[], keeper: Keeping, telling: Reporting): void {
  const read = new Set(givens.flatMap(({ members }) => members.map(({ file }) => file.where)));
  const containersRead = new Set(givens.flatMap(({ members }) => members.map(({ file }) => file.container)));
  for (const { file, reason } of keeper.damaged) telling.list('unreadable', { where: file.where, reason });
  const before = new Set(givens.flatMap(({ isReadBefore, members }) => (isReadBefore ? members.map(({ file }) => file.container) : [])));
  for (const file of files) {
    if (read.has(file.where) || keeper.isHeld(file) || before.has(file.container)) continue;
    const isBeside = containersRead.has(file.container);
    // A whole Takeout has everything that Google knows.
    if (isBeside && /(^|\/)Takeout\//.test(file.path))
      telling.list('skipped', { where: file.where, reason: 'of another product of Google' });
    else if (!isBeside) telling.list('unreadable', { where: file.where, ...unknown(file) });
    // Who has no projects has an empty list of them.
    else if (shapeOf(file)?.isEmpty) telling.list('skipped', { where: file.where, reason: 'nothing is in it' });
    else if (!looksLikeData(file)) telling.list('skipped', { where: file.where, reason: 'no conversation names it' });
    // A folder may hold anything; what is in an export's own zip should be known.
    else if (file.onDisk !== undefined) telling.list('skipped', { where: file.where, ...unknown(file) });
    else {
      for (const given of givens) if (given.path === file.container) given.unreadable += 1;
      telling.list('unreadable', { where: file.where, ...unknown(file) });
    }
  }
}

/** Rather than about the archive, the disk that it is on, or the person who has stopped it. */
function isAboutFile(error: unknown): boolean {
  if (error instanceof Unreadable) return true;
  if (error instanceof Interrupted || !(error instanceof Error)) return false;
  return !('errcode' in error) && !('syscall' in error);
}

function blame(error: unknown): string {
  if (error instanceof Unreadable) return error.message;
  return `a mistake of Understudy's: ${error instanceof Error ? error.message : String(error)}. Please report it with the file's build`;
}

/** SQLITE_FULL: https://sqlite.org/rescode.html */
const FULL = 13;

function stopOf(error: unknown): NonNullable<ImportReport['stopped']> {
  if (error instanceof Interrupted) return { by: 'interrupt', reason: 'it was stopped' };
  const message = error instanceof Error ? error.message : String(error);
  const isFull =
    error instanceof Error &&
    (('code' in error && ['ENOSPC', 'EDQUOT'].includes(String(error.code))) || ('errcode' in error && Number(error.errcode) === FULL));
  return isFull ? { by: 'disk', reason: `the disk is full (${message})` } : { by: 'archive', reason: message };
}
