import { provider } from './providers.ts';
import { codec } from './run-cell.ts';
import { type ClientDialect, type Reading, wireReader } from '../../src/drill/wire-reader.ts';
import type { JsonObject } from '../../src/exchange/json.ts';
import { parseObject } from '../../src/exchange/json.ts';
import { type VirtualClock, virtualClock } from '../../src/exchange/virtual-clock.ts';
import { createHealth } from '../../src/health/create-health.ts';
import type { Health } from '../../src/health/health.ts';
import type { End, Entry } from '../../src/journal/entry.ts';
import type { UpstreamRequest } from '../../src/providers/call.ts';
import { playScene, type SimTransportError } from '../../src/sim/play.ts';
import type { Scene, Step } from '../../src/sim/scene.ts';
import { createEngine } from '../../src/failover/engine.ts';
import { makePlan } from '../../src/failover/plan.ts';
import { parseRoute } from '../../src/failover/route.ts';
import { deadlinesSettings, failoverSettings } from '../../src/failover/settings.ts';
import { createRetryBudget } from '../../src/failover/retry-budget.ts';
import { createSpendLedger, type SpendLedger } from '../../src/failover/spend.ts';
import type { Stickiness } from '../../src/failover/stickiness.ts';

/** A provider whose every byte is written by hand, for what the simulated assistants are too well-behaved to do. */
export interface Scripted {
  name: string;
  dialect: ClientDialect;
  prefill?: boolean;
  vendor?: string;
  /** Dollars per million tokens. */
  price?: { input: number; output: number };
  /** Takes images; unless it is said, nobody knows. */
  images?: boolean;
  /** A model on a person's own machine. */
  computesHere?: true;
  /** What the `turn`th request (from 1) gets. */
  answer(body: JsonObject, turn: number): Scene | SimTransportError;
}

export interface Script {
  client: ClientDialect;
  targets: Scripted[];
  /** Fields of the client's request besides the usual. */
  body?: JsonObject;
  headers?: [string, string][];
  failover?: Record<string, unknown>;
  /** Most that the route may cost. */
  spend?: string;
  /** The route keeps what nobody can answer. */
  defer?: boolean;
  /** Instead of the usual one, which starts with nothing spent. */
  ledger?: SpendLedger;
  clock?: VirtualClock;
  health?: Health;
  stickiness?: Stickiness;
  /** Virtual milliseconds after which the client leaves. */
  leaveAfter?: number;
}

export interface Played {
  reading: Reading;
  /** Everything that the client got. */
  wire: string;
  outcome: End['outcome'];
  entries: Entry[];
  kinds: string[];
  asked: { host: string; body: JsonObject; headers: UpstreamRequest['headers'] }[];
}

/** One streaming exchange through the real engine and codecs, on a virtual clock. */
export async function play(script: Script): Promise<Played> {
  const clock = script.clock ?? virtualClock();
  const asked: Played['asked'] = [];
  const turns = new Map<string, number>();
  const world = worldOf(script);
  const engine = createEngine({
    translates: new Map(),
    clock,
    health: script.health ?? createHealth({ clock, random: () => 0.5 }),
    controls: [createRetryBudget(clock), script.ledger ?? createSpendLedger(clock, undefined, () => undefined)],
    random: (bytes) => bytes.fill(127),
    ...(script.stickiness && { stickiness: script.stickiness }),
    dialect: codec,
    call(request, handler) {
      const host = new URL(request.origin).hostname.replace('.test', '');
      const turn = (turns.get(host) ?? 0) + 1;
      turns.set(host, turn);
      const body = parseObject(request.body.toString())!;
      asked.push({ host, body, headers: request.headers });
      const answer = script.targets.find(({ name }) => name === host)!.answer(body, turn);
      return Array.isArray(answer) ? playScene(answer, clock, handler) : clock.after(0, () => handler.error(answer));
    },
  });
  const dialect = codec(script.client);
  const body = Buffer.from(
    JSON.stringify({ model: 'm', max_tokens: 9000, stream: true, messages: [{ role: 'user', content: 'Hi' }], ...script.body }),
  );
  const head = dialect.inspect(body, '/');
  if (!head.ok) throw new Error(head.error.message);
  const plan = makePlan(world, { dialect: script.client, head: head.value, client: { credential: 'key', alone: true } });
  if (!plan.ok) throw new Error(plan.error.message);
  const entries: Entry[] = [];
  const leave = engine.ask({
    dialect,
    head: head.value,
    body,
    path: '/v1',
    headers: [['content-type', 'application/json'], ...(script.headers ?? [])],
    plan: plan.value,
    append: (entry) => void entries.push(entry),
  });
  if (script.leaveAfter !== undefined) clock.after(script.leaveAfter, leave);
  for (let second = 0; second < 1800 && entries.at(-1)?.type !== 'end'; second++) await clock.advance(1000);
  return { ...shown(script.client, entries), entries, asked };
}

