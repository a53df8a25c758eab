import assert from 'node:assert/strict';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Fault } from '../exchange/fault.ts';
import { type Target, targetName } from '../exchange/target.ts';
import { virtualClock } from '../exchange/virtual-clock.ts';
import { SLOT_LIFE } from './breaker.ts';
import { createHealth } from './create-health.ts';
import type { Health, Shape } from './health.ts';

const OPUS: Target = { provider: 'anthropic', model: 'opus', credential: 'key', dialect: 'anthropic-messages', vendor: 'anthropic' };
const HAIKU: Target = { ...OPUS, model: 'haiku' };
const SHAPE: Shape = { size: 2000, stream: true, reasoning: false };
const OVERLOADED: Fault = { class: 'provider-fault', symptom: 'status', status: 529, code: 'overloaded_error', message: 'Overloaded' };
const quick = (took = 1000) => ({ headersAfter: 300, firstEventAfter: 500, longestGap: 100, took });

function setUp(): { clock: ReturnType<typeof virtualClock>; health: ReturnType<typeof createHealth> } {
  const clock = virtualClock();
  return { clock, health: createHealth({ clock, random: () => 0.5 }) };
}

function fail(health: Health, times: number, fault = OVERLOADED, target = OPUS): void {
  for (let time = 0; time < times; time++) health.failed(target, fault, { took: 0 });
}

test('the whole way: closed, suspect, open, one canary, half-open, back', async () => {
  const { clock, health } = setUp();
  expect(health.admit(OPUS)).toEqual({ type: 'go' });
  expect(health.healthy(OPUS)).toBe(true);
  fail(health, 2);
  expect(health.status()[0]).toMatchObject({ breaker: { type: 'suspect' }, verdict: 'degraded', score: 16 });
  expect(health.healthy(OPUS)).toBe(false);
  expect(health.admit(OPUS)).toEqual({ type: 'go' });
  fail(health, 1);
  expect(health.admit(OPUS)).toEqual({ type: 'no', reason: 'down since 06:05:00 UTC: Overloaded', until: clock.now() + 10_000 });
  expect(health.admit(HAIKU)).toEqual({ type: 'go' });
  await clock.advance(10_000);
  for (let trial = 0; trial < 3; trial++) {
    expect(health.admit(OPUS)).toEqual({ type: 'canary', slot: clock.now() });
    expect(health.admit(OPUS).type).toBe('no');
    await clock.advance(1000);
    health.succeeded(OPUS, SHAPE, quick());
  }
  expect(health.admit(OPUS)).toEqual({ type: 'go' });
  expect(health.status()[0]).toMatchObject({ breaker: { type: 'closed' }, verdict: 'operational', score: 13, successes: 3, failures: 3 });
});

test('an answer that began before the outage and ends in it neither frees the canary nor ends the outage', async () => {
  const { clock, health } = setUp();
  await clock.advance(60_000);
  fail(health, 3);
  await clock.advance(10_000);
  expect(health.admit(OPUS)).toEqual({ type: 'canary', slot: clock.now() });
  health.succeeded(OPUS, SHAPE, quick(30_000));
  health.abandoned(OPUS, 30_000);
  health.failed(OPUS, OVERLOADED, { took: 30_000 });
  expect(health.admit(OPUS).type).toBe('no');
  health.abandoned(OPUS);
  expect(health.admit(OPUS)).toEqual({ type: 'canary', slot: clock.now() });
});

test("only the provider's own faults, and rate limits that are not the account's, speak against it", () => {
  const { health } = setUp();
  for (const kind of ['quota', 'auth', 'model-not-found', 'bad-request', 'too-long', 'local-network', 'cancelled', 'rate-limited'] as const)
    fail(health, 5, { class: kind, symptom: 'status', message: kind });
  fail(health, 5, { class: 'provider-fault', symptom: 'diverged', message: 'not a continuation' });
  for (let time = 0; time < 5; time++) health.failed(OPUS, { class: 'rate-limited', symptom: 'status', message: '429' }, { remaining: 0 });
  expect(health.status()[0]).toMatchObject({ score: 0, failures: 0, breaker: { type: 'closed' } });
  for (let time = 0; time < 3; time++)
    health.failed(OPUS, { class: 'rate-limited', symptom: 'status', message: '429' }, { remaining: 'unstated' });
  expect(health.status()[0]).toMatchObject({ verdict: 'down', failures: 3 });
});

