import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { calledAs } from './called-as.ts';
import { terminal } from './terminal.ts';

let folder = '';
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'called-')));
  for (const path of ['clone/bin', 'home/bin', 'consumer/node_modules/understudy/bin', 'consumer/node_modules/.bin', 'a folder/bin'])
    mkdirSync(join(folder, path), { recursive: true });
  for (const path of ['clone', 'consumer/node_modules/understudy', 'a folder']) writeFileSync(join(folder, path, 'bin/understudy'), '');
  symlinkSync('../../clone/bin/understudy', join(folder, 'home/bin/understudy'));
  symlinkSync('../understudy/bin/understudy', join(folder, 'consumer/node_modules/.bin/understudy'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const called = (entry: string, path: string, from: string): string =>
  calledAs(join(folder, entry), { PATH: join(folder, path) }, join(folder, from));

it('is the path in a clone, from wherever one is', () => {
  expect(called('clone/bin/understudy', 'consumer', 'clone')).toBe('bin/understudy');
  expect(called('clone/bin/understudy', 'consumer', 'home')).toBe(join(folder, 'clone/bin/understudy'));
  expect(called('a folder/bin/understudy', 'consumer', 'home')).toBe(`"${join(folder, 'a folder/bin/understudy')}"`);
});

it('is its name where a shell finds it, and only where that is this one', () => {
  expect(called('clone/bin/understudy', 'home/bin', 'clone')).toBe('understudy');
  expect(called('consumer/node_modules/understudy/bin/understudy', 'home/bin', 'consumer')).toBe('npx understudy');
});

it('is npx where it is installed in a folder, also while npx runs it', () => {
  expect(called('consumer/node_modules/understudy/bin/understudy', 'consumer/node_modules/.bin', 'consumer')).toBe('npx understudy');
});

it('is said in every hint, and in nothing else', () => {
  const said: string[] = [];
  const end = { write: (text: string) => said.push(text) };
  const { out, note } = terminal({ stdin: {}, stdout: end, stderr: end }, {}, 'bin/understudy');
  out('understudy run claude; `understudy status --watch`; see understudy <command> --help');
  out('~/.local/share/understudy serves; "understudy statusline"; import from \'understudy\'; the Understudy runs; bin/understudy start');
  note('Start one with: understudy start');
  out('gemini mcp add understudy understudy mcp');
  expect(said).toEqual([
    'bin/understudy run claude; `bin/understudy status --watch`; see bin/understudy <command> --help\n',
    '~/.local/share/understudy serves; "understudy statusline"; import from \'understudy\'; the Understudy runs; bin/understudy start\n',
    'Start one with: bin/understudy start\n',
    'gemini mcp add understudy bin/understudy mcp\n',
  ]);
});
