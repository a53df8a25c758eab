import type { Searchable } from './searchable.ts';
import type { Term } from './query.ts';
import { folded, hasUnspaced, wordsIn } from './text.ts';

/** From, to: UTF-16 units of the text that they are in. */
export type Mark = [from: number, to: number];

export interface Snippet {
  /** In one line; … at an end stands for what is left out. */
  text: string;
  marks: Mark[];
  /** Index of the message's part that it is out of, and where its first mark is in what can be searched of that part (for a text: in the text). */
  part: number;
  offset: number;
}

export interface Found {
  snippet: Snippet;
  /** Terms of the query that are in the message. */
  terms: number;
  /** Characters from the beginning of the first to the end of the last, where all of them are nearest to each other; absent: they are in different parts. */
  span?: number;
}

/** Of a text, how much is looked at for marks: enough of a log of a megabyte. */
const MOST_TEXT = 400_000;
const MOST_MARKS = 200;

/** Where the terms of a query are. Whole words if there are any, else what contains them, as the index finds pieces of names too. Gives the marks of each term. */
export function markerOf(terms: readonly Term[]): (text: string) => Mark[][] {
  const patterns = terms.map(patternsOf);
  return (text) => {
    const looked = folded(text.slice(0, MOST_TEXT));
    return patterns.map((ways) => {
      for (const pattern of ways) {
        const marks = marksOf(looked, pattern);
        if (marks.length > 0) return marks;
      }
      return [];
    });
  };
}

function marksOf(text: string, pattern: RegExp): Mark[] {
  const marks: Mark[] = [];
  for (const found of text.matchAll(pattern)) {
    if (found[0] !== '') marks.push([found.index, found.index + found[0].length]);
    if (marks.length === MOST_MARKS) break;
  }
  return marks;
}

