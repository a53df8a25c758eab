/** All that has a say in attempts at once, in bad weather: nothing is left behind, nothing is told twice, nobody hangs. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { provider } from '../../test/matrix/providers.ts';
import { codec } from '../../test/matrix/run-cell.ts';
import { chunk, DONE, END, ROLE } from '../../test/matrix/scripted.ts';
import { untilOver } from '../../test/matrix/until-over.ts';
import { accountName, type Target } from '../exchange/target.ts';
import { virtualClock } from '../exchange/virtual-clock.ts';
import { createHealth } from '../health/create-health.ts';
import type { Entry } from '../journal/entry.ts';
import type { Credential, Provider } from '../providers/provider.ts';
import { playScene } from '../sim/play.ts';
import type { Scene, Step } from '../sim/scene.ts';
import { createConcurrency } from './concurrency.ts';
import { createEngine } from './engine.ts';
import { makePlan } from './plan.ts';
import { createRateRooms } from './rate-room.ts';
import { createRetryBudget } from './retry-budget.ts';
import { parseRoute } from './route.ts';
import { deadlinesSettings, failoverSettings } from './settings.ts';
import { createSpendLedger } from './spend.ts';
import { createStickiness } from './stickiness.ts';

const NAMES = ['p', 'q', 'r'];
const ANSWERS = ['good', 'slow', 'late', 'json', 'stall', 'cut', 'silent', '503', '429', '400', 'quota', 'reset', 'headers'] as const;
type Answer = (typeof ANSWERS)[number];
const OPEN: Step = {
  type: 'head',
  status: 200,
  headers: {
    'content-type': 'text/event-stream',
    'x-ratelimit-remaining-requests': '3',
    'x-ratelimit-limit-requests': '10',
    'x-ratelimit-reset-requests': '6s',
  },
};
const wait = (ms: number): Step => ({ type: 'wait', ms });

function refused(status: number, code: string, headers: Record<string, string> = {}): Scene {
  const body = JSON.stringify({ error: { message: `${code}!`, type: code, code, param: null } });
  return [
    { type: 'head', status, headers: { 'content-type': 'application/json', ...headers } },
    { type: 'write', bytes: Buffer.from(body) },
    END,
  ];
}

function sceneOf(answer: Answer): Scene {
  const words = [
    chunk({ content: '{"a": "once upon a time there was a gateway", ' }),
    chunk({ content: '"b": 1}' }),
    chunk({}, 'stop'),
    DONE,
    END,
  ];
  switch (answer) {
    case 'good':
      return [OPEN, ROLE, ...words];
    case 'slow':
      return [OPEN, ROLE, wait(3000), words[0]!, wait(4000), ...words.slice(1)];
    case 'late':
      return [wait(12_000), OPEN, ROLE, ...words];
    case 'json':
      return [OPEN, ROLE, chunk({ content: '{"a": ' }), chunk({}, 'stop'), DONE, END];
    case 'stall':
      return [OPEN, ROLE, words[0]!, { type: 'hang' }];
    case 'cut':
      return [OPEN, ROLE, words[0]!, wait(500), { type: 'reset' }];
    case 'silent':
      return [{ type: 'hang' }];
    case 'headers':
      return [OPEN, ROLE, { type: 'hang' }];
    case '503':
      return refused(503, 'server_error');
    case '429':
      return refused(429, 'rate_limit_exceeded', { 'retry-after': '2' });
    case '400':
      return refused(400, 'invalid_request_error');
    case 'quota':
      return refused(429, 'insufficient_quota');
    case 'reset':
      return [{ type: 'reset' }];
  }
}

function counting() {
  const clock = virtualClock();
  let timers = 0;
  return {
    ...clock,
    timers: () => timers,
    after(delay: number, task: () => void) {
      let live = true;
      timers++;
      const stop = clock.after(delay, () => {
        live = false;
        timers--;
        task();
      });
      return () => {
        if (live) timers--;
        live = false;
        stop();
      };
    },
  };
}

it('leaves nothing behind', async () => {
  const step = fc.record({
    ms: fc.integer({ min: 0, max: 4000 }),
    stream: fc.boolean(),
    structured: fc.boolean(),
    defer: fc.boolean(),
    leave: fc.option(fc.integer({ min: 0, max: 15_000 })),
    talk: fc.integer({ min: 0, max: 3 }),
  });
  const weather = fc.array(fc.constantFrom(...ANSWERS), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 14 }),
      fc.tuple(weather, weather, weather),
      fc.array(fc.option(fc.integer({ min: 1, max: 2 })), { minLength: 3, maxLength: 3 }),
      fc.constantFrom('on', 'auto', 'off'),
      fc.integer({ min: 0, max: 4 }),
      async (steps, weathers, limits, hedge, cap) => {
        const clock = counting();
        const health = createHealth({ clock, random: () => 0.5 });
        const ledger = createSpendLedger(clock, undefined, () => undefined);
        const concurrency = createConcurrency(clock);
        const budget = createRetryBudget(clock);
        const turns = new Map<string, number>();
        let open = 0;
        const engine = createEngine({
          clock,
          health,
          stickiness: createStickiness(clock, health),
          controls: [budget, ledger, createRateRooms(clock), concurrency],
          random: (bytes) => bytes.fill(127),
          dialect: codec,
          translates: new Map(),
          call(request, handler) {
            const name = new URL(request.origin).hostname.replace('.test', '');
            const turn = turns.get(name) ?? 0;
            turns.set(name, turn + 1);
            open++;
            const among = weathers[NAMES.indexOf(name)]!;
            return untilOver(
              (told) => playScene(sceneOf(among[turn % among.length]!), clock, told),
              handler,
              () => void open--,
            );
          },
        });
        const providers = new Map(
          NAMES.map((name, place): [string, Provider] => {
            const bare = provider({ name, dialect: 'openai-chat', key: 'k', price: { input: 100, output: 200 } });
            const limit = limits[place];
            const one = limit === null || limit === undefined ? bare : { ...bare, concurrency: limit };
            const credentials = ['k1', 'k2'].map((value): Credential => ({ type: 'key', value, scheme: 'bearer' }));
            return [name, name === 'p' ? { ...one, accounts: credentials.map((credential) => ({ ...one, credential })) } : one];
          }),
        );
        const dialect = codec('openai-chat');
        const all: Entry[][] = [];
        const targets = new Map<string, Target>();
        const ask = ({ stream, structured, defer, talk }: (typeof steps)[number]): (() => void) => {
          const body = Buffer.from(
            JSON.stringify({
              model: 'm',
              stream,
              messages: [{ role: 'user', content: `Hi ${talk}` }],
              ...(structured && { response_format: { type: 'json_object' } }),
            }),
          );
          const head = dialect.inspect(body, '/', true);
          if (!head.ok) throw new Error(head.error.message);
          const route = parseRoute('default', {
            targets: NAMES.map((name) => `${name}/m`),
            never: [],
            save: true,
            strict: false,
            whenClientLeaves: 'cancel',
            defer,
            spend: `${[0.05, 1, 10, 100, 1000][cap]}/day`,
          });
          const plan = makePlan(
            {
              provider: (name) => providers.get(name),
              providerNames: NAMES,
              routes: new Map([['default', route]]),
              ownVendor: () => undefined,
              deadlines: deadlinesSettings.parse({}),
              failover: failoverSettings.parse({ hedge, hedgeShare: 1 }),
            },
            { dialect: 'openai-chat', head: head.value, client: { credential: 'key', alone: true } },
          );
          if (!plan.ok) throw new Error(plan.error.message);
          for (const { target } of plan.value.targets) targets.set(accountName(target), target);
          const entries: Entry[] = [];
          all.push(entries);
          return engine.ask({
            dialect,
            head: head.value,
            body,
            path: '/v1',
            headers: [['content-type', 'application/json']],
            plan: plan.value,
            append: (entry) => void entries.push(entry),
          });
        };
        for (const one of steps) {
          const leave = ask(one);
          if (one.leave !== null) clock.after(one.leave, leave);
          await clock.advance(one.ms);
        }
        for (let second = 0; second < 1500 && !all.every((entries) => entries.at(-1)?.type === 'end'); second++) await clock.advance(1000);
        for (const entries of all) {
          expect(entries.filter(({ type }) => type === 'end')).toHaveLength(1);
          expect(entries.at(-1)?.type).toBe('end');
          const begun = entries.flatMap((entry) => (entry.type === 'attempt' ? [entry.ordinal] : []));
          const ended = entries.flatMap((entry) => (entry.type === 'attempt-end' ? [entry.ordinal] : []));
          expect(begun).toEqual(begun.map((_, index) => index));
          expect(ended.toSorted((a, b) => a - b)).toEqual(begun);
        }
        await clock.advance(20_000);
        for (const name of NAMES) expect(concurrency.status(`${name}/m`)).toBeUndefined();
        expect(open).toBe(0);
        expect(clock.timers()).toBe(0);
        const caps = ledger.caps('5/day', [{ name: 'default', spend: '1000/day' }]);
        for (const held of caps) expect(held.underWay).toBe(0);
        // No trial's slot is taken by anybody who has gone.
        for (const target of targets.values()) {
          const admission = health.admit(target, true);
          expect(admission.type !== 'no' || admission.until !== undefined).toBe(true);
          health.abandoned(target);
        }
      },
    ),
    { numRuns: 150 },
  );
}, 120_000);
