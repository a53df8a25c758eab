import { existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as breathe } from 'node:timers/promises';
import type { DataKey } from '../../journal/at-rest/data-key.ts';
import { openRecordToRead } from '../../journal/record/database.ts';
import { openLedger } from '../protect/ledger.ts';
import { waitingCount } from '../search/indexing.ts';
import type { Archive } from '../store/open.ts';
import { originalPath } from '../store/originals.ts';
import { unfinishedErasures } from './erasing.ts';
import { hashKept } from './hashed-copy.ts';
import { integrityFaults } from './verify.ts';

/** Something that was looked at. `bad`: something is lost, or will be; `look`: it does no harm yet. */
export interface Finding {
  about: string;
  state: 'good' | 'look' | 'bad';
  said: string;
  /** What to do. */
  advice?: string;
  /** Which ones, at most `SHOWN`. */
  which?: string[];
}

const SHOWN = 10;
/** Files of a writer that has just begun are no orphans; milliseconds. */
const YOUNG = 60 * 60_000;

export interface CheckOptions {
  archive: Archive;
  dataFolder: string;
  /** UTC milliseconds. */
  now: number;
  signal?: AbortSignal;
}

/** Looks at everything that the archive is made of, and changes nothing. */
export async function checkArchive({ archive, dataFolder, now, signal }: CheckOptions): Promise<Finding[]> {
  const whole = databaseFinding('archive.db', archive.database);
  const record = recordFinding(dataFolder, archive.key);
  const findings = record ? [whole, record] : [whole];
  // What a damaged database says of the rest is worth nothing.
  if (whole.state === 'bad') return [...findings, spaceFinding(dataFolder)];
  const steps: (() => Finding | undefined | Promise<Finding | undefined>)[] = [
    () => referencesFinding(archive),
    () => indexFinding(archive),
    () => originalsFinding(archive, signal),
    () => orphansFinding(archive, now),
    () => copiesFinding(archive),
    () => erasuresFinding(archive),
    () => spaceFinding(dataFolder),
  ];
  for (const step of steps) {
    signal?.throwIfAborted();
    const finding = await step();
    if (finding) findings.push(finding);
    await breathe();
  }
  return findings;
}

function databaseFinding(about: string, database: DatabaseSync): Finding {
  let faults: string[];
  try {
    faults = integrityFaults(database);
  } catch (error) {
    faults = [error instanceof Error ? error.message : String(error)];
  }
  if (faults.length === 0) return { about, state: 'good', said: 'SQLite finds nothing wrong with it' };
  return {
    about,
    state: 'bad',
    said: 'it is damaged',
    which: faults.slice(0, SHOWN),
    advice: 'stop the server and restore the last backup: understudy backup list, understudy backup restore PATH --force',
  };
}

function recordFinding(dataFolder: string, key: DataKey | undefined): Finding | undefined {
  const about = 'record.db';
  const path = join(dataFolder, about);
  if (!existsSync(path)) return undefined;
  const opened = openRecordToRead(path, key);
  if (!opened.ok) return { about, state: 'bad', said: opened.error.reason, advice: opened.error.action };
  const record = opened.value;
  try {
    return databaseFinding(about, record);
  } finally {
    record.close();
  }
}

/** What conversations say of themselves, against their messages. */
function referencesFinding({ database }: Archive): Finding {
  const about = 'conversations';
  const rows = database
    .prepare(
      `SELECT id FROM conversations AS c WHERE messages <> (SELECT count(*) FROM messages WHERE conversation = c.row)
       UNION ALL SELECT 'message ' || row FROM messages WHERE conversation NOT IN (SELECT row FROM conversations) LIMIT ?`,
    )
    .all(SHOWN);
  const count = (table: string): string => String(database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.['count']);
  if (rows.length === 0) return { about, state: 'good', said: `${count('conversations')}, with ${count('messages')} messages` };
  return {
    about,
    state: 'bad',
    said: 'what they say of themselves is not what is there',
    which: rows.map(({ id }) => String(id)),
    advice: 'please report it, and restore the last backup into a folder of its own to compare: understudy backup restore PATH --to DIR',
  };
}

/** The index knows each message, and no message that is not there. */
function indexFinding({ database }: Archive): Finding {
  const about = 'search index';
  const missing = Number(
    database
      .prepare(
        `SELECT count(*) AS count FROM messages WHERE row NOT IN (SELECT message FROM search_documents WHERE message > 0)
          AND row NOT IN (SELECT message FROM search_queue)`,
      )
      .get()?.['count'],
  );
  const gone = Number(
    database
      .prepare('SELECT count(*) AS count FROM search_documents WHERE message > 0 AND message NOT IN (SELECT row FROM messages)')
      .get()?.['count'],
  );
  const waiting = waitingCount(database);
  if (missing + gone > 0) {
    return {
      about,
      state: 'bad',
      said: `it lacks ${missing} messages and has ${gone} that are not there`,
      advice: 'make it anew: understudy search --reindex',
    };
  }
  if (waiting > 0)
    return { about, state: 'look', said: `${waiting} messages and titles wait for it`, advice: 'any search does it, and a running server' };
  return { about, state: 'good', said: 'it has every message' };
}

