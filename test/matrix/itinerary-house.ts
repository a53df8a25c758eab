import { provider } from './providers.ts';
import type { Fault } from '../../src/exchange/fault.ts';
import { virtualClock } from '../../src/exchange/virtual-clock.ts';
import { createHealth } from '../../src/health/create-health.ts';
import type { AttemptAsk, Refusal } from '../../src/failover/admission.ts';
import type { WireResponse } from '../../src/failover/attempt.ts';
import type { EngineParts, Question } from '../../src/failover/engine.ts';
import { createItinerary, type NextVisit, type Visit } from '../../src/failover/itinerary.ts';
import type { PlannedTarget } from '../../src/failover/plan.ts';
import { deadlinesSettings } from '../../src/failover/settings.ts';

interface Place {
  /** `a`, or `a:2` for the second key of it. */
  name: string;
  native?: boolean;
  local?: boolean;
  window?: number;
  passThrough?: boolean;
}

export const PATIENCE = 3000;
/** Of 256: what jitter is made of. */
export const JITTER = 64;

export function house(...places: Place[]) {
  const time = virtualClock();
  // A machine that has been on for a while.
  const clock = { ...time, monotonic: () => time.monotonic() + 100_000 };
  const health = createHealth({ clock, random: () => 0.5 });
  /** What a control says of a target (`a`, `a:2`), by the kind of attempt or of all. */
  const refusals = new Map<string, Refusal>();
  const asks: AttemptAsk[] = [];
  const targets = places.map(({ name, native = true, local = false, window, passThrough = false }, index): PlannedTarget => {
    const [service = name, key] = name.split(':');
    const known = provider({ name: service, dialect: 'openai-chat', key: 'k' });
    const facts = { ...known.facts('m'), ...(window !== undefined && { contextWindow: window }) };
    const credential = key === undefined ? 'key' : `key ${key}`;
    const target = { provider: service, model: 'm', credential, dialect: 'openai-chat', vendor: service } as const;
    return { target, provider: { ...known, local }, facts, lead: index === 0, native, passThrough };
  });
  const plan = {
    targets,
    skipped: [{ target: 'out/m', reason: 'never' }],
    deadlines: deadlinesSettings.parse({ patience: '3s', line: '3s' }),
  };
  const parts = {
    clock,
    health,
    random: (bytes: Uint8Array) => bytes.fill(JITTER),
    controls: [
      {
        refusal(ask: AttemptAsk) {
          asks.push(ask);
          const name = places[ask.index]!.name;
          return refusals.get(`${name} ${ask.lastResort ? 'last' : ask.kind}`) ?? refusals.get(name);
        },
      },
    ],
  };
  const question = { plan, body: Buffer.from('{}'), head: {} };
  const way = createItinerary(parts as unknown as EngineParts, question as unknown as Question);
  const target = (name: string) => targets[places.findIndex((one) => one.name === name)]!.target;
  return {
    way,
    clock,
    health,
    refusals,
    asks,
    /** The breaker of `a` opens (24 of 21), or is only suspicious (16 of 15). */
    open: (name: string) => [1, 2, 3].forEach(() => health.failed(target(name), DOWN)),
    suspect: (name: string) => [1, 2].forEach(() => health.failed(target(name), DOWN)),
    next: () => visited(way.next()),
    refuse: (name: string, refusal: Partial<Refusal> = {}) => void refusals.set(name, { reason: `no ${name}`, ...refusal }),
  };
}

export function visited(found: NextVisit): Visit {
  if (found.type !== 'visit') throw new Error(`expected a visit, not ${found.type}`);
  return found.visit;
}

export const fault = (more: Partial<Fault> = {}): Fault => ({
  class: 'provider-fault',
  symptom: 'status',
  status: 503,
  message: 'down',
  ...more,
});
export const DOWN = fault();
export const RESET = fault({ symptom: 'reset' });
export const limited = (retryAfter?: number): Fault =>
  fault({ class: 'rate-limited', status: 429, message: 'slow down', ...(retryAfter !== undefined && { retryAfter }) });
export const NO_NETWORK = fault({ class: 'local-network', symptom: 'dns', message: 'offline' });
export const SAID = { status: 400, headers: {}, body: Buffer.from('{}') } as unknown as WireResponse;
export const names = (list: readonly { target: string }[]): string[] => list.map(({ target }) => target);
