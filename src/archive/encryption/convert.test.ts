import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DataKey } from '../../journal/at-rest/data-key.ts';
import { isEncrypted, newHeader } from '../../journal/at-rest/header.ts';
import { finishSwap, isSwapping } from '../../journal/at-rest/swap.ts';
import { openRecordToRead } from '../../journal/record/database.ts';
import { listRecorded } from '../../journal/record/read.ts';
import { makeBackup } from '../care/backup.ts';
import { checkArchive } from '../care/check.ts';
import { openDeletion } from '../care/delete.ts';
import { openRedaction } from '../care/redact.ts';
import { restoreBackup } from '../care/restore.ts';
import { examineBackup } from '../care/verify.ts';
import { catchUp } from '../catch-up.ts';
import { chat, journalIn } from '../exchanges/testing/record.ts';
import { openLedger } from '../protect/ledger.ts';
import { protectionOf } from '../protect/pass.ts';
import { restoreFile } from '../protect/restore.ts';
import { testHome, type TestHome } from '../protect/testing/homes.ts';
import { literalFinder } from '../redaction/finder.ts';
import { BATCH, indexingOf } from '../search/indexing.ts';
import { searchingIn } from '../search/search.ts';
import { wholeFile } from '../store/kept-files.ts';
import { openArchive, type Archive } from '../store/open.ts';
import { keepOriginal, readOriginal } from '../store/originals.ts';
import { putInto } from '../store/put.ts';
import { changedConversations, messagesOf } from '../store/read.ts';
import { convert } from './convert.ts';

/** In everything that is said, attached and protected here, and nowhere else. */
const CANARY = 'zephyrquokka';
const PROTECTED = `protect the ${CANARY}`;
const KEY: DataKey = Buffer.alloc(32, 'of this test');

let home: TestHome;

beforeEach(() => {
  home = testHome();
});
afterEach(() => home.close());

function opened(key?: DataKey, folder = home.data): Archive {
  const found = openArchive(folder, key);
  if (!found.ok) throw new Error(found.error.reason);
  return found.value;
}

const line = (uuid: string, text: string, parentUuid: string | null): string =>
  `${JSON.stringify({ type: 'user', uuid, parentUuid, sessionId: 's1', cwd: '/p', timestamp: '2026-11-22T10:00:00.000Z', message: { role: 'user', content: text } })}\n`;

/** What there is in a data folder: an exchange in the record, one still in the log, a conversation with a file, a transcript. */
async function fill(key?: DataKey): Promise<string> {
  const journal = await journalIn(home.data, key);
  chat(journal, `one-${CANARY}`, 3);
  await journal.close();
  const archive = opened(key);
  catchUp(archive, home.data);
  const stored = keepOriginal(archive, Buffer.from(`an attachment of the ${CANARY} `.repeat(9000)), { keptAt: 1, name: 'a.txt' });
  putInto(archive).conversation({ source: 'chatgpt', key: 'k', title: `A ${CANARY}`, updatedAt: 2 }, [
    {
      key: '1',
      role: 'user',
      status: 'complete',
      parts: [
        { type: 'text', text: `tell me of the ${CANARY}` },
        { type: 'file', content: { type: 'stored', ...stored } },
      ],
    },
  ]);
  const transcript = home.write('.claude/projects/p/s1.jsonl', line('u1', PROTECTED, null));
  await protect(archive);
  appendFileSync(transcript, line('u2', `and the second ${CANARY}`, 'u1'));
  await protect(archive);
  const indexing = indexingOf(archive);
  while (indexing.catchUp(BATCH) > 0);
  archive.close();
  return transcript;
}

const protect = (archive: Archive) => protectionOf(archive).pass(home.stores, { now: () => 1_795_000_000_000 });

/** Everything that a data folder says. */
function everything(key?: DataKey, folder = home.data): Record<string, unknown> {
  const archive = opened(key, folder);
  const record = openRecordToRead(join(folder, 'record.db'), key);
  if (!record.ok) throw new Error(record.error.reason);
  try {
    const conversations = changedConversations(archive, 0, 1000).map((each) => [each, [...messagesOf(archive, each.id)]]);
    const searching = searchingIn(archive, { now: () => 0, monotonic: () => 0 });
    return {
      conversations,
      found: searching
        .search({ text: CANARY, limit: 20, patience: 60_000 })
        .conversations.map(({ conversation }) => conversation.id)
        .toSorted(),
      originals: archive.database
        .prepare('SELECT sha256 FROM originals')
        .all()
        .map(({ sha256 }) => readOriginal(archive, String(sha256))?.toString()),
      copies: openLedger(archive)
        .all()
        .map(({ copy }) => [copy, wholeFile(archive.files, join(archive.folder, copy)).toString()]),
      exchanges: listRecorded(record.value, { limit: 100 }),
      answers: record.value.prepare('SELECT exchange, hex(data) AS data FROM answers').all(),
    };
  } finally {
    archive.close();
    record.value.close();
  }
}

