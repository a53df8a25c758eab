import { describe, expect, it } from 'vitest';
import { type Experience, runTrial, type Trial } from '../../test/matrix/run-cell.ts';
import { OPEN, pause, play, RESET, said, type Scripted } from '../../test/matrix/scripted.ts';
import { virtualClock } from '../exchange/virtual-clock.ts';
import { createHealth } from '../health/create-health.ts';
import type { Fault } from '../exchange/fault.ts';
import type { JsonObject } from '../exchange/json.ts';
import type { Target } from '../exchange/target.ts';
import type { FaultRule } from '../sim/sim-provider.ts';
import { REALISTIC } from '../sim/wire/pace.ts';
import type { RequestHead } from '../dialects/dialect.ts';
import { createHedge } from './hedge.ts';
import type { Itinerary } from './itinerary.ts';
import { createStickiness } from './stickiness.ts';

/** Longer than is usual for a target of which nothing is known (a third of 20 s), shorter than any deadline. */
const SLOW = { ...REALISTIC, headers: 15_000 };
const SLOW_LEAD: Omit<Trial, 'faults'> = {
  client: 'anthropic-messages',
  lead: 'anthropic-messages',
  backup: 'openai-chat',
  stream: true,
  content: 'text',
  pace: SLOW,
  backupPace: REALISTIC,
  failover: { hedge: 'on' },
};
const always = (fault: string): FaultRule => ({ fault, schedule: { type: 'ever' } });
const sound = (await runTrial({ ...SLOW_LEAD, backup: undefined, faults: [] })).reading.text;

/** `first lead: whole`, in the order in which they began. */
function attempts({ entries }: Pick<Experience, 'entries'>): string[] {
  const ends = new Map(entries.flatMap((entry) => (entry.type === 'attempt-end' ? [[entry.ordinal, entry.outcome.type]] : [])));
  return entries.flatMap((entry) =>
    entry.type === 'attempt' ? [`${entry.kind} ${entry.target.provider}: ${ends.get(entry.ordinal) ?? 'no end'}`] : [],
  );
}

