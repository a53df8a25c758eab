import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const CASES = Array.from({ length: 46 }, (_, index) => index + 1);

/** The numbers in titles such as `case 7: …`. */
function casesIn(text: string): Set<number> {
  return new Set([...text.matchAll(/test(?:\.each\([^\n]*\))?\(\s*['"`]case (\d+):/g)].map(([, number]) => Number(number)));
}

test('each of the 46 cases has a test of its name here', () => {
  const files = readdirSync(here).filter((file) => file.endsWith('.test.ts'));
  const found = new Set(files.flatMap((file) => [...casesIn(readFileSync(join(here, file), 'utf8'))]));
  expect(CASES.filter((number) => !found.has(number))).toEqual([]);
});

test('docs/dialects.md tells of each which file holds it, and that file does', () => {
  const rows = [...readFileSync(join(root, 'docs/dialects.md'), 'utf8').matchAll(/^\| (\d+) \|.*\|([^|]*)\|$/gm)];
  expect(rows.map(([, number]) => Number(number))).toEqual(CASES);
  const wrong = rows.filter(([, number, cell]) => {
    const files = [...cell!.matchAll(/`([\w./-]+\.ts)`/g)].map(([, file]) => join(root, file!));
    const all = files.length > 0 && files.every((file) => existsSync(file));
    return !all || !files.some((file) => casesIn(readFileSync(file, 'utf8')).has(Number(number)));
  });
  expect(wrong.map(([row]) => row)).toEqual([]);
});
