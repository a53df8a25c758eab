import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findConfig } from './load.ts';
import { awaitConfig, configPlaces } from './watch.ts';

const root = mkdtempSync(join(tmpdir(), 'understudy-watch-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function empty(name: string): { environment: Record<string, string>; home: string; platform: 'linux'; workingFolder: string } {
  const home = join(root, name);
  mkdirSync(join(home, 'work'), { recursive: true });
  return { environment: {}, home, platform: 'linux', workingFolder: join(home, 'work') };
}

test.each([0, 1])('a configuration that appears is found in place %i, also where its folder is not there yet', async (index) => {
  const options = empty(`appears-${index}`);
  const place = configPlaces(options)[index]!;
  const found = await new Promise<string>((resolve) => {
    awaitConfig(options, resolve, 20);
    mkdirSync(join(place, '..'), { recursive: true });
    writeFileSync(place, 'server: { port: 1 }');
  });
  expect(found).toBe(place);
  expect(findConfig(options)).toBe(place);
});

test('it is found once only, and not after waiting has been stopped', async () => {
  const options = empty('stopped');
  const other = empty('control');
  const found: string[] = [];
  const stop = awaitConfig(options, (file) => found.push(file), 20);
  stop();
  writeFileSync(configPlaces(options)[0]!, '');
  // The control is found by the same clock, so whatever the stopped one could see it has had the time to see.
  await new Promise<string>((resolve) => {
    awaitConfig(other, resolve, 20);
    writeFileSync(configPlaces(other)[0]!, '');
  });
  expect(found).toEqual([]);
});
