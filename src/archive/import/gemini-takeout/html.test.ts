import { describe, expect, it } from 'vitest';
import { readTitle } from './activity.ts';
import { activityInHtml } from './html.ts';
import { markdownOfHtml } from './markdown-of-html.ts';
import { parseWhen } from './when.ts';

/** An entry as Takeout writes it since 2025; https://takeout.google.com, My Activity. */
function cell(activity: string, more: { when?: string; reply?: string; thread?: string; preview?: string; product?: string } = {}): string {
  const { when = 'Nov 5, 2025, 1:34:47 AM CEST', reply = '', thread, preview = '', product = 'Gemini Apps' } = more;
  const link = thread === undefined ? '' : `<b>Details:</b><br>&emsp;<a href="https://gemini.google.com/app/${thread}">link</a><br>`;
  return `<div class="outer-cell mdl-cell mdl-cell--12-col mdl-shadow--2dp"><div class="mdl-grid"><div class="header-cell mdl-cell mdl-cell--12-col"><p class="mdl-typography--title">${product}<br></p></div><div class="content-cell mdl-cell mdl-cell--6-col mdl-typography--body-1">${activity}<br>${when}<br>${reply}</div><div class="content-cell mdl-cell mdl-cell--6-col mdl-typography--body-1 mdl-typography--text-right">${preview}</div><div class="content-cell mdl-cell mdl-cell--12-col mdl-typography--caption"><b>Products:</b><br>&emsp;${product}<br>${link}</div></div></div>`;
}

describe('an entry of the page', () => {
  it('is split at its time into what was asked and what was answered', () => {
    const found = activityInHtml(
      cell('Prompted&nbsp;How do I rebase?<br>On two lines', { reply: '<p>Use <code>-i</code>.</p>', thread: 'abc123' }),
    );
    expect(found).toMatchObject({
      product: 'Gemini Apps',
      title: 'Prompted\u00a0How do I rebase?\nOn two lines',
      thread: 'abc123',
      at: 1_762_299_287_000,
    });
    expect(typeof found === 'string' ? [] : found.answers.map(markdownOfHtml)).toEqual(['Use `-i`.']);
  });

  it('names its files, which are no part of what was asked', () => {
    const asked = 'Poslali ste poziv:&nbsp;What is wrong?<br>1 priložena datoteka.<br>-  <a href="slika-52.png">slika.png</a>';
    const found = activityInHtml(
      cell(asked, {
        when: '5. nov. 2025, 01:34:47 CEST',
        reply: '<p>This.</p>',
        preview: '<img src="slika-52.png">',
        product: 'Aplikacije Gemini',
      }),
    );
    expect(found).toMatchObject({
      files: [{ path: 'slika-52.png' }],
      title: 'Poslali ste poziv:\u00a0What is wrong?\n1 priložena datoteka.',
    });
  });

  it('without a time is not guessed at', () => {
    expect(activityInHtml(cell('Prompted&nbsp;Hi', { when: 'some time last week', reply: '<p>Hey</p>' }))).toContain(
      'can not be told apart',
    );
  });
});

describe('titles', () => {
  it.each([
    ['Prompted Why?', 'prompt', 'Why?'],
    ['Poslali ste poziv:\u00a0Zakaj?', 'prompt', 'Zakaj?'],
    ['Eingabe:\u00a0Warum?', 'prompt', 'Warum?'],
    ['Warum ist der Himmel blau', 'prompt', 'Warum ist der Himmel blau'],
    ['Created Gemini Canvas titled Quiz', 'made', 'Gemini Canvas titled Quiz'],
    ['Selected preferred draft', 'other', ''],
  ])('%s', (title, type, text) => {
    expect(readTitle({ title, answers: ['<p>x</p>'] })).toMatchObject({ type, text });
  });
});

describe('times', () => {
  const at = Date.UTC(2025, 10, 4, 23, 34, 47);
  it.each([
    'Nov 5, 2025, 1:34:47 AM CEST',
    'Nov 5, 2025, 1:34:47\u202fAM GMT+2',
    '5. nov. 2025, 01:34:47 CEST',
    '05.11.2025, 01:34:47 MESZ',
    '2025/11/05 8:34:47 JST',
    '4 nov. 2025, 23:34:47 UTC',
    'Nov 4, 2025, 6:34:47 PM EST',
    'Nov 5, 2025, 5:04:47 AM GMT+05:30',
  ])('%s', (line) => {
    expect(parseWhen(line)).toBe(at);
  });

  it('of months or zones that are not known are not guessed at', () => {
    expect(parseWhen('5. brumaire 2025, 01:34:47 CEST')).toBeUndefined();
    expect(parseWhen('Nov 5, 2025, 1:34:47 AM XYZ')).toBeUndefined();
  });
});

describe('Markdown of an answer', () => {
  it.each([
    ['<p>Use <strong>this</strong> and <em>that</em>.</p>', 'Use **this** and *that*.'],
    ['<h2>Steps</h2><ul><li><p>First</p></li><li>Second</li></ul>', '## Steps\n\n- First\n- Second'],
    ['<pre><code class="language-py">x = 1\ny = 2\n</code></pre>', '```py\nx = 1\ny = 2\n```'],
    ['<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>', '| A | B |\n| --- | --- |\n| 1 | 2 |'],
    ['<p>See <a href="https://example.com/x">the docs</a>.</p><script>no</script>', 'See [the docs](https://example.com/x).'],
  ])('%s', (html, markdown) => {
    expect(markdownOfHtml(html)).toBe(markdown);
  });

  it('bears any nesting', () => {
    expect(markdownOfHtml(`${'<div>'.repeat(10_000)}deep`)).toBe('deep');
  });
});
