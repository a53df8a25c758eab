import type { DatabaseSync } from 'node:sqlite';
import { forgetRowId } from './shards.ts';
import { hasUnspaced } from './text.ts';

/**
 * The words that are somewhere in the archive, with an index of their three-letter pieces. A search inside of words looks for the words
 * first (`*ementby*` → getElementById), and then for these: a thirtieth of what an index of all three-letter pieces of all text would take.
 */
export interface Lexicon {
  /** Adds what it does not have; within the caller's transaction. */
  add(words: Iterable<string>): void;
}

/** Words kept in memory, so that the database is asked about new ones only; some 30 MB. */
const MOST_KNOWN = 300_000;
const PIECE = 3;

export function lexiconOf(database: DatabaseSync): Lexicon {
  const add = database.prepare('INSERT OR IGNORE INTO search_lexicon (word) SELECT value FROM json_each(?) RETURNING row, word');
  const addInside = database.prepare('INSERT INTO search_inside (rowid, word) VALUES (?, ?)');
  const has = database.prepare('SELECT 1 FROM search_lexicon WHERE word = ?');
  const forgottenSoFar = database.prepare("SELECT value FROM search_facts WHERE name = 'forgotten'");
  const forgottenNow = (): number => Number(forgottenSoFar.get()?.['value'] ?? 0);
  const known = new Set<string>();
  let forgotten = forgottenNow();
  /** Added since, in a transaction of which nobody says how it ended. */
  let added: string[] = [];

  function refresh(): void {
    const now = forgottenNow();
    const wasUndone = added[0] !== undefined && has.get(added[0]) === undefined;
    if (now !== forgotten || wasUndone || known.size > MOST_KNOWN) known.clear();
    forgotten = now;
    added = [];
  }

  return {
    add(words) {
      refresh();
      const unknown: string[] = [];
      for (const word of words) {
        if (known.has(word)) continue;
        known.add(word);
        unknown.push(word);
      }
      if (unknown.length === 0) return;
      for (const { row, word } of add.all(JSON.stringify(unknown))) {
        addInside.run(Number(row), String(word));
        added.push(String(word));
      }
    },
  };
}

/** Takes words out that are in no text any more. */
export function forgetWords(database: DatabaseSync, words: readonly string[]): void {
  const remove = database.prepare('DELETE FROM search_lexicon WHERE word = ? RETURNING row');
  const removeInside = database.prepare('DELETE FROM search_inside WHERE rowid = ?');
  for (const word of words) for (const { row } of remove.all(word)) removeInside.all(Number(row));
  forgetRowId(database);
  if (words.length > 0)
    database.exec("INSERT INTO search_facts (name, value) VALUES ('forgotten', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1");
}

/** Words that contain a piece of at least three characters, begin or end with it; in the order in which they were first seen, which puts frequent ones first. */
export function wordsWith(
  database: DatabaseSync,
  { piece, where, limit }: { piece: string; where: 'inside' | 'end' | 'beginning'; limit: number },
): string[] {
  const characters = Array.from(piece);
  if (where === 'beginning') {
    return database
      .prepare('SELECT word FROM search_lexicon WHERE word >= ? AND word < ? ORDER BY row LIMIT ?')
      .all(piece, `${piece}\u{10ffff}`, limit)
      .map((row) => String(row['word']));
  }
  if (characters.length < PIECE || hasUnspaced(piece)) return [];
  const match = characters
    .slice(0, characters.length - PIECE + 1)
    .map((_, place) => quoted(characters.slice(place, place + PIECE).join('')))
    .join(' ');
  return database
    .prepare(
      `SELECT l.word FROM (SELECT rowid FROM search_inside WHERE search_inside MATCH ?1 ORDER BY rowid LIMIT ${MOST_LIKE}) AS i
       CROSS JOIN search_lexicon AS l ON l.row = i.rowid WHERE ${where === 'end' ? 'substr(l.word, -length(?2)) = ?2' : 'instr(l.word, ?2) > 0'} ORDER BY i.rowid LIMIT ?3`,
    )
    .all(match, piece, limit)
    .map((row) => String(row['word']));
}

/** Words that look most like one that is nowhere: by shared three-letter pieces, then by how many letters differ. */
export function wordsLike(database: DatabaseSync, word: string, limit: number): string[] {
  const characters = Array.from(word).slice(0, 30);
  if (characters.length < SHORTEST_LIKE || hasUnspaced(word)) return [];
  const pieces = characters
    .slice(0, characters.length - PIECE + 1)
    .map((_, place) => quoted(characters.slice(place, place + PIECE).join('')));
  const near = database
    .prepare(
      `SELECT l.word FROM (SELECT rowid FROM search_inside WHERE search_inside MATCH ? LIMIT ${MOST_LIKE}) AS i CROSS JOIN search_lexicon AS l ON l.row = i.rowid
       WHERE length(l.word) BETWEEN ? AND ?`,
    )
    .all(pieces.join(' OR '), characters.length - 2, characters.length + 2)
    .map((row) => String(row['word']));
  const most = characters.length < 6 ? 1 : 2;
  return near
    .map((candidate) => ({ candidate, away: distance(characters, Array.from(candidate)) }))
    .filter(({ away }) => away <= most)
    .toSorted((one, other) => one.away - other.away)
    .slice(0, limit)
    .map(({ candidate }) => candidate);
}

const SHORTEST_LIKE = 4;
/** Words that share a piece are looked at no further than this. */
const MOST_LIKE = 5000;

/** Letters put in, left out, exchanged or swapped with their neighbour (Damerau's distance, restricted). */
export function distance(left: readonly string[], right: readonly string[]): number {
  let before: number[] = [];
  let above = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let least = Math.min(above[column]! + 1, current[column - 1]! + 1, above[column - 1]! + (same ? 0 : 1));
      const isSwap = row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (isSwap) least = Math.min(least, before[column - 2]! + 1);
      current.push(least);
    }
    before = above;
    above = current;
  }
  return above[right.length]!;
}

/** A phrase of FTS5. */
export function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
