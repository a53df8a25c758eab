import { DatabaseSync } from 'node:sqlite';

/** A database out of its bytes. Where its header says that it has a -wal beside it, SQLite would look for one: https://sqlite.org/c3ref/deserialize.html */
export function inMemory(bytes: Uint8Array): DatabaseSync {
  bytes[18] = bytes[19] = 1;
  const database = new DatabaseSync(':memory:');
  // VACUUM would write what it has in hand to a file for a while.
  database.exec('PRAGMA temp_store = MEMORY');
  database.deserialize(bytes);
  return database;
}
