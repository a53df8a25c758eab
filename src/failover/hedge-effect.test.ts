import { expect, it } from 'vitest';
import { provider } from '../../test/matrix/providers.ts';
import { codec } from '../../test/matrix/run-cell.ts';
import { pause, said } from '../../test/matrix/scripted.ts';
import { virtualClock } from '../exchange/virtual-clock.ts';
import { createHealth } from '../health/create-health.ts';
import type { Entry } from '../journal/entry.ts';
import { playScene } from '../sim/play.ts';
import { seeded } from '../sim/seeded.ts';
import { createEngine } from './engine.ts';
import { makePlan, type World } from './plan.ts';
import { parseRoute } from './route.ts';
import { deadlinesSettings, failoverSettings, routesSettings } from './settings.ts';

interface Measured {
  /** Milliseconds to the first words, sorted. */
  waits: number[];
  hedged: number;
  asked: number;
}

const REQUESTS = 3000;

/** The same requests in the same weather: one a second at a lead that takes some 0.7 s to begin, and `slow` of the time 8 to 18 s. */
async function weather(failover: Record<string, unknown>, slow: number): Promise<Measured> {
  const clock = virtualClock();
  const random = seeded(7);
  const world = worldOf(failover);
  const measured: Measured = { waits: [], hedged: 0, asked: 0 };
  const engine = createEngine({
    translates: new Map(),
    clock,
    health: createHealth({ clock, random: () => 0.5, overrides: world.deadlines }),
    controls: [],
    random: (bytes) => bytes.fill(127),
    dialect: codec,
    call(request, handler) {
      measured.asked += 1;
      const usual = 400 + random() * 600;
      const late = random() < slow && request.origin.includes('lead');
      return playScene([pause(late ? 8000 + random() * 10_000 : usual), ...said('The sea is wide.', true)], clock, handler);
    },
  });
  const dialect = codec('anthropic-messages');
  const body = Buffer.from(
    JSON.stringify({ model: 'm', max_tokens: 900, stream: true, messages: [{ role: 'user', content: 'How wide is the sea?' }] }),
  );
  const head = dialect.inspect(body, '/');
  if (!head.ok) throw new Error(head.error.message);
  const plan = makePlan(world, { dialect: dialect.name, head: head.value, client: { credential: 'key', alone: true } });
  if (!plan.ok) throw new Error(plan.error.message);
  for (let request = 0; request < REQUESTS; request++) {
    const began = clock.monotonic();
    let first: number | undefined;
    engine.ask({
      dialect,
      head: head.value,
      body,
      path: '/v1/messages',
      headers: [],
      plan: plan.value,
      append(entry: Entry) {
        if (entry.type === 'attempt' && entry.kind === 'hedge') measured.hedged += 1;
        if (entry.type === 'bytes' && first === undefined) measured.waits.push((first = clock.monotonic() - began));
      },
    });
    await clock.advance(1000);
  }
  await clock.advance(60_000);
  measured.waits.sort((one, other) => one - other);
  return measured;
}

function worldOf(failover: Record<string, unknown>): World {
  const routes = routesSettings.parse({ default: ['lead/m', 'backup/m'] });
  return {
    provider: (name) => provider({ name, dialect: 'anthropic-messages', key: 'k' }),
    providerNames: ['lead', 'backup'],
    routes: new Map(Object.entries(routes).map(([name, settings]) => [name, parseRoute(name, settings)])),
    ownVendor: () => undefined,
    deadlines: deadlinesSettings.parse({}),
    failover: failoverSettings.parse(failover),
  };
}

const at = ({ waits }: Measured, share: number): number => Math.round(waits[Math.floor(waits.length * share)]!);

it('the slowest answers begin many times sooner, at a few more requests', { timeout: 30_000 }, async () => {
  const rows: string[] = [];
  const run = async (name: string, failover: Record<string, unknown>, slow: number): Promise<Measured> => {
    const it = await weather(failover, slow);
    expect(it.waits).toHaveLength(REQUESTS);
    rows.push(
      `${name}, ${slow * 100} % slow: wait p50 ${at(it, 0.5)}, p95 ${at(it, 0.95)}, p99 ${at(it, 0.99)}, most ${Math.round(it.waits.at(-1)!)} ms; ${it.hedged} hedged, ${it.asked} asked`,
    );
    return it;
  };
  const [off, on] = [await run('off', {}, 0.03), await run('on', { hedge: 'on' }, 0.03)];
  const [offWorse, onWorse] = [await run('off', {}, 0.3), await run('on', { hedge: 'on' }, 0.3)];
  console.log(rows.join('\n'));

  expect(at(off, 0.99)).toBeGreaterThan(8000);
  expect(at(on, 0.99)).toBeLessThan(at(off, 0.99) / 3);
  expect(Math.abs(at(on, 0.5) - at(off, 0.5))).toBeLessThan(50);
  expect(on.hedged).toBeLessThan(REQUESTS * 0.08);
  // Where everything is slow, that is what is usual; and no more than a tenth are doubled.
  expect(onWorse.hedged).toBeLessThanOrEqual(REQUESTS * 0.1 + 1);
  expect(at(onWorse, 0.99)).toBeLessThanOrEqual(at(offWorse, 0.99) * 1.05);
});
