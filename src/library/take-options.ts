import { z } from 'zod';
import { err, ok, type Result } from '../exchange/result.ts';
import { deadlinesSettings, failoverSettings, routeSettings } from '../failover/settings.ts';
import type { DeadlineSettings, FailoverSettings } from '../failover/settings.ts';
import type { FailoverOptions } from './options.ts';

type Issue = z.core.$ZodIssue;

const aFunction = z.custom((value) => typeof value === 'function', 'a function').optional();

const OPTIONS = z.strictObject({
  models: z.array(z.unknown(), 'a list of models of the AI SDK, such as [anthropic("…"), openai("…")]'),
  modelId: z.string().optional(),
  deadlines: deadlinesSettings.default(deadlinesSettings.parse({})),
  failover: failoverSettings.default(failoverSettings.parse({})),
  strict: z.boolean().optional(),
  spend: z.string().optional(),
  health: z
    .custom((value) => typeof value === 'object' && value !== null && 'limits' in value, 'what createFailoverHealth() gives')
    .optional(),
  journal: z.string().min(1, 'the path of a folder').optional(),
  onAttempt: aFunction,
  onSwitch: aFunction,
  onNotice: aFunction,
} satisfies Record<keyof FailoverOptions, z.ZodType>);

export interface TakenOptions {
  deadlines: DeadlineSettings;
  failover: FailoverSettings;
}

/** Reads what a program gives, which need not be written in TypeScript. The error names everything that is wrong, and what may stand there. */
export function takeOptions(options: unknown): Result<TakenOptions, string> {
  const given = OPTIONS.safeParse(options);
  const spend = typeof options === 'object' && options !== null && 'spend' in options ? options.spend : undefined;
  const route = routeSettings.safeParse({ targets: ['a/b'], ...(typeof spend === 'string' && { spend }) });
  if (given.success && route.success) return ok(given.data);
  const spent = route.success
    ? []
    : route.error.issues.flatMap((issue) => (issue.code === 'invalid_union' ? (issue.errors.at(-1) ?? []) : [issue]));
  const problems = [...(given.success ? [] : given.error.issues), ...spent].flatMap((issue) => words(issue, options));
  return err(`createFailover cannot take these options: ${problems.join('; ')}. docs/library.md has them all.`);
}

function words(issue: Issue, options: unknown): string[] {
  const path = issue.path.map(String).join('.');
  const value = issue.path.reduce<unknown>(
    (node, step) => (typeof node === 'object' && node !== null ? (node as Record<PropertyKey, unknown>)[step] : undefined),
    options,
  );
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(shapeAt(issue.path)).join(', ');
    return issue.keys.map((key) => `there is no option ${path === '' ? key : `${path}.${key}`}; there are ${known}`);
  }
  const wanted = [...new Set(choices(issue))].join(' or ');
  if (path === '') return [`they are no object; give ${wanted}`];
  if (value === undefined) return [`${path} is missing; give ${wanted}`];
  return [`${path} is ${shown(value)}; give ${wanted}`];
}

function shapeAt([section]: readonly PropertyKey[]): object {
  if (section === 'deadlines') return deadlinesSettings.shape;
  return section === 'failover' ? failoverSettings.shape : OPTIONS.shape;
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
};

/** What may stand there, going by the ways in which a value failed to be it. */
function choices(issue: Issue): string[] {
  switch (issue.code) {
    case 'invalid_union':
      return issue.errors.flat().flatMap(choices);
    case 'invalid_type':
      return [issue.message.startsWith('Invalid input') ? (KINDS[issue.expected] ?? issue.expected) : issue.message];
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value));
    case 'too_small':
      return [issue.origin === 'string' ? issue.message : `at least ${issue.minimum}`];
    case 'too_big':
      return [`at most ${issue.maximum}${issue.origin === 'string' ? ' letters' : ''}`];
    default:
      return [issue.message];
  }
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `a ${typeof value}` : text;
}
