import fc from 'fast-check';
import { parse } from 'parse5';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { ArchivedMessage, ArchivedPart } from '../conversation.ts';
import type { ConversationSummary } from '../store/read.ts';
import { htmlOf } from './html.ts';
import { fenced, markdownOf } from './markdown.ts';
import { outputsOf } from './outputs.ts';

const conversation: ConversationSummary = {
  id: 'c_0123456789abcdef',
  source: 'chatgpt',
  key: 'k',
  title: 'A "title": with\nlines',
  updatedAt: Date.UTC(2026, 5, 2, 6, 5),
  status: 'complete',
  messages: 4,
  branches: 2,
  revision: 1,
};
const text = (value: string): ArchivedPart => ({ type: 'text', text: value });
const message = (
  key: string,
  role: ArchivedMessage['role'],
  parts: ArchivedPart[],
  more: Partial<ArchivedMessage> = {},
): ArchivedMessage => ({
  key,
  role,
  parts,
  status: 'complete',
  ...more,
});
const messages: ArchivedMessage[] = [
  message('1', 'user', [text('Hello <b>there</b>')], { at: Date.UTC(2026, 5, 2, 6, 5) }),
  message('2', 'assistant', [text('First half second half'), { type: 'tool-call', id: 'c', name: 'Bash', arguments: '{"a":"```"}' }], {
    parent: '1',
    producer: { provider: 'anthropic', model: 'claude-opus-5' },
    seams: [{ part: 0, offset: 11, from: 'anthropic/claude-opus-5', to: 'openai/gpt-5.6', join: 'anchor' }],
  }),
  message('3', 'assistant', [text('Another answer')], { parent: '1' }),
  message('h', 'user', [text('hidden words')], { parent: '2', hidden: true }),
];
const options = { reasoning: false, branches: true, linkTo: () => undefined, read: () => undefined };
const markdown = (list = messages): string => [...markdownOf({ ...conversation, current: '2' }, list, options)].join('');
const html = (list = messages): string => [...htmlOf({ ...conversation, current: '2' }, list, options)].join('');

describe('Markdown', () => {
  it('has front matter that YAML readers read', () => {
    const [, front] = markdown().split('---\n');
    expect(parseYaml(front!)).toMatchObject({ title: 'A "title": with\nlines', source: 'chatgpt', updated: '2026-06-02T06:05:00.000Z' });
  });

  it('tells who said what, where another went on, and the other branch', () => {
    const page = markdown();
    expect(page).toContain('## You · 2026-06-02 06:05\n\nHello <b>there</b>\n');
    expect(page).toContain(
      '## claude-opus-5\n\nFirst half <!-- seam: anthropic/claude-opus-5 stopped here, openai/gpt-5.6 goes on -->second half\n',
    );
    expect(page).toContain('*Another branch: an edit, or an answer that was asked for again.*\n\n## Assistant\n\nAnother answer');
    expect(page).not.toContain('hidden words');
  });

  it('takes branches off a long conversation without going back to its beginning for each', () => {
    // 20,000 answers that were each asked for again: from the root, that would be 200 million steps.
    const list = Array.from({ length: 20_000 }, (_, turn) => {
      const parent = turn === 0 ? {} : { parent: `b${turn - 1}` };
      return [
        message(`a${turn}`, 'assistant', [text(`first ${turn}`)], parent),
        message(`b${turn}`, 'assistant', [text(`second ${turn}`)], parent),
      ];
    }).flat();
    const page = [...markdownOf({ ...conversation, current: 'b19999' }, list, options)].join('');
    expect(page.match(/^first \d+$/gm)).toHaveLength(20_000);
    expect(page.match(/^second \d+$/gm)).toHaveLength(20_000);
    expect([...htmlOf({ ...conversation, current: 'b19999' }, list, options)].join('').match(/<article/g)).toHaveLength(40_000);
  });

  it('fences whatever is to be fenced', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('`', '``', '```', '````', '\n', 'x', ' ')).map((all) => all.join('')),
        (code) => {
          const lines = fenced(code, 'js').split('\n');
          const fence = lines[0]!.slice(0, -2);
          expect(lines.slice(1, -1).every((line) => !line.includes(fence))).toBe(true);
          expect(lines.at(-1)).toBe(fence);
        },
      ),
    );
  });
});

