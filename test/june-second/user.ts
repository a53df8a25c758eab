import type { Clock } from '../../src/exchange/clock.ts';
import { createEngine } from '../../src/failover/engine.ts';
import { makePlan, type World } from '../../src/failover/plan.ts';
import { createRateRooms } from '../../src/failover/rate-room.ts';
import { createRetryBudget } from '../../src/failover/retry-budget.ts';
import { parseRoute } from '../../src/failover/route.ts';
import { deadlinesSettings, failoverSettings, routesSettings } from '../../src/failover/settings.ts';
import { createSpendLedger } from '../../src/failover/spend.ts';
import { createHealth } from '../../src/health/create-health.ts';
import type { LastingHealth } from '../../src/health/health.ts';
import type { Entry } from '../../src/journal/entry.ts';
import type { Call } from '../../src/providers/call.ts';
import { seeded } from '../../src/sim/seeded.ts';
import { journalSignals } from '../../src/telemetry/journal-signals.ts';
import type { Signal } from '../../src/telemetry/signal.ts';
import { createProbeCall } from '../../src/watch/probe/probe-call.ts';
import type { ProbeCall } from '../../src/watch/probe/outcome.ts';
import { provider } from '../matrix/providers.ts';
import { codec } from '../matrix/run-cell.ts';
import { questionFor } from '../weather/question.ts';

/** One request as its client saw it. */
export interface Asked {
  at: number;
  model: string;
  /** First in the plan that was really asked for the answer, trials apart: `anthropic/claude-opus-4-6`. */
  first?: string;
  /** Who was asked, in order. */
  targets: string[];
  /** Who delivered the end. */
  by?: string;
  end: 'whole' | 'failed';
  /** Attempts that failed, and seams in the answer. */
  failed: number;
  hops: number;
  took: number;
}

export interface User {
  ask(model: string): Promise<Asked>;
  health: Pick<LastingHealth, 'suspect' | 'review'>;
  probe: ProbeCall;
}

export const ROUTE = ['anthropic/*', 'anthropic/claude-sonnet-4-6', 'openai/gpt-5.6'];
const PROMPT = 'What is left of this morning? [sim words=80]';

/** One person with Understudy's engine and health as nobody has configured them, and a route as in the drill. */
export function createUser(clock: Clock, call: Call, seed: number, hear: (signal: Signal) => void): User {
  const world = worldOf();
  const random = seeded(seed);
  const publish = (happening: Parameters<Parameters<typeof journalSignals>[0]['publish']>[0], at = clock.now()): void =>
    hear({ version: 1, at, ...happening });
  const follow = journalSignals({ publish });
  const health = createHealth({
    clock,
    random,
    overrides: world.deadlines,
    onChange({ target, credential, at, from, to }) {
      if (from.breaker !== to.breaker) publish({ type: 'breaker', target, credential, from: from.breaker, to: to.breaker }, at);
    },
  });
  const engine = createEngine({
    translates: new Map(),
    clock,
    health,
    controls: [createRetryBudget(clock), createSpendLedger(clock, undefined, () => undefined), createRateRooms(clock)],
    random: (bytes) => bytes.fill(Math.floor(random() * 256)),
    dialect: codec,
    call,
  });
  const dialect = codec('anthropic-messages');
  let count = 0;

  return {
    health,
    probe: createProbeCall({ call, clock, dialect: codec, provider: world.provider }),
    ask(model) {
      const question = questionFor(model, PROMPT);
      const head = dialect.inspect(question.body, question.path);
      if (!head.ok) throw new Error(head.error.message);
      const plan = makePlan(world, { dialect: dialect.name, head: head.value, client: { credential: 'key', alone: true } });
      if (!plan.ok) throw new Error(plan.error.message);
      const at = clock.now();
      const exchange = `x${count++}`;
      const entries: Entry[] = [];
      const { promise, resolve } = Promise.withResolvers<Asked>();
      const opening = { id: exchange, at, dialect: dialect.name, model, route: 'default', stream: true, principal: 'me', save: true };
      follow({ version: 1, exchange, at, type: 'opened', opening });
      engine.ask({
        dialect,
        head: head.value,
        ...question,
        plan: plan.value,
        append(entry) {
          if (entry.type === 'bytes' || entry.type === 'events') return;
          entries.push(entry);
          follow({ version: 1, exchange, at: clock.now(), type: 'entry', entry });
          if (entry.type === 'end') resolve(askedOf(entries, at, model, clock.now() - at));
        },
      });
      return promise;
    },
  };
}

function askedOf(entries: readonly Entry[], at: number, model: string, took: number): Asked {
  const attempts = entries.flatMap((entry) => (entry.type === 'attempt' ? [entry] : []));
  const nameOf = ({ target }: (typeof attempts)[number]): string => `${target.provider}/${target.model}`;
  const ends = entries.flatMap((entry) => (entry.type === 'attempt-end' ? [entry] : []));
  const whole = ends.findLast(({ outcome }) => outcome.type === 'whole');
  const last = attempts.find(({ ordinal }) => ordinal === whole?.ordinal);
  const end = entries.findLast((entry) => entry.type === 'end');
  const first = attempts.find(({ kind }) => kind !== 'canary');
  return {
    at,
    model,
    ...(first && { first: nameOf(first) }),
    targets: attempts.map(nameOf),
    ...(last && { by: nameOf(last) }),
    end: end?.outcome.type === 'complete' ? 'whole' : 'failed',
    failed: ends.filter(({ outcome }) => outcome.type === 'failed').length,
    hops: entries.filter(({ type }) => type === 'seam').length,
    took,
  };
}

function worldOf(): World {
  const providers = new Map([
    ['anthropic', provider({ name: 'anthropic', dialect: 'anthropic-messages', key: 'k' })],
    ['openai', provider({ name: 'openai', dialect: 'openai-chat', key: 'k' })],
  ]);
  const routes = routesSettings.parse({ default: ROUTE });
  return {
    provider: (name) => providers.get(name),
    providerNames: [...providers.keys()],
    routes: new Map(Object.entries(routes).map(([name, settings]) => [name, parseRoute(name, settings)])),
    ownVendor: () => undefined,
    deadlines: deadlinesSettings.parse({}),
    failover: failoverSettings.parse({}),
  };
}
