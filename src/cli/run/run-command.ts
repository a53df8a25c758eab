import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nearest } from '../../config/nearest.ts';
import { findPreset } from '../../providers/catalogue.ts';
import { ownProgram } from './background.ts';
import { bringHome } from './bring-home.ts';
import { optionIn } from '../clients/arguments.ts';
import type { Client, Ready, Situation } from '../clients/client.ts';
import { CLIENTS } from '../clients/clients.ts';
import { keySentence } from '../clients/credential.ts';
import type { Command, Context } from '../command.ts';
import type { Surroundings } from '../deps.ts';
import { desktopNotice, type DesktopNotice } from '../../watch/alerts/channels/desktop-notice.ts';
import { EXIT } from '../exit-code.ts';
import { findProgram } from '../../watch/alerts/find-program.ts';
import { followFeed } from '../status/follow-feed.ts';
import { findOrStart, type Front } from './front.ts';
import { guard } from './guard.ts';
import { handOver } from './hand-over.ts';
import { layOut } from './lay-out.ts';
import { lookFirst } from './look-first.ts';
import { noKeyHelp } from './no-key-help.ts';
import { CONFIG_ARGS, PORT_ARG } from '../read-config.ts';
import { watchSwitches } from './switch-watch.ts';
import { table } from '../table.ts';
import { answerersText, answersHereAlone, answersWithoutKey, passesLogin, whoAnswers } from './who-answers.ts';

export const runCommand: Command = {
  name: 'run',
  summary: 'Starts a coding CLI behind Understudy: claude, codex, …',
  handsOver: true,
  args: {
    client: { type: 'positional', required: false, description: `${CLIENTS.map(({ name }) => name).join(', ')}; what follows is its own.` },
    ...CONFIG_ARGS,
    ...PORT_ARG,
    url: { type: 'string', valueHint: 'URL', description: 'The Understudy to use; default: the running one, else one is started.' },
    direct: { type: 'boolean', description: 'Start the CLI by itself, straight to its vendor.' },
    quiet: { type: 'boolean', alias: 'q', description: 'Do not say what is in front. Warnings stay.' },
    notify: { type: 'boolean', default: true, description: 'Tell of a switch on the desktop.', negativeDescription: 'Do not.' },
    list: { type: 'boolean', description: 'Which CLIs it knows, and which are installed.' },
  },
  examples: [
    ['understudy run claude', 'Claude Code; what follows is passed on to it: claude -p "Hello"'],
    ['understudy run codex exec "Fix the test"', 'Codex'],
    ['understudy run gemini --model sim/gemini', 'Gemini CLI with a simulated assistant: no key needed'],
    ['understudy run --direct claude', 'without Understudy'],
    ['understudy run --list', 'what is known and installed'],
  ],
  page: 'clients.md',
  more: [
    'Environment, flags and files are for that process only; no file of yours is changed. Input, output, signals and the exit code pass through.',
    'An Understudy that runs is used. Otherwise one is started in the background and ended with the last CLI that uses it; its log is DATA/run/understudy.log.',
    'If it dies meanwhile, it is started again at the same address, and you are told when the CLI has ended.',
    'Your own key goes to its own vendor. A subscription’s login stays with its own program unless you have agreed to more: docs/accounts.md.',
    'UNDERSTUDY_NOTIFY=off turns desktop notifications off for good. Exit code: the CLI’s own; 2 where it was not started.',
  ],
  async run(context) {
    const { flags, terminal } = context;
    const [name, ...args] = flags.words;
    if (flags.on('list')) return list(context);
    if (name === undefined) {
      terminal.note(`Which one? ${known()}. See understudy run --help.`);
      return EXIT.usage;
    }
    const client = CLIENTS.find((each) => each.name === name);
    if (!client) {
      const near = nearest(
        name,
        CLIENTS.map((each) => each.name),
      );
      terminal.note(
        `\`${name}\` is not known here${near === undefined ? '.' : `; did you mean ${near}?`} There are: ${known()}. Anything else with a base URL to set: docs/clients.md.`,
      );
      return EXIT.usage;
    }
    return startClient(client, args, context);
  },
};

/** Starts a client with Understudy in front, or by itself with `--direct`, until it ends. Returns its exit code, or says why it was not started. */
export async function startClient(client: Client, args: readonly string[], context: Context): Promise<number> {
  const { flags, terminal, deps } = context;
  const { environment, platform } = deps.surroundings;
  const program = findProgram(client.programs, environment, platform);
  if (program === undefined) {
    terminal.note(
      `${client.title} is not installed: there is no \`${client.programs.join('` or `')}\` on PATH. Install it with: ${client.install}`,
    );
    return EXIT.usage;
  }
  if (flags.on('direct')) {
    if (!flags.on('quiet'))
      terminal.note(`${client.title} goes straight to its vendor; Understudy is not in front, and nothing stands in.`);
    return ended(await handOver({ path: program, args, environment }, deps.surroundings), client, context);
  }
  const stop = new AbortController();
  // Nobody has the terminal yet: Ctrl-C means this, and must not leave a half-started server behind.
  const undo = (['SIGINT', 'SIGTERM'] as const).map((each) => deps.surroundings.onSignal(each, () => stop.abort()));
  const front = await findOrStart(context, stop.signal);
  for (const each of undo) each();
  if (stop.signal.aborted) {
    if (front.ok) front.value.users.leave();
    return EXIT.interrupted;
  }
  if (!front.ok) {
    for (const line of front.error) terminal.note(line);
    terminal.note(`Without Understudy: understudy run --direct ${client.name}`);
    return EXIT.usage;
  }
  try {
    return await runBehind(await lookFirst(front.value), client, program, args, context);
  } finally {
    front.value.users.leave();
  }
}

