import { hash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../exchange/clock.ts';
import { indexed } from '../../archive/search/text.ts';
import { listNotes, type ListedNote } from './list-notes.ts';
import { readNote } from './read-note.ts';
import { sectionsOf } from './sections.ts';

/** How the index and the folders agree. */
export interface NotesState {
  notes: number;
  sections: number;
  /** Notes that have changed and are not read yet. */
  waiting: number;
  /** What is not read, and why; for people. At most a handful. */
  problems: string[];
}

export interface NoteIndex {
  /** Looks through the folders, and reads what has changed since, as far as the time goes (milliseconds). */
  refresh(patience: number): NotesState;
}

/** Milliseconds for which a look through the folders holds good: questions come in bursts. */
const FRESH = 3000;
const MOST_PROBLEMS = 5;

/** Keeps the index of `folders` (absolute) in step with them. A file whose size and time are as they were is not read; one with the same bytes is not indexed anew. */
export function noteIndex(database: DatabaseSync, folders: readonly string[], clock: Pick<Clock, 'monotonic'>): NoteIndex {
  const known = database.prepare('SELECT path, folder, size, modified, hash, problem FROM note_files');
  const knownOne = database.prepare('SELECT hash, problem FROM note_files WHERE path = ?');
  const putFile = database.prepare(
    `INSERT INTO note_files (path, folder, size, modified, hash, problem) VALUES (:path, :folder, :size, :modified, :hash, :problem)
     ON CONFLICT (path) DO UPDATE SET folder = excluded.folder, size = excluded.size, modified = excluded.modified, hash = excluded.hash, problem = excluded.problem`,
  );
  const sectionRows = database.prepare('SELECT row FROM note_sections WHERE path = ?');
  const dropWords = database.prepare('DELETE FROM note_words WHERE rowid = ?');
  const dropSections = database.prepare('DELETE FROM note_sections WHERE path = ?');
  const dropFile = database.prepare('DELETE FROM note_files WHERE path = ?');
  const putSection = database.prepare('INSERT INTO note_sections (path, line, heading, text) VALUES (?, ?, ?, ?)');
  const putWords = database.prepare('INSERT INTO note_words (rowid, heading, body) VALUES (?, ?, ?)');
  const counts = database.prepare(
    'SELECT (SELECT count(*) FROM note_files WHERE problem IS NULL) AS notes, (SELECT count(*) FROM note_sections) AS sections',
  );
  let lookedAt = Number.NEGATIVE_INFINITY;
  let changed: ListedNote[] = [];
  let folderProblems: string[] = [];

  function inTransaction(work: () => void): void {
    database.exec('BEGIN IMMEDIATE');
    try {
      work();
      database.exec('COMMIT');
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }

  function forget(path: string): void {
    for (const { row } of sectionRows.all(path)) dropWords.all(Number(row));
    dropSections.run(path);
  }

  function look(): void {
    const before = new Map(known.all().map((row) => [String(row['path']), row]));
    const { notes, problems, missing } = listNotes(folders);
    folderProblems = problems;
    changed = notes.filter(({ path, size, modified }) => {
      const row = before.get(path);
      return row === undefined || row['size'] !== size || row['modified'] !== modified;
    });
    const there = new Set(notes.map(({ path }) => path));
    const gone = [...before.values()].filter((row) => !there.has(String(row['path'])) && !missing.includes(String(row['folder'])));
    if (gone.length > 0)
      inTransaction(() => {
        for (const { path } of gone) {
          forget(String(path));
          dropFile.run(String(path));
        }
      });
    lookedAt = clock.monotonic();
  }

  function take(note: ListedNote): void {
    const read = readNote(note.path);
    const digest = read.ok ? hash('sha256', read.value.bytes) : '';
    const row = knownOne.get(note.path);
    const isSame = read.ok && row?.['hash'] === digest && row['problem'] === null;
    inTransaction(() => {
      if (!isSame) forget(note.path);
      putFile.run({ ...note, hash: digest, problem: read.ok ? null : read.error });
      if (!read.ok || isSame) return;
      for (const { line, headings, text } of sectionsOf(read.value.text)) {
        const heading = headings.filter((title) => title !== '').join(' > ');
        const { lastInsertRowid } = putSection.run(note.path, line, heading, text);
        putWords.run(Number(lastInsertRowid), indexed(heading), indexed(text));
      }
    });
  }

  function state(): NotesState {
    const found = counts.get();
    const unread = database.prepare('SELECT path, problem FROM note_files WHERE problem IS NOT NULL LIMIT ?').all(MOST_PROBLEMS);
    const problems = [...folderProblems, ...unread.map(({ path, problem }) => `${String(path)}: ${String(problem)}`)];
    return {
      notes: Number(found?.['notes']),
      sections: Number(found?.['sections']),
      waiting: changed.length,
      problems: problems.slice(0, MOST_PROBLEMS),
    };
  }

  return {
    refresh(patience) {
      const deadline = clock.monotonic() + patience;
      if (changed.length === 0 && clock.monotonic() - lookedAt > FRESH) look();
      while (changed.length > 0 && clock.monotonic() < deadline) take(changed.shift()!);
      return state();
    },
  };
}
