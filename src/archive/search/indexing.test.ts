import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ArchivedMessage, ConversationHead } from '../conversation.ts';
import type { Archive } from '../store/open.ts';
import { putInto } from '../store/put.ts';
import { said as saidAt, testArchives } from '../store/testing/archives.ts';
import { inTransaction } from '../store/transaction.ts';
import { beginAnew, indexingOf, scrub, waitingCount } from './indexing.ts';
import { wordsWith } from './lexicon.ts';
import { searchingIn } from './search.ts';
import { shardsOf } from './shards.ts';

const { archiveIn, clear } = testArchives();
afterEach(clear);

const said = (key: string, text: string, more: Partial<ArchivedMessage> = {}): ArchivedMessage =>
  saidAt(key, text, { at: 1_000_000, ...more });
const head: ConversationHead = { source: 'claude-ai', key: 'k', title: 'Fruit' };

function found(archive: Archive, text: string): string[] {
  const clock = { now: () => 2_000_000, monotonic: () => 0 };
  const { conversations } = searchingIn(archive, clock).search({ text, limit: 100, patience: 1000 });
  return conversations.flatMap(({ conversation, messages }) => messages.map(({ key }) => `${conversation.key} ${key}`)).toSorted();
}

/** What the index says of each message and title, against what the store has. */
function disagreements({ database }: Archive): string[] {
  const wrong: string[] = [];
  const count = (sql: string): number => Number(database.prepare(sql).get()?.['count']);
  const missing = count(
    'SELECT count(*) AS count FROM messages WHERE row NOT IN (SELECT message FROM search_documents) AND row NOT IN (SELECT message FROM search_queue)',
  );
  if (missing > 0) wrong.push(`${missing} messages are neither in the index nor waiting`);
  const orphans = count('SELECT count(*) AS count FROM search_documents WHERE message > 0 AND message NOT IN (SELECT row FROM messages)');
  if (orphans > 0) wrong.push(`${orphans} documents have no message`);
  for (const { shard } of shardsOf(database)) {
    const words = new Set(
      database
        .prepare(
          `SELECT rowid AS document FROM search_${shard} WHERE search_${shard} MATCH 'facets : r_user OR facets : r_title OR facets : r_assistant'`,
        )
        .all()
        .map(({ document }) => Number(document)),
    );
    const listed = new Set(
      database
        .prepare('SELECT document FROM search_documents WHERE shard = ?')
        .all(shard)
        .map(({ document }) => Number(document)),
    );
    const gone = new Set(
      database
        .prepare('SELECT document FROM search_gone WHERE shard = ?')
        .all(shard)
        .map(({ document }) => Number(document)),
    );
    if ([...listed].some((document) => !words.has(document))) wrong.push(`shard ${shard} lacks documents`);
    if ([...words].some((document) => !listed.has(document) && !gone.has(document)))
      wrong.push(`shard ${shard} has documents that nobody knows`);
  }
  return wrong;
}

