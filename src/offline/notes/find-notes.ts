import type { DatabaseSync } from 'node:sqlite';
import { quoted } from '../../archive/search/lexicon.ts';
import { hasUnspaced } from '../../archive/search/text.ts';
import type { WeighedTerm } from '../similar/candidates.ts';
import { isLike, likenessOf } from '../similar/likeness.ts';
import { rarityOf } from '../similar/rarity.ts';
import { wordsOfSameMeaning } from '../similar/same-meaning.ts';
import { stemOf } from '../similar/stem.ts';
import { termsOf } from '../similar/terms.ts';

/** A section of a note, word for word. */
export interface FoundNote {
  path: string;
  /** Its first line, from 1. */
  line: number;
  /** Headings above it, the outermost first, with > between them. */
  heading: string;
  text: string;
  /** When the file was last changed; UTC milliseconds. */
  modified: number;
  /** 0 to 1. */
  likeness: number;
}

/** Sections that are read to see how like they are. */
const MOST_READ = 80;
const MOST_LOOKED_UP = 24;
const HEADING_TRUST = 1;
/** A section is no question: that its words are elsewhere in it says a little less. */
const TEXT_TRUST = 0.85;
/** Sections of the same file that are shown. */
const OF_ONE_FILE = 2;

/** The sections that are about what is asked, the best first. */
export function findNotes(database: DatabaseSync, question: string, limit: number): FoundNote[] {
  const terms = weighed(database, question);
  const looked = terms.toSorted((one, other) => other.weight - one.weight).slice(0, MOST_LOOKED_UP);
  const ways = [...new Set(looked.flatMap(({ text }) => waysOf(text)))];
  if (ways.length === 0) return [];
  const rows = database
    .prepare(
      `SELECT s.path, s.line, s.heading, s.text, f.modified FROM (
         SELECT rowid, bm25(note_words, 3.0, 1.0) AS weight FROM note_words WHERE note_words MATCH ? ORDER BY weight LIMIT ${MOST_READ}
       ) AS w CROSS JOIN note_sections AS s ON s.row = w.rowid JOIN note_files AS f ON f.path = s.path ORDER BY w.weight`,
    )
    .all(ways.join(' OR '));
  const shown = new Map<string, number>();
  return rows
    .flatMap((row): FoundNote[] => {
      const { path, line, heading, text, modified } = row;
      const likeness = likenessOf(terms, [
        { text: String(heading), trust: HEADING_TRUST },
        { text: `${String(path).split(/[/\\]/).at(-1)} ${String(text)}`, trust: TEXT_TRUST },
      ]);
      if (!isLike(likeness, terms)) return [];
      return [
        {
          path: String(path),
          line: Number(line),
          heading: String(heading),
          text: String(text),
          modified: Number(modified),
          likeness: likeness.score,
        },
      ];
    })
    .toSorted((one, other) => other.likeness - one.likeness)
    .filter(({ path }) => {
      const count = (shown.get(path) ?? 0) + 1;
      shown.set(path, count);
      return count <= OF_ONE_FILE;
    })
    .slice(0, limit);
}

function weighed(database: DatabaseSync, question: string): WeighedTerm[] {
  const all = Number(database.prepare('SELECT count(*) AS count FROM note_sections').get()?.['count']);
  const count = database.prepare('SELECT count(*) AS count FROM note_words WHERE note_words MATCH ?');
  return termsOf(question).map((text) => {
    const messages = Number(count.get(quoted(text))?.['count']);
    return { text, messages, weight: rarityOf(text, messages, all) };
  });
}

function waysOf(text: string): string[] {
  const same = wordsOfSameMeaning(text).map(quoted);
  const stem = stemOf(text);
  return [quoted(text), ...same, ...(hasUnspaced(text) || stem.length < 4 || /\d/.test(stem) ? [] : [`${quoted(stem)} *`])];
}
