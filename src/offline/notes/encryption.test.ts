import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { convert } from '../../archive/encryption/convert.ts';
import { systemClock } from '../../exchange/clock.ts';
import type { DataKey } from '../../journal/at-rest/data-key.ts';
import { newHeader } from '../../journal/at-rest/header.ts';
import { searchingHere } from '../searching.ts';

const KEY: DataKey = Buffer.alloc(32, 'of this test');
const CANARY = 'zephyrquokka';
let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'understudy-notes-encryption-'));
  mkdirSync(join(home, 'notes'));
  writeFileSync(join(home, 'notes', 'a.md'), `# Quokkas\n\nThe ${CANARY} smiles.`);
});
afterEach(() => rmSync(home, { recursive: true }));

function found(key?: DataKey): { notes: number; problems: string[] } {
  const searching = searchingHere(join(home, 'data'), key, [join(home, 'notes')], systemClock);
  const { notes, problems } = searching.search({ question: `the ${CANARY} smiles`, limit: 3, patience: 10_000, notesOnly: true });
  searching.close();
  return { notes: notes.length, problems };
}

test('a data folder that is encrypted takes the index of notes along, and nothing of it can be read without the key', async () => {
  expect(found()).toEqual({ notes: 1, problems: [] });
  await convert({
    dataFolder: join(home, 'data'),
    from: undefined,
    to: { key: KEY, header: newHeader(0) },
    progress: () => undefined,
    linger: 0,
  });
  const files = readdirSync(join(home, 'data'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.map(({ name }) => name)).toContain('notes.db');
  expect(files.filter(({ parentPath, name }) => readFileSync(join(parentPath, name)).includes(CANARY))).toEqual([]);
  expect(found(KEY)).toEqual({ notes: 1, problems: [] });
  expect(found()).toMatchObject({ notes: 0, problems: [expect.stringContaining("Notes can't be read")] });
});