test('a canary that meets a rate limit is not a failed trial, and its slot is free again', async () => {
  const { clock, health } = setUp();
  fail(health, 3);
  await clock.advance(10_000);
  expect(health.admit(OPUS).type).toBe('canary');
  health.failed(OPUS, { class: 'rate-limited', symptom: 'status', message: '429', retryAfter: 2000 });
  expect(health.admit(OPUS)).toMatchObject({ type: 'no', until: clock.now() + 2000 });
  await clock.advance(2000);
  expect(health.admit(OPUS)).toEqual({ type: 'canary', slot: clock.now() });
});

test('a provider that asks to be left alone is, before its breaker opens', async () => {
  const { clock, health } = setUp();
  fail(health, 1, { ...OVERLOADED, retryAfter: 4000 });
  expect(health.admit(OPUS)).toEqual({ type: 'no', reason: 'anthropic: 529 overloaded_error', until: clock.now() + 4000 });
  expect(health.admit(HAIKU)).toEqual({ type: 'go' });
  await clock.advance(4000);
  expect(health.admit(OPUS)).toEqual({ type: 'go' });
});

test('as a last resort whoever still answers now and then gets more than one request at a time, until it answers no more', async () => {
  const { clock, health } = setUp();
  for (let round = 0; round < 8; round++) {
    health.succeeded(OPUS, SHAPE, quick());
    fail(health, 1);
  }
  expect(health.status()[0]?.breaker.type).toBe('open');
  expect(health.admit(OPUS).type).toBe('no');
  expect(health.admit(OPUS, true)).toEqual({ type: 'canary', slot: clock.now() });
  for (let more = 0; more < 5; more++) expect(health.admit(OPUS, true)).toEqual({ type: 'go' });
  // Its last successes drown in failures.
  fail(health, 13);
  expect(health.admit(OPUS, true).type).toBe('canary');
  expect(health.admit(OPUS, true).type).toBe('no');

  const other = setUp();
  for (let round = 0; round < 8; round++) {
    other.health.succeeded(OPUS, SHAPE, quick());
    fail(other.health, 1);
  }
  // What was heard a minute ago says nothing about now.
  await other.clock.advance(61_000);
  expect(other.health.admit(OPUS, true).type).toBe('canary');
  expect(other.health.admit(OPUS, true).type).toBe('no');
});

test('whoever is let in beside a trial leaves its slot alone, whatever becomes of it', async () => {
  for (const end of ['given up', 'given up before it began', 'failed', 'limited', 'answered'] as const) {
    const { clock, health } = setUp();
    for (let round = 0; round < 8; round++) {
      health.succeeded(OPUS, SHAPE, quick());
      fail(health, 1);
    }
    const trial = health.admit(OPUS, true);
    assert(trial.type === 'canary');
    await clock.advance(100);
    expect(health.admit(OPUS, true)).toEqual({ type: 'go' });
    await clock.advance(1000);
    if (end === 'given up') health.abandoned(OPUS, 1000, null);
    else if (end === 'given up before it began') health.abandoned(OPUS, undefined, null);
    else if (end === 'answered') health.succeeded(OPUS, SHAPE, quick(1000), null);
    else
      health.failed(
        OPUS,
        end === 'failed' ? OVERLOADED : { class: 'rate-limited', symptom: 'status', status: 429, message: 'slow down', retryAfter: 500 },
        { took: 1000, held: null },
      );
    await clock.advance(501);
    // Somebody else's trial is still out: the next one must wait for it.
    expect([end, health.admit(OPUS).type]).toEqual([end, 'no']);
    health.abandoned(OPUS, 1601, trial.slot);
    await clock.advance(10_000);
    expect([end, health.admit(OPUS)]).toEqual([end, { type: 'canary', slot: clock.now() }]);
  }
});