function rawBytes(folder: string): [path: string, bytes: Buffer][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => [join(entry.parentPath, entry.name), readFileSync(join(entry.parentPath, entry.name))]);
}

/** Files in whose bytes or names the canary is. */
function singing(folder = home.data): string[] {
  return rawBytes(folder).flatMap(([path, bytes]) =>
    bytes.includes(CANARY) || path.includes(CANARY) ? [path.slice(folder.length + 1)] : [],
  );
}

const turn = (from: DataKey | undefined, to: DataKey | undefined) =>
  convert({
    dataFolder: home.data,
    from,
    to: to && { key: to, header: newHeader(0) },
    progress: () => undefined,
    linger: 0,
  });

describe('an encrypted data folder', () => {
  it('holds no word of what is said, attached or protected, while it is open and afterwards', async () => {
    const writing = await journalIn(home.data, KEY);
    chat(writing, `open-${CANARY}`, 2);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(statSync(join(home.data, 'log', readdirSync(join(home.data, 'log'))[0]!)).size).toBeGreaterThan(1000);
    expect(singing()).toEqual([]);
    await writing.close();
    const transcript = await fill(KEY);
    const archive = opened(KEY);
    archive.database.exec(`UPDATE conversations SET title = title || ' ${CANARY} again'`);
    expect(singing()).toEqual([]);
    const [kept] = openLedger(archive).all();
    const back = restoreFile(archive, kept!, join(home.home, 'back.jsonl'));
    expect(back.ok && readFileSync(back.value).equals(readFileSync(transcript))).toBe(true);
    const findings = await checkArchive({ archive, dataFolder: home.data, now: Date.now() });
    expect(findings.filter(({ state }) => state === 'bad')).toEqual([]);
    archive.close();
    expect(singing()).toEqual([]);
    const said = everything(KEY);
    expect(said['found']).not.toEqual([]);
    expect(said['originals']).toEqual([expect.stringContaining(CANARY)]);
  });

  it('finds copies and originals that were changed or cut', async () => {
    await fill(KEY);
    const archive = opened(KEY);
    const wrong = async (): Promise<string[]> =>
      (await checkArchive({ archive, dataFolder: home.data, now: Date.now() })).flatMap(({ about, state }) =>
        state === 'bad' ? [about] : [],
      );
    const [original] = rawBytes(join(home.data, 'archive', 'originals'))[0]!;
    const bytes = readFileSync(original);
    bytes[bytes.length - 40]! ^= 1;
    writeFileSync(original, bytes);
    expect(await wrong()).toEqual(['originals']);
    const { copy } = openLedger(archive).all()[0]!;
    const path = join(archive.folder, copy);
    truncateSync(path, statSync(path).size - 1);
    expect(await wrong()).toEqual(['originals', 'transcripts']);
    // What was cut in half comes again from the tool's own file, and nothing before it is written over.
    const before = readFileSync(path).subarray(0, 200);
    appendFileSync(join(home.home, '.claude/projects/p/s1.jsonl'), line('u3', 'third', 'u2'));
    await protect(archive);
    expect(wholeFile(archive.files, path).equals(readFileSync(join(home.home, '.claude/projects/p/s1.jsonl')))).toBe(true);
    expect(readFileSync(path).subarray(0, 200).equals(before)).toBe(true);
    archive.close();
  });

  it('lets go of what is deleted and redacted: decrypted afterwards, no byte has it', async () => {
    await fill(KEY);
    const archive = opened(KEY);
    const [first] = changedConversations(archive, 0, 1000).filter(({ source }) => source === 'chatgpt');
    const deletion = openDeletion(archive, home.data, () => [first!.id], 3);
    if (!deletion.ok) throw new Error(deletion.error.by);
    expect(deletion.value.run()).toEqual([]);
    deletion.value.close();
    const redaction = await openRedaction(archive, home.data, { finder: literalFinder(PROTECTED), asked: PROTECTED, once: false, now: 5 });
    if (!redaction.ok) throw new Error(redaction.error.by);
    expect(redaction.value.plan.copies).toHaveLength(1);
    expect(redaction.value.run()).toEqual([]);
    redaction.value.close();
    archive.close();
    await turn(KEY, undefined);
    for (const text of [PROTECTED, 'attachment of the', 'tell me of the'])
      expect(rawBytes(home.data).filter(([, bytes]) => bytes.includes(text))).toEqual([]);
    expect(everything()['exchanges']).toHaveLength(3);
  });

  it('is backed up encrypted, verified with its key, and restored with its header', async () => {
    await fill();
    await turn(undefined, KEY);
    const into = join(home.home, 'backups');
    const options = { dataFolder: home.data, into, now: Date.UTC(2026, 10, 22), progress: () => undefined };
    const { path } = await makeBackup({ ...options, key: KEY });
    expect(singing(path)).toEqual([]);
    expect(await examineBackup(path, () => undefined, { key: KEY })).toEqual([]);
    expect(await examineBackup(path, () => undefined)).toEqual([]);
    expect(await examineBackup(path, () => undefined, { key: Buffer.alloc(32) })).toMatchObject([
      { path: 'archive.db' },
      { path: 'record.db' },
    ]);
    const to = join(home.home, 'restored');
    expect(await restoreBackup({ backup: path, to, key: KEY, force: false, now: 0, progress: () => undefined })).toMatchObject({
      ok: true,
    });
    expect(isEncrypted(to)).toBe(true);
    expect(everything(KEY, to)).toEqual(everything(KEY));
    await expect(makeBackup(options)).rejects.toThrow('its key is not known');
  });
});