describe('an attempt that is slower than usual to begin', () => {
  it('gets another beside it, and whoever speaks first answers, alone', async () => {
    const hedged = await runTrial({ ...SLOW_LEAD, faults: [] });
    expect(attempts(hedged)).toEqual(['first lead: cancelled', 'hedge backup: whole']);
    expect(hedged.reading).toMatchObject({ text: sound, finished: true, seams: 0 });
    // The loser is stopped before anything of the winner goes out.
    expect(hedged.entries.map(({ type }) => type).slice(0, 4)).toEqual(['attempt', 'attempt', 'attempt-end', 'head']);
    const alone = await runTrial({ ...SLOW_LEAD, failover: {}, faults: [] });
    expect(attempts(alone)).toEqual(['first lead: whole']);
    expect(hedged.took).toBeLessThan(alone.took);
  });

  it('may still be the first to speak', async () => {
    const hedged = await runTrial({
      ...SLOW_LEAD,
      pace: { ...SLOW, headers: 7500 },
      backupPace: { ...REALISTIC, headers: 3000 },
      faults: [],
    });
    expect(attempts(hedged)).toEqual(['first lead: whole', 'hedge backup: cancelled']);
    expect(hedged.reading).toMatchObject({ text: sound, finished: true });
  });

  it('is waited for where there is nobody else, or nobody else who is well', async () => {
    expect(attempts(await runTrial({ ...SLOW_LEAD, backup: undefined, faults: [] }))).toEqual(['first lead: whole']);
    const ill = await runTrial({ ...SLOW_LEAD, faults: [], health: (clock) => seen(clock, 'backup', 'openai-chat', 2) });
    expect(attempts(ill)).toEqual(['first lead: whole']);
  });

  it('is not slow while the arguments of a call come', async () => {
    const called = await runTrial({ ...SLOW_LEAD, content: 'tool', pace: { ...REALISTIC, perToken: 3000 }, faults: [] });
    expect(attempts(called)).toEqual(['first lead: whole']);
    expect(called.took).toBeGreaterThan(20_000);
  });

  it('is hedged once in an exchange', async () => {
    const targets = ['lead', 'second', 'third'].map((name): Scripted => ({
      name,
      dialect: 'anthropic-messages',
      answer: () => [pause(15_000), ...said(`I am ${name}.`, true)],
    }));
    const played = await play({ client: 'anthropic-messages', targets, failover: { hedge: 'on' } });
    expect(played.kinds).toEqual(['first lead', 'hedge second']);
    expect(played.reading.text).toBe('I am lead.');
  });

  it('is not slow within a second, however fast it usually is', async () => {
    const clock = virtualClock();
    const health = createHealth({ clock, random: () => 0.5 });
    const ask = async (ms: number): Promise<string[]> => {
      const targets = ['lead', 'backup'].map((name): Scripted => ({
        name,
        dialect: 'anthropic-messages',
        answer: () => [pause(ms), ...said('Well.', true)],
      }));
      return (await play({ client: 'anthropic-messages', targets, failover: { hedge: 'on' }, clock, health })).kinds;
    };
    for (let time = 0; time < 20; time++) await ask(50);
    expect(await ask(990)).toEqual(['first lead']);
    expect(await ask(1010)).toEqual(['first lead', 'hedge backup']);
  });

  it('need not stream to be hedged: the first whole answer counts', async () => {
    const whole = { ...SLOW_LEAD, stream: false, pace: { ...REALISTIC, headers: 250_000 } };
    const hedged = await runTrial({ ...whole, faults: [] });
    expect(attempts(hedged)).toEqual(['first lead: cancelled', 'hedge backup: whole']);
    expect(hedged.reading).toMatchObject({ text: sound, finished: true });
    // The backup has begun long before, and is still not first to end.
    const late = await runTrial({ ...whole, backupPace: { ...REALISTIC, perToken: 2000 }, faults: [] });
    expect(attempts(late)).toEqual(['first lead: whole', 'hedge backup: cancelled']);
    expect(late.reading).toMatchObject({ text: sound, finished: true });
  });

  it('is left alone with `auto` as long as nothing speaks against it', async () => {
    const auto = { ...SLOW_LEAD, failover: { hedge: 'auto' }, faults: [] };
    expect(attempts(await runTrial(auto))).toEqual(['first lead: whole']);
    const suspected = await runTrial({ ...auto, health: (clock) => seen(clock, 'lead', 'anthropic-messages', 2) });
    expect(attempts(suspected)).toEqual(['first lead: cancelled', 'hedge backup: whole']);
    const fromOutside = await runTrial({
      ...auto,
      health: (clock) => {
        const health = createHealth({ clock, random: () => 0.5 });
        health.suspect(['lead/the-model']);
        return health;
      },
    });
    expect(attempts(fromOutside)).toEqual(['first lead: cancelled', 'hedge backup: whole']);
  });

  it('is left alone, and leaves alone, where a subscription’s login goes along', async () => {
    for (const which of ['lead', 'backup']) {
      const planned: Trial['planned'] = (plan) => ({
        ...plan,
        targets: plan.targets.map((one) => (one.target.provider === which ? { ...one, passThrough: true } : one)),
      });
      expect(attempts(await runTrial({ ...SLOW_LEAD, backup: 'anthropic-messages', planned, faults: [] }))).toHaveLength(1);
    }
  });
});

describe('what becomes of an error', () => {
  it('of the one that was slow: the other goes on', async () => {
    // Reset after a time in which the other has not begun to speak either.
    const targets: Scripted[] = [
      { name: 'lead', dialect: 'anthropic-messages', answer: () => [OPEN, pause(8000), RESET] },
      { name: 'backup', dialect: 'anthropic-messages', answer: () => [pause(4000), ...said('I am the backup.', true)] },
    ];
    const played = await play({ client: 'anthropic-messages', targets, failover: { hedge: 'on' } });
    expect(attempts(played)).toEqual(['first lead: failed', 'hedge backup: whole']);
    expect(played.reading).toMatchObject({ text: 'I am the backup.', finished: true });
  });

  it.each(['529', 'error-event', 'reset-before-headers', '401'])(
    'of the other (%s): it never wins, and the slow one goes on',
    async (fault) => {
      const hedged = await runTrial({ ...SLOW_LEAD, faults: [], backupFaults: [{ ...always(fault), position: 'before-content' }] });
      expect(attempts(hedged)).toEqual(['first lead: whole', 'hedge backup: failed']);
      expect(hedged.reading).toMatchObject({ text: sound, finished: true });
    },
  );

  it('of both: the next is asked, and nobody twice who need not be', async () => {
    const failing = (name: string, ms: number): Scripted => ({
      name,
      dialect: 'anthropic-messages',
      answer: () => [OPEN, pause(ms), RESET],
    });
    const third: Scripted = { name: 'third', dialect: 'anthropic-messages', answer: () => said('I am the third.', true) };
    for (const [lead, second] of [
      [8000, 4000],
      [12_000, 500],
    ] as const) {
      const targets = [failing('lead', lead), failing('second', second), third];
      const played = await play({ client: 'anthropic-messages', targets, failover: { hedge: 'on' } });
      expect(played.reading).toMatchObject({ text: 'I am the third.', finished: true });
      expect(new Set(played.kinds).size).toBe(played.kinds.length);
      expect(played.kinds.filter((kind) => kind.startsWith('hedge'))).toHaveLength(1);
    }
  });

  it('about the request itself: the asked target’s word goes back, as it does without a hedge', async () => {
    const told = (failover: Record<string, unknown>) =>
      runTrial({ ...SLOW_LEAD, failover, faults: [always('400-invalid')], pace: SLOW, backupPace: { ...REALISTIC, headers: 30_000 } });
    const [hedged, alone] = [await told({ hedge: 'on' }), await told({})];
    expect(hedged.body).toBe(alone.body);
    expect(hedged.status).toBe(400);
  });
});