test("a trial whose slot has run out frees nobody else's", async () => {
  const { clock, health } = setUp();
  fail(health, 3);
  await clock.advance(10_000);
  const first = health.admit(OPUS);
  assert(first.type === 'canary');
  await clock.advance(SLOT_LIFE);
  const second = health.admit(OPUS);
  assert(second.type === 'canary');
  // It waited before it began, so its start says nothing.
  health.abandoned(OPUS, 0, first.slot);
  expect(health.admit(OPUS).type).toBe('no');
  health.abandoned(OPUS, 0, second.slot);
  expect(health.admit(OPUS).type).toBe('canary');
});

test('as a last resort one request at a time goes to a target that is down; one that asked for a pause is left in peace', async () => {
  const { clock, health } = setUp();
  fail(health, 3);
  expect(health.admit(OPUS).type).toBe('no');
  expect(health.admit(OPUS, true)).toEqual({ type: 'canary', slot: clock.now() });
  expect(health.admit(OPUS, true)).toEqual({ type: 'no', reason: 'down since 06:05:00 UTC: Overloaded' });
  await clock.advance(100);
  health.failed(OPUS, { ...OVERLOADED, retryAfter: 30_000 }, { took: 100 });
  expect(health.admit(OPUS, true)).toMatchObject({ type: 'no', until: clock.now() + 30_000 });
});

test('the status says in words what was seen and what comes next', async () => {
  const { clock, health } = setUp();
  for (let time = 0; time < 14; time++) health.succeeded(OPUS, SHAPE, quick(0));
  expect(health.status()[0]?.reasons).toEqual(['the last 14 requests succeeded']);
  await clock.advance(16 * 60_000 + 4000);
  fail(health, 2);
  fail(health, 1, { class: 'provider-fault', symptom: 'idle-timeout', message: 'nothing for 20 s' });
  await clock.advance(3000);
  expect(health.status()[0]?.reasons).toEqual([
    '3 of the last 17 requests failed: idle timeout, 529 overloaded_error (2); open since 06:21:04 UTC, next trial in 7 s',
  ]);
  await clock.advance(7000);
  health.admit(OPUS);
  expect(health.status()[0]?.reasons[0]).toContain('a trial is under way');
  health.failed(HAIKU, { class: 'quota', symptom: 'status', status: 429, code: 'insufficient_quota', message: 'no credit' });
  expect(health.status()[1]).toMatchObject({
    target: 'anthropic/haiku',
    verdict: 'unknown',
    reasons: ['anthropic: 429 insufficient_quota since 06:21:14 UTC; not used before 06:31:14 UTC', 'no answer yet'],
    mark: { reason: 'anthropic: 429 insufficient_quota', until: clock.now() + 600_000 },
  });
});

test('what was heard long ago is not called operational', async () => {
  const { clock, health } = setUp();
  health.succeeded(OPUS, SHAPE, quick());
  await clock.advance(3 * 3_600_000);
  expect(health.status()[0]).toMatchObject({ verdict: 'unknown', reasons: ['last heard of 3 h ago'] });
});

test('memory is bounded, and what is down is remembered longer than what is well', () => {
  const { health } = setUp();
  fail(health, 3);
  for (let index = 0; index < 2000; index++) health.succeeded({ ...OPUS, model: `made-up-${index}` }, SHAPE, quick());
  expect(health.status()).toHaveLength(512);
  expect(health.admit(OPUS).type).toBe('no');
});

