import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../exchange/clock.ts';
import type { ArchivedMessage, ArchivedPart, ConversationHead } from '../conversation.ts';
import type { Archive } from '../store/open.ts';
import { putInto } from '../store/put.ts';
import { testArchives } from '../store/testing/archives.ts';
import { searchingIn, type SearchQuery, type SearchResult } from './search.ts';

const { archiveIn: newArchive, clear } = testArchives();
afterEach(clear);
const NOW = Date.UTC(2026, 10, 22, 12);
const DAY = 86_400_000;
const clock: Pick<Clock, 'now' | 'monotonic'> = { now: () => NOW, monotonic: () => 0 };

type Said = [role: ArchivedMessage['role'], said: string | ArchivedPart[], more?: Partial<ArchivedMessage>];

function put(archive: Archive, head: Partial<ConversationHead> & { key: string }, ...said: Said[]): string {
  const messages = said.map(([role, text, more], place): ArchivedMessage => ({
    key: `m${place}`,
    ...(place > 0 && { parent: `m${place - 1}` }),
    role,
    status: 'complete',
    at: (head.updatedAt ?? NOW - DAY) + place * 1000,
    parts: typeof text === 'string' ? [{ type: 'text', text }] : text,
    ...more,
  }));
  return putInto(archive).conversation({ source: 'claude-ai', ...head }, messages).id;
}

function search(archive: Archive, text: string, more: Partial<SearchQuery> = {}): SearchResult {
  return searchingIn(archive, clock).search({ text, limit: 20, patience: 1000, ...more });
}

const keys = (result: SearchResult): string[] => result.conversations.map(({ conversation }) => conversation.key);
const marked = (result: SearchResult): string[] =>
  result.conversations.flatMap(({ messages }) =>
    messages.flatMap(({ snippet }) => snippet.marks.map(([from, to]) => snippet.text.slice(from, to))),
  );

