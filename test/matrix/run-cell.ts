import { anthropicMessages } from '../../src/dialects/anthropic-messages/dialect.ts';
import type { Dialect } from '../../src/dialects/dialect.ts';
import { gemini } from '../../src/dialects/gemini/dialect.ts';
import { openaiChat } from '../../src/dialects/openai-chat/dialect.ts';
import { openaiResponses } from '../../src/dialects/openai-responses/dialect.ts';
import { type ClientDialect, type Reading, readWhole, wireReader } from '../../src/drill/wire-reader.ts';
import { type VirtualClock, virtualClock } from '../../src/exchange/virtual-clock.ts';
import { createEngine } from '../../src/failover/engine.ts';
import { makePlan, type Plan, type World } from '../../src/failover/plan.ts';
import { parseRoute } from '../../src/failover/route.ts';
import { createRateRooms } from '../../src/failover/rate-room.ts';
import { createRetryBudget } from '../../src/failover/retry-budget.ts';
import { createSpendLedger } from '../../src/failover/spend.ts';
import { deadlinesSettings, failoverSettings } from '../../src/failover/settings.ts';
import { createHealth } from '../../src/health/create-health.ts';
import type { Health } from '../../src/health/health.ts';
import type { End, Entry, Head } from '../../src/journal/entry.ts';
import type { DialectName } from '../../src/exchange/dialect-name.ts';
import { parseObject } from '../../src/exchange/json.ts';
import { type FaultRule, createSimProvider, type SimRequest } from '../../src/sim/sim-provider.ts';
import { simCall } from '../../src/sim/sim-call.ts';
import { type Pace, REALISTIC } from '../../src/sim/wire/pace.ts';
import { provider } from './providers.ts';
import { type Asking, BACKUP_KEY, LEAD_KEY, questionOf, type RawQuestion } from './question.ts';

export interface Trial {
  client: ClientDialect;
  lead: ClientDialect;
  backup: ClientDialect | undefined;
  stream: boolean;
  content: Asking;
  faults: readonly FaultRule[];
  backupFaults?: readonly FaultRule[];
  pace?: Pace;
  /** Default: the lead's. */
  backupPace?: Pace;
  /** One on which something else is to be seen besides. */
  clock?: VirtualClock;
  /** Told of every call; what it returns, of that call's end or cancel. */
  called?: (host: string) => () => void;
  /** Changes the plan before it is carried out. */
  planned?: (plan: Plan) => Plan;
  /** Model at the backup; a suffix chooses how it carries an answer on (`m-overlap`, see sim/continuation.ts). */
  backupModel?: string;
  deadlines?: Record<string, string>;
  failover?: Record<string, unknown>;
  /** Health that has lived through earlier trials. */
  health?: (clock: VirtualClock) => Health;
  /** Told of every request. */
  sent?: (host: string, body: string, request: Pick<SimRequest, 'method' | 'path'>) => void;
  /** The lead keeps what it is asked in the background. */
  keeps?: boolean;
  /** Instead of the usual question. */
  question?: RawQuestion;
  /** Gives the exchange up after so many virtual milliseconds. */
  leaveAfter?: number;
}

/** What a client experienced, and what it cost. */
export interface Experience {
  reading: Reading;
  /** How the exchange ended for the client: a proper end, an error (told apart by `reading.error`), or nothing at all. */
  end: 'clean' | 'aborted' | 'none';
  status: number;
  /** Virtual milliseconds from the question to the end. */
  took: number;
  entries: Entry[];
  /** Every byte that the client could see: status, headers, body. */
  visible: string;
  body: string;
  /** Attempts at lead and backup. */
  asked: { lead: number; backup: number };
  /** Somebody was sent what another one had thought. */
  crossed: boolean;
}

/** Longer than any deadline or sum of deadlines in the default configuration. */
const LIMIT = 30 * 60_000;

/** Runs one exchange through the real engine and the real codecs, on a virtual clock, against simulated providers. */
export async function runTrial(trial: Trial): Promise<Experience> {
  const clock = trial.clock ?? virtualClock();
  const pace = trial.pace ?? REALISTIC;
  const lead = createSimProvider({ clock, name: 'lead', pace, faults: trial.faults, strict: true, key: LEAD_KEY });
  const backup = createSimProvider({
    clock,
    name: 'backup',
    pace: trial.backupPace ?? pace,
    faults: trial.backupFaults ?? [],
    strict: true,
    key: BACKUP_KEY,
  });
  const asked = { lead: 0, backup: 0 };
  let crossed = false;
  const simulated = simCall({
    clock,
    providers: { 'lead.test': lead, 'backup.test': backup },
    observe(host, request) {
      trial.sent?.(host, request.body.toString(), request);
      asked[host === 'lead.test' ? 'lead' : 'backup'] += 1;
      crossed ||= request.body.includes(THOUGHT);
      return trial.called?.(host);
    },
  });
  const world = worldOf(trial);
  const health = trial.health?.(clock) ?? createHealth({ clock, random: () => 0.5, overrides: world.deadlines });
  const spend = createSpendLedger(clock, undefined, () => undefined);
  const engine = createEngine({
    call: simulated,
    health,
    controls: [createRetryBudget(clock), spend, createRateRooms(clock)],
    clock,
    random: (bytes) => bytes.fill(127),
    dialect: codec,
    translates: new Map(),
  });

  const dialect = codec(trial.client);
  const question = trial.question ?? questionOf(trial.client, trial.stream, trial.content, 'the-model');
  const head = dialect.inspect(question.body, question.path);
  if (!head.ok) throw new Error(head.error.message);
  const plan = makePlan(world, { dialect: trial.client, head: head.value, client: { credential: 'key', alone: true } });
  if (!plan.ok) throw new Error(plan.error.message);

  const entries: Entry[] = [];
  const began = clock.monotonic();
  let took: number | undefined;
  const leave = engine.ask({
    dialect,
    head: head.value,
    ...question,
    plan: trial.planned?.(plan.value) ?? plan.value,
    append(entry) {
      entries.push(entry);
      if (entry.type === 'end') took = clock.monotonic() - began;
    },
  });
  if (trial.leaveAfter !== undefined) clock.after(trial.leaveAfter, leave);
  while (took === undefined && clock.monotonic() - began < LIMIT) await clock.advance(1000);
  return { ...experience(dialect, trial, entries), took: took ?? LIMIT, entries, asked, crossed };
}

