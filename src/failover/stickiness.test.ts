import { describe, expect, it } from 'vitest';
import { failing, messages, type Played, play, said, START, block, stop, finish, OPEN, END } from '../../test/matrix/scripted.ts';
import type { JsonObject } from '../exchange/json.ts';
import { type VirtualClock, virtualClock } from '../exchange/virtual-clock.ts';
import { createHealth } from '../health/create-health.ts';
import type { Health } from '../health/health.ts';
import { createStickiness, type Stickiness } from './stickiness.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const QUESTION: JsonObject = { role: 'user', content: 'Mend the build.' };
const CALL: JsonObject = { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'run', input: {} }] };
const RESULT: JsonObject = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'done' }] };
const ANSWER: JsonObject = { role: 'assistant', content: 'Mended.' };
const NEXT: JsonObject = { role: 'user', content: 'And the tests?' };

/** In the middle of a turn, and at the beginning of the next. */
const WITHIN = [QUESTION, CALL, RESULT];
const EDGE = [...WITHIN, ANSWER, NEXT];

const OVERLOADED = failing(529, '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}');
const CALLING = [
  OPEN,
  ...messages(START, block(0, { type: 'tool_use', id: 'toolu_1', name: 'run', input: {} }), stop(0), ...finish('tool_use')),
  END,
];

/** A house whose weather the test makes: `down` fail, all others answer. */
interface Company {
  clock: VirtualClock;
  health: Health;
  stickiness: Stickiness;
  down: Set<string>;
  /** Who was asked, in order. */
  ask(history: JsonObject[], how?: { session?: string; failover?: Record<string, unknown> }): Promise<string[]>;
}

function company(names = ['lead', 'second', 'third'], clock = virtualClock()): Company {
  const health = createHealth({ clock, random: () => 0.5 });
  const stickiness = createStickiness(clock, health);
  const down = new Set<string>();
  return {
    clock,
    health,
    stickiness,
    down,
    async ask(history, { session, failover } = {}) {
      const played: Played = await play({
        client: 'anthropic-messages',
        targets: names.map((name) => ({
          name,
          dialect: 'anthropic-messages',
          answer: () => (down.has(name) ? OVERLOADED : history.at(-1) === QUESTION ? CALLING : said('Well.', true)),
        })),
        body: { messages: history, tools: [{ name: 'run', input_schema: { type: 'object' } }] },
        headers: session === undefined ? [] : [['x-claude-code-session-id', session]],
        clock,
        health,
        stickiness,
        ...(failover && { failover }),
      });
      return played.asked.map(({ host }) => host);
    },
  };
}

/** A company whose lead failed the conversation once, and is well again. */
async function fallenOver(how?: { session: string }, house = company()): Promise<Company> {
  house.down.add('lead');
  expect(await house.ask([QUESTION], how)).toEqual(['lead', 'second']);
  house.down.clear();
  return house;
}

describe('a conversation after a failover', () => {
  it.each([undefined, { session: 's' }])('stays within its turn with who has its cache, however well the lead is', async (how) => {
    const { clock, ask } = await fallenOver(how);
    expect(await ask(WITHIN, how)).toEqual(['second']);
    await clock.advance(10 * MINUTE);
    expect(await ask(WITHIN, how)).toEqual(['second']);
  });

  it('returns at a turn’s edge, when the lead has been well for the stated time', async () => {
    const { clock, ask, stickiness } = await fallenOver();
    await clock.advance(30 * SECOND);
    expect(await ask(EDGE)).toEqual(['second']);
    expect(stickiness.away()).toEqual({ 'second/m-second': 1 });
    await clock.advance(31 * SECOND);
    expect(await ask(EDGE)).toEqual(['lead']);
    expect(stickiness.away()).toEqual({});
    expect(await ask(WITHIN)).toEqual(['lead']);
  });

  it('returns too when the clock is set back meanwhile', async () => {
    const clock = virtualClock();
    let setBack = 0;
    const { ask } = await fallenOver(undefined, company(undefined, { ...clock, now: () => clock.now() - setBack }));
    setBack = 24 * 60 * MINUTE;
    await clock.advance(2 * MINUTE);
    expect(await ask(EDGE)).toEqual(['lead']);
  });

  it('waits as long as it is told', async () => {
    const { clock, ask } = await fallenOver();
    const failover = { returnAfter: '5m' };
    await clock.advance(4 * MINUTE);
    expect(await ask(EDGE, { failover })).toEqual(['second']);
    await clock.advance(MINUTE);
    expect(await ask(EDGE, { failover })).toEqual(['lead']);
  });

  it('stays away from a lead that fails others', async () => {
    const { clock, health, ask } = await fallenOver();
    await clock.advance(MINUTE);
    const lead = { provider: 'lead', model: 'm-lead', credential: 'key', dialect: 'anthropic-messages', vendor: 'lead' } as const;
    health.failed(lead, { class: 'provider-fault', symptom: 'status', message: '529' });
    expect(health.healthy(lead)).toBe(false);
    expect(await ask(EDGE)).toEqual(['second']);
  });

  it('falls over again where its target fails, and stays there', async () => {
    const { clock, down, ask } = await fallenOver();
    down.add('second').add('lead');
    expect(await ask(WITHIN)).toEqual(['second', 'lead', 'third']);
    down.clear();
    expect(await ask(WITHIN)).toEqual(['third']);
    await clock.advance(59 * SECOND);
    expect(await ask(EDGE)).toEqual(['third']);
  });

  it('is one of many: others go to the lead', async () => {
    const { ask } = await fallenOver();
    expect(await ask([{ role: 'user', content: 'Something else.' }])).toEqual(['lead']);
    expect(await ask(WITHIN, { session: 'another' })).toEqual(['lead']);
  });

  it('is forgotten when no cache can be left of it', async () => {
    const { clock, ask, stickiness } = await fallenOver();
    await clock.advance(61 * MINUTE);
    expect(stickiness.away()).toEqual({});
    expect(await ask(WITHIN)).toEqual(['lead']);
  });

  it('goes by the route’s order where stickiness is off', async () => {
    const { ask } = await fallenOver();
    expect(await ask(WITHIN, { failover: { sticky: 'off' } })).toEqual(['lead']);
  });
});