describe('the index', () => {
  it('follows what is added, changed, renamed and moved', () => {
    const archive = archiveIn();
    const put = putInto(archive);
    put.conversation(head, [said('1', 'an apple'), said('2', 'a pear')]);
    expect(found(archive, 'apple')).toEqual(['k 1']);
    put.conversation(head, [said('1', 'a quince')]);
    expect(found(archive, 'apple')).toEqual([]);
    expect(found(archive, 'quince')).toEqual(['k 1']);
    put.conversation({ ...head, title: 'Vegetables', project: '/work/garden' }, [said('2', 'a pear')]);
    expect(
      searchingIn(archive, { now: () => 0, monotonic: () => 0 }).search({ text: 'fruit', limit: 5, patience: 1 }).conversations,
    ).toEqual([]);
    expect(found(archive, 'project:garden')).toEqual(['k 1', 'k 2']);
    expect(waitingCount(archive.database)).toBe(0);
    expect(disagreements(archive)).toEqual([]);
  });

  it('forgets what is deleted, its words too, whoever deletes it', () => {
    const archive = archiveIn();
    const put = putInto(archive);
    put.conversation(head, [said('1', 'the password is hunter2secret')]);
    put.conversation({ ...head, key: 'other' }, [said('1', 'the password')]);
    archive.database.exec("DELETE FROM conversations WHERE key = 'k'");
    expect(found(archive, 'password')).toEqual(['other 1']);
    scrub(archive.database);
    expect(found(archive, 'hunter2secret')).toEqual([]);
    expect(wordsWith(archive.database, { piece: 'hunter2', where: 'inside', limit: 5 })).toEqual([]);
    expect(wordsWith(archive.database, { piece: 'passw', where: 'inside', limit: 5 })).toEqual(['password']);
    const pages = shardsOf(archive.database).flatMap(({ shard }) =>
      archive.database.prepare(`SELECT block FROM search_${shard}_data`).all(),
    );
    expect(pages.some(({ block }) => Buffer.from(block as Uint8Array).includes('hunter2'))).toBe(false);
    expect(disagreements(archive)).toEqual([]);
  });

  it('is made anew in batches, and nothing is missing in between', () => {
    const archive = archiveIn();
    const put = putInto(archive);
    for (let each = 0; each < 30; each++) put.conversation({ ...head, key: `k${each}` }, [said('1', `plum ${each}`), said('2', 'x')]);
    const before = found(archive, 'plum');
    beginAnew(archive.database);
    expect(found(archive, 'plum')).toEqual([]);
    const indexing = indexingOf(archive);
    let left = waitingCount(archive.database);
    expect(left).toBe(90);
    let batches = 0;
    while (left > 0) {
      left = indexing.catchUp(20);
      batches += 1;
      if (batches === 2) put.conversation({ ...head, key: 'meanwhile' }, [said('1', 'plum late')]);
      expect(disagreements(archive)).toEqual([]);
    }
    expect(batches).toBeGreaterThan(3);
    expect(found(archive, 'plum')).toEqual([...before, 'meanwhile 1'].toSorted());
  });

  it('is thrown away where another version made it', () => {
    const archive = archiveIn();
    putInto(archive).conversation(head, [said('1', 'cherry')]);
    indexingOf(archive).catchUp(1);
    archive.database.exec("UPDATE search_facts SET value = 0 WHERE name = 'version'");
    const indexing = indexingOf(archive);
    while (indexing.catchUp(10) > 0);
    expect(found(archive, 'cherry')).toEqual(['k 1']);
    expect(archive.database.prepare("SELECT value FROM search_facts WHERE name = 'version'").get()).toEqual({ value: 1 });
  });

  it('knows nothing of what was undone', () => {
    const archive = archiveIn();
    const put = putInto(archive);
    put.conversation(head, [said('1', 'start')]);
    expect(() =>
      inTransaction(archive.database, () => {
        put.within(head, [said('2', 'unreachable_word_here')]);
        throw new Error('undo');
      }),
    ).toThrow('undo');
    expect(found(archive, 'unreachable_word_here')).toEqual([]);
    put.conversation(head, [said('3', 'unreachable_word_here')]);
    expect(wordsWith(archive.database, { piece: 'able_word', where: 'inside', limit: 5 })).toEqual(['unreachable_word_here']);
  });

  it('spreads over shards, the newest of which are asked first', () => {
    const archive = archiveIn();
    const indexing = indexingOf(archive, 10);
    beginAnew(archive.database);
    const rows = putInto(archive);
    for (let each = 0; each < 12; each++) rows.conversation({ ...head, key: `k${each}` }, [said('1', 'olive', { at: each * 86_400_000 })]);
    beginAnew(archive.database);
    while (indexing.catchUp(5) > 0);
    expect(shardsOf(archive.database).length).toBe(3);
    let pieces = 0;
    while (indexing.tidy()) pieces += 1;
    expect(pieces).toBeGreaterThan(1);
    for (const shard of [1, 2]) {
      const segments = archive.database.prepare(`SELECT count(DISTINCT segid) AS count FROM search_${shard}_idx`).get();
      expect(segments).toEqual({ count: 1 });
    }
    expect(found(archive, 'olive')).toHaveLength(12);
    expect(disagreements(archive)).toEqual([]);
  });

  it('has room for many messages of one moment, or of none', () => {
    const archive = archiveIn();
    const messages = Array.from({ length: 4200 }, (_, each): ArchivedMessage => {
      const { at: _at, ...message } = said(`m${each}`, 'lime');
      return each % 2 === 0 ? message : { ...message, at: Number.NaN };
    });
    putInto(archive).conversation({ ...head, updatedAt: 50_000_000 }, messages);
    expect(found(archive, 'lime before:1970-01-02')).not.toEqual([]);
    expect(disagreements(archive)).toEqual([]);
  });

  it('agrees with the store after kill -9 at any moment', { timeout: 60_000 }, async () => {
    const folder = dirname(archiveIn().folder);
    const writer = new URL('./testing/endless-writer.ts', import.meta.url).pathname;
    let last = 0;
    for (let round = 0; round < 4; round++) {
      const child = spawn(process.execPath, [writer, folder, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(child.stdout, 'data');
      // Where it is then, nobody knows; that it is not always the same place is what counts.
      await new Promise((resolve) => setTimeout(resolve, 40 + 70 * round));
      child.kill('SIGKILL');
      await once(child, 'exit');
      const archive = archiveIn(folder);
      expect(disagreements(archive)).toEqual([]);
      const messages = Number(archive.database.prepare('SELECT count(*) AS count FROM messages').get()?.['count']);
      expect(messages).toBeGreaterThan(last);
      expect(waitingCount(archive.database)).toBe(0);
      last = messages;
      archive.database.exec("INSERT INTO search_1 (search_1, rank) VALUES ('integrity-check', 0)");
    }
  });
});
