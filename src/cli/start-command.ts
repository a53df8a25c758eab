import type { Loaded } from '../config/load.ts';
import { watchConfig } from '../config/watch.ts';
import { loadScript } from '../drill/scripts.ts';
import { err, type Result } from '../exchange/result.ts';
import type { Command, Context } from './command.ts';
import type { RunningApp, StartProblem } from './deps.ts';
import { performDrill } from './drill-command.ts';
import { EXIT } from './exit-code.ts';
import { firstStart } from './first-start.ts';
import { offeredKeys } from './offered-keys.ts';
import { pointers, tryOut } from './pointers.ts';
import { CONFIG_ARGS, PORT_ARG, problemLines, readConfig, withFlags } from './read-config.ts';
import { switchTeller } from './switches.ts';

export const startCommand: Command = {
  name: 'start',
  summary: 'Starts Understudy and keeps it running. Ctrl-C ends it.',
  args: {
    ...CONFIG_ARGS,
    ...PORT_ARG,
    drill: {
      type: 'boolean',
      default: true,
      description: 'Show a short outage when there is no key yet.',
      negativeDescription: 'Skip that.',
    },
  },
  examples: [
    ['understudy start', 'serves at http://127.0.0.1:4141'],
    ['npm start', 'the same, in a clone'],
    ['understudy start --port 8080 --data ./data', 'elsewhere'],
  ],
  more: [
    'What next: point a client at it (it prints how), watch `understudy status`, rehearse with `understudy drill`.',
    'A changed configuration file takes effect on saving (or on SIGHUP); a bad one is told and the old one stays.',
    'Keys are read from the usual variables (ANTHROPIC_API_KEY, OPENAI_API_KEY, …) or the configuration: docs/configuration.md.',
    'Exit code 0: ended as asked. 1: could not start. 2: wrong arguments or configuration.',
  ],
  async run(context) {
    const { terminal, deps } = context;
    const loaded = readConfig(context);
    if (!loaded.ok) {
      for (const line of loaded.error) terminal.note(line);
      return EXIT.usage;
    }
    const ready = await consented(loaded.value, context);
    if (ready === 'cancelled') return EXIT.interrupted;

    const built = await deps.build(ready.settings);
    if (!built.ok) {
      for (const line of startProblems(built.error)) terminal.note(line);
      return EXIT.failed;
    }
    const app = built.value;
    const ended = untilEnded(context);
    const unfollow = followReloads(app, ready, context);
    introduce(app, ready, context);
    app.subscribe(switchTeller(terminal));
    if (wantsFirstLook(ready, context)) await firstLook(context, ended.signal);
    await ended.wait;
    unfollow();
    terminal.out('Ending: answers under way are finished first. Ctrl-C again ends at once.');
    await app.close();
    return EXIT.done;
  },
};

/** The configuration to start with. Keys that merely lie in the environment are offered once, where someone can be asked. */
async function consented(loaded: Loaded, context: Context): Promise<Loaded | 'cancelled'> {
  const keys = offeredKeys(context.deps.surroundings.environment);
  if (loaded.file !== undefined || keys.length === 0 || !context.terminal.canAsk) return loaded;
  const answer = await firstStart(keys, context);
  if (answer !== 'written') return answer === 'cancelled' ? 'cancelled' : loaded;
  const again = readConfig(context);
  return again.ok ? again.value : loaded;
}

function introduce(app: RunningApp, loaded: Loaded, { terminal, deps }: Context): void {
  const { paint } = terminal;
  terminal.out(`${paint.good('Understudy is ready at')} ${paint.bold(app.address)}`);
  terminal.out('');
  for (const line of pointers(app.address, paint)) terminal.out(line);
  terminal.out('');
  const lacking = whatIsLacking(
    loaded,
    offeredKeys(deps.surroundings.environment).map((key) => key.variable),
  );
  for (const line of lacking) terminal.out(line);
  if (lacking.length > 0) for (const line of ['', ...tryOut(app.address, paint), '']) terminal.out(line);
  for (const notice of app.status().notices) terminal.out(paint.warn(`! ${notice}`));
}

