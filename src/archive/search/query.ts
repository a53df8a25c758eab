import { SOURCES } from '../conversation.ts';
import { readDate } from './dates.ts';
import { HAS, type Has } from './facets.ts';
import { hasWords } from './text.ts';
import { distance } from './lexicon.ts';
import { tokensOf, type Token } from './tokens.ts';

/** What is looked for in text. */
export type Term =
  /** A word, or several next to each other. */
  | { type: 'words'; text: string; prefix: boolean }
  /** A piece of text exactly as it stands, wherever it begins and ends: `` `useEffect(() =>` ``. */
  | { type: 'fragment'; text: string }
  /** Words that contain it: `*ementBy*`. */
  | { type: 'inside'; text: string };

export type Filter =
  | { type: 'role'; role: 'user' | 'assistant' | 'tool' | 'system' }
  | { type: 'source'; source: string }
  | { type: 'status'; status: 'interrupted' | 'partial' | 'deferred' }
  | { type: 'has'; what: Has }
  /** A conversation with several branches. */
  | { type: 'branch' }
  | { type: 'named'; kind: 'provider' | 'model' | 'project' | 'tool'; name: string; prefix: boolean }
  /** The client's session id, or a conversation's id, or the beginning of one. */
  | { type: 'session'; id: string };

export type Condition =
  | { type: 'term'; term: Term }
  | { type: 'filter'; filter: Filter }
  | { type: 'all' | 'any'; of: Condition[] }
  | { type: 'not'; of: Condition };

export interface Query {
  /** Empty `all`: everything. */
  condition: Condition;
  /** UTC milliseconds. */
  from?: number;
  to?: number;
  /** Where terms are looked for. `text`: messages and titles, without reasoning. */
  within: 'text' | 'title' | 'reasoning' | 'everything';
  sort: 'best' | 'new';
  /** What of the query could not be used, in words for people. */
  ignored: string[];
}

/** A query longer than this is cut: nobody types it, and each term costs. */
const MOST_CHARACTERS = 2000;
const MOST_TERMS = 40;
const DEEPEST = 20;

const ROLES = {
  user: 'user',
  me: 'user',
  you: 'user',
  human: 'user',
  assistant: 'assistant',
  ai: 'assistant',
  model: 'assistant',
  tool: 'tool',
  tools: 'tool',
  system: 'system',
} as const;
const NAMED = { provider: 'provider', model: 'model', project: 'project', folder: 'project', tool: 'tool' } as const;
const STATUSES = ['interrupted', 'partial', 'deferred'] as const;

/** Any text is a query; what has no meaning in it is said in `ignored`. */
export function readQuery(text: string, now: number): Query {
  const query: Query = { condition: { type: 'all', of: [] }, within: 'text', sort: 'best', ignored: [] };
  const tokens = tokensOf(text.slice(0, MOST_CHARACTERS));
  if (text.length > MOST_CHARACTERS) query.ignored.push(`what comes after the first ${MOST_CHARACTERS} characters`);
  const reading = { tokens, place: 0, terms: 0, now, query };
  const conditions: Condition[] = [];
  // A `)` that closes nothing is passed over.
  while (reading.place < tokens.length) {
    conditions.push(...readAll(reading, 0));
    reading.place += 1;
  }
  query.condition = { type: 'all', of: conditions };
  return query;
}

interface Reading {
  tokens: readonly Token[];
  place: number;
  terms: number;
  now: number;
  query: Query;
}

/** Up to the bracket that closes, or the end. OR joins its neighbours: `a b OR c` is a and (b or c). */
function readAll(reading: Reading, depth: number): Condition[] {
  const all: Condition[] = [];
  let joins = false;
  for (; reading.place < reading.tokens.length; reading.place++) {
    const token = reading.tokens[reading.place]!;
    if (token.type === 'close') break;
    if (token.type === 'or') {
      joins = all.length > 0;
      continue;
    }
    const read = token.type === 'item' ? readItem(token, reading, depth) : readGroup(reading, depth);
    if (!read) continue;
    const before = joins ? all.pop() : undefined;
    joins = false;
    if (!before) all.push(read);
    else all.push({ type: 'any', of: before.type === 'any' ? [...before.of, read] : [before, read] });
  }
  return all;
}

/** Deeper brackets than anybody means are passed over. */
function readGroup(reading: Reading, depth: number): Condition | undefined {
  reading.place += 1;
  const of = readAll(reading, depth + 1);
  if (of.length === 0) return undefined;
  if (of.length === 1 || depth < DEEPEST) return of.length === 1 ? of[0]! : { type: 'all', of };
  reading.query.ignored.push('brackets within brackets, beyond the 20th');
  return of[0]!;
}

function readItem(token: Extract<Token, { type: 'item' }>, reading: Reading, depth: number): Condition | undefined {
  const { negative, field, text } = token;
  const found = (field === undefined ? undefined : readField(field, text, reading, { negative, depth })) ?? 'a term';
  if (found === 'nothing') return undefined;
  const condition = found === 'a term' ? readTerm(token, reading) : found;
  if (!condition) return undefined;
  return negative ? { type: 'not', of: condition } : condition;
}

