import { parse } from 'parse5';
import { expect, it } from 'vitest';
import { readinessHtml } from './html.ts';
import { readinessMarkdown } from './markdown.ts';
import { REPORT } from './report.fixtures.ts';

const page = readinessHtml(REPORT);
const text = readinessMarkdown(REPORT);

it('is well-formed, and needs nothing else', () => {
  const errors: string[] = [];
  parse(page, { onParseError: ({ code }) => void errors.push(code) });
  expect(errors).toEqual([]);
  expect(page).not.toMatch(/<script|<link|src=|href=|url\(|@import/i);
  expect(page).toContain('prefers-color-scheme:dark');
});

it('shows prompts as what they are: text', () => {
  expect(page).toContain('Prompt 1 about &quot;quotes&quot; &amp; &lt;tags&gt;');
  expect(page).not.toContain('<tags>');
  expect(text).toContain('&lt;tags>');
});

it('names what is to be done once, in both', () => {
  expect(
    page
      .split('<h2>To do</h2>')[1]!
      .split('</section>')[0]!
      .match(/Make a new key for google/g),
  ).toHaveLength(1);
  for (const words of ['google/gemini-3.6-pro', 'too long for it', 'not looked at', '66', 'never sends to xai', '2026-11-11']) {
    expect(page).toContain(words);
    expect(text).toContain(words);
  }
});
