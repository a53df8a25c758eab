import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Result } from '../exchange/result.ts';
import { err, ok } from '../exchange/result.ts';
import type { Resolved } from '../providers/resolve.ts';
import { resolveProviders } from '../providers/resolve.ts';
import { isObject } from '../exchange/json.ts';
import { check } from './check.ts';
import { presetLike } from './nearest.ts';
import type { Surroundings } from './paths.ts';
import { CONFIG_NAME, configFolder } from './paths.ts';
import type { ConfigProblem } from './problem.ts';
import type { Settings } from './settings.ts';
import { notToldBy } from './remainder.ts';
import { readSource } from './source.ts';
import { validate } from './validate.ts';
import { alertSecrets } from '../watch/alerts/settings.ts';

export interface Loaded {
  /** Absolute path; `undefined` when there is no file and everything is as by default. */
  file: string | undefined;
  settings: Settings;
  resolved: Resolved;
  /** Every secret in it, for the redactor. */
  secrets: string[];
  /** What the file says, before defaults. */
  given: unknown;
  /** Paths (JSON arrays) whose value was written with `${…}`, and the variables that were read for it. */
  fromEnvironment: ReadonlyMap<string, string[]>;
}

export interface LoadOptions extends Surroundings {
  /** `--config FILE`. */
  file?: string;
  workingFolder: string;
}

/** The file that counts: `--config`, then the working folder's, then the user's. A file that was asked for by name has to be there. */
export function findConfig(options: LoadOptions): string | undefined {
  if (options.file !== undefined) return resolve(options.workingFolder, options.file);
  return [join(options.workingFolder, CONFIG_NAME), join(configFolder(options), CONFIG_NAME)].find((file) => existsSync(file));
}

/** Finds, reads and checks the configuration. Without any file: the defaults, no providers, no routes. */
export function loadConfig(options: LoadOptions): Result<Loaded, ConfigProblem[]> {
  const file = findConfig(options);
  if (file === undefined) return parseConfig('', undefined, options);
  let text: string;
  let mode: number;
  try {
    mode = statSync(file).mode;
    if (statSync(file).isDirectory()) return err([{ file, path: '', message: 'is a folder', advice: 'name the file itself' }]);
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    const advice = code === 'ENOENT' ? 'check --config, or leave it out' : 'check its permissions';
    return err([{ file, path: '', message: `cannot be read (${code})`, advice }]);
  }
  const parsed = parseConfig(text, file, options);
  if (parsed.ok && options.platform !== 'win32' && (mode & 0o077) !== 0 && holdsSecrets(parsed.value)) {
    parsed.value.resolved.notices.push(`${file} holds a key or token in plain and can be read by others; run: chmod 600 ${file}`);
  }
  return parsed;
}

/** Whether a key or token stands in the file itself, and not only the name of a variable. */
function holdsSecrets({ settings, fromEnvironment }: Loaded): boolean {
  const keys = Object.entries(settings.providers).flatMap(([name, { apiKey, apiKeys = [] }]) => [
    ...(apiKey === undefined ? [] : [['providers', name, 'apiKey']]),
    ...apiKeys.map((_, index) => ['providers', name, 'apiKeys', index]),
  ]);
  const token = settings.server.token === undefined ? [] : [['server', 'token']];
  return [...keys, ...token].some((path) => !fromEnvironment.has(JSON.stringify(path)));
}

/** Checks a configuration's text. All problems are told at once, in the order of their lines. Never throws. */
export function parseConfig(text: string, file: string | undefined, surroundings: Surroundings): Result<Loaded, ConfigProblem[]> {
  const { source, problems, unread } = readSource(text, file ?? CONFIG_NAME, surroundings.environment);
  if (unread) return err(problems);
  const validated = validate(source);
  const settings = 'problems' in validated ? validated.remainder : validated.settings;
  if ('problems' in validated) problems.push(...validated.problems.filter(({ path }) => !problems.some((one) => one.path === path)));
  if (settings === undefined) return err(inOrder(problems));
  const found = check(settings, source);
  const resolved = resolveProviders(settings.providers, surroundings);
  if (!resolved.ok) {
    for (const { provider, field, message } of resolved.error) {
      const name = settings.providers[provider]?.preset ?? (field === '' ? provider : '');
      const meant = field === '' || field === 'preset' ? presetLike(name) : undefined;
      const advice = meant === undefined || meant === name ? undefined : `did you mean «${meant}»?`;
      found.push(source.problem(['providers', provider, ...(field === '' ? [] : [field])], message, advice));
    }
  }
  const all = [...problems, ...notToldBy(problems, found)];
  if (!resolved.ok || all.length > 0) return err(inOrder(all));
  const { server, telemetry, watch } = settings;
  const secrets = [
    ...resolved.value.secrets,
    ...(server.token === undefined ? [] : [server.token]),
    ...Object.values(telemetry.headers),
    ...alertSecrets(watch.alerts),
  ];
  const { fromEnvironment, value: given } = source;
  if (file !== undefined && isObject(given) && Object.keys(given).length === 0) {
    resolved.value.notices.push(`${file}: nothing in it: each client goes to its own vendor only`);
  }
  return ok({ file, settings, resolved: resolved.value, secrets, given, fromEnvironment });
}

function inOrder(problems: ConfigProblem[]): ConfigProblem[] {
  return problems.sort((one, other) => (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0));
}
