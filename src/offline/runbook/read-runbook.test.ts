import { describe, expect, it } from 'vitest';
import { problemText } from './load-runbooks.ts';
import { readRunbook, type Runbook } from './read-runbook.ts';

function read(content: string): Runbook {
  const found = readRunbook('june', '/r/june.md', content, false);
  if (!found.ok) throw new Error(found.error.map(problemText).join('; '));
  return found.value;
}

function wrong(content: string): string[] {
  const found = readRunbook('june', 'june.md', content, false);
  return found.ok ? [] : found.error.map(problemText);
}

describe('a runbook', () => {
  it('has a title, when it is of use, its text, and its checklist', () => {
    const text = 'Read this.\n\n- [ ] One\n  * [x] Two\n1. [ ] Three\n\n```\n- [ ] no item\n```\n- [] none\n- [ ]\n';
    expect(read(`---\ntitle: Down\nwhen: { product: [claude.ai, openai], verdict: over, scope: account }\n---\n\n${text}`)).toEqual({
      name: 'june',
      title: 'Down',
      products: ['claude.ai', 'openai'],
      verdicts: ['over'],
      scopes: ['account'],
      path: '/r/june.md',
      isOurs: false,
      text: text.trimEnd(),
      items: [
        { line: 2, text: 'One' },
        { line: 3, text: 'Two' },
        { line: 4, text: 'Three' },
      ],
    });
  });

  it('is for down and degraded unless it says otherwise, and for no time where it has no `when`', () => {
    expect(read('---\ntitle: A\nwhen: { product: openai }\n---\n')).toMatchObject({ verdicts: ['down', 'degraded'], products: ['openai'] });
    expect(read('---\ntitle: A\n---\n')).toMatchObject({ verdicts: [], products: [], scopes: [], text: '' });
  });

  it('may come from Windows', () => {
    expect(read('\ufeff---\r\ntitle: A\r\n---\r\n- [ ] One\r\n')).toMatchObject({ title: 'A', items: [{ line: 0, text: 'One' }] });
  });
});

describe('what is wrong in one is told with its line', () => {
  it.each([
    ['', 'june.md, line 1: it has no front matter: its first line has to be --- and a title: has to follow'],
    ['# Down\n', 'june.md, line 1: it has no front matter: its first line has to be --- and a title: has to follow'],
    ['---\ntitle: A\n', 'june.md, line 1: its front matter has no end: a second line --- is missing'],
    ['---\n---\n', 'june.md, line 2: its front matter has no title: title: Claude is down'],
    ['---\nwhen: {}\n---\n', 'june.md, line 2: title is missing: title: Claude is down'],
    ["---\ntitle: ''\n---\n", 'june.md, line 2: title is empty'],
    ['---\ntitle: A\nwhen:\n  verdict: broken\n---\n', 'june.md, line 4: when.verdict is none of down, degraded, over'],
    [
      '---\ntitle: A\n\nwhen:\n  scope: [mine]\n---\n',
      'june.md, line 5: when.scope is none of everyone, model, account, network, inconclusive',
    ],
    ['---\ntitle: A\nwhen:\n  prodct: a\n---\n', 'june.md, line 4: when.prodct is not known here; there is: product, verdict, scope'],
    ['---\ntitle: A\nwho: me\n---\n', 'june.md, line 3: who is not known here; there is: title, when'],
    ['---\ntitle: A: b\n---\n', 'june.md, line 2: Nested mappings are not allowed in compact mappings'],
  ])('%j', (content, message) => expect(wrong(content)).toEqual([message]));

  it('all of it at once', () => {
    expect(wrong('---\nwho: me\nwhen:\n  verdict: x\n---\n')).toHaveLength(3);
  });
});
