import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseConfig } from '../config/load.ts';
import { runningFolder } from '../config/paths.ts';
import { lockFolder, type Lock } from '../journal/lock.ts';
import { announce, announced } from './announced.ts';
import type { Context } from './command.ts';
import { findRunning, foundText, notFoundText } from './running-address.ts';

let home = '';
const locks: Lock[] = [];
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), 'understudy-running-'))));
afterEach(() => {
  for (const lock of locks.splice(0)) lock.release();
  rmSync(home, { recursive: true });
});

const surroundings = (): { environment: Record<string, string>; home: string; platform: 'linux'; workingFolder: string } => ({
  environment: {},
  home,
  platform: 'linux',
  workingFolder: home,
});

/** A server that says that it runs, and holds its folder as a real one does. */
function serves(name: string, port: number, config?: string): string {
  const data = join(home, name);
  mkdirSync(data);
  const address = `http://127.0.0.1:${port}`;
  const pid = 1000 + port;
  const lock = lockFolder(data, { pid, started: port });
  if (!lock.ok) throw new Error(lock.error.type);
  locks.push(lock.value);
  announce({ address, pid, data, started: port, ...(config !== undefined && { config }) }, surroundings());
  return data;
}

function found(flags: Record<string, string> = {}, data = flags['data'] ?? join(home, 'usual')): ReturnType<typeof findRunning> {
  const loaded = parseConfig('', undefined, surroundings());
  if (!loaded.ok) throw new Error('the defaults are valid');
  const context = {
    flags: { text: (name: string) => flags[name], on: () => false, words: [] },
    deps: { surroundings: surroundings() },
  } as unknown as Pick<Context, 'flags' | 'deps'>;
  return findRunning(context, { ...loaded.value, settings: { ...loaded.value.settings, data }, file: flags['config'] });
}

it('finds the one that runs, whatever its port and folder, and says which it is', () => {
  const data = serves('elsewhere', 5001);
  expect(found()).toMatchObject({ by: 'announced', address: 'http://127.0.0.1:5001', others: [] });
  expect(foundText(found())).toEqual([`This is the Understudy at http://127.0.0.1:5001, with the data folder ${data}.`]);
});

it('takes the one of its own data folder, and names the others', () => {
  const own = serves('own', 5001);
  const other = serves('other', 5002);
  expect(found({}, own)).toMatchObject({ by: 'data folder', address: 'http://127.0.0.1:5001' });
  expect(foundText(found({}, own))).toEqual([
    `Another Understudy runs at http://127.0.0.1:5002 (data folder ${other}): --url http://127.0.0.1:5002`,
  ]);
});

it('of several takes the youngest, but one with the same configuration before all', () => {
  serves('first', 5001);
  serves('second', 5003, '/etc/other.yaml');
  serves('third', 5002, '/etc/mine.yaml');
  expect(found()).toMatchObject({ address: 'http://127.0.0.1:5001' });
  expect(found({ config: '/etc/mine.yaml' })).toMatchObject({ address: 'http://127.0.0.1:5002' });
});

it('does not take another where one was asked for by folder or configuration', () => {
  serves('elsewhere', 5001);
  expect(found({ data: join(home, 'asked') })).toMatchObject({ by: 'configured', address: 'http://127.0.0.1:4141' });
  expect(found({ config: '/etc/mine.yaml' })).toMatchObject({ by: 'configured', others: [{ address: 'http://127.0.0.1:5001' }] });
  expect(notFoundText(found({ config: '/etc/mine.yaml' }).others)[0]).toContain('--url http://127.0.0.1:5001');
  expect(notFoundText([])).toEqual(['Start one with `understudy start`, or say where it runs: --url http://HOST:PORT']);
});

it('does not believe what a dead one, or a half-written file, has left behind', () => {
  serves('killed', 5001);
  locks.pop()!.release();
  const folder = runningFolder(surroundings());
  writeFileSync(join(folder, '7.json'), '{"address":"http://127.0');
  expect(announced(surroundings())).toEqual([]);
  expect(readdirSync(folder)).toEqual(['7.json']);
});

it('does not believe a number that is another process’s now', () => {
  const data = serves('taken-over', 5001);
  announce({ address: 'http://127.0.0.1:5009', pid: 1, data, started: 1 }, surroundings());
  expect(announced(surroundings()).map(({ address }) => address)).toEqual(['http://127.0.0.1:5001']);
});
