import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../exchange/clock.ts';
import type { ArchivedMessage } from '../conversation.ts';
import type { Archive } from '../store/open.ts';
import { messageOfRow, summaryOfRow, type ConversationSummary } from '../store/read.ts';
import { readCursor, writeCursor, type Cursor } from './cursor.ts';
import { waitingCount } from './indexing.ts';
import { wordsLike } from './lexicon.ts';
import { bestSnippet, type Mark, type Snippet } from './marks.ts';
import type { Term } from './query.ts';
import { rankingIn, type Ranked, type Standing } from './ranking.ts';
import { searchableOf } from './searchable.ts';
import { folded, wordsIn } from './text.ts';

export interface SearchQuery {
  /** As typed; docs/search.md has the language. */
  text: string;
  /** Conversations of a page. */
  limit: number;
  /** The page after the one that gave this. */
  cursor?: string;
  /** Milliseconds after which it answers with what it has. */
  patience: number;
}

export interface FoundMessage {
  key: string;
  /** messages.row, which is stable as long as the archive is. */
  row: number;
  role: ArchivedMessage['role'];
  /** UTC milliseconds. */
  at?: number;
  model?: string;
  snippet: Snippet;
}

export interface FoundConversation {
  conversation: ConversationSummary;
  /** Where the words are in its title. */
  titleMarks: Mark[];
  /** The best first, at most three. */
  messages: FoundMessage[];
  /** Messages of it that match, of those that were ranked. */
  hits: number;
  /** No single message has all the words; the conversation has. */
  spread: boolean;
}

export interface SearchResult {
  conversations: FoundConversation[];
  /**
   * Messages that match; `more`: at least so many, the newest of them were ranked, the next page goes on to older ones; `byAge`: and those in the
   * order of their age, as words that are so frequent say nothing about which fits best.
   */
  hits: { count: number; more: boolean; byAge?: true };
  /** Messages that were searched (those taken out of the index lately count too), and those that wait to be indexed. */
  searched: { messages: number; waiting: number };
  /** For the next page; absent: this was the last. */
  next?: string;
  /** What of the query could not be used. */
  ignored: string[];
  /** It stopped when its time was up: what is older than this (UTC ms) was not all looked at. */
  stoppedAt?: number;
  /** Nothing was found as asked; these have the words inside of other words. */
  inside: boolean;
  /** Nothing was found: words that nothing in the archive has, and what is like them. */
  unknown: { word: string; like: string[] }[];
  /** Milliseconds. */
  took: number;
}

export interface Searching {
  search(query: SearchQuery): SearchResult;
}

const MESSAGES_SHOWN = 3;
/** Searches whose next pages come from memory, a hundred kilobytes each. Others are done again, with the same result unless messages came or went. */
const REMEMBERED = 16;

/** Of shards, as counting all documents would take longer than the search. */
const DOCUMENTS = 'SELECT coalesce(sum(documents), 0) AS count FROM search_shards';
const TITLES = "SELECT count(*) AS count FROM search_titles WHERE title != ''";

