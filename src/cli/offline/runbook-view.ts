import type { ShownRunbook, ShownRunbooks } from '../../offline/runbook/runbook-book.ts';
import { oneLine } from '../../watch/alerts/words.ts';
import { counted } from '../counted.ts';
import type { Terminal } from '../terminal.ts';
import { wrapped } from '../wrap.ts';
import { momentText } from '../watch/board-view.ts';

type Screen = Pick<Terminal, 'paint' | 'width'>;

/** What there is, with how far each is. `fitting`: names of those for what is down now, which come first. */
export function runbookListLines({ runbooks, problems }: ShownRunbooks, fitting: readonly string[], { paint, width }: Screen): string[] {
  const place = (name: string): number => (fitting.includes(name) ? fitting.indexOf(name) : fitting.length);
  const sorted = runbooks.toSorted((one, other) => place(one.name) - place(other.name) || (one.name < other.name ? -1 : 1));
  const longest = Math.max(0, ...runbooks.map(({ name }) => name.length));
  return [
    ...sorted.flatMap((runbook) => {
      const { name, title, items, isOurs } = runbook;
      const done = items.filter(({ doneAt }) => doneAt !== undefined).length;
      const facts = [
        fitting.includes(name) ? 'for what is down now' : '',
        done > 0 ? `${done} of ${items.length} done` : '',
        isOurs ? '' : 'yours',
      ];
      const said = facts.filter((fact) => fact !== '').join(', ');
      const line = `${paint.accent(name.padEnd(longest))}  ${oneLine(title)}${said === '' ? '' : paint.dim(` (${said})`)}`;
      return wrapped(line, width, ' '.repeat(longest + 2));
    }),
    ...problemLines(problems, { paint, width }),
    '',
    ...wrapped(paint.dim('One of them: understudy runbook show NAME'), width),
  ];
}

/** One of them, with the box of each item ticked or not, and its number. */
export function runbookLines(runbook: ShownRunbook, { paint, width }: Screen): string[] {
  const { name, title, text, items, incident } = runbook;
  const places = new Map(items.map((item, index) => [item.line, { ...item, place: index + 1 }]));
  const done = items.filter(({ doneAt }) => doneAt !== undefined).length;
  const body = text.split('\n').flatMap((line, index) => {
    const item = places.get(index);
    if (!item) return line === '' ? [''] : wrapped(visible(line), width);
    const number = String(item.place).padStart(2);
    const box = item.doneAt === undefined ? '[ ]' : paint.good('[x]');
    const when = item.doneAt === undefined ? '' : paint.dim(` (${momentText(item.doneAt)})`);
    return wrapped(`${paint.dim(number)} ${box} ${visible(item.text)}${when}`, width, '       ');
  });
  const next = items.findIndex(({ doneAt }) => doneAt === undefined) + 1;
  const about = incident
    ? `Ticks are for: ${oneLine(incident.title) || incident.id}`
    : 'No incident is known that it is about; ticks stay until you take them off';
  return [
    paint.bold(oneLine(title)),
    '',
    ...body,
    '',
    ...wrapped(paint.dim(`${done} of ${counted(items.length, 'item')} done. ${about}.`), width),
    ...(next === 0 ? [] : wrapped(paint.dim(`Tick one: understudy runbook tick ${name} ${next}`), width)),
  ];
}

export function problemLines(problems: readonly string[], { paint, width }: Screen): string[] {
  return problems.length === 0
    ? []
    : ['', ...problems.flatMap((problem) => wrapped(paint.warn(`Not read: ${oneLine(problem)}`), width, '  '))];
}

/** What a file says must not steer a terminal. */
function visible(text: string): string {
  return text.replaceAll('\t', '    ').replaceAll(/\p{Cc}+/gu, ' ');
}