describe('whoever loses', () => {
  it('counts neither way, and gives the place of a trial back', async () => {
    const clock = virtualClock();
    const health = seen(clock, 'lead', 'anthropic-messages', 3);
    expect(health.status()[0]?.breaker.type).toBe('open');
    await clock.advance(20_000);
    // Only in what the clocks have learned is such a wait found again.
    const known = () => ({ ...health.status().find(({ target }) => target.startsWith('lead')), explained: undefined });
    const before = known();
    for (let turn = 0; turn < 2; turn++) {
      const hedged = await runTrial({ ...SLOW_LEAD, clock, health: () => health, faults: [] });
      expect(attempts(hedged)).toEqual(['canary lead: cancelled', 'hedge backup: whole']);
    }
    expect(known()).toEqual(before);
  });
});

it('keeps a conversation with a hedge for the turn, and not beyond', async () => {
  const clock = virtualClock();
  const health = createHealth({ clock, random: () => 0.5 });
  const stickiness = createStickiness(clock, health);
  let slow = false;
  const question = { role: 'user', content: 'Mend it.' };
  const call = { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'run', input: {} }] };
  const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'done' }] };
  const ask = async (...history: JsonObject[]): Promise<string[]> => {
    const targets = ['lead', 'backup'].map((name): Scripted => ({
      name,
      dialect: 'anthropic-messages',
      answer: () => [pause(slow && name === 'lead' ? 15_000 : 300), ...said('Well.', true)],
    }));
    const body = { messages: history, tools: [{ name: 'run', input_schema: { type: 'object' } }] };
    const played = await play({ client: 'anthropic-messages', body, targets, failover: { hedge: 'on' }, clock, health, stickiness });
    await clock.advance(5000);
    return played.kinds;
  };
  expect(await ask({ role: 'user', content: 'Something else.' })).toEqual(['first lead']);
  // Longer than returnAfter.
  await clock.advance(70_000);
  slow = true;
  expect(await ask(question)).toEqual(['first lead', 'hedge backup']);
  slow = false;
  expect(await ask(question, call, result)).toEqual(['first backup']);
  expect(await ask(question, call, result, { role: 'assistant', content: 'Mended.' }, question)).toEqual(['first lead']);
});

describe('what must not be asked twice', () => {
  it.each([{ dependsOn: 'conversation conv_1' }, { previousResponse: 'resp_1' }, { background: true }, {}])('%j', async (more) => {
    const clock = virtualClock();
    const health = createHealth({ clock, random: () => 0.5 });
    let asked = 0;
    const itinerary: Pick<Itinerary, 'hedge'> = {
      hedge() {
        asked += 1;
        return undefined;
      },
    };
    await runTrial({
      ...SLOW_LEAD,
      faults: [],
      planned(plan) {
        const head: RequestHead = {
          model: 'm',
          stream: true,
          size: 10,
          reasoning: false,
          hasTools: false,
          structured: false,
          foreignParts: false,
          candidates: 1,
          includeUsage: true,
          ...more,
        };
        const hedge = createHedge({ clock, health }, { plan, head }, itinerary, () => true);
        const [planned] = plan.targets;
        const upstream = { body: Buffer.alloc(10) };
        hedge.watch(
          { index: 0, planned: planned!, kind: 'first', fresh: false, held: null, othersLeft: true },
          // Only the size of the body is looked at.
          { upstream, stream: true } as Parameters<typeof hedge.watch>[1],
        );
        return plan;
      },
    });
    await clock.advance(60_000);
    expect(asked).toBe(Object.keys(more).length === 0 ? 1 : 0);
  });
});

/** Health that has seen this target fail so often. */
function seen(clock: ReturnType<typeof virtualClock>, name: string, dialect: Target['dialect'], times: number) {
  const health = createHealth({ clock, random: () => 0.5 });
  const model = name === 'lead' ? 'the-model' : 'the-other';
  const fault: Fault = { class: 'provider-fault', symptom: 'status', status: 529, message: 'overloaded' };
  for (let time = 0; time < times; time++) health.failed({ provider: name, model, credential: 'key', dialect, vendor: name }, fault);
  return health;
}
