import { shown } from './wrap.ts';

export interface Column {
  title: string;
  align?: 'left' | 'right';
}

/** Lines of a table with a head; cells may carry colours. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map((column, index) => Math.max(shown(column.title), ...rows.map((row) => shown(row[index] ?? ''))));
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, index) => pad(cells[index] ?? '', widths[index]!, column.align ?? 'left'))
      .join('  ')
      .trimEnd();
  return [line(columns.map((column) => column.title)), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const gap = ' '.repeat(Math.max(0, width - shown(text)));
  return align === 'left' ? text + gap : gap + text;
}
