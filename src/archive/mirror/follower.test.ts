import { mkdtempSync, readdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { openArchive } from '../store/open.ts';
import { putInto } from '../store/put.ts';
import { mirrorFollower } from './follower.ts';

const root = mkdtempSync(join(tmpdir(), 'understudy-mirror-'));
afterEach(() => rmSync(root, { recursive: true, force: true }));

it('writes what the archive has, and gets over a folder that can not be written', () => {
  const opened = openArchive(join(root));
  if (!opened.ok) throw new Error(opened.error.reason);
  const archive = opened.value;
  for (let each = 0; each < 30; each++) putInto(archive).conversation({ source: 'chatgpt', key: `${each}`, createdAt: 0 }, []);
  const folder = join(root, 'mirror');
  writeFileSync(folder, 'a file is in its place');
  let now = 0;
  const said: (string | undefined)[] = [];
  const chore = mirrorFollower(
    archive,
    folder,
    () => now,
    (problem) => said.push(problem),
  );
  expect(chore.step()).toBe(false);
  expect(said).toEqual([expect.stringContaining(folder)]);
  unlinkSync(folder);
  expect(chore.step()).toBe(false);
  now = 30_000;
  expect([chore.step(), chore.step(), chore.step()]).toEqual([true, false, false]);
  expect(said).toHaveLength(2);
  expect(readdirSync(join(folder, 'chatgpt', '1970-01'))).toHaveLength(30);
  archive.close();
});
