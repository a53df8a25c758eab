import { isObject, type JsonObject } from '../exchange/json.ts';
import type { Issue } from './explain.ts';
import type { ConfigProblem } from './problem.ts';
import { configSettings, type Settings } from './settings.ts';

/**
 * What of a configuration is sound, so that all further checks can be made too and one look tells all that is wrong: a wrong setting is left out,
 * of routes the whole route. Undefined where that does not help.
 */
export function remainderOf(value: JsonObject, issues: readonly Issue[]): Settings | undefined {
  const copy = structuredClone(value);
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') for (const key of issue.keys) leaveOut(copy, [...issue.path, key]);
    else leaveOut(copy, issue.path);
  }
  const parsed = configSettings.safeParse(copy);
  return parsed.success ? parsed.data : undefined;
}

function leaveOut(value: JsonObject, [section, name, field]: readonly PropertyKey[]): void {
  const inside = value[String(section)];
  if (!isObject(inside) || name === undefined) {
    delete value[String(section)];
    return;
  }
  const one = inside[String(name)];
  if (section !== 'providers') delete inside[String(name)];
  else if (isObject(one) && field !== undefined) delete one[String(field)];
  // It stays as a name: routes that lead to it are not wrong as well.
  else inside[String(name)] = {};
}

/** Leaves out what is only a consequence of a problem that is told already: in the same provider, the same route, the same section. */
export function notToldBy(told: readonly ConfigProblem[], further: readonly ConfigProblem[]): ConfigProblem[] {
  const units = new Set(told.map(({ path }) => unitOf(path)));
  return further.filter(({ path }) => !units.has(unitOf(path)));
}

function unitOf(path: string): string {
  return /^(?:providers|routes)\.[^.[]+/.exec(path)?.[0] ?? path.split('.', 1)[0]!;
}
