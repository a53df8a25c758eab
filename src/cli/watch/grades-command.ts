import { gradeList } from '../../server/watch/schemas.ts';
import type { Grade } from '../../watch/grades/grade.ts';
import { announced } from '../announced.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { CONFIG_ARGS } from '../read-config.ts';
import { notFoundText } from '../running-address.ts';
import type { Terminal } from '../terminal.ts';
import { wrapped } from '../wrap.ts';
import { askServer, placeOf } from './ask-server.ts';

export const gradesCommand: Command = {
  name: 'grades',
  summary: 'Grades status pages: how early and how honest they were.',
  args: {
    ...CONFIG_ARGS,
    url: { type: 'string', valueHint: 'URL', description: 'Where it runs; default: whichever of yours runs on this machine.' },
    json: { type: 'boolean', description: 'Print what GET /api/grades says, as it is.' },
  },
  examples: [['understudy grades', 'each page that is read, of the last 90 days']],
  page: 'watch.md',
  more: [
    'A page is held against what was seen here: requests that failed, probes. Too few outages give no grade.',
    'Exit code 0: they were shown. 3: no running Understudy was found.',
  ],
  async run(context) {
    const { flags, terminal, deps } = context;
    const place = placeOf(context);
    if (!place) return EXIT.usage;
    const got = await askServer(place, '/api/grades', gradeList);
    if (!got.ok) {
      terminal.note(got.error.message);
      if (got.error.type === 'not-running') for (const line of notFoundText(announced(deps.surroundings))) terminal.note(line);
      return got.error.type === 'failed' ? EXIT.failed : EXIT.notRunning;
    }
    if (flags.on('json')) terminal.out(JSON.stringify(got.value.given, null, 2));
    else for (const line of gradeLines(got.value.value.grades as Grade[], terminal)) terminal.out(line);
    return EXIT.done;
  },
};

/** A line of figures for each page, and what they mean in words. */
export function gradeLines(grades: readonly Grade[], { paint, width }: Pick<Terminal, 'paint' | 'width'>): string[] {
  if (grades.length === 0) return wrapped('No status page is read yet: one is once its provider is configured or has been asked.', width);
  const name = Math.max(4, ...grades.map(({ page }) => page.length));
  const sorted = grades.toSorted((one, other) => (other.score?.all ?? -1) - (one.score?.all ?? -1) || (one.page < other.page ? -1 : 1));
  const lines = [paint.dim(`${'page'.padEnd(name)}  grade  early  complete  honest`)];
  for (const { page, score, letter, summary } of sorted) {
    const cell = (figure: number | undefined, room: number): string =>
      (figure === undefined ? '-' : String(Math.round(figure))).padStart(room);
    lines.push(
      `${page.padEnd(name)}  ${(letter ?? '-').padStart(5)}  ${cell(score?.early, 5)}  ${cell(score?.complete, 8)}  ${cell(score?.honest, 6)}`,
    );
    lines.push(...wrapped(`  ${summary}`, width, '  ').map(paint.dim));
  }
  const few = grades.every(({ score }) => score === undefined);
  if (few)
    lines.push(
      '',
      ...wrapped('There is too little evidence for a grade of any page: too few outages were seen here in the last 90 days.', width),
    );
  return lines;
}