/** Why nobody but the client's own vendor can answer, and how to change that. Empty once a route is written. */
function whatIsLacking(loaded: Loaded, variables: readonly string[]): string[] {
  if (loaded.file !== undefined && Object.keys(loaded.settings.routes).length > 0) return [];
  const how = [
    'Write understudy.yaml here or in your config folder, for instance:',
    '  providers: { anthropic: {}, openai: {} }              # keys: ANTHROPIC_API_KEY, OPENAI_API_KEY',
    '  routes: { default: [anthropic/*, openai/gpt-5.6] }    # who answers, in this order',
  ];
  if (loaded.file !== undefined)
    return [`${loaded.file} has no route yet: each request goes to its client's own vendor only, without a backup.`, ...how.slice(2)];
  if (variables.length > 0) {
    return [
      `Keys are in the environment (${variables.join(', ')}), but nobody has agreed to use them as backups, and there is no one to ask here.`,
      "Until a route is written, each request goes to its client's own vendor only.",
      ...how,
    ];
  }
  return ["There is no key yet. A client's own key passes through to its own vendor; for a backup to take over, add one more.", ...how];
}

function wantsFirstLook(loaded: Loaded, { flags, deps }: Context): boolean {
  return flags.on('drill') && loaded.file === undefined && offeredKeys(deps.surroundings.environment).length === 0;
}

async function firstLook(context: Context, signal: AbortSignal): Promise<void> {
  const { terminal } = context;
  const script = loadScript('first-look');
  if (!script.ok) return;
  terminal.out(terminal.paint.bold('Meanwhile, this is what it is for. An outage, on simulated providers (skip with --no-drill):'));
  const report = await performDrill(script.value, context, { seed: 1, url: undefined, quiet: false, signal });
  if (!report.ok) terminal.note(`The drill could not be shown: ${report.error}`);
  else if (!signal.aborted)
    terminal.out(`\nMore: understudy drill (in a clone: bin/understudy drill). Understudy goes on serving; Ctrl-C ends it.`);
}

/** Waits for Ctrl-C or a request to end; a second one ends the process the hard way. */
function untilEnded({ deps }: Context): { signal: AbortSignal; wait: Promise<void> } {
  const stop = new AbortController();
  const wait = new Promise<void>((resolve) => {
    const release: (() => void)[] = [];
    const heard = (): void => {
      // With no listener left, the next signal has its usual effect.
      for (const each of release) each();
      stop.abort();
      resolve();
    };
    release.push(deps.surroundings.onSignal('SIGINT', heard), deps.surroundings.onSignal('SIGTERM', heard));
  });
  return { signal: stop.signal, wait };
}

/** On SIGHUP and when the file changes: a good configuration is taken, a bad one is told and the old one stays. */
function followReloads(app: RunningApp, started: Loaded, context: Context): () => void {
  const { terminal, deps } = context;
  const take = (found: Result<Loaded, string[]>): void => {
    const taken = found.ok ? app.reload(found.value.settings) : undefined;
    if (taken?.ok) return terminal.out(`The configuration was read again. ${whatIsInForce(taken.value.needsRestart)}`);
    const lines = found.ok ? startProblems(taken && !taken.ok ? taken.error : []) : found.error;
    for (const line of ['The new configuration was not taken; the old one stays in force:', ...lines]) terminal.note(line);
  };
  const watcher =
    started.file === undefined
      ? undefined
      : watchConfig(started.file, deps.surroundings, (found) =>
          take(found.ok ? withFlags(found.value, context) : err(problemLines(found.error))),
        );
  const deaf = deps.surroundings.onSignal('SIGHUP', () => (watcher ? watcher.reload() : take(readConfig(context))));
  return () => {
    watcher?.stop();
    deaf();
  };
}

/** After a reload: everything, or everything but what is fixed while the server runs. */
export function whatIsInForce(needsRestart: readonly string[]): string {
  const last = needsRestart.at(-1);
  if (last === undefined) return 'It is in force for new requests.';
  const before = needsRestart.slice(0, -1);
  const names = before.length === 0 ? last : `${before.join(', ')} and ${last}`;
  return `In force for new requests, except ${names}: ${before.length === 0 ? 'this needs' : 'these need'} a restart.`;
}

function startProblems(problems: readonly StartProblem[]): string[] {
  return problems.map(({ message, advice }) => `${message}${/[.!?]$/.test(message) ? '' : '.'} ${advice}`);
}
