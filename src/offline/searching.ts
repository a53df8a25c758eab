import type { DatabaseSync } from 'node:sqlite';
import { type Archive, openArchiveToRead } from '../archive/store/open.ts';
import type { Clock } from '../exchange/clock.ts';
import type { DataKey } from '../journal/at-rest/data-key.ts';
import { findNotes, type FoundNote } from './notes/find-notes.ts';
import { type NoteIndex, noteIndex, type NotesState } from './notes/note-index.ts';
import { openNotes } from './notes/open.ts';
import { type EarlierAnswer, type EarlierAnswers, earlierAnswersIn } from './similar/earlier-answers.ts';

export interface SearchAsked {
  question: string;
  /** Earlier answers, and notes, at most so many of each. */
  limit: number;
  /** The folder of whoever asks. */
  project?: string;
  notesOnly?: boolean;
  /** Milliseconds after which it answers with what it has. */
  patience: number;
}

/** What lies on this machine that is like a question. */
export interface Searched {
  answers: EarlierAnswer[];
  notes: FoundNote[];
  /** Messages and titles that were looked through. */
  messages: number;
  noteState?: NotesState;
  /** The time was up before everything was looked at. */
  late: boolean;
  /** What could not be looked through, and why; a sentence each. */
  problems: string[];
}

export interface Searching {
  search(asked: SearchAsked): Searched;
  /** Reads notes that have changed. True: there are more. */
  readNotes(patience: number): boolean;
  close(): void;
}

/** Of the patience, how much may go into reading notes that have changed since the last question. */
const NOTES_SHARE = 0.4;

/**
 * Looks through the archive and the notes of a data folder. Both are opened when they are first needed, and again where that failed. `folders`: of notes,
 * absolute. `key`: of an encrypted data folder.
 */
export function searchingHere(dataFolder: string, key: DataKey | undefined, folders: readonly string[], clock: Clock): Searching {
  let archive: { archive: Archive; answers: EarlierAnswers } | undefined;
  let notes: { database: DatabaseSync; index: NoteIndex } | undefined;

  function openedArchive(problems: string[]): EarlierAnswers | undefined {
    if (archive) return archive.answers;
    const opened = openArchiveToRead(dataFolder, key);
    if (!opened.ok) {
      problems.push(`Earlier answers can't be read: ${opened.error.reason}.`);
      return undefined;
    }
    archive = { archive: opened.value, answers: earlierAnswersIn(opened.value, clock) };
    return archive.answers;
  }

  function openedNotes(problems: string[]): { database: DatabaseSync; index: NoteIndex } | undefined {
    if (notes || folders.length === 0) return notes;
    const opened = openNotes(dataFolder, key);
    if (!opened.ok) {
      problems.push(`Notes can't be read: ${opened.error.reason}; ${opened.error.action}.`);
      return undefined;
    }
    notes = { database: opened.value, index: noteIndex(opened.value, folders, clock) };
    return notes;
  }

  /** What fails (a damaged file, a disk that is full) is opened anew the next time. */
  function guarded<Value>(what: string, problems: string[], work: () => Value | undefined, close: () => void): Value | undefined {
    try {
      return work();
    } catch (error) {
      problems.push(`${what} can't be read: ${error instanceof Error ? error.message : String(error)}.`);
      close();
      return undefined;
    }
  }

  function closeArchive(): void {
    archive?.archive.close();
    archive = undefined;
  }

  function closeNotes(): void {
    notes?.database.close();
    notes = undefined;
  }

  return {
    search({ question, limit, project, notesOnly, patience }) {
      const problems: string[] = [];
      const answers = notesOnly
        ? undefined
        : guarded(
            'Earlier answers',
            problems,
            () => openedArchive(problems)?.find({ question, limit, patience, ...(project !== undefined && { project }) }),
            closeArchive,
          );
      const found = guarded(
        'Notes',
        problems,
        () => {
          const here = openedNotes(problems);
          if (!here) return undefined;
          const state = here.index.refresh(patience * NOTES_SHARE);
          return { state, notes: findNotes(here.database, question, limit) };
        },
        closeNotes,
      );
      return {
        answers: answers?.answers ?? [],
        notes: found?.notes ?? [],
        messages: answers?.searched ?? 0,
        ...(found && { noteState: found.state }),
        late: answers?.late === true || (found?.state.waiting ?? 0) > 0,
        problems,
      };
    },
    readNotes(patience) {
      return guarded('Notes', [], () => (openedNotes([])?.index.refresh(patience).waiting ?? 0) > 0, closeNotes) === true;
    },
    close() {
      closeArchive();
      closeNotes();
    },
  };
}