function readTerm({ field, text: value, quote }: Extract<Token, { type: 'item' }>, reading: Reading): Condition | undefined {
  // `std::vector`, `http://…`: a colon that means nothing to us.
  const text = field === undefined ? value : `${field}:${value}`;
  if (!hasWords(text)) {
    if (text.trim() !== '') reading.query.ignored.push(`«${text}» (neither letters nor digits are in it)`);
    return undefined;
  }
  reading.terms += 1;
  if (reading.terms === MOST_TERMS + 1) reading.query.ignored.push(`what comes after the first ${MOST_TERMS} terms`);
  return reading.terms > MOST_TERMS ? undefined : { type: 'term', term: termOf(text, quote) };
}

function termOf(text: string, quote: '' | '"' | '`'): Term {
  if (quote === '`') return { type: 'fragment', text };
  if (quote === '"') return { type: 'words', text, prefix: false };
  const bare = text.replace(/^\*+|\*+$/g, '');
  if (text.startsWith('*')) return { type: 'inside', text: bare };
  return { type: 'words', text: bare, prefix: text.endsWith('*') };
}

/** `undefined`: no field of ours. */
function readField(
  name: string,
  value: string,
  { query, now }: Reading,
  { negative, depth }: { negative: boolean; depth: number },
): Condition | 'nothing' | undefined {
  const field = name.toLowerCase();
  const word = value.trim().toLowerCase();
  const filter = (found: Filter): Condition => ({ type: 'filter', filter: found });
  const unknown = (known: readonly string[]): 'nothing' => {
    const meant = likest(word, known);
    const most = meant === undefined ? '' : `most likely ${field}:${meant}; `;
    query.ignored.push(`${field}:${value} (${most}there is: ${known.join(', ')})`);
    return 'nothing';
  };
  switch (field) {
    case 'from':
    case 'who': {
      const role = Object.entries(ROLES).find(([known]) => known === word)?.[1];
      return role ? filter({ type: 'role', role }) : unknown(['user', 'assistant', 'tool', 'system']);
    }
    case 'source': {
      const source = SOURCES.find((known) => known.replaceAll('-', '') === word.replaceAll(/[-_. ]/g, ''));
      return source ? filter({ type: 'source', source }) : unknown(SOURCES);
    }
    case 'has': {
      const what = HAS.find((known) => known === word || `${known}s` === word);
      return what ? filter({ type: 'has', what }) : unknown(HAS);
    }
    case 'is': {
      if (word === 'branch' || word === 'branched') return filter({ type: 'branch' });
      const status = STATUSES.find((known) => known === word);
      return status ? filter({ type: 'status', status }) : unknown([...STATUSES, 'branch']);
    }
    case 'in': {
      const within = {
        title: 'title',
        titles: 'title',
        text: 'text',
        reasoning: 'reasoning',
        thinking: 'reasoning',
        all: 'everything',
        everything: 'everything',
      } as const;
      const found = Object.entries(within).find(([known]) => known === word)?.[1];
      if (!found) return unknown(['title', 'reasoning', 'text', 'everything']);
      query.within = found;
      return 'nothing';
    }
    case 'sort':
      if (word === 'new' || word === 'newest' || word === 'date') query.sort = 'new';
      else if (word !== 'best' && word !== 'relevance') return unknown(['best', 'new']);
      return 'nothing';
    case 'after':
    case 'since':
    case 'before':
    case 'on': {
      const stretch = readDate(value, now);
      if (!stretch) return unknown(['2026-06-02', '2026-06', '2026', 'today', 'yesterday', '12h', '7d', '2w', '3m', '1y']);
      if (negative || depth > 0) {
        query.ignored.push(`${negative ? '-' : ''}${field}:${value} (dates are for the whole query: after:, before:, on:)`);
        return 'nothing';
      }
      limitTime(query, field, stretch.from, stretch.to, now);
      return 'nothing';
    }
    case 'provider':
    case 'model':
    case 'project':
    case 'folder':
    case 'tool': {
      if (!hasWords(value)) return unknown(['a name']);
      return filter({ type: 'named', kind: NAMED[field], name: value.replace(/\*+$/, ''), prefix: value.endsWith('*') });
    }
    case 'session':
    case 'conversation':
      return word === '' ? unknown(['an id']) : filter({ type: 'session', id: value.trim() });
    default:
      return undefined;
  }
}

/** The one that a mistyped word most likely means: a third of its letters may be wrong, or it is a piece of one name only. */
function likest(word: string, known: readonly string[]): string | undefined {
  if (word.length < 2 || word.length > 64) return undefined;
  const plain = (name: string): string => name.replaceAll('-', '');
  const [best] = known
    .map((name) => ({ name, away: distance(Array.from(plain(word)), Array.from(plain(name))) }))
    .toSorted((one, other) => one.away - other.away);
  if (best && best.away <= Math.max(1, Math.floor(word.length / 3))) return best.name;
  const having = known.filter((name) => name.includes(word) || name.split('-').some((piece) => piece.length > 2 && word.startsWith(piece)));
  return having.length === 1 ? having[0] : undefined;
}

/** `after:2026-06-02` takes that day in, as `since:` does; `before:` does not. `after:7d` and `on:7d`: from seven days ago on. */
function limitTime(query: Query, field: string, from: number, to: number, now: number): void {
  if (field !== 'before') query.from = Math.max(query.from ?? Number.NEGATIVE_INFINITY, from);
  if (field === 'before') query.to = Math.min(query.to ?? Number.POSITIVE_INFINITY, from);
  if (field === 'on' && to !== now) query.to = Math.min(query.to ?? Number.POSITIVE_INFINITY, to);
}
