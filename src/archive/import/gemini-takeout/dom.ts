import type { DefaultTreeAdapterTypes } from 'parse5';

type ChildNode = DefaultTreeAdapterTypes.ChildNode;
type Element = DefaultTreeAdapterTypes.Element;

/** Text that nobody reads. */
const UNSEEN = new Set(['script', 'style', 'template', 'noscript', 'head', 'title']);

export function isElement(node: ChildNode): node is Element {
  return 'tagName' in node;
}

export function attributeOf(element: Element, name: string): string {
  return element.attrs.find((attribute) => attribute.name === name)?.value ?? '';
}

/** Elements of a name, in document order. Without recursion: pages may be nested deeply. */
export function elementsIn(nodes: readonly ChildNode[], name: string): Element[] {
  const found: Element[] = [];
  for (const node of everyNode(nodes)) if (isElement(node) && node.tagName === name) found.push(node);
  return found;
}

export function textOf(node: ChildNode): string {
  let text = '';
  for (const one of everyNode([node])) {
    if (one.nodeName === '#text' && 'value' in one) text += one.value;
    else if (one.nodeName === 'br') text += '\n';
  }
  return text;
}

function* everyNode(nodes: readonly ChildNode[]): Generator<ChildNode> {
  const stack = nodes.toReversed();
  for (let node = stack.pop(); node; node = stack.pop()) {
    yield node;
    if (!isElement(node) || UNSEEN.has(node.tagName)) continue;
    for (let at = node.childNodes.length - 1; at >= 0; at--) stack.push(node.childNodes[at]!);
  }
}
