import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRecord } from '../../journal/record/database.ts';
import { chat, journalIn } from '../exchanges/testing/record.ts';
import { openLedger } from '../protect/ledger.ts';
import { BATCH, indexingOf, waitingCount } from '../search/indexing.ts';
import { openArchive } from '../store/open.ts';
import { keepOriginal } from '../store/originals.ts';
import { putInto } from '../store/put.ts';
import { checkArchive } from './check.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-upgrade-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Rows = Record<string, unknown>[];

function stepsIn(migrations: URL): string[] {
  return readdirSync(migrations)
    .filter((name) => name.endsWith('.sql'))
    .toSorted()
    .map((name) => readFileSync(new URL(name, migrations), 'utf8'));
}

/** Tables of our own that hold rows; the index's are made from them. */
function tablesOf(database: DatabaseSync): string[] {
  return database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'search%' AND name NOT LIKE 'sqlite%' ORDER BY name")
    .all()
    .map(({ name }) => String(name));
}

function rowsOf(database: DatabaseSync, table: string): Rows {
  return database.prepare(`SELECT * FROM "${table}"`).all();
}

/** A database as version `version` made it, with those rows of `full` that it has tables and columns for. */
function asOf(version: number, steps: readonly string[], full: DatabaseSync, path: string): Map<string, Rows> {
  const old = new DatabaseSync(path);
  const id = Number(full.prepare('PRAGMA application_id').get()?.['application_id']);
  old.exec(`PRAGMA application_id = ${id}; PRAGMA journal_mode = WAL; PRAGMA foreign_keys = OFF`);
  for (const step of steps.slice(0, version)) old.exec(step);
  old.exec(`PRAGMA user_version = ${version}`);
  const filled = new Map<string, Rows>();
  for (const table of tablesOf(old)) {
    const columns = old
      .prepare('SELECT name FROM pragma_table_info(?)')
      .all(table)
      .map(({ name }) => String(name));
    old.exec(`DELETE FROM "${table}"`);
    const add = old.prepare(`INSERT INTO "${table}" (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`);
    for (const row of rowsOf(full, table)) add.run(...columns.map((column) => row[column] as string | number | null | Uint8Array));
    filled.set(table, rowsOf(old, table));
  }
  old.close();
  return filled;
}

/** Each row that was there is there, in the columns that it had. */
function expectKept(filled: ReadonlyMap<string, Rows>, database: DatabaseSync): void {
  for (const [table, rows] of filled) {
    const now = rowsOf(database, table);
    expect(now).toHaveLength(rows.length);
    expect(now).toMatchObject(rows);
  }
}

const ARCHIVE = stepsIn(new URL('../store/migrations/', import.meta.url));
const RECORD = stepsIn(new URL('../../journal/record/migrations/', import.meta.url));
const versionsBefore = (steps: readonly string[]): number[] => steps.map((_, index) => index + 1);

describe('an archive of every version', () => {
  it.each(versionsBefore(ARCHIVE))('%i: is upgraded with all that it has, and its search index is made', async (version) => {
    const whole = openArchive(join(folder, 'whole'));
    if (!whole.ok) throw new Error(whole.error.reason);
    const stored = keepOriginal(whole.value, Buffer.from('bytes'), { keptAt: 1, name: 'a' });
    putInto(whole.value).conversation({ source: 'codex', key: 'k', title: 'Sky', project: '/p', session: 's', updatedAt: 2 }, [
      { key: '1', role: 'user', at: 1, status: 'complete', parts: [{ type: 'text', text: 'Why is the sky blue?' }] },
      { key: '2', parent: '1', role: 'tool', status: 'partial', parts: [{ type: 'file', content: { type: 'stored', ...stored } }] },
    ]);
    const { database } = whole.value;
    openLedger(whole.value).begin({ source: 'codex', store: '/s', path: '/s/a', generation: 1, copy: 'a', inode: '1', keptAt: 1 });
    database.exec(`INSERT INTO marks VALUES ('record', 'x'); INSERT INTO exchange_places VALUES ('e', 1);
      INSERT INTO exchange_nodes VALUES (1, '1', '', 'user', 'w', ''); INSERT INTO exchange_threads VALUES ('c', 1, 'main', 'v', 'b', 1)`);
    const old = openArchive(join(folder, 'old'));
    if (!old.ok) throw new Error(old.error.reason);
    old.value.close();
    const path = join(folder, 'old', 'archive.db');
    for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
    const filled = asOf(version, ARCHIVE, database, path);
    expect(filled.get('messages')).toHaveLength(2);
    whole.value.close();

    const upgraded = openArchive(join(folder, 'old'));
    if (!upgraded.ok) throw new Error(upgraded.error.reason);
    const archive = upgraded.value;
    expectKept(filled, archive.database);
    while (waitingCount(archive.database) > 0) indexingOf(archive).catchUp(BATCH);
    const findings = await checkArchive({ archive, dataFolder: join(folder, 'old'), now: 0 });
    expect(findings.find(({ about }) => about === 'search index')).toMatchObject({ state: 'good' });
    expect(putInto(archive).conversation({ source: 'codex', key: 'k' }, [])).toMatchObject({ conversation: 'same' });
    archive.close();
  });
});

describe('a record of every version', () => {
  it.each(versionsBefore(RECORD))('%i: is upgraded with all that it has, and goes on', async (version) => {
    const whole = join(folder, 'whole');
    const journal = await journalIn(whole);
    // Longer requests are kept in pieces.
    chat(journal, 'one', 20);
    await journal.close();
    const full = openRecord(join(whole, 'record.db'));
    if (!full.ok) throw new Error(full.error.reason);
    const old = await journalIn(join(folder, 'old'));
    await old.close();
    const path = join(folder, 'old', 'record.db');
    for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
    const filled = asOf(version, RECORD, full.value, path);
    expect(filled.get('exchanges')).toHaveLength(20);
    expect(filled.get('pieces')!.length).toBeGreaterThan(0);
    full.value.close();

    const upgraded = openRecord(path);
    if (!upgraded.ok) throw new Error(upgraded.error.reason);
    expectKept(filled, upgraded.value);
    upgraded.value.close();
    const again = await journalIn(join(folder, 'old'));
    chat(again, 'two', 1);
    await again.close();
    const after = openRecord(path);
    if (!after.ok) throw new Error(after.error.reason);
    expect(rowsOf(after.value, 'exchanges')).toHaveLength(21);
    after.value.close();
  });
});
