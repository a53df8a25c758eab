import { virtualClock } from '../../src/exchange/virtual-clock.ts';
import type { AttemptAsk } from '../../src/failover/admission.ts';
import { createConcurrency } from '../../src/failover/concurrency.ts';
import { createEngine } from '../../src/failover/engine.ts';
import { makePlan } from '../../src/failover/plan.ts';
import { createRateRooms } from '../../src/failover/rate-room.ts';
import { parseRoute } from '../../src/failover/route.ts';
import { createTroubles } from '../../src/failover/troubles.ts';
import { deadlinesSettings, failoverSettings } from '../../src/failover/settings.ts';
import { createHealth } from '../../src/health/create-health.ts';
import type { End, Entry } from '../../src/journal/entry.ts';
import type { Credential, Provider } from '../../src/providers/provider.ts';
import { playScene } from '../../src/sim/play.ts';
import type { Scene, Step } from '../../src/sim/scene.ts';
import { provider } from './providers.ts';
import { codec } from './run-cell.ts';
import { chunk, DONE, END, ROLE } from './scripted.ts';
import { untilOver } from './until-over.ts';

export interface Service {
  name: string;
  keys?: string[];
  concurrency?: number;
  /** What a request with this key gets; `turn`: how many have come so far, this one included. */
  answer(key: string, turn: number): Scene;
}

export interface Asked {
  entries: Entry[];
  /** Attempts in order: `first p key 1`. */
  kinds(): string[];
  outcome(): End['outcome'] | undefined;
  leave(): void;
}

/** Services with several keys and limits, behind an engine that many ask at once. Chat on both sides, on a virtual clock. */
export function houseOfAccounts(services: Service[], deadlines: Record<string, string> = {}, share?: (principal: string) => number) {
  const clock = virtualClock();
  const health = createHealth({ clock, random: () => 0.5 });
  const rooms = createRateRooms(clock);
  const concurrency = createConcurrency(clock, share);
  const troubles = createTroubles(clock);
  /** As the providers saw them: who, with which key, and how many were there at once at most. */
  const seen: string[] = [];
  const atOnce = new Map<string, { now: number; most: number }>();
  const engine = createEngine({
    clock,
    health,
    controls: [rooms, concurrency, troubles],
    failingSince: troubles.since,
    random: (bytes) => bytes.fill(127),
    dialect: codec,
    translates: new Map(),
    call(request, handler) {
      const name = new URL(request.origin).hostname.replace('.test', '');
      const key = request.headers.find(([header]) => header === 'authorization')![1].replace('Bearer ', '');
      const service = services.find((one) => one.name === name)!;
      seen.push(`${name} ${key}`);
      const place = atOnce.get(name) ?? { now: 0, most: 0 };
      atOnce.set(name, place);
      place.now += 1;
      place.most = Math.max(place.most, place.now);
      const turn = seen.filter((one) => one.startsWith(`${name} `)).length;
      return untilOver(
        (told) => playScene(service.answer(key, turn), clock, told),
        handler,
        () => (place.now -= 1),
      );
    },
  });
  const providers = new Map(services.map((service) => [service.name, providerOf(service)]));
  const targets = services.map(({ name }) => `${name}/m`);
  const route = parseRoute('default', { targets, never: [], save: true, strict: false, whenClientLeaves: 'cancel', defer: false });

  function ask({
    principal = 'local',
    priority = 'interactive',
    inLine,
  }: Pick<AttemptAsk, 'principal' | 'priority' | 'inLine'> = {}): Asked {
    const dialect = codec('openai-chat');
    const body = Buffer.from(JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'Hi' }] }));
    const head = dialect.inspect(body, '/');
    if (!head.ok) throw new Error(head.error.message);
    const world = {
      provider: (name: string) => providers.get(name),
      providerNames: [...providers.keys()],
      routes: new Map([['default', route]]),
      ownVendor: () => undefined,
      deadlines: deadlinesSettings.parse(deadlines),
      failover: failoverSettings.parse({}),
    };
    const plan = makePlan(world, { dialect: 'openai-chat', head: head.value, client: { credential: 'key', alone: true } });
    if (!plan.ok) throw new Error(plan.error.message);
    const entries: Entry[] = [];
    const leave = engine.ask({
      dialect,
      head: head.value,
      body,
      path: '/v1',
      headers: [['content-type', 'application/json']],
      plan: plan.value,
      principal,
      priority,
      ...(inLine && { inLine }),
      append: (entry) => void entries.push(entry),
    });
    return {
      entries,
      leave,
      kinds: () =>
        entries.flatMap((entry) => (entry.type === 'attempt' ? [`${entry.kind} ${entry.target.provider} ${entry.target.credential}`] : [])),
      outcome() {
        const end = entries.at(-1);
        return end?.type === 'end' ? end.outcome : undefined;
      },
    };
  }

  return { clock, health, rooms, concurrency, troubles, seen, ask, most: (name: string) => atOnce.get(name)?.most ?? 0 };
}

function providerOf({ name, keys = ['k'], concurrency }: Service): Provider {
  const bare = provider({ name, dialect: 'openai-chat', key: keys[0]! });
  const one = concurrency === undefined ? bare : { ...bare, concurrency };
  if (keys.length === 1) return one;
  const credentials = keys.map((value): Credential => ({ type: 'key', value, scheme: 'bearer' }));
  return { ...one, accounts: credentials.map((credential) => ({ ...one, credential })) };
}

/** A good answer, after so many milliseconds. */
export function answered(headers: Record<string, string> = {}, ms = 0): Scene {
  const wait: Step[] = ms === 0 ? [] : [{ type: 'wait', ms }];
  const open: Step = { type: 'head', status: 200, headers: { 'content-type': 'text/event-stream', ...headers } };
  return [open, ROLE, ...wait, chunk({ content: 'Hello.' }), chunk({}, 'stop'), DONE, END];
}

export function refusedWith(status: number, code: string, headers: Record<string, string> = {}): Scene {
  const body = JSON.stringify({ error: { message: `${code}!`, type: code, code, param: null } });
  return [
    { type: 'head', status, headers: { 'content-type': 'application/json', ...headers } },
    { type: 'write', bytes: Buffer.from(body) },
    END,
  ];
}