test('limits learned by time-outs: after one the prior is used again', () => {
  const { health } = setUp();
  for (let time = 0; time < 25; time++) health.succeeded(OPUS, SHAPE, quick());
  expect(health.limits(OPUS, SHAPE).headers).toBe(8000);
  fail(health, 1, { class: 'provider-fault', symptom: 'headers-timeout', message: 'no headers' });
  expect(health.limits(OPUS, SHAPE).headers).toBeGreaterThanOrEqual(20_000);
});

test('deadlines of a reloaded configuration hold from then on, and what was learned stays', () => {
  const { health } = setUp();
  for (let time = 0; time < 25; time++) health.succeeded(OPUS, SHAPE, quick());
  health.override({ headers: 1234, firstEvent: 'auto', idle: 'auto', whole: 'auto' });
  expect(health.limits(OPUS, SHAPE)).toMatchObject({ headers: 1234, firstEvent: 8000 });
});

test('a suspicion from outside shortens what was learned, and takes no request away', () => {
  const { health } = setUp();
  const slow = { ...quick(), headersAfter: 6000, firstEventAfter: 16_000, took: 20_000 };
  for (let time = 0; time < 25; time++) health.succeeded(OPUS, SHAPE, slow);
  const usual = health.limits(OPUS, SHAPE);
  const thinking = health.limits(OPUS, { ...SHAPE, reasoning: true });
  health.suspect([targetName(OPUS)]);
  expect(health.suspected(OPUS)).toBe(true);
  expect(health.limits(OPUS, SHAPE)).toEqual({ ...usual, headers: (usual.headers * 2) / 3, firstEvent: (usual.firstEvent * 2) / 3 });
  expect(health.limits(OPUS, { ...SHAPE, reasoning: true })).toEqual(thinking);
  expect(health.limits(OPUS, SHAPE).headers).toBeGreaterThan(2 * 5500);
  expect(health.admit(OPUS)).toEqual({ type: 'go' });
  expect(health.healthy(OPUS)).toBe(true);
  expect(health.suspected({ ...OPUS, model: 'another' })).toBe(false);
  health.suspect([]);
  expect(health.limits(OPUS, SHAPE)).toEqual(usual);
});

test('a suspicion does not make limits of nothing: a prior stays, and so does what was set', () => {
  const { health } = setUp();
  const prior = health.limits(OPUS, SHAPE);
  health.suspect([targetName(OPUS)]);
  expect(health.limits(OPUS, SHAPE)).toEqual(prior);
  for (let time = 0; time < 25; time++) health.succeeded(OPUS, SHAPE, quick());
  expect(health.limits(OPUS, SHAPE).headers).toBe(8000);
  health.override({ headers: 1234, firstEvent: 20_000, idle: 'auto', whole: 'auto' });
  expect(health.limits(OPUS, SHAPE)).toMatchObject({ headers: 1234, firstEvent: 20_000 });
});

type Step = { kind: 'ask' | 'last resort' | 'succeed' | 'overloaded' | 'quota' | 'limited' | 'abandon'; target: 0 | 1; wait: number };
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom<Step['kind'][]>(
      'ask',
      'ask',
      'last resort',
      'succeed',
      'overloaded',
      'overloaded',
      'quota',
      'limited',
      'abandon',
    ),
    target: fc.constantFrom<(0 | 1)[]>(0, 1),
    wait: fc.oneof(fc.constant(0), fc.nat(20_000), fc.nat(900_000)),
  }),
  { maxLength: 80, size: '+1' },
);

