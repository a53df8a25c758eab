import type { Clock } from '../../exchange/clock.ts';
import type { ArchivedMessage } from '../conversation.ts';
import type { Archive } from '../store/open.ts';
import { messageOfRow } from '../store/read.ts';
import { finderOf, type Hit, type Hits } from './candidates.ts';
import { bestSnippet, holder, markerOf, type Mark } from './marks.ts';
import { matchOf, type Match } from './match.ts';
import { readQuery, type Condition, type Query, type Term } from './query.ts';
import { betterGroup, byTime, groupsOf, nearness, type Group } from './rank.ts';
import { searchableOf, type Searchable } from './searchable.ts';
import { wordsIn } from './text.ts';

export interface Standing {
  group: Group;
  /** No single message has all the words; the conversation has. */
  isSpread: boolean;
}

/** What a query found, in order. */
export interface Ranked {
  query: Query;
  order: Standing[];
  /** Messages that match, of those that were ranked. */
  count: number;
  /** There are older ones. */
  more: boolean;
  /** They were not weighed, and are in the order of their age: their words are too frequent. */
  byAge: boolean;
  /** The time was up: what is older than this was not all looked at; UTC milliseconds. */
  late?: number;
  /** Documents from here on have been looked at. */
  lowest?: number;
  /** Nothing has the words; these have them inside of other words. */
  inside: boolean;
  /** The terms of the query. */
  asked: readonly Term[];
  /** Marks the terms that were found. */
  marker(text: string): Mark[][];
}

export interface Ranking {
  /** `upTo`, `below`, `now`: as in Cursor; `deadline`: milliseconds, monotonic. */
  rank(asked: { text: string; upTo: number; now: number; below?: number; deadline: number }): Ranked;
}

/** Hits that are ranked. Of a word that is more frequent, the newest; older ones are on the next pages. */
const RANKED = 500;
/** Hits whose text is read to see whether a fragment is in it, at most, and how many that have it are enough. */
const VERIFIED = 1000;
const ENOUGH = 60;
/** Words that begin with so few characters are too many to be weighed: that takes as long as finding them. */
const SHORT_BEGINNING = 3;
/** Conversations whose best message is read, to see how near the words are to each other. */
const READ = 30;
/** Below so many conversations that have all words in one message, those that have them in several are found too. */
const FEW = 20;

interface Search {
  query: Query;
  upTo: number;
  below?: number;
  deadline: number;
  now: number;
}