function worldOf({ targets, failover, spend, defer = false }: Script): Parameters<typeof makePlan>[0] {
  const routes = new Map([
    [
      'default',
      parseRoute('default', {
        targets: targets.map(({ name }) => `${name}/m-${name}`),
        never: [],
        save: true,
        strict: false,
        whenClientLeaves: 'cancel',
        defer,
        ...(spend !== undefined && { spend }),
      }),
    ],
  ]);
  return {
    provider(name) {
      const found = targets.find((target) => target.name === name);
      if (!found) return undefined;
      const { dialect, vendor, prefill, price, images, computesHere } = found;
      const made = provider({
        name,
        dialect,
        key: 'k',
        ...(vendor !== undefined && { vendor }),
        ...(price && { price }),
        ...(images !== undefined && { images }),
        prefill: prefill === true,
      });
      return computesHere ? { ...made, computesHere } : made;
    },
    providerNames: targets.map(({ name }) => name),
    routes,
    ownVendor: () => undefined,
    deadlines: deadlinesSettings.parse({}),
    failover: failoverSettings.parse(failover ?? {}),
  };
}

function shown(client: ClientDialect, entries: readonly Entry[]): Pick<Played, 'reading' | 'wire' | 'outcome' | 'kinds'> {
  const encoder = codec(client).encoder({ exchange: 'x', head: { model: 'm', stream: true, includeUsage: false }, created: 0 });
  const end = entries.at(-1);
  if (end?.type !== 'end') throw new Error('the exchange hung');
  let wire = '';
  let terminated = false;
  for (const entry of entries) {
    if (entry.type === 'bytes') {
      encoder.observe(entry.events, entry.bytes);
      wire += entry.bytes.toString();
      terminated ||= entry.terminated;
    } else if (entry.type === 'events') wire += encoder.encode(entry.events);
    else if (entry.type === 'seam') wire += encoder.seam(entry.from, entry.to);
  }
  const { outcome } = end;
  if (outcome.type === 'complete') wire += encoder.end(terminated);
  else if (outcome.type === 'failed') wire += encoder.error(outcome.fault);
  const reader = wireReader(client);
  reader.push(`${wire}\n`);
  const kinds = entries.flatMap((entry) => (entry.type === 'attempt' ? [`${entry.kind} ${entry.target.provider}`] : []));
  return { reading: reader.reading, wire, outcome, kinds };
}

export const OPEN: Step = { type: 'head', status: 200, headers: { 'content-type': 'text/event-stream' } };
export const END: Step = { type: 'end' };
export const RESET: Step = { type: 'reset' };

export function failing(status: number, body: string): Scene {
  return [{ type: 'head', status, headers: { 'content-type': 'application/json' } }, write(body), END];
}

export function write(text: string): Step {
  return { type: 'write', bytes: Buffer.from(text) };
}

export function pause(ms: number): Step {
  return { type: 'wait', ms };
}

/** Events of `POST /v1/messages`. */
export function messages(...events: JsonObject[]): Step[] {
  return events.map((event) => write(`event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`));
}

export const START: JsonObject = {
  type: 'message_start',
  message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], usage: { input_tokens: 1, output_tokens: 1 } },
};

export function block(index: number, content: JsonObject): JsonObject {
  return { type: 'content_block_start', index, content_block: content };
}

export function delta(index: number, change: JsonObject): JsonObject {
  return { type: 'content_block_delta', index, delta: change };
}

export function stop(index: number): JsonObject {
  return { type: 'content_block_stop', index };
}

export function finish(reason: string): JsonObject[] {
  return [
    { type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: 2 } },
    { type: 'message_stop' },
  ];
}

/** One text, up to where it is cut or to its end. */
export function said(text: string, ended: boolean): Scene {
  const begun = messages(START, block(0, { type: 'text', text: '' }), delta(0, { type: 'text_delta', text }));
  return ended ? [OPEN, ...begun, ...messages(stop(0), ...finish('end_turn')), END] : [OPEN, ...begun, RESET];
}

/** A chunk of `POST /chat/completions`. */
export function chunk(change: JsonObject, finished: string | null = null, index = 0): Step {
  return write(
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index, delta: change, finish_reason: finished }] })}\n\n`,
  );
}

export function call(args: string, name = 'look_up'): Step {
  return chunk({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name, arguments: args } }] });
}

export const ROLE = chunk({ role: 'assistant', content: '' });
export const DONE = write('data: [DONE]\n\n');
