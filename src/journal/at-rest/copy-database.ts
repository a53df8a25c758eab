import { chmodSync, closeSync, fsyncSync, openSync } from 'node:fs';
import type { DataKey } from './data-key.ts';
import { connected, keyText } from './encrypted-database.ts';

/** A database that nobody else has open, held so that nobody can write into it. */
export interface HeldDatabase {
  /** Copies all of it into a new file, encrypted or not. */
  copyTo(path: string, key: DataKey | undefined): void;
  release(): void;
}

const SOMEBODY = 'another program has it open: end other understudy commands and assistants that use the archive, and do it again';
/** Milliseconds that somebody has to end; commands are quick. */
const PATIENCE = 2000;

/** Throws what SQLite throws; where somebody else has it open, an error that says so. */
export function holdDatabase(path: string, key: DataKey | undefined): HeldDatabase {
  const held = connected(path, key, { timeout: PATIENCE, fileMustExist: true });
  try {
    // That works only for who is alone (https://sqlite.org/pragma.html#pragma_journal_mode); what stands in the -wal file is in the database then.
    held.exec('PRAGMA journal_mode = DELETE');
    held.exec('BEGIN IMMEDIATE');
  } catch (error) {
    held.close();
    const busy = error instanceof Error && 'code' in error && /^SQLITE_(BUSY|LOCKED)/.test(String(error.code));
    throw busy ? new Error(`${path}: ${SOMEBODY}`, { cause: error }) : error;
  }
  return {
    copyTo(to, toKey) {
      copy(path, key, to, toKey);
      chmodSync(to, 0o600);
      const file = openSync(to, 'r');
      fsyncSync(file);
      closeSync(file);
    },
    release: () => void held.close(),
  };
}

interface Part {
  type: string;
  name: string;
  sql: string | null;
  rootpage: number;
}

/**
 * Table by table, as SQLCipher's sqlcipher_export does it: SQLite's own ways of copying (backup, VACUUM INTO) do not change the key. What virtual
 * tables keep is in tables like others; they themselves, views and triggers are only text in the schema. The copy is checked before it counts.
 */
function copy(from: string, fromKey: DataKey | undefined, to: string, toKey: DataKey | undefined): void {
  const target = connected(to, toKey, { timeout: PATIENCE });
  try {
    target.unsafeMode(true);
    target.exec('PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF');
    target.exec(`ATTACH '${from.replaceAll("'", "''")}' AS source KEY ${keyText(fromKey)}`);
    const parts = target.prepare('SELECT type, name, sql, rootpage FROM source.sqlite_master ORDER BY rowid').all() as unknown as Part[];
    const tables = parts.filter(({ type, rootpage, name }) => type === 'table' && rootpage > 0 && !name.startsWith('sqlite_'));
    target.exec('BEGIN');
    for (const { sql } of tables) target.exec(sql!);
    for (const { name } of tables) target.exec(`INSERT INTO main.${quoted(name)} SELECT * FROM source.${quoted(name)}`);
    for (const { type, sql } of parts) if (type === 'index' && sql !== null) target.exec(sql);
    target.exec(`PRAGMA writable_schema = ON;
      INSERT INTO main.sqlite_master SELECT type, name, tbl_name, rootpage, sql FROM source.sqlite_master
        WHERE type IN ('view', 'trigger') OR (type = 'table' AND rootpage = 0)`);
    for (const name of ['application_id', 'user_version']) {
      const value = Number(target.prepare(`PRAGMA source.${name}`).get()?.[name]);
      target.exec(`PRAGMA main.${name} = ${value}`);
    }
    target.exec('COMMIT; PRAGMA writable_schema = RESET');
    for (const { name } of tables) {
      const counts = target
        .prepare(`SELECT (SELECT count(*) FROM main.${quoted(name)}) AS new, (SELECT count(*) FROM source.${quoted(name)}) AS old`)
        .get();
      if (counts?.['new'] !== counts?.['old']) throw new Error(`${from}: the copy lacks rows of ${name}`);
    }
    target.exec('DETACH source');
    const [finding] = target.prepare('PRAGMA integrity_check(1)').all();
    if (finding?.['integrity_check'] !== 'ok') throw new Error(`${from}: the copy is not whole: ${String(finding?.['integrity_check'])}`);
  } finally {
    target.close();
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