/** Searches one archive. It only reads; it keeps its statements, and what the last searches found. */
export function searchingIn(archive: Pick<Archive, 'database'>, clock: Pick<Clock, 'now' | 'monotonic'>): Searching {
  const { database } = archive;
  const ranking = rankingIn(archive, clock);
  const remembered = new Map<string, Ranked>();
  const lastMessage = database.prepare('SELECT coalesce(max(row), 0) AS row FROM messages');
  const documents = database.prepare(DOCUMENTS);
  const titles = database.prepare(TITLES);
  let counted = { documents: 0, messages: 0 };
  const messageRow = database.prepare('SELECT * FROM messages WHERE row = ?');
  const conversationRow = database.prepare('SELECT * FROM conversations WHERE row = ?');
  const hasWord = database.prepare('SELECT 1 FROM search_lexicon WHERE word = ?');

  function ranked(text: string, { upTo, now, below }: Cursor, deadline: number): Ranked {
    const name = (end: number | undefined): string => JSON.stringify([text, upTo, now, end]);
    const known = remembered.get(name(below));
    if (known) return known;
    const made = ranking.rank({ text, upTo, now, ...(below !== undefined && { below }), deadline });
    remembered.set(name(below), made);
    const [oldest] = remembered.keys();
    if (remembered.size > REMEMBERED && oldest !== undefined) remembered.delete(oldest);
    return made;
  }

  /** Titles are documents too; counting them takes milliseconds, and is left out as long as no document was added. */
  function indexedMessages(): number {
    const all = Number(documents.get()?.['count']);
    if (all !== counted.documents) counted = { documents: all, messages: all - Number(titles.get()?.['count']) };
    return counted.messages;
  }

  function shown({ group, isSpread }: Standing, marker: Ranked['marker']): FoundConversation | undefined {
    const row = conversationRow.get(group.conversation);
    if (!row) return undefined;
    const conversation = summaryOfRow(row);
    const messages = group.messages.slice(0, MESSAGES_SHOWN).flatMap(({ hit }): FoundMessage[] => {
      const stored = messageRow.get(hit.message);
      if (!stored) return [];
      const message = messageOfRow(stored);
      return [
        {
          key: message.key,
          row: hit.message,
          role: message.role,
          ...(message.at !== undefined && { at: message.at }),
          ...(message.producer?.model !== undefined && { model: message.producer.model }),
          snippet: bestSnippet(searchableOf(message), marker)?.snippet ?? { text: '', marks: [], part: 0, offset: 0 },
        },
      ];
    });
    return { conversation, titleMarks: marker(conversation.title).flat(), messages, hits: group.messages.length, spread: isSpread };
  }

  /** A page, and where the next one begins in the order. */
  function pageOf({ order, marker }: Ranked, skip: number, limit: number): { page: FoundConversation[]; end: number } {
    const page: FoundConversation[] = [];
    let end = skip;
    for (; end < order.length && page.length < limit; end++) {
      const found = shown(order[end]!, marker);
      if (found) page.push(found);
    }
    return { page, end };
  }

  function unknownWords(terms: readonly Term[]): SearchResult['unknown'] {
    const words = new Set(terms.flatMap((term) => (term.type === 'words' && !term.prefix ? wordsIn(folded(term.text)) : [])));
    return [...words]
      .filter((word) => word.length >= 4 && hasWord.get(word) === undefined)
      .slice(0, 5)
      .map((word) => ({ word, like: wordsLike(database, word, 3) }));
  }

  function search({ text, limit, cursor: given, patience }: SearchQuery): SearchResult {
    const began = clock.monotonic();
    const now = clock.now();
    const cursor = (given === undefined ? undefined : readCursor(given)) ?? { skip: 0, upTo: Number(lastMessage.get()?.['row']), now };
    const found = ranked(text, cursor, began + patience);
    const { page, end } = pageOf(found, cursor.skip, limit);
    const next = nextOf(cursor, end, found);
    return {
      conversations: page,
      hits: { count: found.count, more: found.more, ...(found.byAge && { byAge: true as const }) },
      searched: { messages: indexedMessages(), waiting: waitingCount(database) },
      ...(next && { next: writeCursor(next) }),
      ignored: found.query.ignored,
      ...(found.late !== undefined && { stoppedAt: found.late }),
      inside: found.inside,
      unknown: found.order.length === 0 ? unknownWords(found.asked) : [],
      took: clock.monotonic() - began,
    };
  }

  return { search: (query) => inSnapshot(database, () => search(query)) };
}

/** Older hits come after all that were ranked, unless the time was up: then nobody knows where they begin. */
function nextOf(cursor: Cursor, end: number, { order, more, late, lowest }: Ranked): Cursor | undefined {
  if (end < order.length) return { ...cursor, skip: end };
  if (!more || late !== undefined || lowest === undefined) return undefined;
  return { ...cursor, skip: 0, below: lowest };
}

/** Another process may write meanwhile. */
function inSnapshot<Value>(database: DatabaseSync, work: () => Value): Value {
  database.exec('BEGIN');
  try {
    return work();
  } finally {
    database.exec('COMMIT');
  }
}
