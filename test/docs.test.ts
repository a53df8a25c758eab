import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { currentPage, readPage } from '../scripts/docs.ts';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const pages = [
  'README.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).flatMap((file) =>
    file.endsWith('.md') ? [`docs/${file}`] : [],
  ),
];

describe('the documentation', () => {
  it('lists the settings as they are (else run: node scripts/docs.ts)', () => {
    expect(readPage()).toBe(currentPage(readPage()));
  });

  it.each(pages)('%s links only to what is there', (page) => {
    const text = readFileSync(join(root, page), 'utf8');
    const broken = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)]
      .map((match) => match[1]!)
      .filter((link) => !existsSync(resolve(root, dirname(page), link)));
    expect(broken).toEqual([]);
  });

  it('can be reached from the README, every page of it', () => {
    const seen = new Set<string>();
    const visit = (page: string): void => {
      if (seen.has(page)) return;
      seen.add(page);
      // A link to a folder leads to all that is in it.
      if (!page.endsWith('.md')) return pages.filter((each) => each.startsWith(`${page}/`)).forEach(visit);
      const text = readFileSync(join(root, page), 'utf8');
      for (const [, link] of text.matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g))
        visit(relative(root, resolve(root, dirname(page), link!)).replaceAll('\\', '/'));
    };
    visit('README.md');
    expect(pages.filter((page) => !seen.has(page))).toEqual([]);
  });

  it('names only tests that exist', () => {
    const text = readFileSync(join(root, 'docs/promises.md'), 'utf8');
    const named = [...text.matchAll(/`((?:src|test|bench|scripts)\/[\w./-]+\.(?:ts|mjs))`/g)].map((match) => match[1]!);
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});
