import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { renderUsage } from 'citty';
import type { Command } from './command.ts';
import type { Terminal } from './terminal.ts';
import { hanging } from './wrap.ts';

/** In a clone and in the installed package alike. */
function docsFolder(): string {
  return fileURLToPath(new URL('../../docs', import.meta.url));
}

/** The front page: what it is for, what there is, how to begin. */
export function overview(commands: readonly Command[], version: string, terminal: Terminal): string[] {
  const { paint } = terminal;
  const width = Math.max(...commands.map((command) => command.name.length));
  const lines = [
    `${paint.bold('Understudy')} ${version}: when your AI assistant can't go on, another one finishes the line.`,
    '',
    paint.bold('Usage'),
    '  understudy <command> [options]',
    '',
    paint.bold('Commands'),
    ...commands.map((command) => `  ${paint.accent(command.name.padEnd(width))}  ${command.summary}`),
    '',
    paint.bold('Begin here'),
    `  ${paint.accent('understudy run claude')}     Claude Code, or codex, gemini … likewise`,
    `  ${paint.accent('understudy start')}          for everything else; says what to set`,
    '',
    `Each command explains itself: ${paint.accent('understudy <command> --help')}`,
    `Documentation, beginning with start.md: ${docsFolder()}`,
  ];
  return lines.flatMap((line) => hanging(line, terminal.width));
}

/** One command's page: usage and options from its definition, then examples and what else to know. */
export async function page(command: Command, terminal: Terminal): Promise<string[]> {
  const usage = await renderUsage(
    { meta: { name: command.name, description: command.summary }, args: command.args },
    { meta: { name: 'understudy' } },
  );
  const { paint } = terminal;
  const lines = (terminal.screen ? usage : stripVTControlCharacters(usage))
    .trimEnd()
    .split('\n')
    // A switch that is on until it is turned off says so by its --no-… below.
    .map((line) => line.replace(/ \(Default: true\)/, '').trimEnd());
  const examples = besideOrBelow(command.examples, terminal);
  const all = [
    ...lines,
    '',
    paint.bold('EXAMPLES'),
    '',
    ...examples,
    ...(command.more.length > 0 ? ['', ...command.more] : []),
    ...(command.page === undefined ? [] : ['', `More: ${join(docsFolder(), command.page)}`]),
  ];
  return all.flatMap((line) => hanging(line, terminal.width));
}

/** What each does beside what is typed; below it, where it does not fit beside all of them. */
function besideOrBelow(examples: Command['examples'], { paint, width }: Terminal): string[] {
  const widest = Math.max(...examples.map(([typed]) => typed.length));
  if (examples.every(([, does]) => 4 + widest + does.length <= width))
    return examples.map(([typed, does]) => `  ${paint.accent(typed.padEnd(widest))}  ${does}`);
  return examples.flatMap(([typed, does]) => [`  ${paint.accent(typed)}`, `      ${does}`]);
}
