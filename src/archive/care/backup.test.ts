import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockFolder } from '../../journal/lock.ts';
import { openRecordToRead } from '../../journal/record/database.ts';
import { listRecorded } from '../../journal/record/read.ts';
import { catchUp } from '../catch-up.ts';
import { chat, journalIn } from '../exchanges/testing/record.ts';
import { openArchive, openArchiveToRead, type Archive } from '../store/open.ts';
import { keepOriginal, readOriginal } from '../store/originals.ts';
import { putInto } from '../store/put.ts';
import { changedConversations, messagesOf } from '../store/read.ts';
import { backupsIn, makeBackup } from './backup.ts';
import { restoreBackup } from './restore.ts';
import { examineBackup } from './verify.ts';

let root: string;
let data: string;
let into: string;
const children: ChildProcess[] = [];
const NOW = Date.UTC(2026, 10, 22);
const quiet = (): void => undefined;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'understudy-care-'));
  data = join(root, 'data');
  into = join(root, 'backups');
  const journal = await journalIn(data);
  chat(journal, 'one', 3);
  await journal.close();
  const archive = opened();
  catchUp(archive, data);
  const stored = keepOriginal(archive, Buffer.from('an attachment'), { keptAt: 1 });
  putInto(archive).conversation({ source: 'chatgpt', key: 'k', title: 'Sky', updatedAt: 2 }, [
    { key: '1', role: 'user', status: 'complete', parts: [{ type: 'file', content: { type: 'stored', ...stored } }] },
  ]);
  archive.close();
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

function opened(folder = data): Archive {
  const found = openArchive(folder);
  if (!found.ok) throw new Error(found.error.reason);
  return found.value;
}

const make = (now = NOW) => makeBackup({ dataFolder: data, into, now, progress: quiet });
const restore = (backup: string, to: string, force = false) => restoreBackup({ backup, to, force, now: NOW, progress: quiet });

/** Everything that an archive and a record say. */
function everything(folder: string): unknown {
  const archive = openArchiveToRead(folder);
  const record = openRecordToRead(join(folder, 'record.db'));
  if (!archive.ok || !record.ok) throw new Error('it can not be read');
  try {
    const conversations = changedConversations(archive.value, 0, 1000).map((each) => [each, [...messagesOf(archive.value, each.id)]]);
    const originals = archive.value.database.prepare('SELECT sha256 FROM originals').all();
    return {
      conversations,
      originals: originals.map(({ sha256 }) => readOriginal(archive.value, String(sha256))?.toString()),
      exchanges: listRecorded(record.value, { limit: 100 }),
      answers: record.value.prepare('SELECT * FROM answers').all(),
      pieces: record.value.prepare('SELECT * FROM pieces').all(),
    };
  } finally {
    archive.value.close();
    record.value.close();
  }
}

async function start(script: URL, ...words: string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [fileURLToPath(script), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout!, 'data');
  return child;
}

describe('a backup', () => {
  it('gives back everything that the archive and the record said, for its owner only', async () => {
    const { path, manifest } = await make();
    expect(manifest.counts).toMatchObject({ 'archive.conversations': 2, 'record.exchanges': 3, 'archive.originals': 1 });
    for (const { path: file } of manifest.files) expect(statSync(join(path, file)).mode & 0o077).toBe(0);
    expect(await restore(path, join(root, 'new'))).toMatchObject({ ok: true });
    expect(everything(join(root, 'new'))).toEqual(everything(data));
    const archive = opened(join(root, 'new'));
    catchUp(archive, join(root, 'new'));
    archive.close();
    expect(everything(join(root, 'new'))).toEqual(everything(data));
  });

  it('is whole while another process writes and a server holds the folder', async () => {
    const journal = await journalIn(data);
    await start(new URL('./testing/endless-writer.ts', import.meta.url), data);
    const backups = [await make(), await make(NOW + 1000), await make(NOW + 2000)];
    await journal.close();
    for (const [index, { path, manifest }] of backups.entries()) {
      const to = join(root, `new-${index}`);
      expect(await restore(path, to)).toMatchObject({ ok: true });
      const told = everything(to) as { conversations: unknown[]; originals: unknown[] };
      expect(told.conversations).toHaveLength(Math.min(1000, manifest.counts['archive.conversations']!));
      expect(told.originals).not.toContain(undefined);
    }
  }, 60_000);

  it('says which file is damaged, missing or cut short, and is not restored', async () => {
    const { path } = await make();
    const original = readdirSync(path, { recursive: true, encoding: 'utf8' }).find((name) => /originals\/..\/./.test(name))!;
    const hurts: [string, (file: string) => void][] = [
      ['archive.db', flip],
      ['record.db', (file) => truncateSync(file, 4096)],
      [original, (file) => unlinkSync(file)],
      ['manifest.json', (file) => writeFileSync(file, readFileSync(file, 'utf8').replace(/"size": \d/, '"size": 7'))],
    ];
    for (const [name, hurt] of hurts) {
      const file = join(path, name);
      copyFileSync(file, `${root}/kept`);
      hurt(file);
      expect(await examineBackup(path, quiet)).toEqual([{ path: name, reason: expect.any(String) }]);
      expect(await restore(path, join(root, 'new'))).toMatchObject({ ok: false, error: { type: 'damaged', damages: [{ path: name }] } });
      expect(existsSync(join(root, 'new', 'archive.db'))).toBe(false);
      copyFileSync(`${root}/kept`, file);
    }
    expect(await examineBackup(path, quiet)).toEqual([]);
  });

  it('leaves nothing that looks like one when it is killed; the next one clears up', async () => {
    for (let round = 0; round < 4; round++) {
      const child = await start(new URL('./testing/backing-up.ts', import.meta.url), data, into);
      await new Promise((resolve) => setTimeout(resolve, round * 7));
      child.kill('SIGKILL');
      await once(child, 'exit');
      for (const { path } of backupsIn(into)) expect(await examineBackup(path, quiet)).toEqual([]);
    }
    await make();
    expect(readdirSync(into).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

describe('restoring', () => {
  it('goes over nothing unless it is told to, and then sets it aside', async () => {
    const { path } = await make();
    const archive = opened();
    putInto(archive).conversation({ source: 'chatgpt', key: 'later' }, []);
    archive.close();
    const later = everything(data);
    expect(await restore(path, data)).toMatchObject({ ok: false, error: { type: 'occupied' } });
    expect(everything(data)).toEqual(later);
    const restored = await restore(path, data, true);
    if (!restored.ok) throw new Error(restored.error.type);
    expect(everything(data)).not.toEqual(later);
    expect(everything(restored.value.setAside!)).toEqual(later);
  });

  it('keeps its hands off a folder that a server holds', async () => {
    const { path } = await make();
    const lock = lockFolder(data, { pid: process.pid, started: 0 });
    if (!lock.ok) throw new Error('locked');
    expect(await restore(path, data, true)).toMatchObject({ ok: false, error: { type: 'in-use' } });
    lock.value.release();
  });
});

function flip(file: string): void {
  const bytes = readFileSync(file);
  const middle = bytes.length >> 1;
  bytes[middle] = bytes[middle]! ^ 1;
  writeFileSync(file, bytes);
}
