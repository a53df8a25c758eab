import fc from 'fast-check';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ArchivedMessage, ConversationHead } from '../conversation.ts';
import { openArchive } from '../store/open.ts';
import type { Archive } from '../store/open.ts';
import { keepOriginal } from '../store/originals.ts';
import { putInto } from '../store/put.ts';
import { openMirror } from './mirror.ts';
import { fileNameOf } from './mirror-path.ts';

let base: string;
let folder: string;
let archive: Archive;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'understudy-mirror-'));
  folder = join(base, 'mirror');
  const opened = openArchive(base);
  if (!opened.ok) throw new Error(opened.error.reason);
  archive = opened.value;
});

afterEach(() => {
  archive.close();
  rmSync(base, { recursive: true });
});

const question: ArchivedMessage = { key: '1', role: 'user', status: 'complete', parts: [{ type: 'text', text: 'Why?' }] };
const answer: ArchivedMessage = { key: '2', parent: '1', role: 'assistant', status: 'complete', parts: [{ type: 'text', text: 'So.' }] };
const head = (key: string, more: Partial<ConversationHead> = {}): ConversationHead => ({
  source: 'chatgpt',
  key,
  createdAt: Date.UTC(2026, 5, 2),
  ...more,
});
const conversations = (): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && path !== 'README.md')
    .toSorted();

describe('a mirror', () => {
  it('follows the archive: new, longer and renamed conversations, and writes nothing twice', () => {
    const put = putInto(archive);
    const { id } = put.conversation(head('a'), [question]);
    put.conversation(head('b', { title: 'Other: one?' }), [question]);
    expect(openMirror(archive, folder).follow(10)).toEqual({ written: 2, same: 0, more: false });
    const before = conversations();
    expect(before[0]).toMatch(/^chatgpt\/2026-06\/2026-06-02 Other one c_\w{16}\.md$/);
    expect(before[1]).toBe(`chatgpt/2026-06/2026-06-02 Why ${id}.md`);

    put.conversation(head('a', { title: 'Named' }), [question, answer]);
    const again = openMirror(archive, folder);
    expect(again.follow(10)).toEqual({ written: 1, same: 0, more: false });
    expect(again.follow(10)).toEqual({ written: 0, same: 0, more: false });
    expect(conversations()).toEqual([`chatgpt/2026-06/2026-06-02 Named ${id}.md`, before[0]]);
    expect(readFileSync(join(folder, conversations()[0]!), 'utf8')).toContain('## Assistant\n\nSo.');

    again.remove(id);
    expect(conversations()).toEqual([before[0]]);
  });

  it('leaves files alone that are as they should be, also when it has forgotten how far it was', () => {
    putInto(archive).conversation(head('a'), [question]);
    openMirror(archive, folder).follow(10);
    const path = join(folder, conversations()[0]!);
    const { ino } = statSync(path);
    writeFileSync(join(folder, '.understudy-mirror.json'), 'torn{');
    expect(openMirror(archive, folder).follow(10)).toEqual({ written: 0, same: 1, more: false });
    expect(statSync(path).ino).toBe(ino);
  });

  it('goes on in steps', () => {
    const put = putInto(archive);
    for (let number = 0; number < 5; number++) put.conversation(head(`k${number}`), [question]);
    const mirror = openMirror(archive, folder);
    expect([mirror.follow(2), mirror.follow(2), mirror.follow(2)].map(({ written, more }) => [written, more])).toEqual([
      [2, true],
      [2, true],
      [1, false],
    ]);
  });

  it('puts attached files beside, and links them', () => {
    const stored = keepOriginal(archive, Buffer.from('picture'), { keptAt: 0 });
    const file = { type: 'file' as const, name: 'a b?.png', mediaType: 'image/png', content: { type: 'stored' as const, ...stored } };
    putInto(archive).conversation(head('a'), [{ ...question, parts: [file] }]);
    openMirror(archive, folder).follow(10);
    const page = readFileSync(join(folder, conversations()[0]!), 'utf8');
    const [, link] = /!\[a b\?\.png\]\(<([^>]+)>\)/.exec(page) ?? [];
    expect(readFileSync(join(folder, conversations()[0]!, '..', decodeURIComponent(link!)), 'utf8')).toBe('picture');
  });
});

it('file names are taken by every file system', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({
          unit: fc.constantFrom('a', ' ', '.', '\n', '\u0000', '\u202e', '\ud800', 'é', '語', '😀', '/', ':', '"'),
          maxLength: 200,
        }),
        fc.string(),
      ),
      (title) => {
        const name = fileNameOf(title);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(120);
        expect(name).toMatch(/^[^<>:"/\\|?*.\s][^<>:"/\\|?*]*$/u);
        expect(name).not.toMatch(/[.\s]$/);
        expect(name.isWellFormed()).toBe(true);
      },
    ),
  );
});
