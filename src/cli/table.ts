import { shown, wrapped } from './wrap.ts';

export interface Column {
  title: string;
  align?: 'left' | 'right';
}

/** Below this a column of text is a column of syllables. */
const NARROWEST = 16;

/** Lines of a table with a head; cells may carry colours. Where it is wider than `width`, its widest columns are folded into several lines. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], width = Number.POSITIVE_INFINITY): string[] {
  const widths = columns.map((column, index) => Math.max(shown(column.title), ...rows.map((row) => shown(row[index] ?? ''))));
  const excess = (): number => widths.reduce((sum, each) => sum + each + 2, -2) - width;
  while (excess() > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    const next = Math.max(NARROWEST, ...widths.filter((_, index) => index !== widest));
    const least = widths[widest]! > next ? next : NARROWEST;
    if (widths[widest]! <= least) break;
    widths[widest] = Math.max(least, widths[widest]! - excess());
  }
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, index) => pad(cells[index] ?? '', widths[index]!, column.align ?? 'left'))
      .join('  ')
      .trimEnd();
  const lines = (cells: readonly string[]): string[] => {
    const folded = columns.map((_, index) => fold(cells[index] ?? '', widths[index]!));
    return Array.from({ length: Math.max(...folded.map((cell) => cell.length)) }, (_, number) =>
      line(folded.map((cell) => cell[number] ?? '')),
    );
  };
  return [line(columns.map((column) => column.title)), line(widths.map((each) => '-'.repeat(each))), ...rows.flatMap(lines)];
}

/** Between words; within one only where it is longer than the column, as paths are. */
function fold(cell: string, width: number): string[] {
  if (shown(cell) <= width) return [cell];
  return wrapped(cell, width).flatMap((part) =>
    shown(part) <= width || shown(part) < part.length
      ? [part]
      : Array.from({ length: Math.ceil(part.length / width) }, (_, number) => part.slice(number * width, (number + 1) * width)),
  );
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const gap = ' '.repeat(Math.max(0, width - shown(text)));
  return align === 'left' ? text + gap : gap + text;
}