describe('converting', () => {
  it('keeps all that is there, to the last byte, and leaves no word of it: there and back', async () => {
    await fill();
    const before = everything();
    expect(singing().length).toBeGreaterThan(4);
    await turn(undefined, KEY);
    expect(singing()).toEqual([]);
    expect(everything(KEY)).toEqual(before);
    expect(openArchive(home.data)).toMatchObject({ error: { type: 'locked' } });
    // It goes on being written to.
    const journal = await journalIn(home.data, KEY);
    chat(journal, `after-${CANARY}`, 1);
    await journal.close();
    const archive = opened(KEY);
    catchUp(archive, home.data);
    appendFileSync(join(home.home, '.claude/projects/p/s1.jsonl'), line('u3', `third ${CANARY}`, 'u2'));
    await protect(archive);
    archive.close();
    const then = everything(KEY);
    expect(singing()).toEqual([]);
    await turn(KEY, undefined);
    expect(isEncrypted(home.data)).toBe(false);
    expect(everything()).toEqual(then);
  });

  it('converts what a killed server has left in its log', async () => {
    const journal = await journalIn(home.data);
    chat(journal, `killed-${CANARY}`, 2);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const left = join(home.home, 'left');
    cpSync(join(home.data, 'log'), left, { recursive: true });
    await journal.close();
    rmSync(home.data, { recursive: true });
    mkdirSync(home.data);
    cpSync(left, join(home.data, 'log'), { recursive: true });
    await turn(undefined, KEY);
    expect(singing()).toEqual([]);
    const archive = opened(KEY);
    const after = await journalIn(home.data, KEY);
    await after.close();
    catchUp(archive, home.data);
    expect(changedConversations(archive, 0, 10)).toHaveLength(1);
    archive.close();
  });

  it('refuses while somebody has a database open, and leaves everything as it was', async () => {
    await fill();
    const child = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      `import { DatabaseSync } from 'node:sqlite';
       const open = new DatabaseSync(${JSON.stringify(join(home.data, 'archive.db'))});
       open.prepare('SELECT count(*) FROM conversations').get();
       process.stdout.write('open'); setInterval(() => open, 1000);`,
    ]);
    await once(child.stdout, 'data');
    await expect(turn(undefined, KEY)).rejects.toThrow('another program has it open');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(existsSync(join(home.data, '.converting'))).toBe(false);
    expect(everything()['found']).not.toEqual([]);
  });

  it('killed at any moment, the old one or the new one is whole', async () => {
    await fill();
    const before = everything();
    const script = fileURLToPath(new URL('./testing/converting.ts', import.meta.url));
    let encrypted = false;
    const ends = new Set<string>();
    for (let round = 0; round < 14; round++) {
      const way = encrypted ? 'off' : 'on';
      const child = spawn(process.execPath, [script, home.data, way, Buffer.from(KEY).toString('hex')], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = once(child, 'exit');
      await once(child.stdout, 'data');
      // Each seventh comes to its end, however slow the machine is.
      await (round % 7 === 6 ? ended : Promise.race([wait(round * 40), ended]));
      child.kill('SIGKILL');
      await ended;
      const isAtItsEnd = isSwapping(home.data);
      const midway = isAtItsEnd ? openArchive(home.data, KEY) : undefined;
      expect(midway?.ok ?? false).toBe(false);
      finishSwap(home.data);
      ends.add(isEncrypted(home.data) === encrypted ? 'old' : 'new');
      encrypted = isEncrypted(home.data);
      expect(everything(encrypted ? KEY : undefined)).toEqual(before);
      expect(encrypted ? singing() : []).toEqual([]);
    }
    expect([...ends].toSorted()).toEqual(['new', 'old']);
  }, 60_000);
});
