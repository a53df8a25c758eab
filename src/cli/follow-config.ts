import type { Loaded } from '../config/load.ts';
import { awaitConfig, watchConfig } from '../config/watch.ts';
import { err, type Result } from '../exchange/result.ts';
import { clockText } from './clock-text.ts';
import type { Context } from './command.ts';
import type { RunningApp, StartProblem } from './deps.ts';
import { problemLines, readConfig, withFlags } from './read-config.ts';

/**
 * On SIGHUP, and when the file changes or, after a start without one, appears: a good configuration is taken, a bad one is told and
 * the old one stays. Returns how to stop that.
 */
export function followConfig(app: RunningApp, file: string | undefined, context: Context): () => void {
  const { terminal, deps } = context;
  const stamp = (): string => terminal.paint.dim(clockText(deps.clock.now()));
  const take = (found: Result<Loaded, string[]>, name: string, what: string): void => {
    const taken = found.ok ? app.reload(found.value.settings) : undefined;
    if (taken?.ok) return terminal.out(`${stamp()}  ${what}; ${whatIsInForce(taken.value.needsRestart)}`);
    const lines = found.ok ? startProblems(taken && !taken.ok ? taken.error : []) : found.error;
    for (const line of [`${stamp()}  ${name} was not taken; what was in force stays:`, ...lines]) terminal.note(line);
  };

  let stop = (): void => {};
  let reload = (): void => {
    const found = readConfig(context);
    const now = found.ok ? found.value.file : undefined;
    // Between two looks of the watcher, or after a problem with no file to name.
    if (now !== undefined) appeared(now);
    else take(found, 'The configuration', 'There is still no configuration file, and the defaults are');
  };
  function follow(name: string): void {
    const watcher = watchConfig(name, deps.surroundings, (found) =>
      take(found.ok ? withFlags(found.value, context) : err(problemLines(found.error)), name, `${name} was read again`),
    );
    stop = () => watcher.stop();
    reload = () => watcher.reload();
  }
  function appeared(name: string): void {
    stop();
    follow(name);
    take(readConfig(context), name, `Found ${name}`);
  }
  if (file === undefined) stop = awaitConfig(deps.surroundings, appeared);
  else follow(file);
  // In a terminal it says that the window has been closed (see start-command.ts).
  const deaf = terminal.canAsk ? () => undefined : deps.surroundings.onSignal('SIGHUP', () => reload());
  return () => {
    stop();
    deaf();
  };
}

/** After a reload: everything, or everything but what is fixed while the server runs. */
function whatIsInForce(needsRestart: readonly string[]): string {
  const last = needsRestart.at(-1);
  if (last === undefined) return 'in force for new requests.';
  const before = needsRestart.slice(0, -1);
  const names = before.length === 0 ? last : `${before.join(', ')} and ${last}`;
  return `in force for new requests, except ${names}: ${before.length === 0 ? 'this needs' : 'these need'} a restart.`;
}

export function startProblems(problems: readonly StartProblem[]): string[] {
  return problems.map(({ message, advice }) => `${message}${/[.!?]$/.test(message) ? '' : '.'} ${advice}`);
}
