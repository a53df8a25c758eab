import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { boardFile } from './board-file.ts';
import { boardLine } from './board-line.ts';
import type { Judgement } from './verdict.ts';

const NOW = Date.UTC(2026, 5, 2, 6, 17);
const MINUTE = 60_000;

type Judged = Parameters<typeof boardLine>[0][number];
function judged(title: string, verdict: Judgement['verdict'], minutes: number, more: Partial<Judged> = {}): Judged {
  return { key: `${title}/api`, title, verdict, since: NOW - minutes * MINUTE, ...more };
}

it.each<[Judged[], string]>([
  [[], ''],
  [[judged('A', 'operational', 5), judged('B', 'unknown', 5)], ''],
  [[judged('Claude API', 'down', 0.9)], 'Claude API down'],
  [[judged('Claude API', 'down', 12.9)], 'Claude API down 12 min'],
  [[judged('A', 'degraded', 90), judged('B', 'down', 3)], 'B down 3 min, A degraded 1 h 30 min'],
  [[judged('A', 'down', 120), judged('B', 'down', 3), judged('C', 'degraded', 9)], 'A down 2 h, B down 3 min, 1 more'],
  [[judged('A', 'degraded', 3, { scope: 'account' })], 'A refuses your account 3 min'],
  [[judged('m (A)', 'down', 3, { key: 'a/api/m' })], ''],
])('%j is %s', (judgements, line) => {
  expect(boardLine(judgements, NOW)).toBe(line);
});

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'understudy-board-file-'))));
afterEach(() => rmSync(folder, { recursive: true }));

it('is written when it changes, is empty when all is well, and is gone when nobody looks', () => {
  const path = join(folder, 'board.txt');
  const file = boardFile(folder);
  file.show('A down 3 min');
  expect(readFileSync(path, 'utf8')).toBe('A down 3 min\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const written = statSync(path).ino;
  file.show('A down 3 min');
  expect(statSync(path).ino).toBe(written);
  file.show('');
  expect(readFileSync(path, 'utf8')).toBe('');
  file.close();
  expect(existsSync(path)).toBe(false);
});

it('stumbles over no folder that is gone, and writes once it is there again', () => {
  const path = join(folder, 'board.txt');
  rmSync(folder, { recursive: true });
  const file = boardFile(folder);
  file.show('A down 3 min');
  expect(existsSync(path)).toBe(false);
  mkdirSync(folder);
  file.show('A down 3 min');
  expect(readFileSync(path, 'utf8')).toBe('A down 3 min\n');
});
