import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import type { Result } from '../exchange/result.ts';
import { err, ok } from '../exchange/result.ts';
import { globMatcher } from '../providers/glob.ts';
import { deadlinesSettings } from '../failover/settings.ts';
import { duration } from '../journal/units.ts';
import { POSITIONS, type Position } from '../sim/position.ts';
import type { Timescale } from './incident-time.ts';
import { readMoment } from './incident-time.ts';
import type { FileProblem } from './yaml-problem.ts';
import { locate } from './yaml-problem.ts';

const dialect = z.enum(['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini']);
const name = z.string().regex(/^[a-z][a-z0-9-]*$/, 'a name of small letters, digits and dashes');
const target = z.string().regex(/^[^/\s]+\/\S+$/, 'provider/model; `*` stands for anything');

const assistant = z.strictObject({
  dialect,
  preset: z.string().optional().describe('The known service that it stands for: decides what Understudy knows of its models.'),
  port: z.int().min(1).max(65535).optional().describe('A fixed port, so that another Understudy can be configured to use it.'),
  firstWord: duration.default(60).describe('How long it takes until its first word.'),
  pace: duration.default(6).describe('Between two pieces of an answer.'),
});

const traffic = z.strictObject({
  dialect: dialect.describe('The dialect that the client speaks.'),
  model: z.string().min(1).describe('The model that it asks for.'),
  straight: target.describe('Who it would ask without Understudy: provider/model of the same dialect.'),
  share: z.number().positive().default(1).describe('How often, relative to the other kinds.'),
  stream: z.boolean().default(true),
  tools: z.boolean().default(false).describe('The answer is a tool call.'),
  words: z.int().min(1).max(2000).default(40).describe('Length of the answer.'),
});

const event = z.strictObject({
  at: z.string(),
  until: z.string().optional(),
  who: z.union([target.transform((one) => [one]), z.array(target).min(1)]),
  fault: z
    .union([z.string().min(1), z.int()])
    .transform(String)
    .describe('An id of the fault catalogue: `understudy drill --faults` lists them.'),
  probability: z
    .number()
    .positive()
    .max(1)
    .default(1)
    .describe('The share of requests that it hits, of those that no fault above it has hit.'),
  position: z.enum(POSITIONS).optional().describe('Where in the answer, for faults that strike within one.'),
});

const scriptFile = z.strictObject({
  name: z.string().min(1),
  about: z.string().default(''),
  from: z.iso.datetime({ error: 'a time such as 2026-06-02T05:45:00Z' }),
  until: z.iso.datetime({ error: 'a time such as 2026-06-02T13:45:00Z' }),
  lasts: duration.describe('How long the drill takes in real time.'),
  perSecond: z.number().positive().max(50).default(4).describe('Questions asked per real second.'),
  patience: duration.default(8000).describe('When a client gives up waiting for the whole answer, in real time.'),
  retries: z
    .int()
    .min(0)
    .max(5)
    .default(2)
    .describe('How often a client repeats a question that failed before its answer began, as the official SDKs do.'),
  deadlines: z
    .record(z.string(), z.union([z.string(), z.number()]))
    .default({})
    .describe('Deadlines of the Understudy on stage, shortened as time is.'),
  assistants: z.record(name, assistant).refine((all) => Object.keys(all).length > 0, 'a drill needs at least one assistant'),
  routes: z.record(z.string().min(1), z.array(target).min(1)),
  traffic: z.array(traffic).min(1),
  events: z.array(event),
  headlines: z.array(z.strictObject({ at: z.string(), say: z.string().min(1) })).default([]),
});

export type Traffic = z.infer<typeof traffic>;

/** A fault that strikes for a while; times are UTC milliseconds of the incident. */
export interface ScriptEvent {
  at: number;
  until: number;
  who: string[];
  fault: string;
  probability: number;
  position?: Position;
}

/** An outage to rehearse. */
export interface Script extends Omit<z.infer<typeof scriptFile>, 'from' | 'until' | 'lasts' | 'events' | 'headlines'> {
  scale: Timescale;
  events: ScriptEvent[];
  headlines: { at: number; say: string }[];
}

/** The candidate that a mistyped word most likely meant. */
export type Suggest = (word: string, candidates: readonly string[]) => string | undefined;