async function play(all: Step[], health: Health, clock: ReturnType<typeof virtualClock>): Promise<number> {
  const canaries = new Map<Target, number>();
  let taken = 0;
  for (const { kind, target: index, wait } of all) {
    await clock.advance(wait);
    const target = index === 0 ? OPUS : HAIKU;
    const took = clock.now() - (canaries.get(target) ?? clock.now());
    if (kind === 'ask' || kind === 'last resort') {
      const admission = health.admit(target, kind === 'last resort');
      assert.ok(
        admission.type !== 'no' || admission.until === undefined || admission.until > clock.now(),
        'what a refusal says about time is true',
      );
      if (admission.type !== 'canary') continue;
      const before = canaries.get(target);
      assert.ok(before === undefined || clock.now() - before >= SLOT_LIFE, 'two canaries');
      canaries.set(target, clock.now());
      taken += 1;
      continue;
    }
    canaries.delete(target);
    if (kind === 'succeed') health.succeeded(target, SHAPE, quick(took));
    else if (kind === 'overloaded') health.failed(target, OVERLOADED, { took });
    else if (kind === 'quota') health.failed(target, { class: 'quota', symptom: 'status', message: 'no credit' }, { took });
    else if (kind === 'limited') health.failed(target, { class: 'rate-limited', symptom: 'status', message: '429' }, { took });
    else health.abandoned(target, took);
  }
  return taken;
}

test('through the factory too: never two canaries to one target, and what a refusal says about time is true', async () => {
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const { clock, health } = setUp();
      taken += await play(all, health, clock);
    }),
    { numRuns: 300, seed: 2 },
  );
  expect(taken).toBeGreaterThan(100);
});

test('restored from its snapshot it says and does the same; canaries under way are forgotten', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const { clock, health } = setUp();
      await play(all, health, clock);
      health.abandoned(OPUS);
      health.abandoned(HAIKU);
      const snapshot = health.snapshot();
      const again = createHealth({ clock, random: () => 0.5 });
      expect(again.restore(JSON.parse(JSON.stringify(snapshot)))).toEqual({ ok: true, value: undefined });
      expect(again.status()).toEqual(health.status());
      expect(again.snapshot()).toEqual(snapshot);
      for (const target of [OPUS, HAIKU]) expect(again.admit(target)).toEqual(health.admit(target));
    }),
    { numRuns: 60 },
  );
});

test('a snapshot that makes no sense is refused with a reason and changes nothing', () => {
  const { health } = setUp();
  fail(health, 3);
  for (const bad of [null, {}, { version: 99, records: [], marks: [] }, { version: 1, records: [{ target: OPUS }], marks: [] }]) {
    const restored = health.restore(JSON.parse(JSON.stringify(bad)));
    expect(restored).toEqual({ ok: false, error: expect.stringContaining('stored health is not usable') });
  }
  expect(health.admit(OPUS).type).toBe('no');
});

test('a refusal names what stands in the way now, not what was said before or of somebody else', async () => {
  const { clock, health } = setUp();
  const failing = (status: number, kind: Fault['class'], more: Partial<Fault> = {}): void =>
    health.failed(OPUS, { class: kind, symptom: 'status', status, message: `it said ${status}`, ...more }, { took: 0 });
  failing(401, 'auth');
  await clock.advance(1000);
  failing(429, 'rate-limited', { retryAfter: 30_000 });
  // Both stand in the way, the key for longer.
  expect(health.admit(OPUS)).toEqual({ type: 'no', reason: 'anthropic: 401', until: clock.now() + 299_000 });
  // As a last resort the key may be tried; the wait that was asked for is kept.
  expect(health.admit(OPUS, true)).toEqual({ type: 'no', reason: 'anthropic: 429', until: clock.now() + 30_000 });
  await clock.advance(29_000);
  failing(402, 'quota');
  await clock.advance(1000);
  expect(health.admit(OPUS, true).type).toBe('canary');
  // A trial is out: that is all that is known.
  expect(health.admit(OPUS, true)).toEqual({ type: 'no', reason: expect.stringContaining('402') as string });

  // An outage is told as the outage, whatever was said of a key since.
  const other = setUp();
  fail(other.health, 3);
  other.health.failed(OPUS, { class: 'bad-request', symptom: 'status', status: 400, message: 'your mistake' }, { took: 0 });
  expect(other.health.admit(OPUS)).toMatchObject({ type: 'no', reason: 'down since 06:05:00 UTC: Overloaded' });
});
