import type { z } from 'zod';
import type { Json, JsonObject } from '../exchange/json.ts';
import { isObject } from '../exchange/json.ts';
import { nearest } from './nearest.ts';
import type { ConfigProblem } from './problem.ts';
import { configSchema } from './schema.ts';
import type { Settings } from './settings.ts';
import { configSettings } from './settings.ts';
import type { Source } from './source.ts';

type Issue = z.core.$ZodIssue;

/** Holds the plain value against the schema. Values out of the environment are texts and become numbers or truth values where one is asked for. */
export function validate(source: Source): { settings: Settings } | { problems: ConfigProblem[] } {
  const value = withoutNothing(source.value);
  if (!isObject(value)) {
    return { problems: [source.problem([], 'is not a set of settings', 'write key: value lines, beginning with providers:')] };
  }
  const first = configSettings.safeParse(value);
  if (first.success) return { settings: first.data };
  const again = convertEnvironment(value, source, first.error.issues) ? configSettings.safeParse(value) : first;
  if (again.success) return { settings: again.data };
  // Made at the first unknown key only: most configurations have none.
  let schema: JsonObject | undefined;
  const known: Known = (path) => knownKeys(path, (schema ??= configSchema()));
  return { problems: again.error.issues.flatMap((issue) => explain(issue, [], source, known)) };
}

/** The settings that there are at a path. */
type Known = (path: readonly PropertyKey[]) => string[];

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

function explain(issue: Issue, prefix: readonly PropertyKey[], source: Source, known: Known): ConfigProblem[] {
  const path = [...prefix, ...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => {
        const keys = known(path);
        const meant = nearest(key, keys);
        const advice = meant === undefined ? `known here: ${keys.join(', ')}` : `did you mean «${meant}»?`;
        return source.problem([...path, key], `there is no setting «${key}»${path.length === 0 ? '' : ' here'}`, advice, true);
      });
    case 'invalid_union': {
      const inside = issue.errors.find((errors) => errors.some((one) => one.path.length > 0 || one.code === 'unrecognized_keys'));
      if (inside) return inside.flatMap((inner) => explain(inner, path, source, known));
      const wanted = [...new Set(choices(issue))];
      const [only] = wanted;
      const text = wanted.length === 1 ? `will not do: ${only}` : `is neither ${wanted.join(' nor ')}`;
      return [source.problem(path, `${shown(path, source)}${text}`)];
    }
    case 'invalid_key':
      return [source.problem(path, issue.issues.map((inner) => inner.message).join('; '), 'choose another name', true)];
    case 'invalid_type':
      return [source.problem(path, `${shown(path, source)}is not ${kindName(issue.expected)}`)];
    case 'invalid_value': {
      const values = issue.values.map(String);
      const meant = nearest(String(valueAt(path, source) ?? ''), values);
      return [
        source.problem(
          path,
          `${shown(path, source)}is not one of ${values.join(', ')}`,
          meant === undefined ? undefined : `did you mean «${meant}»?`,
        ),
      ];
    }
    default:
      return [source.problem(path, `${shown(path, source)}will not do: ${issue.message}`)];
  }
}

/** What a value may be, going by the ways in which it failed to be it. */
function choices(issue: Issue): string[] {
  switch (issue.code) {
    case 'invalid_union':
      return issue.errors.flat().flatMap(choices);
    case 'invalid_type':
      return [kindName(issue.expected)];
    case 'invalid_value':
      return issue.values.map(String);
    default:
      return [issue.message];
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a set of settings',
  record: 'a set of settings',
};

function kindName(expected: string): string {
  return KINDS[expected] ?? expected;
}

/** The value in quotes, unless it is long, missing, or may be a secret. */
function shown(path: readonly PropertyKey[], source: Source): string {
  const value = valueAt(path, source);
  if (value === undefined || (typeof value === 'object' && value !== null) || source.fromEnvironment.has(JSON.stringify(path))) return '';
  if (path.some((step) => /key|token|secret|headers|proxy/i.test(String(step))) || String(value).length > 60) return '';
  return `«${String(value)}» `;
}

function valueAt(path: readonly PropertyKey[], source: Source): unknown {
  return path.reduce<unknown>(
    (node, step) => (typeof node === 'object' && node !== null ? (node as Record<PropertyKey, unknown>)[step] : undefined),
    source.value,
  );
}

/** Walks the JSON Schema down a path. */
function knownKeys(path: readonly PropertyKey[], schema: JsonObject): string[] {
  let places: JsonObject[] = [schema];
  for (const step of path) {
    places = places.flatMap(alternatives).flatMap((place) => {
      const properties = isObject(place['properties']) ? place['properties'] : {};
      const next = Object.hasOwn(properties, step) ? properties[String(step)] : place['additionalProperties'];
      return isObject(next) ? [next] : [];
    });
  }
  return [
    ...new Set(places.flatMap(alternatives).flatMap((place) => (isObject(place['properties']) ? Object.keys(place['properties']) : []))),
  ];
}

function alternatives(place: JsonObject): JsonObject[] {
  const choices = place['anyOf'];
  return Array.isArray(choices) ? choices.filter(isObject).flatMap(alternatives) : [place];
}
