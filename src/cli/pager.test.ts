import { chmodSync, closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openArchive } from '../archive/store/open.ts';
import { putInto } from '../archive/store/put.ts';
import { systemClock } from '../exchange/clock.ts';
import { runCli } from './cli.ts';
import type { CliDeps } from './deps.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-pager-'));
  const archive = openArchive(join(folder, 'data'));
  if (!archive.ok) throw new Error(archive.error.reason);
  const put = putInto(archive.value);
  for (let place = 0; place < 60; place++)
    put.conversation({ source: 'codex', key: `k${place}`, title: `Mango ${place}` }, [
      { key: 'm', role: 'user', status: 'complete', at: place, parts: [{ type: 'text', text: `Which mango?\n${'line\n'.repeat(place)}` }] },
    ]);
  archive.value.close();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Said {
  code: number;
  /** What the command itself has printed, and what programs have that it started. */
  out: string;
  paged: string;
}

/** Runs a command at a terminal of 24 lines that is a file, so that a pager can write there. */
async function said(typed: string[], environment: Record<string, string>, { isTTY = true } = {}): Promise<Said> {
  const screen = join(folder, 'screen');
  const fd = openSync(screen, 'w');
  let out = '';
  const code = await runCli([...typed, '--data', join(folder, 'data')], {
    build: () => Promise.reject(new Error('nothing is started')),
    version: '0',
    clock: systemClock,
    surroundings: {
      streams: {
        stdin: {},
        stdout: { isTTY, fd, columns: 80, rows: 24, write: (text: string) => (out += text) },
        stderr: { write: () => true },
      },
      environment: { PATH: process.env['PATH'] ?? '', ...environment },
      workingFolder: folder,
      home: folder,
      platform: process.platform,
      nodeVersion: process.version,
      onSignal: () => () => undefined,
    },
  } as unknown as CliDeps);
  closeSync(fd);
  return { code, out, paged: readFileSync(screen, 'utf8') };
}

const OWN = { PAGER: 'sed s/^/paged:/' };

it('shows what is longer than the screen in the user’s own pager', async () => {
  for (const typed of [
    ['search', 'mango', '-n', '50'],
    ['conversations', '-n', '50'],
    ['conversations', 'show', '--last'],
  ]) {
    const { code, out, paged } = await said(typed, OWN);
    expect(code).toBe(0);
    expect(out).toBe('');
    expect(paged).toMatch(/^paged:.*[Mm]ango/m);
    expect(paged.split('\n').length).toBeGreaterThan(24);
  }
});

it('prints by itself what fits, what goes elsewhere, what is JSON, and where nobody wants a pager', async () => {
  const whole = ['search', 'mango', '-n', '50'];
  for (const [typed, environment, terminal] of [
    [['conversations', '-n', '5'], OWN, {}],
    [whole, OWN, { isTTY: false }],
    [[...whole, '--json'], OWN, {}],
    [[...whole, '--no-pager'], OWN, {}],
    [whole, { PAGER: '' }, {}],
    [whole, { PAGER: 'cat' }, {}],
    [whole, { PAGER: 'no-such-pager' }, {}],
    [whole, { PATH: folder }, {}],
  ] as const) {
    const { out, paged } = await said([...typed], environment, terminal);
    expect(paged).toBe('');
    expect(out).toMatch(/[Mm]ango/);
  }
});

it('tells less what git tells it, unless the user has said something', async () => {
  mkdirSync(join(folder, 'bin'));
  const less = join(folder, 'bin/less');
  writeFileSync(less, '#!/bin/sh\necho "LESS=$LESS"\n');
  chmodSync(less, 0o755);
  const PATH = `${join(folder, 'bin')}:${process.env['PATH']}`;
  expect((await said(['search', 'mango', '-n', '50'], { PATH })).paged).toBe('LESS=FRX\n');
  expect((await said(['search', 'mango', '-n', '50'], { PATH, LESS: 'S' })).paged).toBe('LESS=S\n');
});

it('a search that finds nothing exits as grep does, and so does its export, which writes nothing', async () => {
  expect((await said(['search', 'xylophone'], {})).code).toBe(1);
  expect((await said(['search', 'mango'], {})).code).toBe(0);
  const out = join(folder, 'found.jsonl');
  expect((await said(['export', '--search', 'xylophone', '--out', out], {})).code).toBe(1);
  expect(existsSync(out)).toBe(false);
  expect((await said(['export', '--search', 'mango', '--out', out], {})).code).toBe(0);
  expect(existsSync(out)).toBe(true);
});
