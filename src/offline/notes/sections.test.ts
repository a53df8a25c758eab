import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sectionsOf } from './sections.ts';

function told(markdown: string): [line: number, headings: string, text: string][] {
  return sectionsOf(markdown).map(({ line, headings, text }) => [line, headings.join(' > '), text]);
}

describe('a note by its headings', () => {
  it('keeps each heading with what is under it, and those above', () => {
    expect(told('Before.\n\n# One\na\n\n## Two ##\nb\n### Three\nc\n## Four\nd\n# Five\ne')).toEqual([
      [1, '', 'Before.'],
      [3, 'One', '# One\na'],
      [6, 'One > Two', '## Two ##\nb'],
      [8, 'One > Two > Three', '### Three\nc'],
      [10, 'One > Four', '## Four\nd'],
      [12, 'Five', '# Five\ne'],
    ]);
  });

  it('knows underlined headings, and rules that are none', () => {
    expect(told('One\n===\na\n\nTwo\n---\nb')).toEqual([
      [1, 'One', 'One\n===\na'],
      [5, 'One > Two', 'Two\n---\nb'],
    ]);
    expect(told('a\nb\n---\nc\n\n- item\n---\nd')).toHaveLength(1);
  });

  it('takes nothing within a fence, or front matter, for a heading', () => {
    expect(told('---\n# no\ntitle: x\n---\n# Yes\n```sh\n# no\n~~~\n```\ntext')).toEqual([
      [1, '', '---\n# no\ntitle: x\n---'],
      [5, 'Yes', '# Yes\n```sh\n# no\n~~~\n```\ntext'],
    ]);
    expect(told('```\n# never closed')).toEqual([[1, '', '```\n# never closed']]);
  });

  it('cuts what is long at an empty line, and what has none all the same', () => {
    const paragraph = `${'word '.repeat(200)}\n\n`;
    const long = sectionsOf(`# Long\n\n${paragraph.repeat(10)}`);
    expect(long.length).toBeGreaterThan(1);
    expect(new Set(long.map(({ headings }) => headings[0]))).toEqual(new Set(['Long']));
    expect(sectionsOf('line\n'.repeat(4000)).every(({ text }) => text.length < 9000)).toBe(true);
  });

  it('loses no word, and says the right line, of any text', () => {
    const line = fc.oneof(
      fc.constantFrom('', '# A', '## B', '```', '~~~', '---', '===', 'text', '   ', '> q', '- [ ] x'),
      fc.string({ maxLength: 20 }),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), (lines) => {
        const markdown = lines.join('\n');
        const all = markdown.split(/\r\n|\n|\r/);
        const sections = sectionsOf(markdown);
        const words = (some: readonly string[]): string[] => some.filter((each) => each.trim() !== '');
        expect(words(sections.flatMap(({ text }) => text.split('\n')))).toEqual(words(all));
        for (const section of sections) expect(all[section.line - 1]).toBe(section.text.split('\n')[0]);
      }),
    );
  });
});
