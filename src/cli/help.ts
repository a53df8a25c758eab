import { stripVTControlCharacters } from 'node:util';
import { renderUsage } from 'citty';
import type { Command } from './command.ts';
import type { Terminal } from './terminal.ts';
import { hanging } from './wrap.ts';

/** The front page: what it is for, what there is, how to begin. */
export function overview(commands: readonly Command[], version: string, terminal: Terminal): string[] {
  const { paint } = terminal;
  const width = Math.max(...commands.map((command) => command.name.length));
  const lines = [
    `${paint.bold('Understudy')} ${version}: when your AI assistant can't go on, another one finishes the line.`,
    '',
    paint.bold('Usage'),
    '  understudy <command> [options]        in a clone: npm start -- [options], or bin/understudy <command>',
    '',
    paint.bold('Commands'),
    ...commands.map((command) => `  ${paint.accent(command.name.padEnd(width))}  ${command.summary}`),
    '',
    paint.bold('Begin here'),
    `  ${paint.accent('understudy run claude')}     Claude Code with Understudy in front; codex, gemini, opencode … likewise`,
    `  ${paint.accent('understudy start')}          for everything else: serves at http://127.0.0.1:4141 and says what to set`,
    '',
    `Every command explains itself: ${paint.accent('understudy <command> --help')}. --version prints the version.`,
    'Exit codes: 0 done, 1 failed, 2 wrong arguments or configuration, 3 no running Understudy, 130 ended by Ctrl-C.',
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
    .map((line) => line.trimEnd());
  const width = Math.max(...command.examples.map(([typed]) => typed.length));
  const all = [
    ...lines,
    '',
    paint.bold('EXAMPLES'),
    '',
    ...command.examples.map(([typed, does]) => `  ${paint.accent(typed.padEnd(width))}  ${does}`),
    ...(command.more.length > 0 ? ['', ...command.more] : []),
  ];
  return all.flatMap((line) => hanging(line, terminal.width));
}
