import type { Loaded } from '../config/load.ts';
import { nearest } from '../config/nearest.ts';
import { configPlaces } from '../config/watch.ts';
import { loadScript } from '../drill/scripts.ts';
import { whoHolds } from '../journal/lock.ts';
import type { Command, Context } from './command.ts';
import type { RunningApp } from './deps.ts';
import { fileInPlaceOf } from './doctor/doctor-local.ts';
import { finishErasing } from './archive/finish-erasing.ts';
import { performDrill } from './drill-command.ts';
import { unlocked } from './encryption/unlock.ts';
import { EXIT } from './exit-code.ts';
import { firstStart } from './first-start.ts';
import { followConfig, startProblems } from './follow-config.ts';
import { offeredKeys } from './offered-keys.ts';
import { pointers, tryOut } from './pointers.ts';
import { readConfigAnyway } from './missing-keys.ts';
import { exampleModel } from './proposal.ts';
import { CONFIG_ARGS, LOG_ARGS, PORT_ARG, readConfig } from './read-config.ts';
import { announce, announced, type Announced } from './announced.ts';
import { runningAddress } from './running-address.ts';
import { alertTeller } from './alert-teller.ts';
import { localTeller } from './local/local-teller.ts';
import { switchTeller } from './run/switches.ts';
import { wrapped } from './wrap.ts';

export const startCommand: Command = {
  name: 'start',
  summary: 'Starts Understudy and keeps it running. Ctrl-C ends it.',
  args: {
    ...CONFIG_ARGS,
    ...PORT_ARG,
    ...LOG_ARGS,
    drill: {
      type: 'boolean',
      default: true,
      description: 'Show a short outage when there is no key yet.',
      negativeDescription: 'Skip that.',
    },
  },
  examples: [
    ['understudy start', 'serves at http://127.0.0.1:4141'],
    ['understudy start --port 8080 --data ./data', 'elsewhere'],
  ],
  page: 'start.md',
  more: [
    'In a clone `npm start` does the same; options go behind two dashes: npm start -- --port 8080',
    'What next: point a client at it (it prints how), watch `understudy status`, rehearse with `understudy drill`.',
    'A changed configuration file takes effect on saving (without a terminal also on SIGHUP); a bad one is told and the old one stays.',
    'Keys are read from the usual variables (ANTHROPIC_API_KEY, OPENAI_API_KEY, …) or the configuration: docs/configuration.md.',
    'Exit code 0: ended as asked. 1: could not start. 2: wrong arguments or configuration.',
  ],
  async run(context) {
    const { terminal, deps } = context;
    const seen = readConfigAnyway(context);
    const hindrance = seen.ok ? whatStandsInTheWay(seen.value.loaded, context) : undefined;
    if (hindrance) {
      for (const line of hindrance.said) terminal.note(line);
      return hindrance.code;
    }
    const loaded = readConfig(context);
    if (!loaded.ok) {
      for (const line of loaded.error) terminal.note(line);
      return EXIT.usage;
    }
    const ready = await consented(loaded.value, context);
    if (ready === 'cancelled') return EXIT.interrupted;

    const key = await unlocked(ready.settings.data!, context);
    // Answers are served all the same, and it is said that they are not saved.
    if (!key.ok) terminal.note(key.error);
    finishErasing(ready.settings.data!, key.ok ? key.value : undefined, context);
    const built = await deps.build(ready.settings, key.ok ? key.value : undefined);
    if (!built.ok) {
      for (const line of startProblems(built.error)) terminal.note(line);
      return EXIT.failed;
    }
    const app = built.value;
    const ended = untilEnded(context);
    const unannounce = announce(announcementOf(app, ready, context), deps.surroundings);
    const unfollow = followConfig(app, ready.file, context);
    introduce(app, ready, context);
    app.subscribe(switchTeller(terminal));
    app.onAlert(alertTeller(terminal));
    app.onLocal(localTeller(terminal));
    if (wantsFirstLook(ready, context)) await firstLook(app.address, context, ended.signal);
    else terminal.out(`Serving at ${app.address}; Ctrl-C ends it.`);
    await ended.wait;
    unfollow();
    unannounce();
    terminal.out('Ending: answers under way are finished first. Ctrl-C again ends at once.');
    await app.close();
    ended.release();
    return EXIT.done;
  },
};

/** What shows before anybody is asked anything: a server that is there already, a data folder that is none. */
function whatStandsInTheWay({ settings }: Loaded, { deps }: Context): { said: string[]; code: number } | undefined {
  const data = settings.data ?? '';
  const file = fileInPlaceOf(data);
  if (file !== undefined)
    return {
      said: [`The data folder cannot be ${data}: ${file} is a file. Give a folder with --data DIR, or \`data:\`.`],
      code: EXIT.usage,
    };
  const { held, holder } = whoHolds(data);
  if (!held) return neighbourInTheWay(settings, announced(deps.surroundings));
  // With port 0 its holder did not know its address when it took the folder; the server itself says it later.
  const its = announced(deps.surroundings).find((server) => server.data === data)?.address;
  const where = its === undefined && holder?.address?.endsWith(':0') ? 'on a free port' : `at ${its ?? runningAddress(settings)}`;
  const said = [
    `Understudy runs already ${where}${holder ? ` (process ${holder.pid})` : ''}, with the data folder ${data}.`,
    'Look at it with `understudy status`. A second one needs its own: understudy start --port N --data DIR',
  ];
  return { said, code: EXIT.failed };
}

