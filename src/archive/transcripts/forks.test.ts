/** A fork's history counts once, whoever reads it, and in whatever order. */
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LIMITS } from '../import/limits.ts';
import { runImport } from '../import/run-import.ts';
import { protectionOf } from '../protect/pass.ts';
import { testHome, type TestHome } from '../protect/testing/homes.ts';
import type { Archive } from '../store/open.ts';
import { listConversations } from '../store/read.ts';
import { transcriptReaders } from './readers.ts';
import { claudeSession, cursorSession } from './testing/sessions.ts';

let home: TestHome;
beforeEach(() => {
  home = testHome();
});
afterEach(() => home.close());

const FORK = '0710729f-acba-4dce-b7e3-7afe451662d9';
const ORIGINAL = '6a8f1008-2b4b-4178-b2fe-966f532af563';

/** A session, and a younger fork of it whose name comes first, with one answer more. */
function forked(): void {
  const first = home.write(`.claude/projects/${claudeSession().path}`, claudeSession().text);
  utimesSync(first, 1000, 1000);
  const fork = claudeSession(FORK);
  const more = claudeSession().text.split('\n')[11]!.replaceAll('msg_2', 'msg_9').replace('"a4"', '"a9"').replaceAll(ORIGINAL, FORK);
  home.write(`.claude/projects/${fork.path}`, `${fork.text}${more}\n`);
}

function imported(archive: Archive, again = false) {
  const paths = [join(home.home, '.claude')];
  return runImport(paths, { archive, readers: transcriptReaders, limits: LIMITS, now: Date.now, again });
}

const counts = (archive: Archive) =>
  listConversations(archive, { limit: 9 })
    .map(({ key, messages, outputTokens }) => [key, messages, outputTokens])
    .toSorted(([one], [other]) => String(one).localeCompare(String(other)));

const ONCE = [
  [FORK, 12, 7],
  [ORIGINAL, 11, 28],
];

it('is counted once by an import, and protecting the same files changes nothing', async () => {
  forked();
  const archive = home.open();
  expect((await imported(archive)).counts.unreadable).toBe(0);
  expect(counts(archive)).toEqual(ONCE);
  const pass = await protectionOf(archive).pass(home.stores, { now: Date.now });
  expect(pass.conversations).toEqual({ added: 0, changed: 0 });
  expect(counts(archive)).toEqual(ONCE);
});

it('is counted once by protect, and importing the same files changes nothing', async () => {
  forked();
  const archive = home.open();
  await protectionOf(archive).pass(home.stores, { now: Date.now });
  expect(counts(archive)).toEqual(ONCE);
  for (const again of [false, true])
    expect((await imported(archive, again)).sources[0]?.conversations).toMatchObject({ added: 0, changed: 0 });
  expect(counts(archive)).toEqual(ONCE);
});

it('is no fork where only the numbers of lines are the same', async () => {
  const { path, text } = cursorSession();
  home.write(`.cursor/projects/${path}`, text);
  home.write(`.cursor/projects/${path.replace('.jsonl', '-b.jsonl')}`, text.replace('Fix', 'Try'));
  const archive = home.open();
  await protectionOf(archive).pass(home.stores, { now: Date.now });
  const told = archive.database.prepare('SELECT extras FROM conversations').all();
  expect(told).toHaveLength(2);
  expect(JSON.stringify(told)).not.toContain('forkedFrom');
});
