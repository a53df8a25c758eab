import { spawn } from 'node:child_process';
import type { Context } from './command.ts';
import { findProgram } from '../watch/alerts/find-program.ts';
import { terminal as terminalOf } from './terminal.ts';

/** For commands whose output may be longer than a screen. */
export const PAGER_ARG = {
  pager: {
    type: 'boolean',
    default: true,
    description: 'Show what is longer than the screen in your pager.',
    negativeDescription: 'Print all of it at once, without your pager.',
  },
} as const;

/** What git gives less where the user says nothing: https://git-scm.com/docs/git-config#Documentation/git-config.txt-corepager */
const LESS = 'FRX';
/** Of a shell that does not find the program. */
const NOT_FOUND = 127;

/**
 * Prints lines; on a terminal that they do not fit into by way of the user's pager ($PAGER, or less), as git does. Never where the output goes
 * anywhere else. A pager that can't be started is done without.
 */
export async function show(lines: readonly string[], { flags, terminal, deps }: Context): Promise<void> {
  const { streams, environment, called, onSignal } = deps.surroundings;
  const screen = streams.stdout.fd;
  const pager =
    flags.on('pager') && terminal.screen && screen !== undefined && lines.length >= terminal.height()
      ? pagerOf(deps.surroundings)
      : undefined;
  if (pager && screen !== undefined) {
    let text = '';
    const stdout = {
      ...(streams.stdout.columns !== undefined && { columns: streams.stdout.columns }),
      isTTY: true,
      write: (piece: string) => (text += piece),
    };
    const into = terminalOf({ stdin: {}, stdout, stderr: stdout }, environment, called);
    for (const line of lines) into.out(line);
    // Ctrl-C is the pager's.
    const release = onSignal('SIGINT', () => undefined);
    const isShown = await page(text, pager, screen, environment).finally(release);
    if (isShown) return;
  }
  for (const line of lines) terminal.out(line);
}

interface Pager {
  command: string;
  /** It is a command line of the user's. */
  shell: boolean;
}

function pagerOf({ environment, platform }: Context['deps']['surroundings']): Pager | undefined {
  const own = environment['PAGER']?.trim();
  if (own !== undefined) return own === '' || own === 'cat' ? undefined : { command: own, shell: true };
  const less = findProgram(['less'], environment, platform);
  return less === undefined ? undefined : { command: less, shell: false };
}

/** False: nothing was shown. */
function page(
  text: string,
  { command, shell }: Pager,
  screen: number,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, { shell, stdio: ['pipe', screen, 'inherit'], env: { LESS, ...environment } });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code !== NOT_FOUND));
    // Who has seen enough does not read to the end.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(text);
  });
}