export function rankingIn({ database }: Pick<Archive, 'database'>, clock: Pick<Clock, 'monotonic'>): Ranking {
  const finder = finderOf(database, clock);
  const messageRow = database.prepare('SELECT * FROM messages WHERE row = ?');
  const isListed = database.prepare('SELECT same_as, purpose FROM conversations WHERE row = ?');
  const conversationTitle = database.prepare('SELECT title FROM conversations WHERE row = ?');

  function find(match: Match, { query, upTo, below, deadline }: Search, weighed: boolean): Hits & { lowest?: number } {
    if (match.impossible) return { hits: [], more: false };
    const found = finder.find({
      expression: match.expression,
      ...(query.from !== undefined && { from: query.from }),
      ...(query.to !== undefined && { to: query.to }),
      branched: match.branched,
      ...(below !== undefined && { below }),
      upTo,
      most: match.fragments.length === 0 ? RANKED : VERIFIED,
      ...(weighed && match.words !== '' && !match.terms.some(isShortBeginning) && { weighed: match }),
      deadline,
    });
    const { lowest, ...rest } = match.fragments.length > 0 ? verified(found, match, deadline) : { ...found, ...lowestOf(found.hits) };
    return { ...rest, hits: toldOnce(rest.hits, query), ...(lowest !== undefined && { lowest }) };
  }

  /**
   * Without what another conversation of the same session tells as well, unless a source is asked for, and without what clients asked for their
   * own use.
   */
  function toldOnce(hits: readonly Hit[], { condition }: Query): Hit[] {
    const isOfSource = asksForSource(condition);
    const listed = new Map<number, boolean>();
    return hits.filter(({ conversation }) => {
      let known = listed.get(conversation);
      if (known === undefined) {
        const row = isListed.get(conversation);
        known = row !== undefined && row['purpose'] === null && (row['same_as'] === null || isOfSource);
        listed.set(conversation, known);
      }
      return known;
    });
  }

  /** The index knows words; whether a fragment stands there as it was typed, the text knows. It is read from the newest on, until there are enough. */
  function verified(found: Hits, { fragments }: Match, deadline: number): Hits & { lowest?: number } {
    const holds = holder(fragments);
    const examined: Hit[] = [];
    const hits: Hit[] = [];
    for (const hit of found.hits.toSorted((one, other) => other.document - one.document)) {
      if (hits.length === ENOUGH || clock.monotonic() > deadline) break;
      examined.push(hit);
      if (holds(textsOf(hit))) hits.push(hit);
    }
    return { ...found, hits, more: found.more || examined.length < found.hits.length, ...lowestOf(examined) };
  }

  function textsOf({ message }: Hit): Searchable[] {
    if (message > 0) return searchableOf(messageAt(message));
    return [{ part: 0, type: 'text', text: String(conversationTitle.get(-message)?.['title']) }];
  }

  function messageAt(row: number): Pick<ArchivedMessage, 'parts'> {
    const found = messageRow.get(row);
    return found ? messageOfRow(found) : { parts: [] };
  }

  /** Reads the best messages of the best conversations and puts those first that have the words near to each other. */
  function reorder(groups: Group[], marker: Ranked['marker'], terms: number, deadline: number): Group[] {
    if (terms < 2) return groups;
    const top = groups.slice(0, READ).map((group): Group => {
      const [best] = group.messages;
      if (!best || clock.monotonic() > deadline) return group;
      const found = bestSnippet(searchableOf(messageAt(best.hit.message)), marker);
      return { ...group, score: group.score * nearness(found?.span, terms, found?.terms ?? 0) };
    });
    return [...top.toSorted(betterGroup), ...groups.slice(READ)];
  }

  /** Conversations that have every term in some message. */
  function spread(terms: readonly Condition[], rest: readonly Condition[], search: Search): Group[] {
    const lists = terms.map((term) => {
      const match = matchOf(database, { condition: { type: 'all', of: [term, ...rest] }, within: search.query.within });
      return groupsOf(find(match, search, false).hits, search.now);
    });
    const [first = [], ...others] = lists.toSorted((one, other) => one.length - other.length);
    const maps = others.map((list) => new Map(list.map((group) => [group.conversation, group])));
    return first.flatMap((group) => {
      const more = maps.map((map) => map.get(group.conversation)).filter((each) => each !== undefined);
      return more.length === maps.length ? [together([group, ...more])] : [];
    });
  }

  return {
    rank({ text, ...rest }) {
      const query = readQuery(text, rest.now);
      const search: Search = { ...rest, query };
      const asked = matchOf(database, query);
      const byNewest = query.sort === 'new' || asked.terms.length === 0;
      const exact = find(asked, search, !byNewest);
      const isNothing = exact.hits.length === 0 && !exact.more && rest.below === undefined && asked.terms.some(isPlain);
      const wider = isNothing ? matchOf(database, { ...query, condition: insideOf(query.condition) }) : asked;
      const found = isNothing ? find(wider, search, !byNewest) : exact;
      const inside = isNothing && found.hits.length > 0;
      const marker = markerOf(wider.terms);
      const groups = groupsOf(found.hits, rest.now);
      const direct = byNewest ? byTime(groups) : reorder(groups, marker, wider.terms.length, rest.deadline);
      const { hits, ...facts } = found;
      const isAll = !found.more && rest.below === undefined && !inside;
      return {
        query,
        order: [
          ...direct.map((group) => ({ group, isSpread: false })),
          ...(isAll ? scattered(search, direct, byNewest) : []).map((group) => ({ group, isSpread: true })),
        ],
        count: hits.filter(({ message }) => message > 0).length,
        byAge: found.more && !byNewest && !hits.some(({ weight }) => weight > 0),
        ...facts,
        inside,
        asked: asked.terms,
        marker,
      };
    },
  };

  function scattered(search: Search, direct: readonly Group[], byNewest: boolean): Group[] {
    const { condition } = search.query;
    const of = condition.type === 'all' ? condition.of : [condition];
    const terms = of.filter((each) => each.type === 'term' || each.type === 'any');
    if (direct.length >= FEW || terms.length < 2) return [];
    const known = new Set(direct.map(({ conversation }) => conversation));
    const rest = of.filter((each) => !terms.includes(each));
    const more = spread(terms, rest, search).filter((group) => !known.has(group.conversation));
    return (byNewest ? byTime(more) : more.toSorted(betterGroup)).slice(0, FEW);
  }
}

function lowestOf(hits: readonly Hit[]): { lowest?: number } {
  return hits.length === 0 ? {} : { lowest: hits.reduce((least, { document }) => Math.min(least, document), Number.MAX_SAFE_INTEGER) };
}

/** Of a conversation, its best message for each term. */
function together(groups: readonly [Group, ...Group[]]): Group {
  const messages = new Map(groups.flatMap(({ messages: [best] }) => (best ? [[best.hit.message, best] as const] : [])));
  return {
    conversation: groups[0].conversation,
    score: groups.reduce((sum, { score }) => sum + score, 0) / groups.length,
    messages: [...messages.values()],
    titled: groups.some(({ titled }) => titled),
  };
}

function isPlain(term: Term): boolean {
  return term.type === 'words' && !term.prefix && wordsIn(term.text).length === 1;
}

function isShortBeginning(term: Term): boolean {
  return term.type === 'words' && term.prefix && term.text.length <= SHORT_BEGINNING;
}

function asksForSource(condition: Condition): boolean {
  if (condition.type === 'all' || condition.type === 'any') return condition.of.some(asksForSource);
  return condition.type === 'filter' && condition.filter.type === 'source';
}

/** The same query, with its single words anywhere inside of words. */
function insideOf(condition: Condition): Condition {
  switch (condition.type) {
    case 'term':
      return isPlain(condition.term) ? { type: 'term', term: { type: 'inside', text: condition.term.text } } : condition;
    case 'all':
    case 'any':
      return { type: condition.type, of: condition.of.map(insideOf) };
    case 'not':
    case 'filter':
      return condition;
  }
}
