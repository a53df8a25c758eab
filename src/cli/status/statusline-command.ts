import { spawn } from 'node:child_process';
import { parseObject } from '../../exchange/json.ts';
import { board } from '../../server/watch/schemas.ts';
import { boardLine } from '../../watch/board-line.ts';
import type { Board } from '../../watch/questions.ts';
import type { Command, Context } from '../command.ts';
import { readExchanges } from '../control-api.ts';
import { EXIT } from '../exit-code.ts';
import { readStdin } from '../read-stdin.ts';
import { CONFIG_ARGS } from '../read-config.ts';
import { askServer, quietPlaceOf } from '../watch/ask-server.ts';
import { statuslineText } from './statusline.ts';
import { terminal as makeTerminal } from '../terminal.ts';

/** Claude Code draws without it when it takes longer; a line that comes late is worth nothing. */
const PATIENCE = 800;
const USERS_OWN_PATIENCE = 3000;

export const statuslineCommand: Command = {
  name: 'statusline',
  summary: 'Prints Claude Code’s status line: who answers.',
  args: {
    ...CONFIG_ARGS,
    url: {
      type: 'string',
      valueHint: 'URL',
      description: 'Where Understudy runs; default: UNDERSTUDY_URL, then whichever runs on this machine.',
    },
  },
  examples: [
    ['understudy run claude', 'puts it there for one session; nothing to set up'],
    ['"statusLine": { "type": "command", "command": "understudy statusline" }', 'in ~/.claude/settings.json, for good'],
  ],
  page: 'clients/claude.md',
  more: [
    'Reads what Claude Code writes to its standard input (session_id). A command in UNDERSTUDY_STATUSLINE is run first, with the same input, and its lines are shown above.',
    'What is in use and in trouble is named at its end.',
    'Exit code 0 always: an error here must not disturb Claude Code. Where nothing runs, the line says so.',
  ],
  async run(context) {
    const given = await readStdin();
    const { environment, streams } = context.deps.surroundings;
    const own = environment['UNDERSTUDY_STATUSLINE'];
    const [before, line] = await Promise.all([own === undefined ? '' : outputOf(own, given, environment), understudyLine(context, given)]);
    if (before !== '') streams.stdout.write(`${before.replace(/\n+$/, '')}\n`);
    context.terminal.out(line);
    return EXIT.done;
  },
};

async function understudyLine(context: Context, given: string): Promise<string> {
  const { environment, streams } = context.deps.surroundings;
  // Claude Code shows colours although what it reads is no screen.
  const { paint } = makeTerminal({ ...streams, stdout: { ...streams.stdout, write: () => true, isTTY: true } }, environment);
  const found = quietPlaceOf(context);
  if (found === undefined) return paint.warn('○ Understudy: its configuration cannot be read (understudy doctor)');
  const session = parseObject(given)?.['session_id'];
  const [exchanges, watched] = await Promise.all([
    readExchanges(found.address, found.token, 50, PATIENCE),
    askServer(found, '/api/board', board, undefined, PATIENCE),
  ]);
  if (exchanges.ok) {
    const line = statuslineText(exchanges.value, typeof session === 'string' ? session : undefined, paint);
    // A board that can't be had says nothing: who answers is known all the same.
    const trouble = watched.ok ? boardLine((watched.value.value as Board).judgements, watched.value.value.at) : '';
    return trouble === '' ? line : `${line} ${paint.warn(`▲ ${trouble}`)}`;
  }
  return exchanges.error.type === 'not-running'
    ? paint.bad(`○ Understudy does not run at ${found.address}`)
    : paint.warn(`○ Understudy at ${found.address} does not say who answers`);
}

/** What the user's own status line says; nothing where it fails or takes too long. */
function outputOf(command: string, input: string, environment: Readonly<Record<string, string | undefined>>): Promise<string> {
  return new Promise((resolve) => {
    // Without our variable, so that a line which is Understudy's again ends there.
    const { UNDERSTUDY_STATUSLINE: _, ...env } = environment;
    const child = spawn(command, { shell: true, env, stdio: ['pipe', 'pipe', 'ignore'], timeout: USERS_OWN_PATIENCE, windowsHide: true });
    let output = '';
    child.stdout.on('data', (piece: Buffer) => (output += piece.toString()));
    child.on('error', () => resolve(''));
    child.on('close', () => resolve(output));
    // A command that does not read its input closes it; that is no error of ours.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
