/**
 * Text in the form in which two copies of it are compared: what models change when they repeat is made alike. Runs of white space are one
 * space, typographic quotes, dashes and dots plain, letters small and taken apart (NFD: é is e and its accent).
 */
export interface PlainText {
  text: string;
  /** For each of its characters, where the one that it comes from ends in the original. */
  ends: number[];
  /** It ends with a space, or is empty: more white space adds nothing. */
  spaced: boolean;
}

export function emptyPlain(): PlainText {
  return { text: '', ends: [], spaced: true };
}

export function plainOf(text: string): PlainText {
  const plain = emptyPlain();
  addPlain(plain, text, 0);
  return plain;
}

/**
 * Adds a piece that begins at `offset` of the original, and returns what was added. The text grows by whole pieces and its end is not
 * looked at in between: each look would copy all of it, and answers can be long.
 */
export function addPlain(into: PlainText, piece: string, offset: number): string {
  let at = offset;
  let added = '';
  for (const point of piece) {
    at += point.length;
    const plain = plainForm(point);
    if (plain === ' ' && into.spaced) {
      if (into.ends.length > 0) into.ends[into.ends.length - 1] = at;
      continue;
    }
    into.spaced = plain === ' ';
    added += plain;
    for (let unit = 0; unit < plain.length; unit++) into.ends.push(at);
  }
  into.text += added;
  return added;
}

/** What of the original stands behind the plain character at `index`: also the rest of a letter of which only the first piece is wanted. */
export function restAfter(plain: PlainText, index: number, original: string): string {
  const end = index < 0 ? 0 : plain.ends[index]!;
  let next = index + 1;
  while (index >= 0 && plain.ends[next] === end) next += 1;
  return plain.text.slice(index + 1, next) + original.slice(end);
}

const PLAIN: ReadonlyMap<string, string> = new Map([
  ...Array.from('‘’‚‛`´', (point): [string, string] => [point, "'"]),
  ...Array.from('“”„‟«»', (point): [string, string] => [point, '"']),
  ...Array.from('‐‑‒–—', (point): [string, string] => [point, '-']),
  ['…', '...'],
]);

function plainForm(point: string): string {
  const code = point.charCodeAt(0);
  if (code < 128) {
    if (code === 32 || (code >= 9 && code <= 13)) return ' ';
    if (code === 96) return "'";
    return code >= 65 && code <= 90 ? String.fromCharCode(code + 32) : point;
  }
  if (/\s/.test(point)) return ' ';
  return PLAIN.get(point) ?? point.normalize('NFD').toLowerCase();
}
