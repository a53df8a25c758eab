import { chmodSync, mkdirSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Document, isMap, parseDocument } from 'yaml';
import type { Result } from '../exchange/result.ts';
import { err, ok } from '../exchange/result.ts';
import { parseConfig } from './load.ts';
import type { Surroundings } from './paths.ts';
import { type ConfigProblem, formatProblem } from './problem.ts';

/** One setting to write, or with `undefined` to take out. `{}` leaves what is there and only sees to it that there is something. */
export interface Amendment {
  path: readonly [string, ...string[]];
  value: string | number | Record<string, never> | undefined;
}

/** Stands for variables that are not set in this terminal: whether they are is no matter of the amendment's. */
const STAND_IN = 'not-set-in-this-terminal';

/**
 * Changes one setting of a configuration file. All else stays, comments too; spaces and line breaks may not. A file that is not there is
 * made. What would not be valid is not written: the error is lines for the user.
 */
export function amendConfig(file: string, amendment: Amendment, surroundings: Surroundings): Result<'written' | 'as-it-was', string[]> {
  let text = '';
  let place = file;
  let mode = 0o600;
  try {
    text = readFileSync(file, 'utf8');
    // Where the file is a link, what it leads to is replaced and not the link.
    place = realpathSync(file);
    mode = statSync(place).mode & 0o777;
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) return err([`${file} cannot be read`]);
  }
  const document = parseDocument(text);
  if (document.errors.length > 0) return err(problemsOf(text, file, surroundings).map(formatProblem));
  const amended = amendedText(document, text, amendment);
  if (amended === text) return ok('as-it-was');
  const problems = problemsOf(amended, file, surroundings);
  if (problems.length > 0) return err(problems.map(formatProblem));
  try {
    mkdirSync(dirname(place), { recursive: true });
    const draft = `${place}.${process.pid}`;
    writeFileSync(draft, amended, { mode, flag: 'w' });
    chmodSync(draft, mode);
    renameSync(draft, place);
    return ok('written');
  } catch (cause) {
    return err([`${file} cannot be written (${cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'})`]);
  }
}

function amendedText(document: Document, text: string, { path, value }: Amendment): string {
  if (value === undefined) {
    if (!document.hasIn(path)) return text;
    document.deleteIn(path);
  } else {
    const above = path.slice(0, -1);
    for (let depth = 1; depth <= above.length; depth++) makeMap(document, above.slice(0, depth));
    if (typeof value !== 'object') document.setIn(path, value);
    else if (document.hasIn(path)) return text;
    else document.setIn(path, document.createNode(value, { flow: true }));
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/** `anthropic:` with nothing behind it stands for `anthropic: {}`. */
function makeMap(document: Document, path: readonly string[]): void {
  if (!isMap(document.getIn(path, true))) document.setIn(path, document.createNode({}));
}

function problemsOf(text: string, file: string, surroundings: Surroundings): ConfigProblem[] {
  const environment: Record<string, string | undefined> = { ...surroundings.environment };
  for (const [, name] of text.matchAll(/\$\{([A-Za-z_]\w*)/g)) environment[name!] ||= `${STAND_IN}-${name}`;
  const parsed = parseConfig(text, file, { ...surroundings, environment });
  return parsed.ok ? [] : parsed.error;
}
