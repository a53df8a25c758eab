/**
 * What each thing that Understudy does with a streamed chunk costs by itself: CPU per chunk, in one process and without sockets,
 * each step with everything of the one before. Prints; asserts nothing. `node bench/features.ts [--rounds N]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { anthropicMessages } from '../src/dialects/anthropic-messages/dialect.ts';
import { type Clock, systemClock } from '../src/exchange/clock.ts';
import { exchangeId } from '../src/exchange/ids.ts';
import { createEngine } from '../src/failover/engine.ts';
import { makePlan, type World } from '../src/failover/plan.ts';
import { parseRoute } from '../src/failover/route.ts';
import { deadlinesSettings, failoverSettings } from '../src/failover/settings.ts';
import { createSpendLedger } from '../src/failover/spend.ts';
import { createHealth } from '../src/health/create-health.ts';
import type { Entry } from '../src/journal/entry.ts';
import type { Journal } from '../src/journal/journal.ts';
import { openJournal } from '../src/journal/open.ts';
import { journalSettings } from '../src/journal/settings.ts';
import type { UpstreamHandler } from '../src/providers/call.ts';
import type { Provider } from '../src/providers/provider.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } });

const STREAMS = 100;
const CHUNKS = 200;
const dialect = anthropicMessages;

/** Somebody who takes a stream's chunks. */
type Taker = (chunk: Buffer) => void;

function event(body: Record<string, unknown>): Buffer {
  return Buffer.from(`event: ${String(body.type)}\ndata: ${JSON.stringify(body)}\n\n`);
}

function opening(): Buffer[] {
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = { id: 'm', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: null, stop_sequence: null, usage };
  return [
    event({ type: 'message_start', message }),
    event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
  ];
}

/** No timers and a still clock: what is left is not the clocks' cost. */
const stillClock: Clock = { now: () => 0, monotonic: () => 0, after: () => () => undefined };

const provider: Provider = {
  name: 'p',
  dialect: 'anthropic-messages',
  baseUrl: 'http://127.0.0.1',
  vendor: 'p',
  credential: { type: 'none' },
  headers: {},
  local: true,
  models: undefined,
  offers: () => true,
  facts: (model) => ({
    vendor: 'p',
    model,
    prefill: false,
    reasoning: 'none',
    maxTokensField: 'max_tokens',
    systemRole: 'system',
    fixedSampling: false,
  }),
};

const world: World = {
  provider: () => provider,
  providerNames: ['p'],
  routes: new Map([
    [
      'default',
      parseRoute('default', { targets: ['p/*'], never: [], save: true, strict: false, whenClientLeaves: 'cancel', defer: false }),
    ],
  ]),
  ownVendor: () => undefined,
  deadlines: deadlinesSettings.parse({}),
  failover: failoverSettings.parse({}),
};

/** Streams through the engine; `append` decides where their entries go. */
function engineTakers(clock: Clock, append: (stream: number) => (entry: Entry) => void): Taker[] {
  const handlers: UpstreamHandler[] = [];
  const engine = createEngine({
    translates: new Map(),
    call: (_request, handler) => {
      handlers.push(handler);
      return () => undefined;
    },
    health: createHealth({ clock, random: () => 0.5 }),
    controls: [createSpendLedger(clock, undefined, () => undefined)],
    clock,
    random: (bytes) => bytes.fill(1),
    dialect: () => dialect,
  });
  const body = Buffer.from(JSON.stringify({ model: 'm', max_tokens: 9, stream: true, messages: [{ role: 'user', content: 'Hello' }] }));
  const head = dialect.inspect(body, '/');
  if (!head.ok) throw new Error(head.error.message);
  const plan = makePlan(world, { dialect: dialect.name, head: head.value, client: { credential: 'none', alone: true } });
  if (!plan.ok) throw new Error(plan.error.message);
  for (let stream = 0; stream < STREAMS; stream++) {
    engine.ask({ dialect, head: head.value, body, headers: [], path: '/v1/messages', plan: plan.value, append: append(stream) });
  }
  for (const handler of handlers) handler.headers(200, { 'content-type': 'text/event-stream' });
  return handlers.map((handler) => (chunk) => handler.data(chunk));
}

function journalTakers(journal: Journal, save: boolean): Taker[] {
  return engineTakers(systemClock, () => {
    const at = Date.now();
    const id = exchangeId(at, (bytes) => crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>));
    const facts = { id, at, dialect: dialect.name, model: 'm', route: 'default', stream: true, principal: 'local', save };
    const log = journal.open(facts, Buffer.from('{}'));
    log.follow(
      -1,
      () => true,
      () => undefined,
    );
    return (entry) => log.append(entry);
  });
}

/** CPU microseconds per chunk, this process with all its threads. */
async function measure(takers: Taker[]): Promise<number> {
  for (const chunk of opening()) for (const take of takers) take(chunk);
  await turn();
  const before = process.cpuUsage();
  for (let round = 0; round < CHUNKS; round++) {
    for (const take of takers)
      take(event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: `word ${round} ` } }));
    await turn();
  }
  const used = process.cpuUsage(before);
  return (used.user + used.system) / (CHUNKS * takers.length);
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const folder = mkdtempSync(join(tmpdir(), 'understudy-features-'));
const opened = await openJournal({
  folder,
  settings: journalSettings.parse({}),
  clock: systemClock,
  decoders: { stream: () => dialect.decoder(), whole: () => [] },
  onNotice: (notice) => console.error(notice.message),
});
if (!opened.ok) throw new Error(opened.error.message);
const journal = opened.value;

const nothing = (): Taker[] => Array.from({ length: STREAMS }, () => () => undefined);
const steps: [name: string, make: () => Taker[]][] = [
  ['(making the chunks)', nothing],
  [
    'tap: the decoder alongside the bytes',
    () =>
      nothing().map(() => {
        const decoder = dialect.decoder();
        return (chunk) => void decoder.push(chunk);
      }),
  ],
  ['accounting: gate, completeness, what has been delivered', () => engineTakers(stillClock, () => () => undefined)],
  ['clocks', () => engineTakers(systemClock, () => () => undefined)],
  ['journal in memory, one reader', () => journalTakers(journal, false)],
  ['answer log on disk (all threads, folding not included)', () => journalTakers(journal, true)],
];

const samples = steps.map((): number[] => []);
for (let round = 0; round <= Number(values.rounds); round++) {
  for (const [index, [, make]] of steps.entries()) {
    const cost = await measure(make());
    // The first round warms up.
    if (round > 0) samples[index]!.push(cost);
  }
}

const medians = samples.map((list) => list.toSorted((one, other) => one - other)[Math.floor(list.length / 2)] ?? Number.NaN);
console.log(`${STREAMS} streams, ${values.rounds} rounds of ${CHUNKS} chunks each, Node ${process.version}; CPU per chunk, medians\n`);
console.log('| feature | with all before it, µs | by itself, µs |');
console.log('|---|---:|---:|');
for (const [index, [name]] of steps.entries()) {
  const total = medians[index]! - medians[0]!;
  const own = index === 0 ? medians[0]! : medians[index]! - medians[index - 1]!;
  console.log(`| ${name} | ${index === 0 ? '–' : total.toFixed(2)} | ${own.toFixed(2)} |`);
}
// Streams that were never ended are no concern of this process any more.
rmSync(folder, { recursive: true, force: true });
process.exit(0);
