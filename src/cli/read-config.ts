import { resolve } from 'node:path';
import type { ArgsDef } from 'citty';
import type { Loaded } from '../config/load.ts';
import { loadConfig } from '../config/load.ts';
import { dataFolder } from '../config/paths.ts';
import { formatProblem, type ConfigProblem } from '../config/problem.ts';
import type { Result } from '../exchange/result.ts';
import { err, ok } from '../exchange/result.ts';
import { LOG_LEVELS } from '../telemetry/settings.ts';
import type { Context } from './command.ts';
import type { Surroundings } from './deps.ts';

/** The flags that say which configuration counts. */
export const CONFIG_ARGS = {
  config: {
    type: 'string',
    alias: 'c',
    valueHint: 'FILE',
    description: 'Configuration; default: understudy.yaml here, then in your config folder.',
  },
  data: { type: 'string', valueHint: 'DIR', description: "Data folder; default: the platform's own place." },
} satisfies ArgsDef;

export const PORT_ARG = {
  port: { type: 'string', alias: 'p', valueHint: 'N', description: 'Port to listen on; default 4141, 0 takes a free one.' },
} satisfies ArgsDef;

export const LOG_ARGS = {
  'log-level': {
    type: 'string',
    valueHint: 'LEVEL',
    description: `What goes to standard error: ${LOG_LEVELS.join(', ')}; default: log.level, which is warn.`,
  },
} satisfies ArgsDef;

/** The configuration, with what the command line says on top. The error is lines for the user. */
export function readConfig({ flags, deps }: Pick<Context, 'flags' | 'deps'>): Result<Loaded, string[]> {
  const { surroundings } = deps;
  const file = flags.text('config');
  const loaded = loadConfig({ ...surroundings, ...(file !== undefined && { file }) });
  return loaded.ok ? withFlags(loaded.value, { flags, deps }) : err(problemLines(loaded.error));
}

/** What the command line says wins over the file. */
export function withFlags(loaded: Loaded, { flags, deps }: Pick<Context, 'flags' | 'deps'>): Result<Loaded, string[]> {
  const typed = flags.text('port');
  const port = typed === undefined ? loaded.settings.server.port : Number(typed);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) return err([`--port ${typed} is no port; give a number from 0 to 65535.`]);
  const asked = flags.text('log-level');
  const level = asked ?? (deps.surroundings.environment['UNDERSTUDY_LOG'] || loaded.settings.log.level);
  const known = LOG_LEVELS.find((each) => each === level);
  if (known === undefined)
    return err([`${asked === undefined ? 'UNDERSTUDY_LOG' : '--log-level'}: «${level}» is no level; there are: ${LOG_LEVELS.join(', ')}.`]);
  const settings = { ...loaded.settings, log: { ...loaded.settings.log, level: known } };
  return ok(placed({ ...loaded, settings }, deps.surroundings, port, flags.text('data')));
}

function placed(loaded: Loaded, surroundings: Surroundings, port: number, data: string | undefined): Loaded {
  const { settings } = loaded;
  const folder = data ?? settings.data ?? dataFolder(surroundings);
  return {
    ...loaded,
    settings: {
      ...settings,
      server: { ...settings.server, port },
      data: resolve(surroundings.workingFolder, folder.replace(/^~(?=$|[/\\])/, surroundings.home)),
    },
  };
}

export function problemLines(problems: readonly ConfigProblem[]): string[] {
  return problems.map((problem) => formatProblem(kindly(problem)));
}

/** A default is no advice for a key. */
function kindly(problem: ConfigProblem): ConfigProblem {
  const [, provider] = /^providers\.(.+?)\.apiKey(?:s(?:\.\d+|\[\d+\])?)?$/.exec(problem.path) ?? [];
  const [, variable] = /environment variable (\w+) is not set/.exec(problem.message) ?? [];
  if (provider === undefined || variable === undefined) return problem;
  return {
    ...problem,
    message: `the key of ${provider} is not here: ${variable} is not set in this terminal`,
    advice: `run \`export ${variable}=…\` and start again, or take ${provider} out of providers and routes`,
  };
}
