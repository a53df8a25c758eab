import type { DatabaseSync } from 'node:sqlite';
import { forgetWords } from './lexicon.ts';
import { forEachShard, shardsOf } from './shards.ts';
import { indexed, wordReader } from './text.ts';

/** Takes words of texts that are gone out of the lexicon, where no document has them any more. Within the caller's transaction, after the index is up to date. */
export function forgetTexts(database: DatabaseSync, texts: readonly string[]): void {
  forgetUnused(database, new Set(wordReader()(texts.map(indexed)).whole));
}

/** The same of all words that there are: where nobody knows any more what is gone. A minute for a million words. */
export function forgetUnusedWords(database: DatabaseSync): void {
  forgetUnused(
    database,
    new Set(
      database
        .prepare('SELECT word FROM search_lexicon')
        .all()
        .map(({ word }) => String(word)),
    ),
  );
}

function forgetUnused(database: DatabaseSync, words: ReadonlySet<string>): void {
  if (words.size === 0) return;
  const find = forEachShard(database, (table) => `SELECT 1 FROM ${table} WHERE ${table} MATCH ? LIMIT 1`);
  const shards = shardsOf(database);
  forgetWords(
    database,
    [...words].filter((word) => !shards.some(({ shard }) => find(shard).get(`"${word}"`) !== undefined)),
  );
}
