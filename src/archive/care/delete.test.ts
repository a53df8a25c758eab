import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../exchange/clock.ts';
import { lockFolder } from '../../journal/lock.ts';
import type { ArchivedMessage } from '../conversation.ts';
import { catchUp } from '../catch-up.ts';
import { chat, journalIn } from '../exchanges/testing/record.ts';
import { openMirror } from '../mirror/mirror.ts';
import { openLedger } from '../protect/ledger.ts';
import { protectionOf } from '../protect/pass.ts';
import { searchingIn } from '../search/search.ts';
import { openArchive, type Archive } from '../store/open.ts';
import { keepOriginal } from '../store/originals.ts';
import { putInto } from '../store/put.ts';
import { changedConversations, listConversations, messagesOf } from '../store/read.ts';
import { makeBackup } from './backup.ts';
import { checkArchive } from './check.ts';
import { openDeletion } from './delete.ts';
import { beginErasure, unfinishedErasures } from './erasing.ts';

const CANARY = 'zanzibarcanary';
let root: string;
let data: string;
let archive: Archive;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'understudy-delete-'));
  data = join(root, 'data');
  const opened = openArchive(data);
  if (!opened.ok) throw new Error(opened.error.reason);
  archive = opened.value;
});
afterEach(() => {
  archive.close();
  rmSync(root, { recursive: true, force: true });
});

/** Files below a folder that have it in their raw bytes, or in their names. */
function filesWith(text: string, folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.includes(text) || (statSync(join(folder, name)).isFile() && readFileSync(join(folder, name)).includes(text)),
  );
}

const said = (key: string, text: string, more: Partial<ArchivedMessage> = {}): ArchivedMessage => ({
  key,
  role: 'user',
  status: 'complete',
  parts: [{ type: 'text', text }],
  ...more,
});

function put(key: string, text: string, session?: string): string {
  const stored = keepOriginal(archive, Buffer.from(`attachment: ${text}`), { keptAt: 1, name: `${text}.txt` });
  return putInto(archive).conversation({ source: 'codex', key, title: text, ...(session !== undefined && { session }) }, [
    said('1', text),
    said('2', text, { parent: '1', parts: [{ type: 'file', name: text, content: { type: 'stored', ...stored } }] }),
  ]).id;
}

function remove(...ids: string[]): string[] {
  const deletion = openDeletion(archive, data, () => ids, 5);
  if (!deletion.ok) throw new Error(deletion.error.by);
  const left = deletion.value.run();
  deletion.value.close();
  return left;
}

it('leaves no byte in any file of the data folder or the mirror, and all the rest as it was', async () => {
  const journal = await journalIn(data);
  chat(journal, CANARY, 12);
  chat(journal, 'kept', 2);
  await journal.close();
  catchUp(archive, data);
  const deleted = put('bad', `${CANARY} and words`, 'a-session-of-many-letters');
  // What was there before a change is in free pages.
  putInto(archive).conversation({ source: 'codex', key: 'bad' }, [said('1', `other words, ${CANARY}too`.repeat(500))]);
  const kept = put('good', 'harmless');
  const ledger = openLedger(archive);
  const path = '/home/a/a-session-of-many-letters.jsonl';
  const file = ledger.begin({ source: 'codex', store: '/home', path, generation: 1, copy: 'transcripts/x.jsonl', inode: '', keptAt: 1 });
  ledger.grown(file, { size: 5, modified: 1, inode: '' });
  mkdirSync(dirname(join(archive.folder, file.copy)), { recursive: true });
  writeFileSync(join(archive.folder, file.copy), CANARY);
  const mirror = openMirror(archive, join(root, 'mirror'));
  mirror.follow(100);
  const [through] = listConversations(archive, { limit: 10, source: 'understudy', session: CANARY });
  expect(filesWith(CANARY, data).length).toBeGreaterThan(3);
  const before = [...messagesOf(archive, kept)];

  expect(remove(deleted, through!.id)).toEqual([]);

  expect(filesWith(CANARY, data)).toEqual([]);
  mirror.follow(100);
  expect(filesWith(CANARY, join(root, 'mirror'))).toEqual([]);
  expect([...messagesOf(archive, kept)]).toEqual(before);
  expect(changedConversations(archive, 0, 10)).toHaveLength(2);
  const search = (text: string) => searchingIn(archive, systemClock).search({ text, limit: 5, patience: 60_000 }).conversations.length;
  expect([search(CANARY), search('harmless')]).toEqual([0, 1]);
  const findings = await checkArchive({ archive, dataFolder: data, now: Date.now() });
  expect(findings.filter(({ state }) => state === 'bad')).toEqual([]);
  // What is said later is taken up as ever.
  const again = await journalIn(data);
  chat(again, 'kept', 3, 2);
  await again.close();
  catchUp(archive, data);
  const [later] = listConversations(archive, { limit: 10, source: 'understudy' });
  expect(later).toMatchObject({ session: 'kept', messages: 6 });
});

it('stays deleted, whoever tells it again, until that is asked for', () => {
  const id = put('bad', CANARY);
  remove(id);
  const head = { source: 'codex', key: 'bad', title: CANARY } as const;
  expect(putInto(archive).conversation(head, [said('1', CANARY)])).toMatchObject({ conversation: 'same' });
  expect(listConversations(archive, { limit: 5 })).toEqual([]);
  expect(putInto(archive, { again: true }).conversation(head, [said('1', CANARY)])).toMatchObject({ conversation: 'added' });
  expect(putInto(archive).conversation(head, [said('2', 'more')])).toMatchObject({ conversation: 'changed' });
});

