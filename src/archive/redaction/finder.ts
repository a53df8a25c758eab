/** A place in a text that has to go, in UTF-16 units, and what stands there then. */
export interface Found {
  start: number;
  end: number;
  instead: string;
}

/** What is to be taken out, however it is told: a text, a form, secrets, or what was taken out before. */
export interface Finder {
  /** In order, none over another. */
  find(text: string): Found[];
  /** Of a member of a JSON object: what of its value has to go because of the name that it has. */
  inMember?(name: string, value: string): Found[];
}

/** What stands where a text was. */
export const REDACTED = '[redacted]';

/** As it is written, letter case included. */
export function literalFinder(wanted: string): Finder {
  return {
    find(text) {
      const found: Found[] = [];
      for (let start = text.indexOf(wanted); start >= 0; start = text.indexOf(wanted, start + wanted.length))
        found.push({ start, end: start + wanted.length, instead: REDACTED });
      return found;
    },
  };
}

/** `form`: global. Matches of nothing are none. */
export function patternFinder(form: RegExp): Finder {
  return {
    find: (text) =>
      [...text.matchAll(form)].flatMap(({ index, 0: match }) =>
        match === '' ? [] : [{ start: index, end: index + match.length, instead: REDACTED }],
      ),
  };
}

export function withoutFound(text: string, found: readonly Found[]): string {
  let clean = '';
  let from = 0;
  for (const { start, end, instead } of found) {
    clean += text.slice(from, start) + instead;
    from = end;
  }
  return clean + text.slice(from);
}

/** Where a place of a text is when that has been taken out. */
export function movedPlace(found: readonly Found[], place: number): number {
  let shift = 0;
  for (const { start, end, instead } of found) {
    if (start >= place) break;
    if (end > place) return start + shift + instead.length;
    shift += instead.length - (end - start);
  }
  return place + shift;
}
