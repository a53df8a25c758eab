import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { provider } from '../../test/matrix/providers.ts';
import { codec } from '../../test/matrix/run-cell.ts';
import { failing, OPEN, pause, RESET, said } from '../../test/matrix/scripted.ts';
import { type VirtualClock, virtualClock } from '../exchange/virtual-clock.ts';
import { createHealth } from '../health/create-health.ts';
import type { AttemptKind, Entry } from '../journal/entry.ts';
import { playScene } from '../sim/play.ts';
import type { Scene } from '../sim/scene.ts';
import type { AdmissionControl, AttemptAsk } from './admission.ts';
import { createEngine } from './engine.ts';
import { makePlan } from './plan.ts';
import { createRetryBudget } from './retry-budget.ts';
import { parseRoute } from './route.ts';
import { deadlinesSettings, failoverSettings } from './settings.ts';

const MINUTE = 60_000;
const RESERVE = 20;

interface Made {
  at: number;
  exchange: number;
  kind: AttemptKind;
  target: string;
}

/** How one exchange went: when its attempts were under way, in virtual milliseconds. */
interface Life {
  began: number;
  spans: { from: number; to: number }[];
  complete: boolean;
}

interface Crowd {
  clock: VirtualClock;
  ask(): void;
  attempts: Made[];
  lives: Life[];
}

/** Many exchanges through the real engine. Health lets everybody through, so that only the budget holds them back. */
function crowdOf(targets: string[], answer: (host: string) => Scene, failover: Record<string, unknown> = {}): Crowd {
  const clock = virtualClock();
  const attempts: Made[] = [];
  const lives: Life[] = [];
  const engine = createEngine({
    translates: new Map(),
    clock,
    health: { ...createHealth({ clock, random: () => 0.5 }), admit: () => ({ type: 'go' }), healthy: () => true },
    controls: [createRetryBudget(clock)],
    random: (bytes) => bytes.fill(127),
    dialect: codec,
    call: (request, handler) => playScene(answer(new URL(request.origin).hostname.replace('.test', '')), clock, handler),
  });
  const dialect = codec('anthropic-messages');
  const body = Buffer.from(JSON.stringify({ model: 'm', max_tokens: 9, stream: true, messages: [{ role: 'user', content: 'Hi' }] }));
  const head = dialect.inspect(body, '/v1/messages');
  if (!head.ok) throw new Error(head.error.message);
  const world: Parameters<typeof makePlan>[0] = {
    provider: (name) => provider({ name, dialect: 'anthropic-messages', key: 'k' }),
    providerNames: targets,
    routes: new Map([['default', parseRoute('default', routeTo(targets))]]),
    ownVendor: () => undefined,
    deadlines: deadlinesSettings.parse({}),
    failover: failoverSettings.parse({ sticky: false, ...failover }),
  };
  return {
    clock,
    attempts,
    lives,
    ask() {
      const plan = makePlan(world, { dialect: 'anthropic-messages', head: head.value, client: { credential: 'key', alone: true } });
      if (!plan.ok) throw new Error(plan.error.message);
      const exchange = lives.length;
      const life: Life = { began: clock.monotonic(), spans: [], complete: false };
      lives.push(life);
      engine.ask({
        dialect,
        head: head.value,
        body,
        path: '/v1/messages',
        headers: [],
        plan: plan.value,
        append: (entry) => note(entry, exchange, life),
      });
    },
  };

  function note(entry: Entry, exchange: number, life: Life): void {
    const at = clock.monotonic();
    if (entry.type === 'attempt') {
      attempts.push({ at, exchange, kind: entry.kind, target: entry.target.provider });
      life.spans.push({ from: at, to: Infinity });
    } else if (entry.type === 'attempt-end') life.spans[entry.ordinal]!.to = at;
    else if (entry.type === 'end') life.complete = entry.outcome.type === 'complete';
  }
}

function routeTo(targets: readonly string[]): Parameters<typeof parseRoute>[1] {
  return { targets: targets.map((name) => `${name}/m`), never: [], save: true, strict: false, whenClientLeaves: 'cancel', defer: false };
}

