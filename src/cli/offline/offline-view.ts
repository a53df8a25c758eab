import { END_LABEL, LABEL } from '../../offline/label.ts';
import type { Terminal } from '../terminal.ts';
import { wrapped } from '../wrap.ts';

/** The desk's lines for a screen: what is quoted stays as it is, but for where a line breaks. */
export function offlineLines(text: string, { paint, width }: Pick<Terminal, 'paint' | 'width'>): string[] {
  return text.split('\n').flatMap((line) => {
    if (line === LABEL || line === END_LABEL) return wrapped(line, width).map(paint.warn);
    if (line.startsWith('>')) {
      const indent = /^> *(?:[-*+] +|\d+[.)] +)?/.exec(line)![0].length;
      return wrapped(line, width, `> ${' '.repeat(Math.max(0, Math.min(indent, 20) - 2))}`);
    }
    if (/^(?:\d+\. |From your notes)/.test(line)) return wrapped(line, width, '   ').map(paint.bold);
    if (line.startsWith('- ')) return wrapped(line, width, '  ');
    return line === '' ? [''] : wrapped(line, width).map(paint.dim);
  });
}