/** What simulated assistants think begins like this; no question of ours has it. */
export const THOUGHT = 'Simulated thinking.';

const CODECS: Record<DialectName, Dialect> = {
  'anthropic-messages': anthropicMessages,
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  gemini,
};

export function codec(name: DialectName): Dialect {
  return CODECS[name];
}

function worldOf(trial: Trial): World {
  const lead = { ...provider({ name: 'lead', dialect: trial.lead, key: LEAD_KEY }), keepsResponses: trial.keeps === true };
  const backup = trial.backup && provider({ name: 'backup', dialect: trial.backup, key: BACKUP_KEY });
  const targets = ['lead/the-model', ...(backup ? [`backup/${trial.backupModel ?? 'the-other'}`] : [])];
  return {
    provider: (name) => (name === 'lead' ? lead : backup),
    providerNames: ['lead', 'backup'],
    routes: new Map([
      ['default', parseRoute('default', { targets, never: [], save: true, strict: false, whenClientLeaves: 'cancel', defer: false })],
    ]),
    ownVendor: () => undefined,
    deadlines: deadlinesSettings.parse(trial.deadlines ?? {}),
    failover: failoverSettings.parse(trial.failover ?? {}),
  };
}

/** Plays the entries to a client, as the server does, and reads what it gets with a reader of its own. */
function experience(
  dialect: Dialect,
  trial: Trial,
  entries: readonly Entry[],
): Pick<Experience, 'reading' | 'end' | 'status' | 'visible' | 'body'> {
  const inspected = { model: 'the-model', stream: trial.stream, includeUsage: trial.client !== 'openai-chat' };
  const question = trial.question ?? questionOf(trial.client, trial.stream, trial.content, 'the-model');
  const request = parseObject(question.body.toString());
  const context = { exchange: 'x_0', head: inspected, created: 0, request: () => request };
  const encoder = dialect.encoder(context);
  let head: Head | undefined;
  let body = '';
  let terminated = false;
  let end: End | undefined;
  const events = entries.flatMap((entry) => (entry.type === 'events' ? entry.events : []));
  for (const entry of entries) {
    if (entry.type === 'head') head = entry;
    else if (entry.type === 'bytes') {
      encoder.observe(entry.events, entry.bytes);
      body += entry.bytes.toString('utf8');
      terminated ||= entry.terminated;
    } else if (entry.type === 'events') body += trial.stream ? encoder.encode(entry.events) : '';
    else if (entry.type === 'seam') body += encoder.seam(entry.from, entry.to);
    else if (entry.type === 'end') end = entry;
  }
  if (!end) return { reading: emptyReading(), end: 'none', status: head?.status ?? 0, visible: body, body };

  const { outcome } = end;
  const headers = JSON.stringify(head?.headers ?? []);
  if (outcome.type === 'complete') {
    if (trial.stream) body += encoder.end(terminated);
    else if (events.length > 0) body = JSON.stringify(dialect.encodeAnswer(events, context));
    return { reading: read(trial, 200, body), end: 'clean', status: head?.status ?? 200, visible: headers + body, body };
  }
  if (outcome.type !== 'failed') return { reading: emptyReading(), end: 'none', status: 0, visible: body, body };
  if (head && head.status === 200) {
    body += encoder.error(outcome.fault);
    return { reading: read(trial, 200, body), end: 'aborted', status: 200, visible: headers + body, body };
  }
  const own = dialect.encodeError(outcome.fault, 'x_0');
  const status = outcome.body === undefined ? own.status : (head?.status ?? own.status);
  const said = outcome.body ?? JSON.stringify(own.body);
  return {
    reading: readWhole(trial.client, status, said),
    end: 'clean',
    status,
    visible: headers + JSON.stringify(own.headers) + said,
    body: said,
  };
}

function read(trial: Trial, status: number, body: string): Reading {
  if (!trial.stream) return readWhole(trial.client, status, body);
  const reader = wireReader(trial.client);
  // A last line end may be a lone CR: what follows, or the end of the body, tells.
  reader.push(`${body}\n`);
  return reader.reading;
}

function emptyReading(): Reading {
  return { text: '', calls: [], finished: false, seams: 0 };
}
