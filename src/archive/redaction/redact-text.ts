import { type Finder, type Found, withoutFound } from './finder.ts';

/** Told of each text that is taken out. */
export type Note = (text: string, instead: string) => void;

/** Members whose values come from a closed list: what is in them is nobody's secret, and readers go by them. */
const STRUCTURE = new Set(['type', 'role']);
/** Numbers that are long enough to be somebody's: of a card, of a telephone. */
const NUMBER = /(?<![\w.+-])-?\d{6,}(?![\w.])/g;
const BACKSLASH = 0x5c;

/** Takes out what a finder finds, also in JSON, and in JSON that is in the strings of JSON (arguments of calls). All else stays as it is, byte for byte. */
export function redactText(text: string, finder: Finder, note: Note): string {
  if (!/^\s*[[{]/.test(text)) return replaceFound(text, finder.find(text), note);
  const clean = redactJson(text, finder, note);
  // Its structure stays whole as long as only its strings are touched; what has none to keep may lose anything.
  return isWhole(clean) ? clean : replaceFound(clean, finder.find(clean), note);
}

/** The same of text that is JSON throughout, or a piece of it, or many lines of it: touches nothing but its strings, and numbers that are found whole. */
export function redactJson(text: string, finder: Finder, note: Note): string {
  let clean = '';
  let from = 0;
  let name: string | undefined;
  for (let open = text.indexOf('"'); open >= 0;) {
    const close = closingQuote(text, open);
    if (close < 0) break;
    clean += redactNumbers(text.slice(from, open), finder, note);
    const isName = isFollowedByColon(text, close + 1);
    const literal = text.slice(open, close + 1);
    const value = valueOf(literal);
    if (value === undefined || (!isName && name !== undefined && STRUCTURE.has(name))) clean += literal;
    else {
      const member = isName || name === undefined ? [] : (finder.inMember?.(name, value) ?? []);
      const redacted = member.length > 0 ? replaceFound(value, member, note) : redactText(value, finder, note);
      clean += redacted === value ? literal : JSON.stringify(redacted);
    }
    name = isName ? value : undefined;
    from = close + 1;
    open = text.indexOf('"', from);
  }
  return clean + redactNumbers(text.slice(from), finder, note);
}

function replaceFound(text: string, found: readonly Found[], note: Note): string {
  if (found.length === 0) return text;
  for (const { start, end, instead } of found) note(text.slice(start, end), instead);
  return withoutFound(text, found);
}

/** Of what stands between strings. */
function redactNumbers(text: string, finder: Finder, note: Note): string {
  if (text.length < 6) return text;
  return text.replace(NUMBER, (number) => {
    const [found] = finder.find(number);
    if (found?.start !== 0 || found.end !== number.length) return number;
    note(number, found.instead);
    return JSON.stringify(found.instead);
  });
}

function closingQuote(text: string, open: number): number {
  for (let close = text.indexOf('"', open + 1); close >= 0; close = text.indexOf('"', close + 1)) {
    let slashes = 0;
    while (text.charCodeAt(close - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return close;
  }
  return -1;
}

function isFollowedByColon(text: string, from: number): boolean {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1;
  return text[at] === ':';
}

function valueOf(literal: string): string | undefined {
  if (!literal.includes('\\')) return literal.slice(1, -1);
  try {
    return JSON.parse(literal) as string;
  } catch {
    return undefined;
  }
}

function isWhole(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return text.trimEnd().includes('\n') && text.trimEnd().split('\n').every(isLine);
  }
}

function isLine(line: string): boolean {
  if (line.trim() === '') return true;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
