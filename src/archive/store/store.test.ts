import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { ArchivedMessage, ConversationHead } from '../conversation.ts';
import { shownBranch, treeOf } from '../tree.ts';
import { keepOriginal, originalPath, readOriginal } from './originals.ts';
import { putInto } from './put.ts';
import { changedConversations, findConversation, listConversations, messagesOf, pageOfConversations } from './read.ts';
import { said, testArchives } from './testing/archives.ts';

const { archiveIn, clear } = testArchives();
afterEach(clear);

const head: ConversationHead = { source: 'claude-ai', key: 'k', updatedAt: 2000 };
const question = said('1', 'Why is the sky blue?', { at: 1000 });
const answer = said('2', 'Rayleigh scattering.', {
  parent: '1',
  role: 'assistant',
  at: 1500,
  producer: { provider: 'anthropic', model: 'claude-opus-5' },
  usage: { input: 5, output: 3 },
  cost: 0.25,
});

describe('the archive', () => {
  it('gives back what was put in, and finds it by its id in another process', () => {
    const archive = archiveIn();
    const put = putInto(archive).conversation(head, [question, answer]);
    expect(put).toEqual({ id: put.id, conversation: 'added', messages: { added: 2, changed: 0, same: 0 } });
    const again = archiveIn(dirname(archive.folder));
    expect([...messagesOf(again, put.id)]).toEqual([question, answer]);
    expect(findConversation(again, put.id)).toEqual({
      id: put.id,
      source: 'claude-ai',
      key: 'k',
      title: 'Why is the sky blue?',
      createdAt: 1000,
      updatedAt: 2000,
      status: 'complete',
      messages: 2,
      branches: 1,
      inputTokens: 5,
      outputTokens: 3,
      cost: 0.25,
      revision: 1,
    });
  });

  it('is the same after the same again, whatever the size of messages', () => {
    const archive = archiveIn();
    const long = said('3', 'x'.repeat(100_000), { parent: '2' });
    const put = putInto(archive);
    put.conversation(head, [question, answer, long]);
    expect(put.conversation(head, [question, answer, long])).toMatchObject({
      conversation: 'same',
      messages: { added: 0, changed: 0, same: 3 },
    });
  });

  it('keeps what a later telling leaves out, and takes what is new', () => {
    const archive = archiveIn();
    const put = putInto(archive);
    const { id } = put.conversation({ ...head, title: 'Sky' }, [question, answer]);
    const more = said('4', 'And at night?', { parent: '2', at: 2500 });
    expect(put.conversation({ ...head, updatedAt: 2500 }, [more])).toMatchObject({ conversation: 'changed', messages: { added: 1 } });
    expect([...messagesOf(archive, id)].map(({ key }) => key)).toEqual(['1', '2', '4']);
    expect(findConversation(archive, id)).toMatchObject({ title: 'Sky', messages: 3, updatedAt: 2500 });
  });

  it('counts the same whether it is told at once or piece by piece', () => {
    const archive = archiveIn();
    const put = putInto(archive);
    const anyMessage = fc.record({ key: fc.nat(9), parent: fc.option(fc.nat(11), { nil: undefined }), cost: fc.nat(3), at: fc.nat(99) });
    let run = 0;
    fc.assert(
      fc.property(fc.array(anyMessage, { maxLength: 14 }), fc.nat(14), (told, cut) => {
        run += 1;
        const messages = told.map(({ key, parent, ...more }) =>
          said(`${key}`, `${key}`, { ...more, ...(parent !== undefined && { parent: `${parent}` }) }),
        );
        const whole = put.conversation({ source: 'claude-ai', key: `whole ${run}`, createdAt: 5 }, messages).id;
        const pieces = { source: 'claude-ai', key: `pieces ${run}`, createdAt: 5 } as const;
        const { id } = put.conversation(pieces, messages.slice(0, cut));
        put.conversation(pieces, messages.slice(cut));
        const [one, other] = [whole, id].map((each) => {
          const { id: _id, key: _key, revision: _revision, ...rest } = findConversation(archive, each)!;
          return rest;
        });
        const keys = new Map([...messagesOf(archive, whole)].map(({ key, parent }) => [key, parent]));
        const followed = new Set([...keys].filter(([key, parent]) => key !== parent).map(([, parent]) => parent));
        expect(one).toMatchObject({ messages: keys.size, branches: [...keys.keys()].filter((key) => !followed.has(key)).length });
        expect(other).toEqual(one);
      }),
    );
  });

  it('keeps what a message follows where a later telling has lost it', () => {
    const archive = archiveIn();
    const put = putInto(archive);
    const { id } = put.conversation(head, [question, answer]);
    const { parent: _, ...cutOff } = answer;
    put.conversation({ ...head, updatedAt: 2500 }, [cutOff]);
    expect([...messagesOf(archive, id)][1]?.parent).toBe('1');
    expect(put.conversation({ ...head, updatedAt: 2500 }, [cutOff]).conversation).toBe('same');
  });

  it('takes of an older export only what is missing', () => {
    const archive = archiveIn();
    const put = putInto(archive);
    const { id } = put.conversation({ ...head, title: 'New title' }, [question, { ...answer, parts: [{ type: 'text', text: 'better' }] }]);
    const older = put.conversation({ ...head, updatedAt: 1500, title: 'Old title' }, [question, answer, said('0', 'first', { at: 1 })]);
    expect(older.messages).toEqual({ added: 1, changed: 0, same: 2 });
    expect(findConversation(archive, id)).toMatchObject({ title: 'New title', updatedAt: 2000 });
    expect([...messagesOf(archive, id)][1]?.parts).toEqual([{ type: 'text', text: 'better' }]);
  });

  it('leaves nothing of a conversation that could not be put in whole', () => {
    const archive = archiveIn();
    const wrong = { ...said('2', 'x'), role: undefined } as unknown as ArchivedMessage;
    expect(() => putInto(archive).conversation(head, [question, wrong])).toThrow();
    expect(listConversations(archive, { limit: 10 })).toEqual([]);
    expect(putInto(archive).conversation(head, [question]).conversation).toBe('added');
  });

  it('tells what was changed since, and nothing that was not', () => {
    const archive = archiveIn();
    const put = putInto(archive);
    for (const key of ['a', 'b', 'c']) put.conversation({ ...head, key }, [question]);
    put.conversation({ ...head, key: 'b' }, [question]);
    put.conversation({ ...head, key: 'a', title: 'Named' }, [question]);
    put.conversation({ ...head, key: 'c' }, [question, answer]);
    const changed = changedConversations(archive, 3, 10);
    expect(changed.map(({ key, revision }) => [key, revision])).toEqual([
      ['a', 4],
      ['c', 5],
    ]);
  });

  it('lists the newest first, page by page', () => {
    const archive = archiveIn();
    const put = putInto(archive);
    for (let at = 1; at <= 5; at++) put.conversation({ ...head, key: `k${at}`, updatedAt: at * 10 }, [said('1', `n${at}`)]);
    const { conversations, next } = pageOfConversations(archive, { limit: 2 });
    expect(conversations.map(({ title }) => title)).toEqual(['n5', 'n4']);
    expect(listConversations(archive, { limit: 2, after: next! }).map(({ title }) => title)).toEqual(['n3', 'n2']);
    expect(pageOfConversations(archive, { limit: 5 }).next).toBeUndefined();
  });

  it('leaves none out where many were changed at the same time, or nobody knows when', () => {
    const archive = archiveIn();
    const put = putInto(archive);
    for (let each = 0; each < 6; each++) {
      put.conversation({ source: 'codex', key: `k${each}`, ...(each < 4 && { updatedAt: 7 }) }, [said('1', `n${each}`)]);
    }
    const seen: string[] = [];
    for (let after: string | undefined, pages = 0; pages < 10; pages++) {
      const page = pageOfConversations(archive, { limit: 1, ...(after !== undefined && { after }) });
      seen.push(...page.conversations.map(({ title }) => title));
      if (page.next === undefined) break;
      after = page.next;
    }
    expect(seen).toEqual(['n3', 'n2', 'n1', 'n0', 'n5', 'n4']);
  });

  it('shows a session once that is told by the journal and by its client', () => {
    const archive = archiveIn();
    const put = putInto(archive);
    const ours = put.conversation({ source: 'understudy', key: 's', session: 's', updatedAt: 1 }, [question]);
    expect(listConversations(archive, { limit: 5 }).map(({ id }) => id)).toEqual([ours.id]);
    const theirs = put.conversation({ source: 'claude-code', key: 's', session: 's', updatedAt: 1 }, [question]);
    expect(listConversations(archive, { limit: 5 }).map(({ id }) => id)).toEqual([theirs.id]);
    expect(listConversations(archive, { limit: 5, source: 'understudy' })).toMatchObject([{ id: ours.id, sameAs: theirs.id }]);
    put.conversation({ source: 'understudy', key: 's', session: 's', updatedAt: 2 }, [question, answer]);
    expect(findConversation(archive, ours.id)?.sameAs).toBe(theirs.id);
    expect(findConversation(archive, theirs.id)?.sameAs).toBeUndefined();
    expect(listConversations(archive, { limit: 5, everything: true }).map(({ id }) => id)).toEqual([theirs.id]);
  });

  it('shows a sub-agent once that is told by the journal and by its client', () => {
    const archive = archiveIn();
    const put = putInto(archive);
    const agent = { session: 's/ab12', startedBy: { key: 's' }, updatedAt: 1 };
    const ours = put.conversation({ source: 'understudy', key: 's/ab12', ...agent }, [question]);
    const theirs = put.conversation({ source: 'claude-code', key: 's/agent-ab12', ...agent }, [question]);
    expect(listConversations(archive, { limit: 5 })).toEqual([]);
    expect(listConversations(archive, { limit: 5, everything: true }).map(({ id }) => id)).toEqual([theirs.id]);
    expect(listConversations(archive, { limit: 5, everything: true, source: 'understudy' })).toMatchObject([{ id: ours.id }]);
  });

  it('counts on as messages come as it would count anew', () => {
    const archive = archiveIn();
    const put = putInto(archive);
    const all = [
      said('c', 'child first', { parent: 'p', at: 5, usage: { input: 2 } }),
      said('p', 'then its parent', { at: 3, cost: 0.5 }),
      said('d', 'a branch', { parent: 'p', usage: { input: 3, output: 1 }, cost: 0.25 }),
      said('r1', 'in a ring', { parent: 'r2' }),
      said('r2', 'in a ring', { parent: 'r1' }),
      said('s', 'its own parent', { parent: 's' }),
      said('o', 'of nobody', { parent: 'gone', status: 'partial' }),
    ];
    const { id } = put.conversation({ source: 'codex', key: 'one by one' }, []);
    for (const message of all) put.conversation({ source: 'codex', key: 'one by one' }, [message]);
    const { id: atOnce } = put.conversation({ source: 'codex', key: 'at once' }, all);
    const changed = put.conversation({ source: 'codex', key: 'changed' }, [{ ...all[0]!, parts: [] }, ...all.slice(1)]);
    put.conversation({ source: 'codex', key: 'changed' }, all);
    const expected = { messages: 7, branches: 4, inputTokens: 5, outputTokens: 1, cost: 0.75, status: 'partial', updatedAt: 5 };
    for (const each of [id, atOnce, changed.id]) expect(findConversation(archive, each)).toMatchObject(expected);
  });
});

