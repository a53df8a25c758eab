import type { z } from 'zod';
import type { JsonObject } from '../exchange/json.ts';
import { isObject } from '../exchange/json.ts';
import { nearest } from './nearest.ts';
import type { ConfigProblem } from './problem.ts';
import { configSchema } from './schema.ts';
import { schemasAt } from './schema-at.ts';
import type { Source } from './source.ts';
import { type Unit, unitAt } from './units-text.ts';

export type Issue = z.core.$ZodIssue;

/** What the schema has against a configuration, in words for people: what is wrong, where, and what to write instead. */
export function explain(issues: readonly Issue[], source: Source): ConfigProblem[] {
  const schema = configSchema();
  return explainAll(issues, []);

  function explainAll(all: readonly Issue[], prefix: readonly PropertyKey[]): ConfigProblem[] {
    // A mistyped name is one mistake, not also a setting that is missing.
    const mistyped = new Set(all.flatMap((issue) => meantBy(issue, prefix)));
    const told = new Set<string>();
    return all.flatMap((issue) => {
      const path = [...prefix, ...issue.path];
      const place = JSON.stringify(path);
      // A value that breaks several rules is still one value to change.
      if (told.has(place) && issue.code !== 'unrecognized_keys') return [];
      if (mistyped.has(place) && valueAt(path, source) === undefined) return [];
      told.add(place);
      return explainOne(issue, path);
    });
  }

  function meantBy(issue: Issue, prefix: readonly PropertyKey[]): string[] {
    if (issue.code !== 'unrecognized_keys') return [];
    const path = [...prefix, ...issue.path];
    return issue.keys.flatMap((key) => {
      const meant = nearest(key, keysAt(path));
      return meant === undefined ? [] : [JSON.stringify([...path, meant])];
    });
  }

  function explainOne(issue: Issue, path: readonly PropertyKey[]): ConfigProblem[] {
    const value = valueAt(path, source);
    const problem = (message: string, advice?: string): ConfigProblem[] => [source.problem(path, message, advice)];
    const not = (what: string, advice?: string): ConfigProblem[] => problem(`${shown(path, source)}is not ${what}`, advice);
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => unknownKey(key, path));
      case 'invalid_union': {
        if (typeof value === 'string' && takesList(issue)) return notAList(path, value);
        const inside = issue.errors.find((errors) => errors.some((one) => one.path.length > 0 || one.code === 'unrecognized_keys'));
        if (inside) return explainAll(inside, path);
        // A list that is no good list is told as such, not as something that is no set of settings either.
        const near = issue.errors.find((errors) => errors.length > 0 && errors.every((one) => !KIND_CODES.has(one.code)));
        if (near && typeof value === 'object') return explainAll(near, path);
        const wanted = wantedAt(path, issue);
        if (value === undefined || value === null) return problem(`is missing; give it ${wanted.join(' or ')}`);
        return problem(`${shown(path, source)}is ${wanted.length === 1 ? 'not' : 'neither'} ${wanted.join(' nor ')}`);
      }
      case 'invalid_key':
        return [source.problem(path, issue.issues.map((inner) => inner.message).join('; '), 'choose another name', true)];
      case 'invalid_type':
        if (value === undefined || value === null) return problem(`is missing; give it ${kindName(issue.expected)}`);
        if (issue.expected === 'array' && typeof value === 'string') return notAList(path, value);
        if (issue.expected !== 'number' && issue.expected !== 'int') return not(kindName(issue.expected));
        return not(numberText(path, issue.expected), typeof value === 'string' && /^\d+$/.test(value) ? 'take the quotes away' : undefined);
      case 'invalid_value': {
        const words = issue.values.filter((one) => typeof one === 'string');
        if (words.length === 1) return problem(`${shown(path, source)}will not do: only ${words[0]} is accepted so far`);
        const meant = nearest(typeof value === 'string' ? value : '', words);
        return not(`one of ${words.join(', ')}`, meant === undefined ? undefined : `did you mean «${meant}»?`);
      }
      case 'too_small':
      case 'too_big':
        if (['number', 'int', 'bigint'].includes(issue.origin)) return not(numberText(path, 'number'));
        if (value === '') return problem('is empty; give a value, or take it out');
        // Lists cannot be shown, so that only the schema's own sentence is left.
        if (Array.isArray(value)) return problem(issue.message);
        return problem(
          /^Too (?:big|small)/.test(issue.message) && issue.code === 'too_big'
            ? `is longer than ${issue.maximum} letters`
            : `${shown(path, source)}will not do: ${issue.message}`,
        );
      default:
        return unitAt(path, schema) === undefined
          ? problem(`${shown(path, source)}will not do: ${issue.message}`)
          : not(numberText(path, 'number'));
    }
  }

  /** What may stand at a place that takes several kinds of value. */
  function wantedAt(path: readonly PropertyKey[], issue: Issue): string[] {
    const unit = unitAt(path, schema);
    if (unit === undefined) return [...new Set(choices(issue))];
    const words = schemasAt(path, schema).flatMap((one) => (typeof one['const'] === 'string' ? [one['const']] : []));
    return [...words, UNIT_TEXTS[unit]];
  }

  function unknownKey(key: string, path: readonly PropertyKey[]): ConfigProblem {
    const keys = keysAt(path);
    const meant = nearest(key, keys);
    const advice = meant === undefined ? `known here: ${keys.join(', ')}` : `did you mean «${meant}»?`;
    return source.problem([...path, key], `there is no setting «${key}»${path.length === 0 ? '' : ' here'}`, advice, true);
  }

  function notAList(path: readonly PropertyKey[], value: string): ConfigProblem[] {
    const text = shown(path, source);
    return [source.problem(path, `${text}is not a list`, text === '' ? 'put it in [ ]' : `write [${plain(value)}]`)];
  }

  /** `a number from 0 to 65535`, by the bounds that the schema sets. */
  function numberText(path: readonly PropertyKey[], kind: string): string {
    const unit = unitAt(path, schema);
    if (unit !== undefined) return UNIT_TEXTS[unit];
    const [bounds] = schemasAt(path, schema).filter((one) => one['type'] === 'number' || one['type'] === 'integer');
    const name = kindName(kind);
    const least = limit(bounds?.['minimum']);
    const most = limit(bounds?.['maximum']);
    const above = limit(bounds?.['exclusiveMinimum']);
    if (least !== undefined && most !== undefined) return `${name} from ${least} to ${most}`;
    if (above !== undefined) return `${name} above ${above}`;
    if (least !== undefined) return `${name} of at least ${least}`;
    return most === undefined ? name : `${name} of at most ${most}`;
  }

  function keysAt(path: readonly PropertyKey[]): string[] {
    const keys = schemasAt(path, schema).flatMap(({ properties }) => (isObject(properties) ? Object.keys(properties) : []));
    return [...new Set(keys)];
  }
}