function patternsOf(term: Term): RegExp[] {
  const text = folded(term.text.normalize('NFC'));
  if (term.type === 'fragment') return [new RegExp(fragmentSource(text), 'gu')];
  const words = wordsIn(text);
  if (words.length === 0) return [];
  const joined = words.map(escaped).join(String.raw`[^\p{L}\p{N}_]+`);
  const loose = new RegExp(joined, 'gu');
  if (term.type === 'inside' || hasUnspaced(text)) return [loose];
  const end = term.prefix ? String.raw`[\p{L}\p{N}_]*` : String.raw`(?![\p{L}\p{N}_])`;
  return [new RegExp(String.raw`(?<![\p{L}\p{N}_])${joined}${end}`, 'gu'), loose];
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`).replace(/\\-/g, '-');
}

/** Says whether all of these pieces (folded) are in a message, as they stand but for white space; each may be in another part. */
export function holder(fragments: readonly string[]): (texts: readonly Searchable[]) => boolean {
  const patterns = fragments.map((fragment) => new RegExp(fragmentSource(fragment), 'u'));
  return (texts) => {
    const looked = texts.map(({ text }) => folded(text));
    return patterns.every((pattern) => looked.some((text) => pattern.test(text)));
  };
}

function fragmentSource(text: string): string {
  return escaped(text.trim()).replace(/\s+/g, String.raw`\s+`);
}

/** Characters of a snippet: two lines of a terminal. */
const LENGTH = 160;

/** The piece of a message that shows best why it was found. */
export function bestSnippet(texts: readonly Searchable[], marksIn: (text: string) => Mark[][]): Found | undefined {
  let best: { window: Window; marks: Mark[][]; text: Searchable } | undefined;
  const found = new Set<number>();
  for (const text of texts) {
    const marks = marksIn(text.text);
    marks.forEach((some, term) => some.length > 0 && found.add(term));
    const window = bestWindow(marks);
    if (window && (!best || window.terms > best.window.terms || (window.terms === best.window.terms && window.span < best.window.span)))
      best = { window, marks, text };
  }
  const first = texts[0];
  if (!best) return first && { snippet: cutOut(first, [0, 0], []), terms: 0 };
  const snippet = cutOut(best.text, best.window.at, best.marks.flat());
  return { snippet, terms: found.size, ...(best.window.terms === best.marks.length && { span: best.window.span }) };
}

interface Window {
  at: Mark;
  /** Different terms in it. */
  terms: number;
  /** Characters from its first mark to its last. */
  span: number;
}

/** Where most terms are within the length of a snippet, nearest to each other. */
function bestWindow(marks: readonly Mark[][]): Window | undefined {
  const all = marks.flatMap((some, term) => some.map((mark) => ({ mark, term }))).toSorted((one, other) => one.mark[0] - other.mark[0]);
  let best: Window | undefined;
  all.forEach(({ mark: [from] }, start) => {
    const terms = new Set<number>();
    let to = from;
    for (let next = start; next < all.length && all[next]!.mark[1] - from <= LENGTH * 2; next++) {
      if (terms.has(all[next]!.term)) continue;
      terms.add(all[next]!.term);
      to = Math.max(to, all[next]!.mark[1]);
    }
    if (terms.size === 0) {
      terms.add(all[start]!.term);
      to = all[start]!.mark[1];
    }
    if (!best || terms.size > best.terms || (terms.size === best.terms && to - from < best.span))
      best = { at: [from, to], terms: terms.size, span: to - from };
  });
  return best;
}

function cutOut({ part, text }: Searchable, [from, to]: Mark, marks: readonly Mark[]): Snippet {
  const room = Math.max(0, LENGTH - (to - from));
  let start = wordStart(text, Math.max(0, from - Math.floor(room / 3)), from);
  const end = wordEnd(text, Math.min(text.length, Math.max(start + LENGTH, from + 1)), Math.min(to, start + LENGTH * 2));
  // What goes before is shown where it fits.
  if (end === text.length) start = wordStart(text, Math.max(0, Math.min(start, end - LENGTH)), from);
  const inside = marks
    .filter(([one, other]) => one >= start && other <= end)
    .toSorted((one, other) => one[0] - other[0])
    .filter(([one], place, sorted) => place === 0 || one >= sorted[place - 1]![1]);
  return { ...inOneLine(text, start, end, inside), part, offset: from };
}

/** At the beginning of a word, at or after `near`, not after `most`. */
function wordStart(text: string, near: number, most: number): number {
  if (near === 0) return 0;
  const gap = text.slice(near - 1, most).search(/\s/);
  const start = gap < 0 || gap > 30 ? near : near + gap;
  return isLowSurrogate(text, start) ? start + 1 : start;
}

function wordEnd(text: string, near: number, least: number): number {
  const end = Math.min(text.length, Math.max(near, least));
  if (end === text.length) return end;
  const gap = text.slice(Math.max(least, end - 30), end).search(/\s\S*$/);
  const cut = gap < 0 ? end : Math.max(least, end - 30) + gap;
  return isLowSurrogate(text, cut) ? cut - 1 : cut;
}

function isLowSurrogate(text: string, place: number): boolean {
  const code = text.charCodeAt(place);
  return code >= 0xdc00 && code <= 0xdfff;
}

/** White space is one space each, and marks stay where their words are. */
function inOneLine(text: string, start: number, end: number, marks: readonly Mark[]): { text: string; marks: Mark[] } {
  let line = start > 0 ? '…' : '';
  let place = start;
  const placed: Mark[] = [];
  const take = (to: number): number => {
    const piece = text.slice(place, to).replace(/[\s\p{Cc}]+/gu, ' ');
    line += line === '' || line.endsWith(' ') ? piece.trimStart() : piece;
    place = to;
    return line.length;
  };
  for (const [from, to] of marks) {
    const first = take(from);
    placed.push([first, take(to)]);
  }
  take(end);
  const whole = line.trimEnd();
  return { text: end < text.length ? `${whole}…` : whole, marks: placed.filter(([, to]) => to <= whole.length) };
}
