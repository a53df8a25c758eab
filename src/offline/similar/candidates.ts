import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../exchange/clock.ts';
import { quoted, wordsLike } from '../../archive/search/lexicon.ts';
import { forEachShard, shardsOf } from '../../archive/search/shards.ts';
import { hasUnspaced } from '../../archive/search/text.ts';
import { stemOf } from './stem.ts';
import { rarityOf } from './rarity.ts';
import { wordsOfSameMeaning } from './same-meaning.ts';
import { joinedIn, termsOf } from './terms.ts';

/** A term of the question, and how much it says in this archive. */
export interface WeighedTerm {
  text: string;
  /** The same written in one word with what follows it: `login` of `log in`. */
  joined?: string;
  /** Inverse document frequency. */
  weight: number;
  /** Messages that have it, counted no further than FREQUENT in a shard. */
  messages: number;
}

/** Rows of messages (of titles: minus the conversation's row) that have some of the terms, with the conversation that they are of. */
export interface Candidate {
  message: number;
  conversation: number;
  /** bm25, the greater the better; what is no question counts less. */
  weight: number;
}

/** Messages of a shard beyond which a word is not looked up by: it would be weighed message by message (candidates.ts of the search says what that costs). */
const FREQUENT = 1000;
/** Terms that candidates are looked up by, the rarest ones. */
const MOST_LOOKED_UP = 24;
/** Of a shard: questions, titles, answers. */
const QUESTIONS = 60;
const TITLES = 20;
const ANSWERS = 40;
/** As in the search: a match in a title counts more than one in pieces of names. */
const WEIGHTS = '1.0, 0.0, 0.4, 3.0, 0.0';
/** A match in a title is weighed three times already. */
const TITLE_SHARE = 0.4;
const ANSWER_SHARE = 0.6;
const SHORTEST_STEM = 4;
const SHORTEST_LIKE = 5;
const MOST_LIKE = 3;

export interface CandidateFinder {
  weigh(question: string): WeighedTerm[];
  /** The best first, of each shard some; the newest shards are looked at first. `late`: the time was up before all were looked at. */
  find(terms: readonly WeighedTerm[], deadline: number): { found: Candidate[]; late: boolean };
}

/** Finds what may be similar by the archive's own index; how similar it is, is for others to say. Its statements are prepared once. */
export function candidatesIn(database: DatabaseSync, clock: Pick<Clock, 'monotonic'>): CandidateFinder {
  const count = forEachShard(
    database,
    (table) => `SELECT count(*) AS count FROM (SELECT 1 FROM ${table} WHERE ${table} MATCH ? LIMIT ${FREQUENT + 1})`,
  );
  const best = forEachShard(
    database,
    (table) => `SELECT d.message, d.conversation, f.weight FROM (
        SELECT rowid, bm25(${table}, ${WEIGHTS}) AS weight FROM ${table} WHERE ${table} MATCH ? ORDER BY weight LIMIT ?
      ) AS f CROSS JOIN search_documents AS d ON d.document = f.rowid ORDER BY f.weight`,
  );

  function messagesWith(term: string): { messages: number; frequent: boolean } {
    let messages = 0;
    let frequent = false;
    for (const { shard } of shardsOf(database)) {
      const here = Number(count(shard).get(`${IN_WORDS} : ${quoted(term)}`)?.['count']);
      messages += here;
      if (here > FREQUENT) frequent = true;
    }
    return { messages, frequent };
  }

  /** A word as it may stand in an earlier question: inflected, in other words, or written right. */
  function waysOf({ text, joined, messages }: WeighedTerm): string[] {
    if (hasUnspaced(text)) return [quoted(text), ...wordsOfSameMeaning(text).map(quoted)];
    const stem = stemOf(text);
    const isKnown = messages > 0;
    return [
      quoted(text),
      ...(joined === undefined ? [] : [joined, ...wordsOfSameMeaning(joined)].map(quoted)),
      ...(stem.length >= SHORTEST_STEM && !/\d/.test(stem) ? [`${quoted(stem)} *`] : []),
      ...wordsOfSameMeaning(text).map(quoted),
      ...(isKnown || text.length < SHORTEST_LIKE ? [] : wordsLike(database, text, MOST_LIKE).map(quoted)),
    ];
  }

  return {
    weigh(question) {
      const joined = joinedIn(question);
      const documents = shardsOf(database).reduce((sum, shard) => sum + shard.documents, 0);
      return termsOf(question).map((text): WeighedTerm => {
        const { messages } = messagesWith(text);
        const inOne = joined.get(text);
        return { text, ...(inOne !== undefined && { joined: inOne }), messages, weight: rarityOf(text, messages, documents) };
      });
    },

    find(terms, deadline) {
      const rare = terms.filter(({ messages }) => messages <= FREQUENT);
      const looked = (rare.length > 0 ? rare : terms).toSorted((one, other) => other.weight - one.weight).slice(0, MOST_LOOKED_UP);
      const words = [...new Set(looked.flatMap(waysOf))].join(' OR ');
      if (words === '') return { found: [], late: false };
      const found: Candidate[] = [];
      const inWords = `(${IN_WORDS} : (${words}))`;
      for (const { shard } of shardsOf(database)) {
        if (clock.monotonic() > deadline) return { found: inOrder(found), late: true };
        const asked: [expression: string, most: number, share: number][] = [
          [`${inWords} AND (facets : "r_user")`, QUESTIONS, 1],
          [`({title} : (${words}))`, TITLES, TITLE_SHARE],
          [`${inWords} AND (facets : "r_assistant")`, ANSWERS, ANSWER_SHARE],
        ];
        for (const [expression, most, share] of asked)
          for (const row of best(shard).all(expression, most))
            found.push({
              message: Number(row['message']),
              conversation: Number(row['conversation']),
              weight: -Number(row['weight']) * share,
            });
      }
      return { found: inOrder(found), late: false };
    },
  };
}

function inOrder(found: readonly Candidate[]): Candidate[] {
  return found.toSorted((one, other) => other.weight - one.weight);
}

const IN_WORDS = '{body inner title}';
