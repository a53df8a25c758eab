import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { page } from './help.ts';
import { terminal } from './terminal.ts';
import type { Command } from './command.ts';

const end = { write: () => true };
const quiet = terminal({ stdin: {}, stdout: end, stderr: end }, {});

it('names a page of the documentation that is there', async () => {
  const files = globSync(join(import.meta.dirname, '**', '*-command.ts'));
  const exported = await Promise.all(files.map(async (file) => Object.values((await import(file)) as Record<string, unknown>)));
  const commands = exported.flat().filter((each): each is Command => typeof each === 'object' && each !== null && 'summary' in each);
  expect(commands.length).toBeGreaterThan(10);
  const named = await Promise.all(commands.map(async (command) => ({ name: command.name, lines: await page(command, quiet) })));
  const paths = named.flatMap(({ name, lines }) =>
    lines.flatMap((line) => (line.startsWith('More: ') ? [{ name, path: line.slice('More: '.length) }] : [])),
  );
  expect(paths.length).toBeGreaterThan(10);
  expect(paths.filter(({ path }) => !existsSync(path))).toEqual([]);
});