describe('a lead that is out', () => {
  /** Three conversations have opened its breaker; all of them are away. */
  async function outage(): Promise<Company> {
    const house = company(['lead', 'second']);
    house.down.add('lead');
    for (const session of ['a', 'b', 'c']) await house.ask([QUESTION], { session });
    expect(await house.ask([QUESTION], { session: 'd' })).toEqual(['second']);
    house.down.clear();
    return house;
  }

  it('is tried by a new conversation first', async () => {
    const { clock, ask } = await outage();
    await clock.advance(20 * SECOND);
    expect(await ask(EDGE, { session: 'a' })).toEqual(['second']);
    for (const session of ['e', 'f', 'g']) expect(await ask([QUESTION], { session })).toEqual(['lead']);
    // Closed again, but not for long enough.
    expect(await ask(EDGE, { session: 'a' })).toEqual(['second']);
    await clock.advance(MINUTE);
    expect(await ask(WITHIN, { session: 'b' })).toEqual(['second']);
    expect(await ask(EDGE, { session: 'a' })).toEqual(['lead']);
  });

  it('is tried by one that is away where nobody else comes, so that it is not left for ever', async () => {
    const { clock, ask, health } = await outage();
    await clock.advance(30 * SECOND);
    expect(await ask(EDGE, { session: 'a' })).toEqual(['second']);
    await clock.advance(MINUTE);
    expect(await ask(EDGE, { session: 'a' })).toEqual(['lead']);
    expect(await ask(WITHIN, { session: 'a' })).toEqual(['lead']);
    expect(await ask(WITHIN, { session: 'a' })).toEqual(['lead']);
    expect(health.status().find(({ target }) => target.startsWith('lead'))?.breaker).toEqual({ type: 'closed' });
  });
});

describe('what is kept', () => {
  it('is bounded, and the conversation not heard of for longest is forgotten first', async () => {
    const { stickiness, ask, down } = company(['lead', 'second']);
    down.add('lead');
    await ask([QUESTION], { session: 'first' });
    // 10,000 exchanges in process would take a minute: the others are told to it directly.
    const question = await new Promise<Parameters<Stickiness['follow']>[0]>((resolve) => {
      const spy: Stickiness = { away: () => ({}), snapshot: () => [], follow: (asked) => (resolve(asked), asked) };
      void play({
        client: 'anthropic-messages',
        targets: ['lead', 'second'].map((name) => ({ name, dialect: 'anthropic-messages', answer: () => said('Well.', true) })),
        stickiness: spy,
      });
    });
    const second = question.plan.targets[1]!.target;
    for (let index = 0; index < 10_000; index++) {
      const { append } = stickiness.follow({ ...question, append: () => undefined, headers: [['session-id', `s${index}`]] });
      append({ type: 'attempt', ordinal: 0, kind: 'first', target: second, native: true, losses: [], edits: [] });
      append({ type: 'attempt-end', ordinal: 0, outcome: { type: 'whole', mended: false }, took: 1 });
      append({ type: 'end', outcome: { type: 'complete', finish: 'stop' } });
    }
    expect(stickiness.away()).toEqual({ 'second/m-second': 10_000 });
    down.clear();
    expect(await ask(WITHIN, { session: 'first' })).toEqual(['lead']);
  });

  it('leaves the lead the lead, wherever it is asked', async () => {
    const { clock, stickiness, ask } = await fallenOver();
    await clock.advance(SECOND);
    let leads: [string, boolean][] = [];
    const watched: Stickiness = {
      away: stickiness.away,
      snapshot: stickiness.snapshot,
      follow(question) {
        const arranged = stickiness.follow(question);
        leads = arranged.plan.targets.map(({ target, lead }) => [target.provider, lead]);
        return arranged;
      },
    };
    await play({
      client: 'anthropic-messages',
      targets: ['lead', 'second', 'third'].map((name) => ({ name, dialect: 'anthropic-messages', answer: () => said('Well.', true) })),
      body: { messages: WITHIN },
      clock,
      stickiness: watched,
    });
    expect(leads).toEqual([
      ['second', false],
      ['lead', true],
      ['third', false],
    ]);
    expect(await ask(WITHIN)).toEqual(['second']);
  });
});