it('leaves no word of a title that no message has, and no hand-over', () => {
  const { id } = putInto(archive).conversation({ source: 'codex', key: 'titled', title: `All about ${CANARY}` }, [said('1', 'words')]);
  mkdirSync(join(archive.folder, 'handoffs'));
  writeFileSync(join(archive.folder, 'handoffs', `${CANARY} ${id}.md`), CANARY);
  expect(remove(id)).toEqual([]);
  expect(filesWith(CANARY, data)).toEqual([]);
});

it('takes a sub-agent’s conversation along, and leaves a file that another one has', () => {
  const id = put('parent', 'same text');
  const child = putInto(archive).conversation({ source: 'codex', key: 'child', startedBy: { key: 'parent' } }, [said('1', 'x')]).id;
  const other = put('other', 'same text');
  remove(id);
  expect(changedConversations(archive, 0, 10).map((each) => each.id)).toEqual([other]);
  expect(child).not.toBe(other);
  expect(archive.database.prepare('SELECT count(*) AS count FROM originals').get()?.['count']).toBe(1);
});

it('takes a session of opencode out of the copy of its database, and leaves the others in it', async () => {
  const home = join(root, 'opencode');
  mkdirSync(home);
  const theirs = new DatabaseSync(join(home, 'opencode.db'));
  theirs.exec(`CREATE TABLE session (id TEXT PRIMARY KEY, project_id TEXT, parent_id TEXT, directory TEXT, title TEXT, version TEXT, time_created INTEGER, time_updated INTEGER);
    CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT, time_created INTEGER, time_updated INTEGER, data TEXT);
    CREATE TABLE part (id TEXT PRIMARY KEY, message_id TEXT, session_id TEXT, time_created INTEGER, time_updated INTEGER, data TEXT)`);
  for (const [session, text] of [
    ['ses_bad', CANARY],
    ['ses_good', 'harmless'],
  ] as const) {
    theirs.prepare("INSERT INTO session VALUES (?, 'p', NULL, '/w', ?, '1.18', 1, 1)").run(session, text);
    theirs.prepare('INSERT INTO message VALUES (?, ?, 1, 1, ?)').run(`m_${session}`, session, '{"role":"user","time":{"created":1}}');
    const data = JSON.stringify({ type: 'text', text: `${text} `.repeat(500) });
    theirs.prepare('INSERT INTO part VALUES (?, ?, ?, 1, 1, ?)').run(`p_${session}`, `m_${session}`, session, data);
  }
  const store = {
    source: 'opencode',
    title: 'opencode',
    root: home,
    kind: 'database',
    keeps: () => true,
    isSession: () => false,
    retention: 'none',
  } as const;
  const pass = () => protectionOf(archive).pass([store], { now: () => 1 });
  expect(await pass()).toMatchObject({ new: 1, conversations: { added: 2 } });
  expect(filesWith(CANARY, data)).toHaveLength(2);
  const [bad] = listConversations(archive, { limit: 5, title: CANARY });
  expect(remove(bad!.id)).toEqual([]);
  expect(filesWith(CANARY, data)).toEqual([]);
  expect(filesWith('harmless', data)).toHaveLength(2);
  // The next copy has it no more, either.
  theirs.exec("UPDATE session SET time_updated = 5 WHERE id = 'ses_good'");
  expect(await pass()).toMatchObject({ grown: 1, conversations: { added: 0 } });
  theirs.close();
  expect(filesWith(CANARY, data)).toEqual([]);
  expect(remove(listConversations(archive, { limit: 5, title: 'harmless' })[0]!.id)).toEqual([]);
  expect(filesWith('harmless', data)).toEqual([]);
});

it('names the backups that still have it', async () => {
  const id = put('bad', CANARY);
  const { path } = await makeBackup({ dataFolder: data, into: join(data, 'backups'), now: 0, progress: () => undefined });
  put('good', 'harmless');
  expect(remove(id)).toEqual([path]);
});

it('finishes what was cut off, also where some of it has gone in another way', () => {
  const id = put('bad', CANARY);
  const kept = put('good', 'harmless');
  beginErasure(archive.database, { name: 'begun', kind: 'delete', at: 1, conversations: [id, 'c_0123456789abcdef'] });
  expect(remove()).toEqual([]);
  expect(unfinishedErasures(archive.database)).toEqual([]);
  expect(filesWith(CANARY, data)).toEqual([]);
  expect(changedConversations(archive, 0, 10).map((each) => each.id)).toEqual([kept]);
});

it('names the data folder of a rescue that has it', () => {
  const id = put('bad', CANARY);
  const rescue = join(data, 'rescue');
  const opened = openArchive(rescue);
  if (!opened.ok) throw new Error(opened.error.reason);
  putInto(opened.value).conversation({ source: 'codex', key: 'bad' }, [said('1', CANARY)]);
  opened.value.close();
  expect(remove(id)).toEqual([rescue]);
});

it('does nothing while a server holds the folder', () => {
  const lock = lockFolder(data, { pid: process.pid, started: 0 });
  if (!lock.ok) throw new Error('locked');
  expect(openDeletion(archive, data, () => [], 0)).toMatchObject({ ok: false, error: { by: 'server' } });
  lock.value.release();
});