const DEAD = (): Scene => failing(500, '{"type":"error","error":{"type":"api_error","message":"down"}}');
const BUSY = (): Scene => [
  { type: 'head', status: 429, headers: { 'content-type': 'application/json', 'retry-after': '2' } },
  ...failing(429, '{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}').slice(1),
];
const SLOW = (): Scene => [pause(20_000), ...DEAD()];
const CUT = (): Scene => [...said('The sea is wide and ', false).slice(0, -1), pause(90_000), RESET];
const WELL = (): Scene => said('The sea is wide.', true);

/** Further attempts in each minute that ends with one, against those that may be made in it. */
function overruns({ attempts, lives }: Crowd, budget: number): string[] {
  const first = new Set<number>();
  const further = attempts.filter(({ exchange }) => first.has(exchange) || !first.add(exchange));
  return further.flatMap(({ at }) => {
    const made = further.filter((other) => other.at > at - MINUTE && other.at <= at).length;
    // A second more than a minute, since it is forgotten in whole seconds.
    const counted = lives.filter(({ spans }) => spans.some(({ from, to }) => from <= at && (to >= at || from > at - MINUTE - 1000))).length;
    return made <= budget * counted + RESERVE ? [] : [`${made} for ${counted} at ${at}`];
  });
}

describe('an outage', () => {
  it.each([0, 0.2, 1, 2])(
    'multiplies the traffic by at most one more than a budget of %d, at every target and in all',
    async (retryBudget) => {
      const crowd = crowdOf(['one', 'two', 'three'], DEAD, { retryBudget });
      const [minutes, perMinute] = [5, 120];
      for (let turn = 0; turn < minutes * perMinute; turn++) {
        crowd.ask();
        await crowd.clock.advance(MINUTE / perMinute);
      }
      await crowd.clock.advance(MINUTE);
      const most = (1 + retryBudget) * perMinute * minutes + RESERVE * (minutes + 1);
      expect(crowd.attempts.length).toBeLessThanOrEqual(most);
      const lead = crowd.attempts.filter(({ target }) => target === 'one').length;
      // The lead is asked first by every request, and a second time by as many as half of the budget allows.
      expect(lead).toBeLessThanOrEqual((1 + retryBudget / 2) * perMinute * minutes + (RESERVE / 2) * (minutes + 1));
      // It is the budget that holds: without one each request would make six attempts.
      expect(crowd.attempts.length).toBeGreaterThan(0.8 * (1 + retryBudget) * perMinute * minutes);
      expect(overruns(crowd, retryBudget)).toEqual([]);
    },
  );

  it('leaves a quiet laptop all of its failover', async () => {
    const crowd = crowdOf(['one', 'two', 'three'], (host) => (host === 'three' ? WELL() : DEAD()), { retryBudget: 0 });
    for (let turn = 0; turn < 5; turn++) {
      crowd.ask();
      await crowd.clock.advance(MINUTE);
    }
    expect(crowd.lives.map(({ complete }) => complete)).toEqual([true, true, true, true, true]);
    expect(crowd.attempts).toHaveLength(5 * 5);
  });

  it('does not keep answers that have run for minutes from being carried on, all at once', async () => {
    const crowd = crowdOf(['one', 'two'], (host) => (host === 'one' ? CUT() : said('wide and blue.', true)));
    for (let turn = 0; turn < 60; turn++) crowd.ask();
    await crowd.clock.advance(5 * MINUTE);
    expect(crowd.attempts.filter(({ kind }) => kind === 'hop').length).toBeGreaterThanOrEqual(60);
  });

  it('keeps to the factor in any weather', async () => {
    const scenes = [DEAD, BUSY, SLOW, CUT, WELL, (): Scene => [OPEN, RESET]];
    const spell = fc.record({
      requests: fc.integer({ min: 1, max: 40 }),
      apart: fc.constantFrom(0, 10, 400),
      calm: fc.integer({ min: 0, max: 70_000 }),
      weather: fc.array(fc.constantFrom(...scenes), { minLength: 3, maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(spell, { minLength: 1, maxLength: 5 }), fc.constantFrom(0, 0.1, 0.5, 1), async (spells, retryBudget) => {
        let weather: readonly (() => Scene)[] = [];
        const hosts = ['one', 'two', 'three'];
        const crowd = crowdOf(hosts, (host) => weather[hosts.indexOf(host)]!(), { retryBudget });
        for (const { requests, apart, calm, weather: now } of spells) {
          weather = now;
          for (let turn = 0; turn < requests; turn++) {
            crowd.ask();
            await crowd.clock.advance(apart);
          }
          await crowd.clock.advance(calm);
        }
        await crowd.clock.advance(20 * MINUTE);
        expect(overruns(crowd, retryBudget)).toEqual([]);
        expect(crowd.lives.every(({ spans }) => spans.length > 0)).toBe(true);
      }),
      { numRuns: 40 },
    );
  }, 30_000);
});

describe('when the budget gets short', () => {
  it('hedges go first, then second tries on the same target, and what answers from elsewhere last', () => {
    const clock = virtualClock();
    const budget = createRetryBudget(clock);
    const allowed = { hedge: 0, retry: 0, next: 0, hop: 0, canary: 0 };
    const ask = asking();
    budget.begin!(ask('first'), 1);
    for (let made = 0; made < 30; made++) {
      for (const kind of ['hedge', 'retry', 'next', 'hop', 'canary'] as const) if (!budget.refusal(ask(kind))) allowed[kind] += 1;
      budget.begin!(ask('next'), 1);
    }
    // One request and the reserve: 21 in all.
    expect(allowed).toEqual({ hedge: 5, retry: 10, next: 21, hop: 21, canary: 21 });
    expect(budget.refusal(ask('next'))?.reason).toContain('failover.retryBudget');
  });

  it('never refuses the first attempt of a request, whatever it is called', () => {
    const budget = createRetryBudget(virtualClock());
    exhaust(budget);
    for (const kind of ['first', 'canary'] as const) expect(budget.refusal(asking()(kind))).toBeUndefined();
  });

  it('counts all of an exchange again that goes on after a long wait', async () => {
    const clock = virtualClock();
    const budget = createRetryBudget(clock);
    const ask = asking();
    for (const kind of ['first', 'next', 'next', 'next', 'next'] as const) budget.begin!(ask(kind), 1)!.settled!('given-up');
    await clock.advance(3 * MINUTE);
    budget.begin!(ask('hop'), 1);
    let left = 0;
    for (const other = asking(); !budget.refusal(ask('next')); left++) budget.begin!(left === 0 ? other('first') : ask('next'), 1);
    // Two requests and the reserve make 22, of which it has made 5; one turn of the loop was the other's first.
    expect(left - 1).toBe(22 - 5);
  });

  it('has forgotten after a minute what is over', async () => {
    const clock = virtualClock();
    const budget = createRetryBudget(clock);
    const ask = exhaust(budget);
    expect(budget.refusal(ask('next'))).toBeDefined();
    await clock.advance(MINUTE + 1000);
    const later = asking();
    budget.begin!(later('first'), 1);
    expect(budget.refusal(later('next'))).toBeUndefined();
    expect(budget.refusal(later('hedge'))).toBeUndefined();
  });
});

/** Asks for one exchange. */
function asking(): (kind: AttemptKind) => AttemptAsk {
  const plan = { failover: { retryBudget: 1 } };
  return (kind) => ({ plan, kind }) as AttemptAsk;
}

/** Makes attempts until no more may be made. */
function exhaust(budget: AdmissionControl): (kind: AttemptKind) => AttemptAsk {
  const ask = asking();
  budget.begin!(ask('first'), 1)!.settled!('given-up');
  while (!budget.refusal(ask('next'))) budget.begin!(ask('next'), 1)!.settled!('given-up');
  return ask;
}