/** One with another data folder, at the very port that is asked for. */
function neighbourInTheWay({ server }: Loaded['settings'], running: readonly Announced[]): { said: string[]; code: number } | undefined {
  const neighbour = running.find(({ address }) => server.port !== 0 && new URL(address).port === String(server.port));
  if (neighbour === undefined) return undefined;
  const { address, pid, data } = neighbour;
  const said = [
    `Understudy runs already at ${address} (process ${pid}), with another data folder: ${data}.`,
    `Look at it with \`understudy status --url ${address}\`, or give this one another port: understudy start --port N`,
  ];
  return { said, code: EXIT.failed };
}

/** The configuration to start with. Keys that merely lie in the environment are offered once, where someone can be asked. */
async function consented(loaded: Loaded, context: Context): Promise<Loaded | 'cancelled'> {
  const keys = offeredKeys(context.deps.surroundings.environment);
  if (loaded.file !== undefined || keys.length === 0 || !context.terminal.canAsk) return loaded;
  const answer = await firstStart(keys, context);
  if (answer !== 'written') return answer === 'cancelled' ? 'cancelled' : loaded;
  const again = readConfig(context);
  return again.ok ? again.value : loaded;
}

function announcementOf(app: RunningApp, { file }: Loaded, { deps }: Context): Announced {
  const { data } = app.status();
  return { address: app.address, pid: process.pid, data, started: deps.clock.now(), ...(file !== undefined && { config: file }) };
}

function introduce(app: RunningApp, loaded: Loaded, context: Context): void {
  const { terminal } = context;
  const { paint, width } = terminal;
  const say = (text: string): void => wrapped(text, width, '  ').forEach((line) => terminal.out(line));
  const { data, journal, notices } = app.status();
  const kept = journal.type === 'saving' ? `All questions and answers are kept in ${data}.` : `Nothing is kept in ${data}: see below.`;
  const guarded = loaded.settings.server.token !== undefined;
  terminal.out(`${paint.good('Understudy is ready at')} ${paint.bold(app.address)}`);
  say(`Configuration: ${loaded.file ?? 'no file yet'}. ${kept}`);
  terminal.out('');
  for (const line of pointers(app.address, guarded, paint)) terminal.out(line);
  terminal.out('');
  const lacking = whatIsLacking(loaded, context);
  for (const line of lacking) say(line);
  if (lacking.length > 0) for (const line of ['', ...tryOut(app.address, guarded, paint), '']) terminal.out(line);
  for (const notice of notices) for (const line of wrapped(`! ${notice}`, width, '  ')) terminal.out(paint.warn(line));
}

/** Why nobody but the client's own vendor can answer, and how to change that. Empty once a route is written. */
function whatIsLacking(loaded: Loaded, { terminal, deps }: Context): string[] {
  if (loaded.file !== undefined && Object.keys(loaded.settings.routes).length > 0) return [];
  const variables = offeredKeys(deps.surroundings.environment).map((key) => key.variable);
  const how = [
    `Write ${configPlaces(deps.surroundings).join(' or ')}, for instance as below; it is in force as soon as it is there:`,
    '  providers: { anthropic: {}, openai: {} }   # keys: from the environment',
    `  routes: { default: [anthropic/*, openai/${exampleModel('openai')}] }   # in this order`,
  ];
  if (loaded.file !== undefined)
    return [`${loaded.file} has no route yet: each request goes to its client's own vendor only, without a backup.`, ...how.slice(2)];
  if (variables.length > 0) {
    return [
      `Keys are in the environment (${variables.join(', ')}), but nobody has agreed to use them as backups${terminal.canAsk ? '' : ', and there is no one to ask here'}.`,
      "Until a route is written, each request goes to its client's own vendor only.",
      ...how,
    ];
  }
  return [
    "There is no key yet. A client's own key passes through to its own vendor; for a backup to take over, add one more.",
    ...how,
    'Ways that cost nothing, and what becomes of your text: understudy login --list',
  ];
}

function wantsFirstLook(loaded: Loaded, { flags, deps }: Context): boolean {
  return flags.on('drill') && loaded.file === undefined && offeredKeys(deps.surroundings.environment).length === 0;
}

async function firstLook(address: string, context: Context, signal: AbortSignal): Promise<void> {
  const { terminal } = context;
  const script = loadScript('first-look', nearest);
  if (!script.ok) return;
  const about = 'Meanwhile, this is what it is for. An outage, on simulated providers (skip with --no-drill):';
  for (const line of wrapped(about, terminal.width)) terminal.out(terminal.paint.bold(line));
  const report = await performDrill(script.value, context, { seed: 1, url: undefined, quiet: false, signal });
  if (!report.ok) terminal.note(`The drill could not be shown: ${report.error}`);
  else if (!signal.aborted)
    for (const line of ['', 'More: understudy drill', `Understudy goes on serving at ${address}; Ctrl-C ends it.`]) terminal.out(line);
}

/** Under npm one Ctrl-C comes twice within milliseconds: from the terminal, and handed on by npm. Nobody presses it again so soon. */
const SAME_CTRL_C = 500;

/** Waits for Ctrl-C or a request to end; a second one ends the process the hard way. */
function untilEnded({ deps, terminal }: Context): { signal: AbortSignal; wait: Promise<void>; release(): void } {
  const stop = new AbortController();
  const undo: (() => void)[] = [];
  // With no listener left, the next signal has its usual effect.
  const release = (): void => undo.splice(0).forEach((each) => each());
  const wait = new Promise<void>((resolve) => {
    const heard = (): void => {
      if (!stop.signal.aborted) undo.push(deps.clock.after(SAME_CTRL_C, release));
      stop.abort();
      resolve();
    };
    undo.push(deps.surroundings.onSignal('SIGINT', heard), deps.surroundings.onSignal('SIGTERM', heard));
    // A closed window must not leave a server behind that nobody sees; without one the signal means: read the configuration again.
    if (terminal.canAsk) undo.push(deps.surroundings.onSignal('SIGHUP', heard));
  });
  return { signal: stop.signal, wait, release };
}
