/** A part of a text that is made piece by piece: from a character on, at most so many, ending with a line where there is one. */
export function partOf(pieces: Iterable<string>, from: number, characters: number): { text: string; next?: number } {
  let at = 0;
  let text = '';
  for (const piece of pieces) {
    const end = at + piece.length;
    if (end > from) text += piece.slice(Math.max(from - at, 0));
    at = end;
    if (text.length > characters) {
      const line = text.lastIndexOf('\n', characters);
      const cut = line > characters / 2 ? line + 1 : wholeCharacters(text, characters);
      return { text: text.slice(0, cut), next: from + cut };
    }
  }
  return { text };
}

/** Not between the halves of a character beyond the basic plane. */
function wholeCharacters(text: string, end: number): number {
  const code = text.charCodeAt(end - 1);
  return code >= 0xd800 && code < 0xdc00 ? end - 1 : end;
}
