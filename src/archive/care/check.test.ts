import { mkdtempSync, rmSync, truncateSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openArchive, type Archive } from '../store/open.ts';
import { keepOriginal, originalPath } from '../store/originals.ts';
import { putInto } from '../store/put.ts';
import { openLedger } from '../protect/ledger.ts';
import { checkArchive, type Finding } from './check.ts';

let folder: string;
let archive: Archive;
let sha256: string;
let copy: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-check-'));
  const opened = openArchive(folder);
  if (!opened.ok) throw new Error(opened.error.reason);
  archive = opened.value;
  const stored = keepOriginal(archive, Buffer.from('an attachment'), { keptAt: 1, name: 'a.txt' });
  ({ sha256 } = stored);
  putInto(archive).conversation({ source: 'chatgpt', key: 'k', title: 'Sky', updatedAt: 2 }, [
    { key: '1', role: 'user', status: 'complete', parts: [{ type: 'text', text: 'Why?' }] },
    { key: '2', role: 'assistant', status: 'complete', parts: [{ type: 'file', content: { type: 'stored', ...stored } }] },
  ]);
  const ledger = openLedger(archive);
  const file = ledger.begin({ source: 'codex', store: '/s', path: '/s/a.jsonl', generation: 1, copy: 'a.jsonl', inode: '1', keptAt: 1 });
  ledger.grown(file, { size: 10, modified: 1, inode: '1' });
  copy = join(archive.folder, 'a.jsonl');
  writeFileSync(copy, '0123456789');
});
afterEach(() => {
  if (archive.database.isOpen) archive.close();
  rmSync(folder, { recursive: true, force: true });
});

async function wrong(): Promise<Pick<Finding, 'about' | 'state'>[]> {
  const findings = await checkArchive({ archive, dataFolder: folder, now: Date.now() });
  const found = findings.filter(({ state, about }) => state !== 'good' && about !== 'disk');
  for (const finding of found) expect(finding.advice).toEqual(expect.any(String));
  return found.map(({ about, state }) => ({ about, state }));
}

it('finds nothing wrong with a good archive', async () => {
  expect(await wrong()).toEqual([]);
});

it('finds originals that are missing or changed, and files of nobody', async () => {
  const path = originalPath(archive, sha256);
  writeFileSync(path, 'another thing');
  expect(await wrong()).toEqual([{ about: 'originals', state: 'bad' }]);
  unlinkSync(path);
  expect(await wrong()).toEqual([{ about: 'originals', state: 'bad' }]);
  keepOriginal(archive, Buffer.from('an attachment'), { keptAt: 1 });
  archive.database.prepare('DELETE FROM originals').run();
  expect(await wrong()).toEqual([]);
  utimesSync(path, 1, 1);
  expect(await wrong()).toEqual([{ about: 'files of nobody', state: 'look' }]);
});

it('finds what the search index lacks, or has too much', async () => {
  archive.database.exec('DELETE FROM search_documents WHERE message = (SELECT min(message) FROM search_documents WHERE message > 0)');
  expect(await wrong()).toEqual([{ about: 'search index', state: 'bad' }]);
});

it('finds counts that are not what is there', async () => {
  archive.database.exec('UPDATE conversations SET messages = 7');
  expect(await wrong()).toEqual([{ about: 'conversations', state: 'bad' }]);
});

it('finds copies of transcripts that are cut short or missing', async () => {
  truncateSync(copy, 4);
  expect(await wrong()).toEqual([{ about: 'transcripts', state: 'bad' }]);
  unlinkSync(copy);
  expect(await wrong()).toEqual([{ about: 'transcripts', state: 'bad' }]);
});

it('finds a record that is none', async () => {
  writeFileSync(join(folder, 'record.db'), 'This is not a database, however long it is read.'.repeat(100));
  expect(await wrong()).toEqual([{ about: 'record.db', state: 'bad' }]);
});