const UNIT_TEXTS: Readonly<Record<Unit, string>> = {
  duration: 'a duration such as 250ms, 5s, 2m or 1h',
  size: 'a size such as 512KiB, 64MiB or 1GiB',
};

/** Issues that say: this is another kind of value. */
const KIND_CODES: ReadonlySet<string | undefined> = new Set(['invalid_type', 'invalid_value', 'invalid_union']);

/** Whole numbers carry JavaScript's own bounds in the schema; those are not worth telling. */
function limit(bound: JsonObject[string]): number | undefined {
  return typeof bound === 'number' && Math.abs(bound) < Number.MAX_SAFE_INTEGER ? bound : undefined;
}

function takesList(issue: Extract<Issue, { code: 'invalid_union' }>): boolean {
  return issue.errors.some((errors) =>
    errors.some((one) => one.code === 'invalid_type' && one.expected === 'array' && one.path.length === 0),
  );
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

/** Sections that hold no key, whatever their settings are called. */
const OPEN_SECTIONS: ReadonlySet<PropertyKey | undefined> = new Set(['deadlines', 'failover', 'journal', 'routes']);

/** The value in quotes, unless it is long, missing, or may be a secret. */
function shown(path: readonly PropertyKey[], source: Source): string {
  const value = valueAt(path, source);
  if (value === undefined || typeof value === 'object' || source.fromEnvironment.has(JSON.stringify(path))) return '';
  if (!OPEN_SECTIONS.has(path[0]) && path.some((step) => /key|token|secret|headers|proxy|password|topic/i.test(String(step)))) return '';
  // A webhook's address is a key.
  if (path[0] === 'watch' && path[1] === 'alerts' && path.at(-1) === 'url') return '';
  return String(value).length > 60 ? '' : `«${String(value)}» `;
}

function valueAt(path: readonly PropertyKey[], source: Source): unknown {
  return path.reduce<unknown>(
    (node, step) => (typeof node === 'object' && node !== null ? (node as Record<PropertyKey, unknown>)[step] : undefined),
    source.value,
  );
}

/** As an item of a YAML list in brackets. */
function plain(text: string): string {
  return /^[\w./][\w./*:-]*$/.test(text) ? text : JSON.stringify(text);
}
