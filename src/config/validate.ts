import type { Json, JsonObject } from '../exchange/json.ts';
import { isObject } from '../exchange/json.ts';
import type { Issue } from './explain.ts';
import { explain } from './explain.ts';
import type { ConfigProblem } from './problem.ts';
import type { Settings } from './settings.ts';
import { remainderOf } from './remainder.ts';
import { configSettings } from './settings.ts';
import type { Source } from './source.ts';

/** Holds the plain value against the schema. Values out of the environment are texts and become numbers or truth values where one is asked for. */
export function validate(source: Source): { settings: Settings } | { problems: ConfigProblem[]; remainder?: Settings | undefined } {
  const value = withoutNothing(source.value);
  if (!isObject(value)) {
    return { problems: [source.problem([], 'is not a set of settings', 'write key: value lines, beginning with providers:')] };
  }
  const first = configSettings.safeParse(value);
  if (first.success) return { settings: first.data };
  const again = convertEnvironment(value, source, first.error.issues) ? configSettings.safeParse(value) : first;
  if (again.success) return { settings: again.data };
  return { problems: explain(again.error.issues, source), remainder: remainderOf(value, again.error.issues) };
}

/** `server:` with nothing after it is YAML's null; it means the same as not being there. */
function withoutNothing(value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, section]) => section !== null));
}

function convertEnvironment(value: JsonObject, source: Source, issues: readonly Issue[]): boolean {
  let converted = false;
  for (const issue of issues) {
    if (!source.fromEnvironment.has(JSON.stringify(issue.path))) continue;
    const parent = issue.path
      .slice(0, -1)
      .reduce<unknown>((node, step) => (node as Record<PropertyKey, unknown> | undefined)?.[step], value);
    const last = issue.path.at(-1);
    if (typeof parent !== 'object' || parent === null || last === undefined) continue;
    const text = (parent as Record<PropertyKey, unknown>)[last];
    if (typeof text !== 'string' || !/^(?:-?\d+(?:\.\d+)?|true|false)$/.test(text)) continue;
    (parent as Record<PropertyKey, unknown>)[last] = JSON.parse(text) as Json;
    converted = true;
  }
  return converted;
}