describe('originals', () => {
  it('are kept once, as they are, for their owner only', () => {
    const archive = archiveIn();
    const bytes = Buffer.from([0, 255, 1, 2]);
    const first = keepOriginal(archive, bytes, { keptAt: 1, name: 'a.bin' });
    expect(keepOriginal(archive, bytes, { keptAt: 2, name: 'b.bin' })).toEqual(first);
    expect(readOriginal(archive, first.sha256)).toEqual(bytes);
    expect(statSync(originalPath(archive, first.sha256)).mode & 0o777).toBe(0o600);
    expect(archive.database.prepare('SELECT name, size FROM originals').all()).toEqual([{ name: 'a.bin', size: 4 }]);
  });
});

describe('the tree', () => {
  const edited = said('1b', 'Why is the sea blue?');
  const other = said('2b', 'It mirrors the sky.', { parent: '1b', role: 'assistant' });
  const retried = said('2c', 'Water absorbs red.', { parent: '1b', role: 'assistant' });
  const all = [question, answer, edited, other, retried];

  it('has a branch for each edit and each retry', () => {
    const tree = treeOf(all);
    expect(tree.roots.map(({ key }) => key)).toEqual(['1', '1b']);
    expect(tree.after('1b').map(({ key }) => key)).toEqual(['2b', '2c']);
    expect(tree.leaves.map(({ key }) => key)).toEqual(['2', '2b', '2c']);
  });

  it('cuts rings at their first message, and loses nothing', () => {
    const ring = [
      said('x', 'x', { parent: 'b' }),
      said('a', 'a', { parent: 'c' }),
      said('b', 'b', { parent: 'a' }),
      said('c', 'c', { parent: 'b' }),
    ];
    const tree = treeOf(ring);
    expect(tree.roots.map(({ key }) => key)).toEqual(['a']);
    expect(tree.leaves.map(({ key }) => key)).toEqual(['x', 'c']);
    expect(shownBranch(ring).map(({ key }) => key)).toEqual(['a', 'b', 'c']);
    const two = [said('p', 'p', { parent: 'q' }), said('q', 'q', { parent: 'p' }), said('self', 'self', { parent: 'self' })];
    expect(treeOf(two).roots.map(({ key }) => key)).toEqual(['p', 'self']);
  });

  it('bears 100,000 messages, in a row, in rings, and side by side', { timeout: 30_000 }, () => {
    const many = (parent: (index: number) => string): ArchivedMessage[] =>
      Array.from({ length: 100_000 }, (_, index) => said(`${index}`, '', { parent: parent(index) }));
    expect(shownBranch(many((index) => `${index - 1}`))).toHaveLength(100_000);
    expect(shownBranch(many((index) => `${(index + 1) % 100_000}`))).toHaveLength(100_000);
    expect(treeOf(many((index) => `${index ^ 1}`)).roots).toHaveLength(50_000);
    expect(treeOf(many(() => '0')).leaves).toHaveLength(99_999);
  });

  it('shows the branch that the source shows, else the newest', () => {
    expect(shownBranch(all, '2b').map(({ key }) => key)).toEqual(['1b', '2b']);
    expect(shownBranch(all).map(({ key }) => key)).toEqual(['1b', '2c']);
    expect(shownBranch(all, 'gone').map(({ key }) => key)).toEqual(['1b', '2c']);
  });
});
