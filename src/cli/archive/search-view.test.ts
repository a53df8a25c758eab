import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openArchive } from '../../archive/store/open.ts';
import { putInto } from '../../archive/store/put.ts';
import { searchingIn } from '../../archive/search/search.ts';
import { searchLines } from './search-view.ts';
import { terminal } from '../terminal.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function linesFor(text: string, ...said: string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-search-view-'));
  folders.push(folder);
  const opened = openArchive(folder);
  if (!opened.ok) throw new Error(opened.error.reason);
  const archive = opened.value;
  const put = putInto(archive);
  said.forEach((words, place) =>
    put.conversation({ source: 'codex', key: `k${place}`, title: 'Sky \u001b[31mand sea', project: '/home/me/work' }, [
      { key: 'm', role: 'user', status: 'complete', at: Date.UTC(2026, 5, 2, 12), parts: [{ type: 'text', text: words }] },
    ]),
  );
  const found = searchingIn(archive, { now: () => Date.UTC(2026, 5, 3), monotonic: () => 0 }).search({ text, limit: 10, patience: 10 });
  archive.close();
  const screen = { isTTY: true, columns: 80, write: () => true };
  return searchLines(text, found, {
    terminal: terminal({ stdin: {}, stdout: screen, stderr: screen }, { NO_COLOR: '1' }),
    home: '/home/me',
  });
}

describe('what a search prints', () => {
  it('has title, id, day, source, folder, who and the words, and fits the screen', () => {
    const lines = linesFor('blue', `why is it blue ${'and not green '.repeat(30)}`);
    expect(lines[0]).toBe('Sky  [31mand sea');
    expect(lines[1]).toMatch(/^ {2}c_\w{16} {2}2026-06-02 · codex · ~\/work$/);
    expect(lines[2]).toMatch(/^ {2}you: why is it blue and not green/);
    expect(lines.join('\n')).toContain('1 of 1 messages match');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('never hands on what steers a terminal', () => {
    expect(linesFor('blue', 'blue \u001b]0;owned\u0007 \u009b2J end').join('\n')).not.toMatch(/(?!\n)\p{Cc}/u);
  });

  it('says what was searched and what may help where nothing is found', () => {
    const lines = linesFor('rebalnce from:user has:banana', 'the rebalance protocol').join('\n');
    expect(lines).toContain('Not used: has:banana');
    expect(lines).toContain('Nothing found for rebalnce from:user has:banana in 1 messages.');
    expect(lines).toContain('«rebalnce» is nowhere. Like it: rebalance.');
    expect(lines).toContain('With fewer filters there may be more.');
    expect(linesFor('x').join(' ')).toContain('The archive is empty.');
  });

  it('says before the results what of the query was not used', () => {
    const lines = linesFor('blue source:codx', 'why is it blue');
    expect(lines[0]).toContain('Not used: source:codx (most likely source:codex; there is:');
    expect(lines.findIndex((line) => line.includes('Sky'))).toBeGreaterThan(0);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});