async function originalsFinding(archive: Archive, signal: AbortSignal | undefined): Promise<Finding> {
  const about = 'originals';
  const wrong: string[] = [];
  let count = 0;
  let bytes = 0;
  for (const { sha256, size, name } of archive.database.prepare('SELECT sha256, size, name FROM originals').all()) {
    signal?.throwIfAborted();
    const path = originalPath(archive, String(sha256));
    count += 1;
    const called = `${String(sha256).slice(0, 16)}${typeof name === 'string' ? ` (${name})` : ''}`;
    if (!existsSync(path)) wrong.push(`${called}: missing`);
    else {
      const found = hashKept(archive.files, path);
      bytes += found?.size ?? 0;
      if (found?.sha256 !== sha256 || found?.size !== size) wrong.push(`${called}: its bytes have changed`);
    }
    if (count % 50 === 0) await breathe();
  }
  if (wrong.length === 0) return { about, state: 'good', said: `${count}, ${bytes} bytes, all as they came` };
  return {
    about,
    state: 'bad',
    said: `${wrong.length} of ${count} are missing or damaged`,
    which: wrong.slice(0, SHOWN),
    advice: 'import their source again (understudy import), or take them out of a backup: archive/originals in it',
  };
}

/** Files that no row names: what a killed import leaves. */
function orphansFinding(archive: Archive, now: number): Finding | undefined {
  const known = new Set(
    archive.database
      .prepare('SELECT sha256 FROM originals')
      .all()
      .map(({ sha256 }) => archive.files.originalName(String(sha256))),
  );
  const old = (path: string): boolean => now - statSync(path).mtimeMs > YOUNG;
  const orphans = [
    ...filesIn(join(archive.folder, 'incoming')).filter(old),
    ...filesIn(join(archive.folder, 'originals')).filter((path) => !known.has(path.slice(-64)) && old(path)),
  ];
  if (orphans.length === 0) return undefined;
  return {
    about: 'files of nobody',
    state: 'look',
    said: `${orphans.length}, left by something that was killed`,
    which: orphans.slice(0, SHOWN),
    advice: 'the next import of the same takes them up; else they may be deleted',
  };
}

function copiesFinding(archive: Archive): Finding | undefined {
  const wrong: string[] = [];
  const files = openLedger(archive)
    .all()
    .filter(({ forgotten }) => !forgotten);
  for (const { copy, path, size } of files) {
    const held = join(archive.folder, copy);
    const found = existsSync(held) ? (hashKept(archive.files, held)?.size ?? 0) : undefined;
    if (found === undefined ? size > 0 : found < size)
      wrong.push(`${path}: ${found === undefined ? 'its copy is missing' : 'its copy is cut short'}`);
  }
  if (files.length === 0) return undefined;
  if (wrong.length === 0) return { about: 'transcripts', state: 'good', said: `${files.length} copies, none shorter than it was` };
  return {
    about: 'transcripts',
    state: 'bad',
    said: `${wrong.length} of ${files.length} copies are not whole`,
    which: wrong.slice(0, SHOWN),
    advice: 'take them out of a backup (archive/transcripts in it); what was read of them is in the archive all the same',
  };
}

function erasuresFinding({ database }: Archive): Finding | undefined {
  const about = 'deletions and redactions';
  const unfinished = unfinishedErasures(database);
  if (unfinished.length === 0) return undefined;
  const advice = unfinished.some(({ kind, stage }) => kind === 'redact' && stage === 'taking')
    ? 'stop the server and give the same understudy redact command again'
    : 'stop the server and start it again: it finishes them';
  return { about, state: 'bad', said: `${unfinished.length} cut off before all was gone`, advice };
}

function spaceFinding(dataFolder: string): Finding {
  const about = 'disk';
  const { bavail, bsize } = statfsSync(dataFolder);
  const free = bavail * bsize;
  const size = statSync(join(dataFolder, 'archive.db')).size;
  const said = `${free} bytes free; archive.db has ${size}`;
  // SQLite's VACUUM writes the whole database anew beside it (https://sqlite.org/lang_vacuum.html), and so does a backup.
  if (free > size) return { about, state: 'good', said };
  return {
    about,
    state: 'look',
    said,
    advice: 'free some space: less than the size of the archive is too little to compact it or to back it up here',
  };
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
