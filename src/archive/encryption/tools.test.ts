import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { buffer } from 'node:stream/consumers';
import { zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { LIMITS } from '../import/limits.ts';
import { exportReaders } from '../import/readers.ts';
import { runImport } from '../import/run-import.ts';
import { openLedger } from '../protect/ledger.ts';
import { protectionOf } from '../protect/pass.ts';
import { restoreFile } from '../protect/restore.ts';
import { testHome, type TestHome } from '../protect/testing/homes.ts';
import { openArchive, type Archive } from '../store/open.ts';
import { changedConversations } from '../store/read.ts';

const CANARY = 'zephyrquokka';
const KEY = Buffer.alloc(32, 'of this test');

let home: TestHome;
let archive: Archive;

beforeEach(() => {
  home = testHome();
  const opened = openArchive(home.data, KEY);
  if (!opened.ok) throw new Error(opened.error.reason);
  archive = opened.value;
});
afterEach(() => {
  archive.close();
  home.close();
});

/** Files in whose bytes the canary is. */
function singing(): string[] {
  return readdirSync(home.data, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(CANARY));
}

function opencode(): DatabaseSync {
  mkdirSync(join(home.home, '.local/share/opencode'), { recursive: true });
  const opened = new DatabaseSync(join(home.home, '.local/share/opencode/opencode.db'));
  opened.exec(`
    PRAGMA journal_mode = WAL;
    CREATE TABLE session (id TEXT PRIMARY KEY, parent_id TEXT, directory TEXT, title TEXT, version TEXT, time_created INTEGER, time_updated INTEGER);
    CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT, time_created INTEGER, time_updated INTEGER, data TEXT);
    CREATE TABLE part (id TEXT PRIMARY KEY, message_id TEXT, session_id TEXT, time_created INTEGER, time_updated INTEGER, data TEXT);
    CREATE TABLE credential (id TEXT PRIMARY KEY, value TEXT);
    INSERT INTO credential VALUES ('1', 'secret-token-5d0c7a');`);
  return opened;
}

function say(opened: DatabaseSync, session: string, at: number): void {
  opened.prepare("INSERT INTO session VALUES (?, NULL, '/w', 'A title', '1.18', ?, ?)").run(session, at, at);
  opened.prepare(`INSERT INTO message VALUES (?, ?, ?, ?, '{"role":"user"}')`).run(`m${session}`, session, at, at);
  const data = JSON.stringify({ type: 'text', text: `the ${CANARY}` });
  opened.prepare('INSERT INTO part VALUES (?, ?, ?, ?, ?, ?)').run(`p${session}`, `m${session}`, session, at, at, data);
}

it('copies opencode’s database without a plain byte on the disk, and keeps a session that was deleted in it', async () => {
  const opened = opencode();
  say(opened, 'ses_1', 1000);
  say(opened, 'ses_2', 2000);
  const protection = protectionOf(archive);
  expect(await protection.pass(home.stores, { now: Date.now })).toMatchObject({ new: 1, conversations: { added: 2 }, troubles: [] });
  opened.exec(
    "DELETE FROM session WHERE id = 'ses_2'; DELETE FROM message WHERE session_id = 'ses_2'; DELETE FROM part WHERE session_id = 'ses_2'",
  );
  opened.exec('UPDATE session SET time_updated = 9000');
  expect(await protection.pass(home.stores, { now: () => Date.now() + 60_000 })).toMatchObject({ again: 1, troubles: [] });
  opened.close();
  expect(singing()).toEqual([]);

  const sessions = openLedger(archive)
    .all()
    .map((file, index) => {
      const put = restoreFile(archive, file, join(home.home, `back-${index}.db`));
      if (!put.ok) throw new Error(put.error);
      expect(readFileSync(put.value).includes('secret-token-5d0c7a')).toBe(false);
      const back = new DatabaseSync(put.value);
      try {
        return back
          .prepare('SELECT id FROM session ORDER BY id')
          .all()
          .map(({ id }) => id);
      } finally {
        back.close();
      }
    });
  expect(sessions).toEqual([['ses_1', 'ses_2'], ['ses_1']]);
});

it('reads transcripts that are packed, and files that make up a session together', async () => {
  const line = JSON.stringify({ type: 'user', uuid: 'u', parentUuid: null, sessionId: 's', message: { role: 'user', content: CANARY } });
  home.write('.claude/projects/p/s.jsonl', `${line}\n`);
  const rollout = [
    {
      timestamp: '2026-11-22T10:00:00Z',
      type: 'session_meta',
      payload: { id: 'c1', timestamp: '2026-11-22T10:00:00Z', cwd: '/w', cli_version: '0.169' },
    },
    {
      timestamp: '2026-11-22T10:00:01Z',
      type: 'response_item',
      payload: { type: 'message', role: 'user', content: [{ type: 'input_text', text: CANARY }] },
    },
  ];
  const packed = zstdCompressSync(Buffer.from(rollout.map((each) => `${JSON.stringify(each)}\n`).join('')));
  writeFileSync(home.write('.codex/sessions/2026/11/22/rollout-2026-11-22T10-00-00-c1.jsonl.zst', ''), packed);
  const report = await protectionOf(archive).pass(home.stores, { now: Date.now });
  expect(report.conversations.added).toBeGreaterThan(0);
  expect(changedConversations(archive, 0, 10).map(({ source }) => source)).toContain('claude-code');
  expect(singing()).toEqual([]);
});

it('imports a zip in a zip: what is unpacked for a while is encrypted, too, and gone afterwards', async () => {
  const conversations = [
    {
      title: CANARY,
      create_time: 1_795_000_000,
      current_node: 'b',
      id: 'one',
      mapping: {
        a: { id: 'a', children: ['b'] },
        b: {
          id: 'b',
          parent: 'a',
          children: [],
          message: { id: 'b', author: { role: 'user' }, create_time: 1_795_000_000, content: { content_type: 'text', parts: [CANARY] } },
        },
      },
    },
  ];
  const inner = await zipped('conversations.json', Buffer.from(JSON.stringify(conversations)));
  const outer = home.write('outer.zip', '');
  writeFileSync(outer, await zipped('takeout.zip', inner));
  const seen: string[] = [];
  const report = await runImport([outer], {
    archive,
    readers: exportReaders,
    limits: LIMITS,
    now: () => 1_795_000_000_000,
    progress: () => void seen.push(...readdirSync(join(home.data, 'archive', 'incoming')), ...singing()),
  });
  expect(report.stopped).toBeUndefined();
  expect(changedConversations(archive, 0, 10)).toMatchObject([{ source: 'chatgpt', title: CANARY }]);
  expect(seen.some((name) => name.startsWith('unpacked-'))).toBe(true);
  expect(seen.filter((name) => name.includes('/'))).toEqual([]);
  expect(singing()).toEqual([]);
  expect(readdirSync(join(home.data, 'archive', 'incoming'))).toEqual([]);
});

function zipped(name: string, content: Buffer): Promise<Buffer> {
  const zip = new ZipFile();
  zip.addBuffer(content, name);
  zip.end();
  return buffer(zip.outputStream);
}
