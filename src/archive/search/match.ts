import type { DatabaseSync } from 'node:sqlite';
import { SOURCES } from '../conversation.ts';
import { facet, piecesOf, type FacetKind } from './facets.ts';
import { quoted, wordsWith } from './lexicon.ts';
import type { Condition, Filter, Query, Term } from './query.ts';
import { asked, folded, hasUnspaced, wordsIn } from './text.ts';

/** A query as the index is asked. */
export interface Match {
  /** In FTS5's language. */
  expression: string;
  /** The same with the terms alone, without filters: what hits are weighed by. Empty: there are none. */
  words: string;
  /** The same with any of the terms: how much there is to be counted before anything is weighed. */
  anyWord: string;
  /** Every hit has to hold these pieces of text as they are; the index knows words only. */
  fragments: string[];
  /** Only conversations with several branches. */
  branched: boolean;
  /** Nothing can match: a session that is not there. */
  impossible: boolean;
  /** Terms that a hit has, for marks. */
  terms: Term[];
}

type Sense = 'must' | 'may' | 'never';

/** Words that a search inside of words is done for: the rest would be as good as everything. */
const MOST_WORDS = 64;
/** Shorter pieces of words say nothing. */
const SHORTEST_PIECE = 3;
const MOST_SESSIONS = 64;
const EVERY_MESSAGE = '(facets : ("r_user" OR "r_assistant" OR "r_tool" OR "r_system"))';

const COLUMNS_OF: Record<Query['within'], string> = {
  text: '{body inner title}',
  title: '{title}',
  reasoning: '{reasoning}',
  everything: '{body inner title reasoning}',
};