describe('search', () => {
  it('finds words in messages, calls, results, files and titles, whatever their case and accents', () => {
    const archive = newArchive();
    put(archive, { key: 'text' }, ['user', 'Un café crème']);
    put(archive, { key: 'call' }, [
      'assistant',
      [{ type: 'tool-call', id: '1', name: 'Bash', arguments: '{"command":"echo \\ncaf\\u00e9"}' }],
    ]);
    put(archive, { key: 'result' }, [
      'tool',
      [{ type: 'tool-result', callId: '1', isError: false, content: [{ type: 'text', text: 'the CAFE is closed' }] }],
    ]);
    put(archive, { key: 'file' }, ['user', [{ type: 'file', name: 'cafe-menu.pdf', content: { type: 'text', text: 'soup' } }]]);
    put(archive, { key: 'title', title: 'Café opening hours' }, ['user', 'nine to five?']);
    put(archive, { key: 'none' }, ['user', 'cafeteria']);
    expect(keys(search(archive, 'cafe')).toSorted()).toEqual(['call', 'file', 'result', 'text', 'title']);
    expect(marked(search(archive, 'cafe')).toSorted()).toEqual(['CAFE', 'cafe', 'café', 'café']);
    expect(keys(search(archive, 'soup'))).toEqual(['file']);
  });

  it('looks into reasoning only when it is asked to', () => {
    const archive = newArchive();
    const thought: ArchivedPart = { type: 'reasoning', text: 'perhaps a marmot', producer: { dialect: 'anthropic-messages' } };
    put(archive, { key: 'k' }, ['assistant', [thought, { type: 'text', text: 'An animal.' }]]);
    expect(keys(search(archive, 'marmot'))).toEqual([]);
    expect(keys(search(archive, 'marmot in:reasoning'))).toEqual(['k']);
    expect(keys(search(archive, 'animal marmot in:everything'))).toEqual(['k']);
    expect(keys(search(archive, 'has:reasoning'))).toEqual(['k']);
  });

  it('has words, phrases, beginnings, either-or and not', () => {
    const archive = newArchive();
    put(archive, { key: 'a' }, ['user', 'red green blue']);
    put(archive, { key: 'b' }, ['user', 'green red']);
    put(archive, { key: 'c' }, ['user', 'blue greenish']);
    const found = (text: string): string[] => keys(search(archive, text)).toSorted();
    expect(found('red green')).toEqual(['a', 'b']);
    expect(found('"red green"')).toEqual(['a']);
    expect(found('green*')).toEqual(['a', 'b', 'c']);
    expect(found('red OR greenish')).toEqual(['a', 'b', 'c']);
    expect(found('blue red OR greenish')).toEqual(['a', 'c']);
    expect(found('red -blue')).toEqual(['b']);
    expect(found('(red blue) OR greenish')).toEqual(['a', 'c']);
    expect(found('-red')).toEqual(['c']);
    expect(found('NOT red')).toEqual(['c']);
  });

  it('finds words of languages without spaces, also of one and two characters', () => {
    const archive = newArchive();
    put(archive, { key: 'zh' }, ['user', '数据库备份的最佳实践']);
    put(archive, { key: 'ja' }, ['user', 'データベースのバックアップ']);
    put(archive, { key: 'th' }, ['user', 'ฐานข้อมูลสำรอง']);
    put(archive, { key: 'ko' }, ['user', '데이터베이스를 백업']);
    expect(keys(search(archive, '备份'))).toEqual(['zh']);
    expect(keys(search(archive, '数据库'))).toEqual(['zh']);
    expect(keys(search(archive, '库'))).toEqual(['zh']);
    expect(keys(search(archive, '践'))).toEqual(['zh']);
    expect(keys(search(archive, '库据'))).toEqual([]);
    expect(keys(search(archive, 'バックアップ'))).toEqual(['ja']);
    expect(keys(search(archive, 'ข้อมูล'))).toEqual(['th']);
    expect(keys(search(archive, '데이터베이스'))).toEqual(['ko']);
    expect(marked(search(archive, '备份'))).toEqual(['备份']);
  });

  it('finds pieces of names, fragments of code as they stand, and the inside of words', () => {
    const archive = newArchive();
    put(archive, { key: 'camel' }, ['user', 'const node = document.getElementById("root");']);
    put(archive, { key: 'snake' }, ['user', 'def parse_element(text): pass']);
    put(archive, { key: 'other' }, ['user', 'document get element by id']);
    expect(keys(search(archive, 'element')).toSorted()).toEqual(['camel', 'other', 'snake']);
    expect(keys(search(archive, '`ElementById("ro`'))).toEqual(['camel']);
    expect(keys(search(archive, '`element(te`'))).toEqual(['snake']);
    expect(keys(search(archive, '*mentByI*'))).toEqual(['camel']);
    expect(keys(search(archive, 'document.getElementById(')).toSorted()).toEqual(['camel']);
    const inside = search(archive, 'lementby');
    expect([keys(inside), inside.inside]).toEqual([['camel'], true]);
  });

  it('filters by who, source, model, project, tool, what is in it, state and session', () => {
    const archive = newArchive();
    const { id } = {
      id: put(
        archive,
        { key: 'k1', source: 'codex', project: '/home/me/work/under-study', session: 'abc-123', updatedAt: NOW - 3 * DAY },
        ['user', 'apple'],
        [
          'assistant',
          [{ type: 'tool-call', id: '1', name: 'mcp__github__search_issues', arguments: '{"q":"pear"}' }],
          { producer: { provider: 'openai', model: 'gpt-5.6-codex' } },
        ],
        ['tool', [{ type: 'tool-result', callId: '1', isError: false, content: [{ type: 'text', text: 'apple pie' }] }]],
        [
          'assistant',
          'see https://example.com\n```ts\napple()\n```',
          { status: 'interrupted', producer: { provider: 'openai', model: 'gpt-5.6-codex' } },
        ],
      ),
    };
    put(
      archive,
      { key: 'k2', project: '/home/me/other' },
      ['user', 'apple'],
      ['user', [{ type: 'file', name: 'a.png', content: { type: 'missing', reason: 'x' } }]],
    );
    const rows = (text: string): string[] =>
      search(archive, text)
        .conversations.flatMap(({ conversation, messages }) => messages.map(({ key }) => `${conversation.key} ${key}`))
        .toSorted();
    expect(rows('apple from:user')).toEqual(['k1 m0', 'k2 m0']);
    expect(rows('apple who:tool')).toEqual(['k1 m2']);
    expect(rows('source:codex apple -from:user -from:assistant')).toEqual(['k1 m2']);
    expect(rows('model:gpt')).toEqual(['k1 m1', 'k1 m3']);
    expect(rows('model:gpt-5.6 provider:openai is:interrupted')).toEqual(['k1 m3']);
    expect(rows('project:under-study from:user')).toEqual(['k1 m0']);
    expect(rows('project:wor* from:user')).toEqual(['k1 m0']);
    expect(rows('tool:github')).toEqual(['k1 m1', 'k1 m2']);
    expect(rows('tool:mcp__github__search_issues pie')).toEqual(['k1 m2']);
    expect(rows('has:code')).toEqual(['k1 m3']);
    expect(rows('has:link')).toEqual(['k1 m3']);
    expect(rows('has:image')).toEqual(['k2 m1']);
    expect(rows('has:tool')).toEqual(['k1 m1', 'k1 m2']);
    expect(rows('session:abc from:user')).toEqual(['k1 m0']);
    expect(rows(`session:${id} pear`)).toEqual(['k1 m1']);
    expect(rows('session:nowhere apple')).toEqual([]);
    expect(rows('apple before:2d')).toEqual(['k1 m0', 'k1 m2', 'k1 m3']);
    expect(rows('apple after:2d')).toEqual(['k2 m0']);
    expect(search(archive, 'apple has:banana colour:red').ignored).toEqual([
      'has:banana (there is: code, file, image, link, tool, reasoning)',
    ]);
  });

  it('knows days', () => {
    const archive = newArchive();
    const at = (year: number, month: number, day: number, hour: number): number => new Date(year, month - 1, day, hour).getTime();
    put(archive, { key: 'before', updatedAt: at(2026, 6, 1, 23) }, ['user', 'outage']);
    put(archive, { key: 'day', updatedAt: at(2026, 6, 2, 0) }, ['user', 'outage']);
    put(archive, { key: 'after', updatedAt: at(2026, 6, 3, 0) }, ['user', 'outage']);
    expect(keys(search(archive, 'outage on:2026-06-02'))).toEqual(['day']);
    expect(keys(search(archive, 'outage after:2026-06-02')).toSorted()).toEqual(['after', 'day']);
    expect(keys(search(archive, 'outage before:2026-06-02'))).toEqual(['before']);
    expect(keys(search(archive, 'outage on:2026-06')).toSorted()).toEqual(['after', 'before', 'day']);
    expect(search(archive, 'outage on:2026-02-31').ignored).toHaveLength(1);
  });

  it('finds conversations with several branches', () => {
    const archive = newArchive();
    put(archive, { key: 'one' }, ['user', 'plum'], ['assistant', 'yes']);
    put(archive, { key: 'two' }, ['user', 'plum'], ['assistant', 'yes'], ['assistant', 'no', { parent: 'm0' }]);
    expect(keys(search(archive, 'plum is:branch'))).toEqual(['two']);
  });

  it('puts first what has the words together, in the title, and lately', () => {
    const archive = newArchive();
    const filler = 'lorem ipsum dolor sit amet '.repeat(20);
    put(archive, { key: 'far' }, ['user', `retry ${filler} budget`]);
    put(archive, { key: 'near' }, ['user', `${filler} the retry budget ${filler.slice(0, 100)}`]);
    expect(keys(search(archive, 'retry budget'))).toEqual(['near', 'far']);
    put(archive, { key: 'titled', title: 'Rebalance of partitions' }, ['user', 'how does rebalance work']);
    put(archive, { key: 'said' }, ['user', 'how does rebalance work']);
    expect(keys(search(archive, 'rebalance'))[0]).toBe('titled');
    put(archive, { key: 'old', updatedAt: NOW - 900 * DAY }, ['user', 'kumquat season']);
    put(archive, { key: 'new' }, ['user', 'kumquat season']);
    expect(keys(search(archive, 'kumquat'))).toEqual(['new', 'old']);
    put(archive, { key: 'older, more', updatedAt: NOW - 30 * DAY }, ['user', 'kumquat kumquat kumquat']);
    expect(keys(search(archive, 'kumquat'))[0]).toBe('older, more');
    expect(keys(search(archive, 'kumquat sort:new'))).toEqual(['new', 'older, more', 'old']);
  });

  it('finds conversations whose messages have all words between them, after those where one has', () => {
    const archive = newArchive();
    put(archive, { key: 'spread', title: 'Postgres' }, ['user', 'backup each night'], ['assistant', 'with docker']);
    put(archive, { key: 'one' }, ['user', 'docker postgres backup']);
    put(archive, { key: 'part' }, ['user', 'docker backup']);
    const result = search(archive, 'docker postgres backup');
    expect(keys(result)).toEqual(['one', 'spread']);
    expect(result.conversations.map(({ spread }) => spread)).toEqual([false, true]);
    expect(result.conversations[1]!.messages.map(({ key }) => key).toSorted()).toEqual(['m0', 'm1']);
  });

  it('shows a session once that two sources tell', () => {
    const archive = newArchive();
    put(archive, { key: 'journal', source: 'understudy', session: 's1' }, ['user', 'persimmon']);
    put(archive, { key: 'transcript', source: 'claude-code', session: 's1' }, ['user', 'persimmon']);
    const found = search(archive, 'persimmon');
    expect(keys(found)).toEqual(['transcript']);
    expect(found.hits).toEqual({ count: 1, more: false });
    expect(keys(search(archive, 'persimmon source:understudy'))).toEqual(['journal']);
  });

  it('weighs also where there is more than is ranked at once, and says where it does not', () => {
    const many = (count: number, best: number): Archive => {
      const archive = newArchive();
      const putting = putInto(archive);
      archive.database.exec('BEGIN');
      for (let place = 0; place < count; place++)
        putting.within({ source: 'claude-ai', key: `k${place}`, title: 'Fruit', updatedAt: NOW - place * 60_000 }, [
          {
            key: 'm',
            role: 'user',
            status: 'complete',
            at: NOW - place * 60_000,
            parts: [{ type: 'text', text: place === best ? 'guava guava guava' : `guava and ${'some other words '.repeat(20)}` }],
          },
          // What is in half of all weighs nothing.
          { key: 'n', role: 'assistant', status: 'complete', at: NOW - place * 60_000, parts: [{ type: 'text', text: 'plum' }] },
          { key: 'o', role: 'assistant', status: 'complete', at: NOW - place * 60_000, parts: [{ type: 'text', text: 'quince' }] },
        ]);
      archive.database.exec('COMMIT');
      return archive;
    };
    const some = search(many(600, 300), 'guava');
    expect(keys(some)[0]).toBe('k300');
    expect(some.hits).toEqual({ count: 500, more: true });
    const frequent = search(many(1100, 300), 'guava');
    expect(keys(frequent)[0]).toBe('k0');
    expect(frequent.hits).toEqual({ count: 500, more: true, byAge: true });
    expect(search(many(600, 300), 'guava sort:new').hits).toEqual({ count: 500, more: true });
  });

  it('says what is nowhere, and what is like it', () => {
    const archive = newArchive();
    put(archive, { key: 'k' }, ['user', 'the rebalance protocol']);
    expect(search(archive, 'rebalnce xylophone').unknown).toEqual([
      { word: 'rebalnce', like: ['rebalance'] },
      { word: 'xylophone', like: [] },
    ]);
  });

  it('pages on without gaps or repeats, whatever comes in meanwhile, through more than is ranked at once', { timeout: 30_000 }, () => {
    const archive = newArchive();
    const all = Array.from({ length: 1100 }, (_, place) => `k${place}`);
    archive.database.exec('BEGIN');
    const putting = putInto(archive);
    all.forEach((key, place) =>
      putting.within({ source: 'claude-ai', key, updatedAt: NOW - place * 60_000 }, [
        { key: 'm', role: 'user', status: 'complete', at: NOW - place * 60_000, parts: [{ type: 'text', text: `mango ${place}` }] },
      ]),
    );
    archive.database.exec('COMMIT');
    const searching = searchingIn(archive, clock);
    for (const text of ['mango', 'from:user', 'mango sort:new']) {
      const seen: string[] = [];
      let cursor: string | undefined;
      let pages = 0;
      do {
        const page: SearchResult = searching.search({ text, patience: 1000, limit: 50, ...(cursor !== undefined && { cursor }) });
        seen.push(...keys(page));
        cursor = page.next;
        pages += 1;
        if (pages === 2) put(archive, { key: `late ${text}`, updatedAt: NOW - 300_000 }, ['user', 'mango late']);
      } while (cursor !== undefined && pages < 100);
      const late = new Set(['late mango', 'late from:user', 'late mango sort:new']);
      expect(seen.filter((key) => !late.has(key)).toSorted()).toEqual(all.toSorted());
      expect(seen).not.toContain(`late ${text}`);
    }
  });

  it('stops when its time is up, and says so', () => {
    const archive = newArchive();
    put(archive, { key: 'k' }, ['user', 'quince']);
    let time = 0;
    const slow = { now: () => NOW, monotonic: () => (time += 100) };
    const result = searchingIn(archive, slow).search({ text: 'quince', limit: 10, patience: 50 });
    expect(result.stoppedAt).toBeDefined();
    expect(result.hits.more).toBe(true);
  });

  it('takes any text for a query', () => {
    const archive = newArchive();
    put(archive, { key: 'k', title: 'a "title"' }, ['user', 'some words (and) `code` 数据库'], ['assistant', 'more']);
    const searching = searchingIn(archive, clock);
    const pieces = fc.constantFrom(
      '"',
      '`',
      '(',
      ')',
      '*',
      '-',
      ':',
      ' ',
      'OR',
      'NOT',
      'AND',
      'NEAR',
      '^',
      '+',
      '{',
      '}',
      'from:',
      'has:',
      'in:title',
      'before:',
      '7d',
      'session:',
      'words',
      '数据',
      '\0',
      '\ud800',
      'é',
      "'",
      '\\',
      '%',
      '_',
      'is:branch',
      'tool:',
      '..',
      'rank',
      'facets:',
    );
    const query = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.array(pieces, { maxLength: 20 }).map((list) => list.join('')),
      fc.array(pieces, { maxLength: 20 }).map((list) => list.join(' ')),
    );
    fc.assert(
      fc.property(query, fc.option(fc.base64String(), { nil: undefined }), (text, cursor) => {
        const result = searching.search({ text, limit: 5, patience: 1000, ...(cursor !== undefined && { cursor }) });
        expect(result.conversations.length).toBeLessThanOrEqual(5);
      }),
      { numRuns: 1000 },
    );
  }, 60_000);
});
