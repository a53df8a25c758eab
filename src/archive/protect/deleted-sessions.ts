import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { conversationId } from '../ids.ts';
import { wholeFile } from '../store/kept-files.ts';
import type { Archive } from '../store/open.ts';
import { inMemory } from './in-memory.ts';
import { openLedger } from './ledger.ts';

/** Copies of opencode's database lose the sessions that were deleted here. Returns those that may still hold one, and can't be rewritten; below the archive's folder. */
export function cleanDatabaseCopies(archive: Archive): string[] {
  const left: string[] = [];
  const ledger = openLedger(archive);
  for (const file of ledger.all()) {
    const path = join(archive.folder, file.copy);
    if (file.source !== 'opencode' || !file.path.endsWith('.db') || file.forgotten || !existsSync(path)) continue;
    const fresh = `${path}.new`;
    try {
      copyFileSync(path, fresh);
      const dropped = dropDeletedSessions(archive, fresh);
      if (dropped === 'none') continue;
      if (dropped === 'named') left.push(file.copy);
      renameSync(fresh, path);
      const size = archive.files.size(path);
      archive.database.prepare('UPDATE protected_files SET size = ?, read_size = ? WHERE row = ?').run(size, size, file.row);
    } catch {
      left.push(file.copy);
    } finally {
      rmSync(fresh, { force: true });
    }
  }
  return left;
}

/** In a copy that nobody else has open. `named`: what is left still names one that is gone. Throws what SQLite throws. */
export function dropDeletedSessions(archive: Archive, path: string): 'none' | 'gone' | 'named' {
  const { files, key } = archive;
  const database = key ? inMemory(wholeFile(files, path)) : new DatabaseSync(path);
  try {
    const gone = deletedIn(archive, database);
    if (gone.length === 0) return 'none';
    removeSessions(database, gone);
    const bytes = Buffer.from(database.serialize());
    if (key) {
      const target = files.create(path);
      try {
        target.write(bytes);
      } finally {
        target.close();
      }
    }
    return gone.some((session) => bytes.includes(session)) ? 'named' : 'gone';
  } finally {
    database.close();
  }
}

function deletedIn(archive: Archive, database: DatabaseSync): string[] {
  const isDeleted = archive.database.prepare('SELECT 1 FROM deletions WHERE id = ? AND lifted = 0');
  return database
    .prepare('SELECT id FROM session')
    .all()
    .map(({ id }) => String(id))
    .filter((session) => isDeleted.get(conversationId('opencode', session)) !== undefined);
}

/** Whatever names a session goes with it. */
function removeSessions(database: DatabaseSync, sessions: readonly string[]): void {
  database.exec('PRAGMA journal_mode = DELETE; PRAGMA secure_delete = ON; PRAGMA foreign_keys = OFF');
  const gone = JSON.stringify(sessions);
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'").all();
  for (const { name } of tables) {
    const columns = database.prepare('SELECT name FROM pragma_table_info(?)').all(String(name));
    for (const { name: column } of columns) {
      const isOne = column === 'session_id' || (name === 'session' && column === 'id');
      if (isOne) database.prepare(`DELETE FROM "${String(name)}" WHERE "${String(column)}" IN (SELECT value FROM json_each(?))`).run(gone);
    }
  }
  database.exec('VACUUM');
}
