import { stripVTControlCharacters } from 'node:util';

/** Lines of at most `width` characters, broken between words. Lines after the first begin with `indent`. Colours are not counted. */
export function wrapped(text: string, width: number, indent = ''): string[] {
  return flowed(text.split(' '), ' ', width, indent);
}

/** The same with pieces that stay whole, such as the entries of a legend. */
export function flowed(pieces: readonly string[], gap: string, width: number, indent = ''): string[] {
  const lines: string[] = [];
  let line: string | undefined;
  for (const piece of pieces) {
    if (line === undefined) line = piece;
    else if (shown(line) + shown(gap) + shown(piece) <= width) line += gap + piece;
    else {
      lines.push(line.trimEnd());
      line = indent + piece;
    }
  }
  if (line !== undefined) lines.push(line);
  return lines;
}

/** A line in two columns (`  name   what it is`): the second is broken under itself, or put below where the first takes half of the width. */
export function hanging(line: string, width: number): string[] {
  if (shown(line) <= width) return [line];
  const [, first = '', second = line] = /^(.*\S\s{2,})(\S.*)$/.exec(line) ?? [];
  if (shown(first) > width / 2) return [...wrapped(first.trimEnd(), width, '      '), ...wrapped(`      ${second}`, width, '      ')];
  return wrapped(line, width, ' '.repeat(shown(first)));
}

/** Characters that a text takes on a screen; our own texts have no wide ones. */
export function shown(text: string): number {
  return stripVTControlCharacters(text).length;
}
