import { wireReader } from '../../src/drill/wire-reader.ts';
import { createEngine } from '../../src/failover/engine.ts';
import { makePlan, type World } from '../../src/failover/plan.ts';
import { parseRoute } from '../../src/failover/route.ts';
import { deadlinesSettings, failoverSettings, routesSettings } from '../../src/failover/settings.ts';
import { createRateRooms } from '../../src/failover/rate-room.ts';
import { createRetryBudget } from '../../src/failover/retry-budget.ts';
import { createSpendLedger } from '../../src/failover/spend.ts';
import { createHealth } from '../../src/health/create-health.ts';
import type { End, Entry } from '../../src/journal/entry.ts';
import { seeded } from '../../src/sim/seeded.ts';
import { provider } from '../matrix/providers.ts';
import { codec } from '../matrix/run-cell.ts';
import type { Host } from './climate.ts';
import type { MakeContender, Outcome } from './contender.ts';
import { questionFor } from './question.ts';
import { HOSTS } from './sky.ts';

/** The engine as it is configured by nobody, with three targets. `failover`: settings that differ. */
export function understudy(name: string, failover: Record<string, unknown> = {}): MakeContender {
  return (clock, sky) => {
    const world = worldOf(failover);
    const random = seeded(1);
    const engine = createEngine({
      translates: new Map(),
      clock,
      health: createHealth({ clock, random, overrides: world.deadlines }),
      controls: [createRetryBudget(clock), createSpendLedger(clock, undefined, () => undefined), createRateRooms(clock)],
      random: (bytes) => bytes.fill(Math.floor(random() * 256)),
      dialect: codec,
      call: sky.call,
    });
    const dialect = codec('anthropic-messages');
    return {
      name,
      ask(model, prompt, expected) {
        const question = questionFor(model, prompt);
        const head = dialect.inspect(question.body, question.path);
        if (!head.ok) throw new Error(head.error.message);
        const plan = makePlan(world, { dialect: dialect.name, head: head.value, client: { credential: 'key', alone: true } });
        if (!plan.ok) throw new Error(plan.error.message);
        const began = clock.monotonic();
        const entries: Entry[] = [];
        const { promise, resolve } = Promise.withResolvers<Outcome>();
        engine.ask({
          dialect,
          head: head.value,
          ...question,
          plan: plan.value,
          append(entry) {
            entries.push(entry);
            if (entry.type === 'end')
              resolve({ end: seen(entries, entry, expected), took: clock.monotonic() - began, asked: asked(entries) });
          },
        });
        return promise;
      },
    };
  };
}

function worldOf(failover: Record<string, unknown>): World {
  const providers = new Map(HOSTS.map((name) => [name as string, provider({ name, dialect: 'anthropic-messages', key: 'k' })]));
  const routes = routesSettings.parse({ default: HOSTS.map((host) => `${host}/*`) });
  return {
    provider: (name) => providers.get(name),
    providerNames: [...HOSTS],
    routes: new Map(Object.entries(routes).map(([name, settings]) => [name, parseRoute(name, settings)])),
    ownVendor: () => undefined,
    deadlines: deadlinesSettings.parse({}),
    failover: failoverSettings.parse(failover),
  };
}

/** Reads what the server would have written, as a client does. */
function seen(entries: readonly Entry[], { outcome }: End, expected: string): Outcome['end'] {
  if (outcome.type !== 'complete') return 'error';
  const encoder = codec('anthropic-messages').encoder({
    exchange: 'x',
    head: { model: 'm', stream: true, includeUsage: true },
    created: 0,
  });
  const reader = wireReader('anthropic-messages');
  let terminated = false;
  for (const entry of entries) {
    if (entry.type === 'bytes') {
      encoder.observe(entry.events, entry.bytes);
      reader.push(entry.bytes.toString());
      terminated ||= entry.terminated;
    } else if (entry.type === 'events') reader.push(encoder.encode(entry.events));
    else if (entry.type === 'seam') reader.push(encoder.seam(entry.from, entry.to));
  }
  reader.push(`${encoder.end(terminated)}\n`);
  const { text, finished, error } = reader.reading;
  return finished && error === undefined && text === expected ? 'whole' : 'cut';
}

function asked(entries: readonly Entry[]): Outcome['asked'] {
  return entries.flatMap((entry) =>
    entry.type === 'attempt' ? [{ host: entry.target.provider as Host, trial: entry.kind === 'canary' }] : [],
  );
}
