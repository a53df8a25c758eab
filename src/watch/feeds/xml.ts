import { SaxesParser } from 'saxes';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { FeedProblem, Payload } from '../page-reading.ts';

/** An element as it is written, prefix and all. */
export interface XmlElement {
  name: string;
  attributes: Readonly<Record<string, string>>;
  content: (string | XmlElement)[];
}

/** What the port that fetches lets through as well; a document that comes another way is held to it too. */
const MOST_BYTES = 8 * 1024 * 1024;
/** Feeds nest five deep, and HTML inside of them a dozen. */
const DEEPEST = 64;
/** A feed of a thousand entries has some ten thousand. */
const MOST_ELEMENTS = 100_000;
/** Of HTML, which feeds hold in spite of XML. Others are an error, as XML has it. */
const ENTITIES = { amp: '&', gt: '>', lt: '<', quot: '"', apos: "'", nbsp: '\u00a0', ndash: '–', mdash: '—', hellip: '…', rsquo: '’' };

/** Ends the parsing. */
class Unfit extends Error {}

/**
 * The root of an XML document. It is read strictly: what is cut off or not well-formed is a problem, so that no part of a feed passes for the whole. A
 * document that declares entities of its own is refused, unexpanded.
 */
export function xmlOf({ bytes, contentType }: Payload): Result<XmlElement, FeedProblem> {
  if (bytes.length > MOST_BYTES) return err({ type: 'malformed', message: 'what came is longer than 8 MiB' });
  const text = decoded(bytes);
  if (text === undefined) return err({ type: 'malformed', message: 'what came is text in no encoding that is known here' });
  const start = text.trimStart().slice(0, 200).toLowerCase();
  if (start === '') return err({ type: 'not-a-feed', message: 'nothing came: the answer is empty' });
  if (/^<(?:!doctype html|html)\b/.test(start) || (!start.startsWith('<') && contentType === 'text/html')) {
    return err({ type: 'not-a-feed', message: 'a web page came instead of a feed' });
  }
  if (!start.startsWith('<')) return err({ type: 'not-a-feed', message: 'what came is no XML' });
  try {
    return ok(parsed(text.trimStart()));
  } catch (error) {
    if (error instanceof Unfit) return err({ type: 'malformed', message: error.message });
    throw error;
  }
}

function parsed(text: string): XmlElement {
  const parser = new SaxesParser({ xmlns: false });
  Object.assign(parser.ENTITIES, ENTITIES);
  const root: XmlElement = { name: '', attributes: {}, content: [] };
  const open = [root];
  let elements = 0;
  parser.on('error', (error) => {
    throw new Unfit(`what came is no well-formed XML, or is cut off (${error.message})`);
  });
  parser.on('doctype', (declaration) => {
    if (declaration.includes('[')) throw new Unfit('what came declares entities of its own, which are not read');
  });
  parser.on('opentag', ({ name, attributes }) => {
    elements += 1;
    if (open.length > DEEPEST || elements > MOST_ELEMENTS)
      throw new Unfit('what came is nested deeper or has more elements than a feed has');
    const element: XmlElement = { name, attributes, content: [] };
    open.at(-1)!.content.push(element);
    open.push(element);
  });
  parser.on('closetag', () => void open.pop());
  parser.on('text', (piece) => void open.at(-1)!.content.push(piece));
  parser.on('cdata', (piece) => void open.at(-1)!.content.push(piece));
  parser.write(text).close();
  const first = root.content.find((piece) => typeof piece !== 'string');
  if (first === undefined) throw new Unfit('what came has no element');
  return first;
}

/** By its byte order mark, else by what its XML declaration says, else UTF-8 (XML 1.0, appendix F). */
function decoded(bytes: Uint8Array): string | undefined {
  const mark = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : undefined;
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 200));
  const said = /^[^<]{0,3}<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(head)?.[1];
  try {
    return new TextDecoder(mark ?? said ?? 'utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Those right below it. */
export function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return element.content.filter((piece) => typeof piece !== 'string' && piece.name === name) as XmlElement[];
}

/** What it holds, as HTML: elements (Atom's `type="xhtml"`) are written out again. */
export function htmlIn(element: XmlElement): string {
  return element.content
    .map((piece) => {
      if (typeof piece === 'string') return hasElements(element) ? piece.replaceAll('&', '&amp;').replaceAll('<', '&lt;') : piece;
      return `<${piece.name}>${htmlIn(piece)}</${piece.name}>`;
    })
    .join('');
}

function hasElements({ content }: XmlElement): boolean {
  return content.some((piece) => typeof piece !== 'string');
}

/** The words of the first child of that name that has any. */
export function wordsOf(element: XmlElement, ...names: string[]): string | undefined {
  for (const child of names.flatMap((name) => childrenOf(element, name))) {
    const words = htmlIn(child).trim();
    if (words !== '') return words;
  }
  return undefined;
}
