import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { openArchive } from '../store/open.ts';
import { putInto } from '../store/put.ts';
import { openMirror } from './mirror.ts';

const MANY = 400;
const CHILD = fileURLToPath(new URL('./testing/mirror-child.ts', import.meta.url));

/** Every file of a mirror but its own state, which says what it is written from. */
function contents(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => statSync(join(folder, path)).isFile());
  return new Map(
    files
      .filter((path) => path !== '.understudy-mirror.json')
      .toSorted()
      .map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
  );
}

it('killed at any moment, the next one brings it up to date: nothing is missing, torn or there twice', { timeout: 60_000 }, async () => {
  const base = mkdtempSync(join(tmpdir(), 'understudy-mirror-crash-'));
  onTestFinished(() => rmSync(base, { recursive: true }));
  const folder = join(base, 'mirror');
  const opened = openArchive(base);
  if (!opened.ok) throw new Error(opened.error.reason);
  const archive = opened.value;
  onTestFinished(() => archive.close());
  const put = putInto(archive);
  const say = (round: number): void => {
    for (let index = 0; index < MANY; index++) {
      // A third is renamed with each round: its file has another name then.
      const title = index % 3 === 0 ? `Talk ${index} of round ${round}` : `Talk ${index}`;
      put.conversation({ source: 'chatgpt', key: `c${index}`, title, createdAt: Date.UTC(2026, 5, 2) }, [
        { key: `${round}`, role: 'user', status: 'complete', parts: [{ type: 'text', text: `${round}: ${'words '.repeat(200)}` }] },
      ]);
    }
  };

  let killed = 0;
  for (const [round, enough] of [1, 60, 200, 350].entries()) {
    say(round);
    const child = spawn(process.execPath, [CHILD, base, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const closed = once(child, 'close');
    let done = 0;
    child.stdout.on('data', (dots: Buffer) => {
      done += dots.length;
      if (done >= enough && child.kill('SIGKILL')) killed += 1;
    });
    await closed;
  }
  expect(killed).toBeGreaterThan(0);

  const last = openMirror(archive, folder);
  while (last.follow(100).more);
  const fresh = openMirror(archive, join(base, 'fresh'));
  while (fresh.follow(100).more);
  expect(contents(folder)).toEqual(contents(join(base, 'fresh')));
  expect(contents(folder).size).toBe(MANY + 1);
});
