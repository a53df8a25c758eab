import { parseFragment } from 'parse5';
import type { DefaultTreeAdapterTypes } from 'parse5';
import { attributeOf, elementsIn, isElement, textOf } from './dom.ts';

type ChildNode = DefaultTreeAdapterTypes.ChildNode;
type Element = DefaultTreeAdapterTypes.Element;

/** Answers are nested some ten deep; what lies deeper is taken without its form. */
const DEEPEST = 100;
const MARKS: Readonly<Record<string, string>> = { strong: '**', b: '**', em: '*', i: '*', del: '~~', s: '~~' };
const BLOCKS = new Set([
  'p',
  'div',
  'section',
  'article',
  'blockquote',
  'ul',
  'ol',
  'table',
  'pre',
  'hr',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
]);

/** The Markdown that an answer's HTML was made of, as near as can be: that is what people search and read. */
export function markdownOfHtml(html: string): string {
  return blocks(parseFragment(html).childNodes, 0)
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

function blocks(nodes: readonly ChildNode[], depth: number): string {
  let text = '';
  for (const node of nodes) {
    const piece = nodeText(node, depth);
    const isBlock = isElement(node) && BLOCKS.has(node.tagName);
    text += isBlock ? `\n\n${piece}\n\n` : piece;
  }
  return text;
}

function nodeText(node: ChildNode, depth: number): string {
  if (!isElement(node)) return node.nodeName === '#text' ? textOf(node) : '';
  if (depth > DEEPEST) return textOf(node);
  const { tagName: tag, childNodes } = node;
  const inner = (): string => blocks(childNodes, depth + 1);
  switch (tag) {
    case 'script':
    case 'style':
    case 'template':
    case 'noscript':
      return '';
    case 'br':
      return '\n';
    case 'hr':
      return '---';
    case 'pre':
      return fenced(node);
    case 'code':
      return inCode(textOf(node));
    case 'a': {
      const label = inner().trim();
      const link = attributeOf(node, 'href');
      return /^https?:/.test(link) && link !== label ? `[${label}](${link})` : label;
    }
    case 'img':
      return attributeOf(node, 'alt') === '' ? '' : `![${attributeOf(node, 'alt')}](${attributeOf(node, 'src')})`;
    case 'ul':
    case 'ol':
      return list(node, depth);
    case 'blockquote':
      return inner().trim().replace(/^/gm, '> ');
    case 'table':
      return table(node, depth);
    default: {
      const [, level] = /^h([1-6])$/.exec(tag) ?? [];
      if (level !== undefined) return `${'#'.repeat(Number(level))} ${inner().trim()}`;
      const mark = MARKS[tag];
      const said = inner();
      return mark === undefined || said.trim() === '' ? said : said.replace(/^(\s*)([\s\S]*?)(\s*)$/, `$1${mark}$2${mark}$3`);
    }
  }
}

function list({ tagName, childNodes }: Element, depth: number): string {
  let number = 0;
  return childNodes
    .filter(isElement)
    .map((item) => {
      number += 1;
      const mark = tagName === 'ol' ? `${number}. ` : '- ';
      return (
        mark +
        blocks(item.childNodes, depth + 1)
          .trim()
          .replace(/\n{2,}/g, '\n')
          .replace(/\n/g, `\n${' '.repeat(mark.length)}`)
      );
    })
    .join('\n');
}

function table(element: Element, depth: number): string {
  const rows = elementsIn(element.childNodes, 'tr').map((row) =>
    row.childNodes.filter(isElement).map((cell) =>
      blocks(cell.childNodes, depth + 1)
        .replace(/\s+/g, ' ')
        .trim(),
    ),
  );
  const [head] = rows;
  if (!head) return '';
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.slice(1).map(line)].join('\n');
}

function fenced(element: Element): string {
  const text = textOf(element).replace(/\n$/, '');
  const code = elementsIn(element.childNodes, 'code')[0];
  const language = /\blanguage-([\w+#-]+)/.exec(code ? attributeOf(code, 'class') : '')?.[1] ?? '';
  const fence = '`'.repeat(1 + Math.max(2, ...Array.from(text.matchAll(/`{3,}/g), ([ticks]) => ticks.length)));
  return `${fence}${language}\n${text}\n${fence}`;
}

function inCode(text: string): string {
  const mark = '`'.repeat(1 + Math.max(0, ...Array.from(text.matchAll(/`+/g), ([ticks]) => ticks.length)));
  return text === '' ? '' : mark.length > 1 ? `${mark} ${text} ${mark}` : `\`${text}\``;
}
