import { stripVTControlCharacters } from 'node:util';

/** Lines of at most `width` characters, broken between words. Lines after the first begin with `indent`. Colours are not counted. */
export function wrapped(text: string, width: number, indent = ''): string[] {
  return flowed(text.split(' '), ' ', width, indent);
}

/** The same with pieces that stay whole, such as the entries of a legend; what can be seen of a gap ends the line that it breaks. */
export function flowed(pieces: readonly string[], gap: string, width: number, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  pieces.forEach((piece, index) => {
    const after = index < pieces.length - 1 ? gap.trimEnd() : '';
    if (index === 0) line = piece;
    // An indent that a long word follows is no line of its own.
    else if (line.trim() === '' || shown(line + gap + piece + after) <= width) line += gap + piece;
    else {
      lines.push((line + gap).trimEnd());
      line = indent + piece;
    }
  });
  return [...lines, line];
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
