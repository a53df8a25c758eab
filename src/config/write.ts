import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Result } from '../exchange/result.ts';
import { err, ok } from '../exchange/result.ts';

export interface FirstProvider {
  /** Its name, as the catalogue has it. */
  name: string;
  /** Who receives what, in words; becomes a comment. */
  note?: string;
  /** Environment variable that holds the key; without one the provider takes none, or each client's own. */
  variable?: string;
  /** Models to name, for local services. */
  models?: readonly string[];
  /** Where it is, if that is not its usual place. */
  baseUrl?: string;
  /** Its further dialects, and where each is. */
  also?: Readonly<Record<string, string>>;
}

export interface FirstConfig {
  providers: readonly FirstProvider[];
  /** Model asked for -> targets. */
  routes: Readonly<Record<string, readonly string[]>>;
}

/** The text of a first configuration: short, commented, with variables in place of keys. */
export function firstConfig(choice: FirstConfig): string {
  const lines = [
    '# Understudy’s configuration. Every value has a default; `understudy config` prints what is in force,',
    '# `understudy config schema` what can be set. Changes take effect on saving.',
    '',
    'providers: # who may answer, and so who may receive what you ask',
  ];
  if (choice.providers.length === 0) lines[lines.length - 1] = 'providers: {}';
  for (const { name, note, variable, models, baseUrl, also } of choice.providers) {
    if (note !== undefined) lines.push(`  # ${note.replaceAll(/\s+/g, ' ')}`);
    const settings = [
      baseUrl === undefined ? '' : `baseUrl: ${quoted(baseUrl)}`,
      also === undefined ? '' : `also: ${flow(Object.entries(also).map(([dialect, url]) => `${quoted(dialect)}: ${quoted(url)}`))}`,
      variable === undefined ? '' : `apiKey: \${${variable}}`,
      models === undefined ? '' : `models: [${models.map(quoted).join(', ')}]`,
    ];
    lines.push(`  ${quoted(name)}: ${flow(settings.filter((setting) => setting !== ''))}`);
  }
  const routes = Object.entries(choice.routes);
  lines.push('', routes.length === 0 ? 'routes: {}' : 'routes: # model that is asked for -> targets, tried in this order');
  for (const [pattern, targets] of routes) lines.push(`  ${quoted(pattern)}: [${targets.map(quoted).join(', ')}]`);
  return `${lines.join('\n')}\n`;
}

/** Writes it for its owner only. A file that is there already is never touched. */
export function writeFirstConfig(file: string, text: string): Result<string, string> {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
    return ok(file);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    if (code === 'EEXIST') return err(`${file} is there already and stays as it is; change it by hand`);
    return err(`${file} cannot be written (${code}); choose another place with --config`);
  }
}

function flow(settings: readonly string[]): string {
  return settings.length === 0 ? '{}' : `{ ${settings.join(', ')} }`;
}

/** Plain where YAML takes it so, else in double quotes, which hold any JSON string. */
function quoted(text: string): string {
  return /^[A-Za-z][\w./-]*(?:\*[\w./-]*)*$/.test(text) && !/^(?:true|false|null|yes|no|on|off)$/i.test(text) ? text : JSON.stringify(text);
}