export function matchOf(database: DatabaseSync, { condition, within }: Pick<Query, 'condition' | 'within'>): Match {
  const match: Match = { expression: '', words: '', anyWord: '', fragments: [], branched: false, impossible: false, terms: [] };
  const columns = COLUMNS_OF[within];

  /** `sense`: whether a hit has to have it, may have it, or must not. */
  function expressionOf(one: Condition, sense: Sense): string | undefined {
    switch (one.type) {
      case 'term':
        if (sense !== 'never') match.terms.push(one.term);
        return ofTerm(one.term, sense);
      case 'filter':
        return ofFilter(one.filter, sense);
      case 'not': {
        const denied = expressionOf(one.of, 'never');
        return denied === undefined ? undefined : `(${EVERY_MESSAGE} NOT ${denied})`;
      }
      case 'any': {
        const ways = one.of.map((each) => expressionOf(each, sense === 'must' ? 'may' : sense)).filter((each) => each !== undefined);
        return ways.length === 0 ? undefined : `(${ways.join(' OR ')})`;
      }
      case 'all':
        return all(one.of, sense);
    }
  }

  function all(of: readonly Condition[], sense: Sense): string | undefined {
    const wanted = of.filter(({ type }) => type !== 'not').map((each) => expressionOf(each, sense));
    const denied = of.flatMap((each) => (each.type === 'not' ? [expressionOf(each.of, 'never')] : []));
    const parts = wanted.filter((each) => each !== undefined);
    const without = denied.filter((each) => each !== undefined);
    if (parts.length === 0 && without.length === 0) return undefined;
    const base = parts.length === 0 ? EVERY_MESSAGE : parts.length === 1 ? parts[0]! : `(${parts.join(' AND ')})`;
    return without.length === 0 ? base : `(${base} NOT (${without.join(' OR ')}))`;
  }

  function ofTerm(term: Term, sense: Sense): string | undefined {
    switch (term.type) {
      case 'words': {
        const { text, prefix } = asked(term.text);
        return `(${columns} : ${quoted(text)}${prefix || (term.prefix && /[\p{L}\p{N}_]$/u.test(term.text)) ? ' *' : ''})`;
      }
      case 'inside': {
        const piece = folded(term.text);
        const words = wordsWith(database, { piece, where: 'inside', limit: MOST_WORDS });
        const itself = asked(term.text);
        const ways = [`${quoted(itself.text)} *`, ...words.map(quoted)];
        return `(${columns} : (${ways.join(' OR ')}))`;
      }
      case 'fragment':
        if (sense === 'must') match.fragments.push(folded(term.text));
        return ofFragment(term.text);
    }
  }

  /** Where the fragment begins within a word, all words that end so; where it ends within one, all that begin so. */
  function ofFragment(text: string): string | undefined {
    const { text: plain } = asked(text);
    const typed = wordsIn(plain);
    const isOpen = /[\p{L}\p{N}_]$/u.test(text);
    // A letter or two that a word begins with are collected from all words that do, which takes longest of all.
    const isShort = isOpen && typed.length > 1 && Array.from(typed.at(-1)!).length < SHORTEST_PIECE && !hasUnspaced(text);
    const [first, ...rest] = isShort ? typed.slice(0, -1) : typed;
    if (first === undefined) return undefined;
    const ends = isOpen && !isShort ? ' *' : '';
    const begins = /^[\p{L}\p{N}_]/u.test(text);
    const where = rest.length === 0 && ends !== '' ? 'inside' : 'end';
    const words = begins ? wordsWith(database, { piece: folded(first), where, limit: MOST_WORDS }) : [];
    // Too little of the first word, or too many words that end so: the others find it, and the text says whether it stands there.
    const isVague = begins && rest.length > 0 && (Array.from(first).length < SHORTEST_PIECE || words.length === MOST_WORDS);
    const ways = isVague
      ? [`${quoted(rest.join(' '))}${ends}`]
      : [first, ...words].map((word) => `${quoted([word, ...rest].join(' '))}${ends}`);
    return `(${columns} : (${[...new Set(ways)].join(' OR ')}))`;
  }

  function ofFilter(filter: Filter, sense: Sense): string | undefined {
    switch (filter.type) {
      case 'role':
        return one('r', filter.role);
      case 'source':
        return one('s', filter.source);
      case 'status':
        return one('i', filter.status);
      case 'has':
        return one('h', filter.what);
      case 'branch':
        if (sense === 'must') match.branched = true;
        return undefined;
      case 'named':
        return named(filter);
      case 'session': {
        const rows = sessionRows(database, filter.id);
        if (rows.length === 0 && sense === 'must') match.impossible = true;
        return rows.length === 0 ? undefined : `(facets : (${rows.map((row) => quoted(facet('c', String(row)))).join(' OR ')}))`;
      }
    }
  }

  function wordsOf(one: Condition, joined: 'AND' | 'OR'): string | undefined {
    switch (one.type) {
      case 'term':
        return ofTerm(one.term, 'may');
      case 'filter':
      case 'not':
        return undefined;
      case 'all':
      case 'any': {
        const parts = one.of.map((each) => wordsOf(each, joined)).filter((each) => each !== undefined);
        return parts.length === 0 ? undefined : `(${parts.join(one.type === 'all' ? ` ${joined} ` : ' OR ')})`;
      }
    }
  }

  const expression = expressionOf(condition, 'must') ?? EVERY_MESSAGE;
  match.words = wordsOf(condition, 'AND') ?? '';
  match.anyWord = wordsOf(condition, 'OR') ?? '';
  // A filter finds messages; words find titles too.
  match.expression = match.terms.length === 0 && within === 'text' ? `(${expression} NOT (facets : "r_title"))` : expression;
  return match;
}

const KINDS = { provider: 'v', model: 'm', project: 'p', tool: 't' } as const satisfies Record<string, FacetKind>;

function named({ kind, name, prefix }: Extract<Filter, { type: 'named' }>): string | undefined {
  const letter = KINDS[kind];
  // Tools and providers are indexed whole, models and projects in pieces.
  const pieces = kind === 'tool' || kind === 'provider' ? [name] : piecesOf(name);
  if (pieces.length === 0) return undefined;
  return `(facets : (${pieces.map((piece, place) => quoted(facet(letter, piece)) + (prefix && place === pieces.length - 1 ? ' *' : '')).join(' AND ')}))`;
}

function one(kind: FacetKind, name: string): string {
  return `(facets : ${quoted(facet(kind, name))})`;
}

function sessionRows(database: DatabaseSync, id: string): number[] {
  const end = `${id}\u{10ffff}`;
  return database
    .prepare(
      `SELECT row FROM conversations WHERE session >= :id AND session < :end UNION SELECT row FROM conversations WHERE id >= :id AND id < :end
       UNION SELECT row FROM conversations WHERE source IN (${SOURCES.map((source) => `'${source}'`).join(', ')}) AND key = :id LIMIT ${MOST_SESSIONS}`,
    )
    .all({ id, end })
    .map((row) => Number(row['row']));
}