/** Reads a script. `faults` are the ids of the fault catalogue. */
export function readScript(text: string, faults: readonly string[], suggest: Suggest = () => undefined): Result<Script, FileProblem[]> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) {
    return err(document.errors.map((error) => ({ line: error.linePos?.[0].line ?? 1, field: '', message: error.message.split('\n')[0]! })));
  }
  const checked = scriptFile.superRefine((file, context) => checkMeaning(file, faults, suggest, context)).safeParse(document.toJS());
  if (!checked.success) return err(locate(document, lines, checked.error, (key, path) => suggest(key, keysAt(path))));
  const { from, until, lasts, events, headlines, ...rest } = checked.data;
  const scale: Timescale = { from: Date.parse(from), until: Date.parse(until), lasts };
  return ok({
    ...rest,
    scale,
    events: events.map(({ at, until: end, position, ...what }) => ({
      ...what,
      at: readMoment(at, scale.from)!,
      until: end === undefined ? scale.until : readMoment(end, scale.from)!,
      ...(position !== undefined && { position }),
    })),
    headlines: headlines.map(({ at, say }) => ({ at: readMoment(at, scale.from)!, say })),
  });
}

/** What types cannot say: names that must exist, times that must lie within the incident. */
function checkMeaning(file: z.infer<typeof scriptFile>, faults: readonly string[], suggest: Suggest, context: z.RefinementCtx): void {
  const complain = (path: (string | number)[], message: string): void => context.addIssue({ code: 'custom', path, message });
  const from = Date.parse(file.from);
  const until = Date.parse(file.until);
  if (until <= from) complain(['until'], 'lies before `from`');

  const moment = (path: (string | number)[], text: string): number | undefined => {
    const at = readMoment(text, from);
    if (at === undefined) complain(path, `\`${text}\` is not a time; write 06:05, 06:05:30 or 2026-06-02T06:05:00Z`);
    else if (at < from || at > until) complain(path, `${text} lies outside of the incident (${file.from} to ${file.until})`);
    else return at;
    return undefined;
  };
  file.events.forEach((each, index) => {
    const begin = moment(['events', index, 'at'], each.at);
    const end = each.until === undefined ? until : moment(['events', index, 'until'], each.until);
    if (begin !== undefined && end !== undefined && end <= begin) complain(['events', index, 'until'], 'lies before `at`');
    if (!faults.includes(each.fault)) complain(['events', index, 'fault'], unknownFault(each.fault, faults, suggest));
    for (const who of each.who) {
      if (!isCast(who)) complain(['events', index, 'who'], `no assistant fits \`${who}\``);
      if (who.slice(who.indexOf('/')).slice(0, -1).includes('*'))
        complain(['events', index, 'who'], `\`${who}\`: \`*\` may only end a model's name`);
    }
  });
  file.headlines.forEach((each, index) => moment(['headlines', index, 'at'], each.at));

  const deadlines = deadlinesSettings.safeParse(file.deadlines);
  for (const issue of deadlines.error?.issues ?? []) {
    complain(['deadlines', ...issue.path.map(String)], issue.message);
  }
  function isCast(who: string): boolean {
    const provider = who.slice(0, who.indexOf('/'));
    return Object.keys(file.assistants).some((each) => globMatcher(provider)(each));
  }
  for (const [pattern, targets] of Object.entries(file.routes)) {
    targets.forEach((each, index) => {
      if (!isCast(each)) complain(['routes', pattern, index], `\`${each}\` names no assistant of this script`);
    });
  }
  file.traffic.forEach((each, index) => {
    const straight = file.assistants[each.straight.slice(0, each.straight.indexOf('/'))];
    if (!straight) complain(['traffic', index, 'straight'], `\`${each.straight}\` names no assistant of this script`);
    else if (straight.dialect !== each.dialect)
      complain(['traffic', index, 'straight'], `speaks ${straight.dialect}; without Understudy this client cannot ask it`);
  });
}

/** What may stand where an unknown key was found. */
function keysAt([part]: readonly (string | number)[]): string[] {
  const parts = { assistants: assistant, traffic, events: event };
  const known = part === undefined ? scriptFile : Object.entries(parts).find(([name]) => name === part)?.[1];
  return Object.keys(known?.shape ?? {});
}

function unknownFault(id: string, faults: readonly string[], suggest: Suggest): string {
  const meant = suggest(id, faults);
  if (meant !== undefined) return `there is no fault \`${id}\`; did you mean \`${meant}\`? \`understudy drill --faults\` lists all`;
  const near = faults.filter((each) => each.includes(id) || id.includes(each) || each.split('-')[0] === id.split('-')[0]).slice(0, 5);
  return `there is no fault \`${id}\`${near.length > 0 ? `; near: ${near.join(', ')}` : ''}. \`understudy drill --faults\` lists all`;
}
