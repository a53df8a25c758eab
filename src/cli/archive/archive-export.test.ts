import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openArchive } from '../../archive/store/open.ts';
import { keepOriginal } from '../../archive/store/originals.ts';
import { putInto } from '../../archive/store/put.ts';
import { EXIT } from '../exit-code.ts';
import { findBrowser } from './print-pdf.ts';
import { runIn, type Ran } from '../testing/run-in.ts';

const folder = mkdtempSync(join(tmpdir(), 'understudy-export-'));
const run = (...words: string[]): Promise<Ran> =>
  runIn(folder, [...words, '--data', join(folder, 'data')], { PATH: process.env['PATH'] ?? '' });
let id: string;

beforeAll(() => {
  const opened = openArchive(join(folder, 'data'));
  if (!opened.ok) throw new Error(opened.error.reason);
  const archive = opened.value;
  const stored = keepOriginal(archive, Buffer.from('bytes'), { keptAt: 0 });
  const put = putInto(archive);
  // Opened and left: the newest of all, and nobody means it.
  put.conversation({ source: 'chatgpt', key: 'empty', title: '', project: folder, updatedAt: 3 }, []);
  put.conversation({ source: 'chatgpt', key: 'old', title: 'Old one', updatedAt: 1 }, [
    { key: '1', role: 'user', status: 'complete', parts: [{ type: 'text', text: 'Old question' }] },
  ]);
  ({ id } = put.conversation({ source: 'claude-code', key: 'new', title: 'New one', project: folder, updatedAt: 2 }, [
    { key: '1', role: 'user', status: 'complete', parts: [{ type: 'text', text: 'Question' }] },
    {
      key: '2',
      parent: '1',
      role: 'assistant',
      status: 'complete',
      parts: [
        { type: 'text', text: '`a.ts`:\n```ts\nlet a;\n```' },
        { type: 'file', name: '../b.bin', content: { type: 'stored', ...stored } },
      ],
    },
  ]));
  archive.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('understudy export', () => {
  it('prints the conversation that is meant, by id, beginning of it, --last or --cwd', async () => {
    for (const choice of [[id], [id.slice(0, 9)], ['--last'], ['--cwd']]) {
      const { code, out } = await run('export', ...choice);
      expect(code).toBe(EXIT.done);
      expect(out).toContain('# New one\n');
    }
    expect((await run('export', '--last', '--format', 'html')).out).toMatch(/^<!doctype html>/);
  });

  it('says what to do where it is not told which, or nothing is there', async () => {
    expect(await run('export')).toMatchObject({ code: EXIT.usage, note: expect.stringContaining('--last or --cwd') });
    expect(await run('export', 'c_zzz')).toMatchObject({ code: EXIT.usage, note: expect.stringContaining('understudy conversations') });
    expect(await run('export', '--last', '--format', 'docx')).toMatchObject({
      code: EXIT.usage,
      note: expect.stringContaining('md, html'),
    });
    const empty = await runIn(folder, ['export', '--last', '--data', join(folder, 'empty')]);
    expect(empty).toMatchObject({ code: EXIT.usage, note: expect.stringContaining('The archive is empty') });
  });

  it('writes a file by the ending of its name, and over another only when told', async () => {
    const page = join(folder, 'page.html');
    expect((await run('export', '--last', '--out', page)).code).toBe(EXIT.done);
    expect(readFileSync(page, 'utf8')).toContain('<h1 dir="auto">New one</h1>');
    expect(await run('export', '--last', '--out', page)).toMatchObject({ code: EXIT.usage, note: expect.stringContaining('--force') });
    expect((await run('export', '--last', '--out', page, '--force')).code).toBe(EXIT.done);
  });

  it('writes everything', async () => {
    const all = join(folder, 'all');
    expect(await run('export', '--all', '--out', all)).toMatchObject({ code: EXIT.done, note: expect.stringContaining('3 conversations') });
    const files = readdirSync(all, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.md'));
    expect(new Set(files.map((path) => path.split('/')[0]))).toEqual(new Set(['chatgpt', 'claude-code']));
  });

  it('writes what a search finds', async () => {
    const some = join(folder, 'some');
    expect(await run('export', '--search', 'old', '--out', some)).toMatchObject({
      code: EXIT.done,
      note: expect.stringContaining('1 conversation'),
    });
  });

  it('comes back by import as it was', async () => {
    const file = join(folder, 'own', 'all.jsonl');
    expect((await run('export', '--all', '--out', file)).code).toBe(EXIT.done);
    const other = join(folder, 'other');
    expect(await runIn(folder, ['import', join(folder, 'own'), '--data', other])).toMatchObject({ code: EXIT.done });
    const again = join(folder, 'again', 'all.jsonl');
    expect((await runIn(folder, ['export', '--all', '--out', again, '--data', other])).code).toBe(EXIT.done);
    const linesOf = (path: string): unknown[] =>
      readFileSync(path, 'utf8')
        .split('\n')
        .slice(1)
        .toSorted((one, next) => (one < next ? -1 : 1));
    expect(linesOf(again)).toEqual(linesOf(file));
    expect(readdirSync(join(folder, 'again', 'originals'))).toEqual(readdirSync(join(folder, 'own', 'originals')));
  });

  it('prints PDF with a browser, or says that there is none', async () => {
    const pdf = join(folder, 'talk.pdf');
    const { code, note } = await run('export', '--last', '--out', pdf);
    const browser = findBrowser(process.env, process.platform);
    expect([code, note.includes('none was found')]).toEqual(browser === undefined ? [EXIT.failed, true] : [EXIT.done, false]);
    expect(existsSync(pdf) && readFileSync(pdf).subarray(0, 5).toString()).toBe(browser === undefined ? false : '%PDF-');
  }, 60_000);
});

describe('understudy outputs', () => {
  it('lists them, and writes them below the folder', async () => {
    expect((await run('outputs', '--last')).out).toBe('a.ts  (code block, 2 lines)\nb.bin  (file, attachment)\n');
    const to = join(folder, 'outputs');
    expect(await run('outputs', '--last', '--to', to)).toMatchObject({ code: EXIT.done, note: expect.stringContaining('2 files written') });
    expect(readFileSync(join(to, 'a.ts'), 'utf8')).toBe('let a;\n');
    expect(readFileSync(join(to, 'b.bin'), 'utf8')).toBe('bytes');
    expect(await run('outputs', '--last', '--to', to)).toMatchObject({ code: EXIT.usage, note: expect.stringContaining('--force') });
  });
});

describe('understudy mirror', () => {
  it('brings a folder up to date, and says what it did', async () => {
    const mirror = join(folder, 'mirror');
    expect(await run('mirror', mirror)).toMatchObject({ code: EXIT.done, note: expect.stringContaining('3 conversations written') });
    expect(await run('mirror', mirror)).toMatchObject({ code: EXIT.done, note: expect.stringContaining('0 conversations written') });
    expect(await run('mirror', join(mirror, 'README.md'))).toMatchObject({
      code: EXIT.failed,
      note: expect.stringContaining("can't be written"),
    });
  });
});
