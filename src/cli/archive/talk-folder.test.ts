import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { talkFolder } from './talk-folder.ts';

const home = mkdtempSync(join(tmpdir(), 'understudy-talk-'));
const make = (...path: string[]): string => {
  mkdirSync(join(home, ...path), { recursive: true });
  return join(home, ...path);
};
afterAll(() => rmSync(home, { recursive: true, force: true }));

it('a folder is unversioned where a conversation was held, outside repositories, and that is not everything', () => {
  const [plain, repository, within, worktree] = [make('plain'), make('repo'), make('repo', 'src'), make('tree')];
  make('repo', '.git');
  writeFileSync(join(worktree, '.git'), 'gitdir: elsewhere');
  const isUnversioned = (folder: string, project: string | undefined = folder): boolean => talkFolder(folder, project, home).unversioned;
  expect(isUnversioned(plain)).toBe(true);
  expect([repository, within, worktree, home, '/'].map((folder) => isUnversioned(folder))).toEqual([false, false, false, false, false]);
  // Where the conversation's own folder is gone, it is another that nobody has named.
  expect([undefined, '/gone'].map((project) => talkFolder(plain, project, home).unversioned)).toEqual([false, false]);
});