async function runBehind(front: Front, client: Client, program: string, args: readonly string[], context: Context): Promise<number> {
  const { terminal, deps, flags } = context;
  const { surroundings, clock } = deps;
  const scratch = mkdtempSync(join(tmpdir(), 'understudy-run-'));
  try {
    const setUp = client.setUp(situationOf(front, scratch, args, surroundings));
    if (setUp.type === 'no-key') {
      for (const line of noKeyHelp(client, setUp.found, {
        paint: terminal.paint,
        surroundings,
        here: front.report.local?.routes[0]?.targets[0],
      }))
        terminal.note(line);
      return EXIT.usage;
    }
    layOut(setUp, surroundings.platform);
    const laidOut = clock.now();
    if (!flags.on('quiet')) for (const line of introduction(front, client, setUp)) terminal.note(line);
    for (const warning of setUp.warnings) terminal.note(terminal.paint.warn(`! ${warning}`));

    const notice = noticeFor(context);
    const watching = guard(front, clock, (sentence) => notice('Understudy', sentence));
    const unwatch = watchSwitches({
      follow: (heard) => followFeed({ address: front.address, token: front.token, types: ['switch'], clock, heard }),
      speaks: () => front.users.speaks(),
      notice,
      clock,
    });
    const environment = { ...surroundings.environment, ...setUp.environment };
    const result = await handOver({ path: program, args: setUp.args, environment }, surroundings);
    unwatch();
    watching.stop();
    if (setUp.home) for (const trouble of bringHome(setUp.home, laidOut)) terminal.note(trouble);
    const events = watching.events();
    if (events.length > 0) {
      terminal.note(`While ${client.title} ran:`);
      for (const event of events) terminal.note(`  ${event}`);
      if (events.some((event) => event.includes('could not')))
        terminal.note(`Until it runs again, new sessions go straight to the vendor with: understudy run --direct ${client.name}`);
    }
    return ended(result, client, context);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function situationOf(front: Front, scratch: string, args: readonly string[], surroundings: Surroundings): Situation {
  const { environment, home, workingFolder, platform } = surroundings;
  return {
    address: front.address,
    ...(front.token === undefined ? {} : { token: front.token }),
    args,
    environment,
    home: environment['HOME'] ?? home,
    workingFolder,
    platform,
    scratch,
    read(path) {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return undefined;
      }
    },
    list(path) {
      try {
        return readdirSync(path);
      } catch {
        return [];
      }
    },
    answersWithoutKey: (model) => answersWithoutKey(front.report, front.loaded.resolved.providers, model),
    answersHereAlone: (model) => answersHereAlone(front.report, front.loaded.resolved.providers, model),
    passesLogin: (model) => passesLogin(front.report, front.loaded.resolved.providers, model),
    statusline: `${ownProgram().map(quotedForShell).join(' ')} statusline`,
  };
}

/** Claude Code gives the command to a shell. */
function quotedForShell(word: string): string {
  return /^[\w./:\\-]+$/.test(word) ? word : `"${word.replace(/(["$`\\])/g, process.platform === 'win32' ? '$1' : '\\$1')}"`;
}

/** What is in front, who would answer, and whose key goes where. */
function introduction(front: Front, client: Client, setUp: Ready): string[] {
  const asked = optionIn(setUp.args, ['--model', '-m']);
  const model = asked ?? client.usualModel;
  const showsNothing = setUp.key === keySentence({ type: 'stand-in', value: '' }, '');
  const log = front.startedHere ? `, started for this (log: ${front.log})` : '';
  return [
    `Understudy ${front.report.version} at ${front.address}${log} is in front of ${client.title}.`,
    `${asked === undefined ? 'For instance ' : ''}${answerersText(whoAnswers(front.report, model), model, client.vendor, showsNothing)}. ${setUp.key}`,
  ];
}

function noticeFor({ flags, terminal, deps }: Context): DesktopNotice {
  const { environment, platform } = deps.surroundings;
  const off = !flags.on('notify') || environment['UNDERSTUDY_NOTIFY'] === 'off' || !terminal.screen;
  return off ? () => undefined : desktopNotice(environment, platform);
}

function ended(result: { code: number } | { error: string }, client: Client, { terminal }: Context): number {
  if ('code' in result) return result.code;
  terminal.note(`${client.title} could not be started: ${result.error}`);
  return EXIT.usage;
}

function known(): string {
  return CLIENTS.map(({ name }) => name).join(', ');
}

function list({ terminal, deps }: Context): number {
  const { environment, platform } = deps.surroundings;
  const rows = CLIENTS.map((client) => {
    const program = findProgram(client.programs, environment, platform);
    const vendor = findPreset(client.vendor)?.title ?? client.vendor;
    return [client.name, client.title, vendor, program ?? `not installed: ${client.install}`];
  });
  for (const line of table([{ title: 'name' }, { title: 'program' }, { title: 'own vendor' }, { title: 'where' }], rows, terminal.width))
    terminal.out(line);
  return EXIT.done;
}
