import { parseFragment, serialize } from 'parse5';
import type { DefaultTreeAdapterTypes } from 'parse5';
import { Unreadable } from '../reader.ts';
import type { SourceFile } from '../reader.ts';
import { asUtf8 } from '../utf8.ts';
import { some } from '../loose.ts';
import type { Activity } from './activity.ts';
import { elementsIn, isElement, attributeOf, textOf } from './dom.ts';
import { looksLikeWhen, parseWhen } from './when.ts';
import { threadIn } from './thread-link.ts';

type ChildNode = DefaultTreeAdapterTypes.ChildNode;
type Element = DefaultTreeAdapterTypes.Element;

/** What every entry of the page begins with. */
const CELL = '<div class="outer-cell';

/** The entries of a page of any length, one in memory at a time. Throws `Unreadable` when the page ends before its end. */
export async function* cellsOf(file: SourceFile, most: number): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let held = '';
  let isWithin = false;
  for await (const chunk of asUtf8(file.open())) {
    held += decoder.decode(chunk, { stream: true });
    for (let next = held.indexOf(CELL, isWithin ? CELL.length : 0); next >= 0; next = held.indexOf(CELL, CELL.length)) {
      if (isWithin) yield held.slice(0, next);
      held = held.slice(next);
      isWithin = true;
    }
    if (held.length > most)
      throw new Unreadable(`an entry of it is larger than ${most} bytes, which are taken at once (raise it: --limit conversation=…)`);
    // Style sheets before the first entry.
    if (!isWithin) held = held.slice(-CELL.length);
  }
  held += decoder.decode();
  if (!isWithin) throw new Unreadable('no entry was found in the page: its build is not the one that is known');
  yield held;
  if (!/<\/html>\s*$/i.test(held)) throw new Unreadable('the page is cut off: its last entry may be incomplete');
}

/** An entry, or why it is none. */
export function activityInHtml(cell: string): Activity | string {
  const root = parseFragment(cell);
  const header = withClass(root.childNodes, 'header-cell')[0];
  const bodies = withClass(root.childNodes, 'content-cell').filter((body) => !/caption/.test(attributeOf(body, 'class')));
  const [body] = bodies;
  if (!header || !body) return 'an entry without header or content';
  const links = elementsIn(root.childNodes, 'a').map((link) => attributeOf(link, 'href'));
  const thread = links.map(threadIn).find((id) => id !== undefined);
  const images = bodies.flatMap((one) => elementsIn(one.childNodes, 'img')).map((image) => attributeOf(image, 'src'));
  const heads = header.childNodes
    .filter(isElement)
    .map((one) => textOf(one).trim())
    .filter((text) => text !== '');
  const product = heads[0] ?? textOf(header).trim();

  const { before, when, after } = splitAtTime(body.childNodes);
  const dated = when ?? heads.find(looksLikeWhen);
  const local = before
    .flatMap((node) => elementsIn([node], 'a'))
    .map((link) => ({ name: textOf(link).trim(), path: decoded(attributeOf(link, 'href')) }));
  const files = [...local, ...images.map((path) => ({ name: decoded(path), path: decoded(path) }))].filter(
    ({ path }) => path !== '' && !/^[a-z][a-z+.-]*:/i.test(path),
  );
  const facts = {
    product,
    ...some('at', dated === undefined ? undefined : parseWhen(dated)),
    when: dated ?? '',
    files: [...new Map(files.map((one) => [one.path, one])).values()],
    ...some('thread', thread),
  };
  // The log's own layout: label and prompt, time, answer. An entry without a time may have no answer either.
  if (when !== undefined) {
    const html = after
      .map((node) => outer(node))
      .join('')
      .trim();
    return { ...facts, title: titleOf(before), answers: html === '' ? [] : [html] };
  }
  // Another one that has been seen: label and time in the header, prompt and answer as paragraphs.
  const label = heads.slice(1).find((text) => !looksLikeWhen(text)) ?? '';
  if (label === '')
    return dated === undefined
      ? 'an entry without a time: what was asked and what was answered can not be told apart'
      : 'an entry without a title';
  const paragraphs = body.childNodes.filter((node) => isElement(node) || textOf(node).trim() !== '');
  const isPrompt = /:$|^(prompted|asked|said)/i.test(label);
  const asked = isPrompt ? paragraphs.slice(0, 1) : [];
  const html = paragraphs
    .slice(asked.length)
    .map((node) => outer(node))
    .join('');
  return { ...facts, title: `${label}\u00a0${asked.map((node) => textOf(node).trim()).join('\n')}`, answers: html === '' ? [] : [html] };
}

/** Around the line, among those that `<br>` ends, that is a time. */
function splitAtTime(nodes: readonly ChildNode[]): { before: ChildNode[]; when?: string; after: ChildNode[] } {
  for (const [index, node] of nodes.entries()) {
    if (node.nodeName !== '#text' || index === 0) continue;
    const text = textOf(node).trim();
    const starts = nodes[index - 1]!.nodeName === 'br';
    if (starts && looksLikeWhen(text))
      return {
        before: nodes.slice(0, index - 1),
        when: text,
        after: nodes.slice(index + 1).filter((one, at) => at > 0 || one.nodeName !== 'br'),
      };
  }
  return { before: [...nodes], after: [] };
}

/** Lines as typed; links to attached files are no part of what was said. */
function titleOf(nodes: readonly ChildNode[]): string {
  const text = nodes.map((node) => (node.nodeName === 'br' ? '\n' : textOf(node))).join('');
  const lines = text.split('\n').filter((line) => !/^\s*-\s+/.test(line) || !nodes.some((node) => elementsIn([node], 'a').length > 0));
  return lines.join('\n').trim();
}

function withClass(nodes: readonly ChildNode[], name: string): Element[] {
  return elementsIn(nodes, 'div').filter((element) => attributeOf(element, 'class').split(/\s+/).includes(name));
}

function outer(node: ChildNode): string {
  return serialize({ nodeName: '#document-fragment', childNodes: [node] });
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