describe('HTML', () => {
  it('runs nothing and loads nothing, whatever was said', () => {
    const hostile = fc.constantFrom(
      '<script>alert(1)</script>',
      '<img src=x onerror=alert(1)>',
      '[x](javascript:alert(1))',
      '[x]( JaVaScRiPt:alert(1))',
      '![x](https://evil.example/p.png)',
      '![x](data:text/html;base64,PHNjcmlwdD4=)',
      '<svg onload=alert(1)>',
      '"><iframe src=//evil>',
      '<a href="javascript:x">y</a>',
      '`<script>`',
      '```html\n<script>alert(1)</script>\n```',
      '[x](https://a"onmouseover="alert(1))',
      '<!--',
      '-->',
      '</main></body>',
      '\n\n',
      '> ',
      '- ',
      '| a | b |\n|---|---|\n',
      '&lt;script&gt;',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(hostile, fc.string({ maxLength: 20 })), { maxLength: 12 }), (pieces) => {
        const said = pieces.join('');
        const page = html([
          message('1', 'user', [text(said), { type: 'file', name: said, content: { type: 'link', url: said } }]),
          message('2', 'assistant', [{ type: 'tool-call', id: said, name: said, arguments: said }], {
            parent: '1',
            producer: { model: said },
          }),
        ]);
        for (const { name, attributes } of elementsOf(page)) {
          expect(['script', 'iframe', 'svg', 'object', 'embed', 'base', 'form', 'link']).not.toContain(name);
          expect(attributes.filter(({ name: called, value }) => called.startsWith('on') || !isHarmless(called, value))).toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('shows every message, and the seam', () => {
    const page = html();
    expect(page).toContain('Hello &lt;b&gt;there&lt;/b&gt;');
    expect(page).toContain('anthropic/claude-opus-5 stopped after 11 characters; openai/gpt-5.6 went on.');
    expect(page).toContain('Another answer');
    expect(page).not.toContain('hidden words');
  });

  it('bears what nests without end', () => {
    expect(html([message('1', 'user', [text('>'.repeat(50_000))])])).toContain('&gt;&gt;');
    expect(html([message('1', 'user', [text('[('.repeat(20_000))])])).toContain('[(');
  });
});

interface Element {
  name: string;
  attributes: { name: string; value: string }[];
}

function isHarmless(attribute: string, value: string): boolean {
  if (attribute === 'href') return /^(?:https?:|mailto:|#)/i.test(value);
  return attribute !== 'src' || /^data:image\/(?:png|jpeg|gif|webp|avif);/.test(value);
}

function elementsOf(page: string): Element[] {
  const found: Element[] = [];
  const visit = (node: { nodeName: string; attrs?: { name: string; value: string }[]; childNodes?: unknown[] }): void => {
    if (node.attrs) found.push({ name: node.nodeName, attributes: node.attrs });
    for (const child of node.childNodes ?? []) visit(child as typeof node);
  };
  visit(parse(page) as unknown as Parameters<typeof visit>[0]);
  return found;
}

describe('outputs', () => {
  const names = (list: ArchivedMessage[]): [string, string][] =>
    outputsOf(list).map(({ path, content }) => [path, content.type === 'text' ? content.text : content.sha256]);

  it('are code blocks by the names that are said, files that tools write, and attachments', () => {
    const answer = [
      '`src/a.ts`:\n```ts\nconst a = 1;\n```',
      'Then\n```python title="tools/b.py"\nprint(1)\n```',
      '```js\n// c.js\nlet c;\n```',
      '```\nplain\n```',
      '```sql\nselect 1;\n```',
      '1. in a list:\n   ```sh\n   ls\n   ```',
      '```ts\nnot closed',
    ].join('\n\n');
    expect(
      names([
        message('1', 'assistant', [
          text(answer),
          { type: 'tool-call', id: 'c', name: 'Write', arguments: '{"file_path":"/w/src/a.ts","content":"x"}' },
          { type: 'file', name: 'p.png', content: { type: 'stored', sha256: 'ab', size: 1 } },
        ]),
      ]),
    ).toEqual([
      ['src/a.ts', 'const a = 1;\n'],
      ['tools/b.py', 'print(1)\n'],
      ['c.js', '// c.js\nlet c;\n'],
      ['code.txt', 'plain\n'],
      ['code.sql', 'select 1;\n'],
      ['code.sh', 'ls\n'],
      ['code.ts', 'not closed'],
      ['w/src/a.ts', 'x'],
      ['p.png', 'ab'],
    ]);
  });

  it('stay below their folder and apart, whatever they are called', () => {
    const name = fc.oneof(
      fc.constantFrom(
        '../../etc/passwd',
        'C:\\Windows\\x',
        '/abs',
        'con',
        'a.ts',
        'A.TS',
        'a-2.ts',
        '...',
        ' ',
        'x\u0000y',
        'nul.txt',
        '~/x',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(name, { maxLength: 20 }), (all) => {
        const paths = outputsOf([
          message(
            '1',
            'user',
            all.map((each) => ({ type: 'file', name: each, content: { type: 'text', text: 'x' } })),
          ),
        ]).map(({ path }) => path);
        expect(paths).toHaveLength(all.length);
        expect(new Set(paths.map((path) => path.toLowerCase())).size).toBe(all.length);
        for (const path of paths) {
          expect(path).not.toMatch(/^[/\\]|^[A-Za-z]:|(?:^|\/)\.{1,2}(?:\/|$)|[<>:"|?*\\]/);
          expect(Array.from(path).every((character) => character >= ' ')).toBe(true);
          expect(path).not.toBe('');
        }
      }),
    );
  });
});
