import { expect, test } from 'vitest';
import type { Fault, FaultClass } from '../exchange/fault.ts';
import type { Target } from '../exchange/target.ts';
import { SLOT_LIFE } from './breaker.ts';
import { clearMarks, markFault, markOn, markPermission, markStanding, releaseMarks, takeMarks, type Marks } from './marks.ts';

const NOW = Date.UTC(2026, 5, 2, 6, 5);
const OPUS: Target = { provider: 'anthropic', model: 'opus', credential: 'key', dialect: 'anthropic-messages', vendor: 'anthropic' };
const HAIKU: Target = { ...OPUS, model: 'haiku' };
const OTHER_KEY: Target = { ...OPUS, credential: 'second' };
const OTHER_PROVIDER: Target = { ...OPUS, provider: 'bedrock' };
const ALL = { OPUS, HAIKU, OTHER_KEY, OTHER_PROVIDER };

function fault(kind: FaultClass, more: Partial<Fault> = {}): Fault {
  return { class: kind, symptom: 'status', message: 'said no', ...more };
}

function marked(kind: FaultClass, more: Partial<Fault> = {}, target = OPUS): Marks {
  const marks: Marks = new Map();
  markFault(marks, target, fault(kind, more), NOW);
  return marks;
}

function blocked(marks: Marks, now: number): string[] {
  return Object.entries(ALL)
    .filter(([, target]) => markPermission(marks, target, now).type === 'no')
    .map(([name]) => name);
}

test.each<[FaultClass, string[], number]>([
  ['rate-limited', ['OPUS'], 20_000],
  ['quota', ['OPUS', 'HAIKU'], 600_000],
  ['auth', ['OPUS', 'HAIKU'], 300_000],
  ['model-not-found', ['OPUS', 'OTHER_KEY'], 600_000],
])('%s keeps out %j for %d ms, and nobody else', (kind, names, span) => {
  const marks = marked(kind);
  expect(blocked(marks, NOW)).toEqual(names);
  expect(blocked(marks, NOW + span - 1)).toEqual(names);
  expect(blocked(marks, NOW + span)).toEqual([]);
});

test.each<FaultClass>(['bad-request', 'too-long', 'cancelled', 'local-network', 'provider-fault'])('%s leaves no mark', (kind) => {
  expect(marked(kind).size).toBe(0);
});

test("a client's own wrong key says nothing about the next client's", () => {
  expect(marked('auth', {}, { ...OPUS, credential: 'client' }).size).toBe(0);
});

test('Retry-After decides about a rate limit, within an hour; an overloaded provider is left alone as long as it asks, within five minutes', () => {
  const until = (marks: Marks) => {
    const allowed = markPermission(marks, OPUS, NOW);
    return allowed.type === 'no' ? (allowed.until ?? NOW) - NOW : 0;
  };
  expect(until(marked('rate-limited', { retryAfter: 3000 }))).toBe(3000);
  expect(until(marked('rate-limited', { retryAfter: 86_400_000 }))).toBe(3_600_000);
  expect(until(marked('provider-fault', { retryAfter: 30_000 }))).toBe(30_000);
  expect(until(marked('provider-fault', { retryAfter: 3_600_000 }))).toBe(300_000);
});

test('a rate limit simply ends; several requests that met it do not lengthen each other', () => {
  const marks = marked('rate-limited');
  markFault(marks, OPUS, fault('rate-limited', { retryAfter: 1000 }), NOW + 10);
  expect(markPermission(marks, OPUS, NOW + 19_999).type).toBe('no');
  expect(markPermission(marks, OPUS, NOW + 20_000)).toEqual({ type: 'go' });
});

test('quota is asked about by one canary at a time, and each refusal doubles the wait to an hour', () => {
  const marks = marked('quota');
  const waits: number[] = [];
  let now = NOW;
  for (let trial = 0; trial < 5; trial++) {
    const allowed = markPermission(marks, OPUS, now);
    if (allowed.type !== 'no' || allowed.until === undefined) throw new Error('not kept out');
    waits.push((allowed.until - now) / 60_000);
    // A request that was already under way meets the same quota: no news.
    markFault(marks, HAIKU, fault('quota'), now);
    now = allowed.until;
    expect(markPermission(marks, OPUS, now).type).toBe('canary');
    takeMarks(marks, OPUS, now);
    expect(markPermission(marks, HAIKU, now).type).toBe('no');
    markFault(marks, OPUS, fault('quota'), now + 300);
    now += 300;
  }
  expect(waits).toEqual([10, 20, 40, 60, 60]);
});

test('the canary that succeeds frees the whole account; one given up, or forgotten, frees its slot', () => {
  const marks = marked('quota');
  const due = NOW + 600_000;
  takeMarks(marks, OPUS, due);
  releaseMarks(marks, HAIKU);
  expect(markPermission(marks, HAIKU, due + 1).type).toBe('no');
  releaseMarks(marks, OPUS);
  expect(markPermission(marks, HAIKU, due + 1).type).toBe('canary');
  takeMarks(marks, HAIKU, due + 1);
  expect(markPermission(marks, OPUS, due + 1 + SLOT_LIFE).type).toBe('canary');
  clearMarks(marks, HAIKU, due + 1);
  expect(markPermission(marks, OPUS, due + 2)).toEqual({ type: 'go' });
});

test('as a last resort an account is tried before its time, one request at once; a wait that was asked for is kept', () => {
  const marks = marked('quota');
  expect(markPermission(marks, OPUS, NOW + 1, true)).toEqual({ type: 'canary' });
  takeMarks(marks, OPUS, NOW + 1);
  expect(markPermission(marks, HAIKU, NOW + 2, true)).toEqual({ type: 'no' });
  markFault(marks, OPUS, fault('rate-limited', { retryAfter: 5000 }), NOW);
  expect(markPermission(marks, OPUS, NOW + 1, true)).toEqual({ type: 'no', until: NOW + 5000 });
});

test('an answer that had begun before the quota ran out does not clear it', () => {
  const marks = marked('quota');
  clearMarks(marks, OPUS, NOW - 60_000);
  expect(blocked(marks, NOW)).toEqual(['OPUS', 'HAIKU']);
});

test('marks are bounded, however many names clients invent', () => {
  const marks: Marks = new Map();
  for (let index = 0; index < 5000; index++)
    markFault(marks, { ...OPUS, model: `made-up-${index}` }, fault('model-not-found'), NOW + index);
  expect(marks.size).toBeLessThanOrEqual(1024);
  expect(markPermission(marks, { ...OPUS, model: 'made-up-4999' }, NOW + 5000).type).toBe('no');
});

test('an old mark is told by what the provider said, and since when', () => {
  expect(markOn(marked('quota', { status: 429, code: 'insufficient_quota' }), HAIKU, NOW)?.reason).toBe(
    'anthropic: 429 insufficient_quota',
  );
  expect(markOn(marked('quota'), OPUS, NOW)?.reason).toBe('anthropic: said no');
  const marks = marked('quota');
  const later = NOW + 700_000;
  markFault(marks, OPUS, fault('quota'), later);
  expect(markOn(marks, OPUS, later)).toMatchObject({ since: NOW, until: later + 1_200_000 });
  // A rate limit that had ended is another one when it comes again.
  const limited = marked('rate-limited');
  markFault(limited, OPUS, fault('rate-limited'), NOW + 10_000);
  expect(markOn(limited, OPUS, NOW + 10_000)).toMatchObject({ since: NOW, until: NOW + 30_000 });
  markFault(limited, OPUS, fault('rate-limited'), NOW + 30_000);
  expect(markOn(limited, OPUS, NOW + 30_000)).toMatchObject({ since: NOW + 30_000 });
});

test('of several marks the one that lasts longest is told', () => {
  const marks = marked('auth');
  markFault(marks, OPUS, fault('rate-limited'), NOW);
  expect(markOn(marks, OPUS, NOW)?.kind).toBe('auth');
  markFault(marks, OPUS, fault('quota'), NOW);
  expect(markOn(marks, OPUS, NOW)?.kind).toBe('quota');
  expect(markOn(marks, OTHER_PROVIDER, NOW)).toBeUndefined();
});

test('a wait of no time at all is none; a short Retry-After of a quota does not shorten its wait, a long one lengthens it', () => {
  expect(marked('provider-fault', { retryAfter: 0 }).size).toBe(0);
  const until = (retryAfter: number) => markOn(marked('quota', { retryAfter }), OPUS, NOW)!.until - NOW;
  expect(until(1000)).toBe(600_000);
  expect(until(1_800_000)).toBe(1_800_000);
});

test('a clock that was set back by a day keeps nobody out for a day, nor does what comes after it', () => {
  const marks = marked('rate-limited');
  expect(markPermission(marks, OPUS, NOW - 86_400_000)).toEqual({ type: 'go' });
  markFault(marks, OPUS, fault('rate-limited'), NOW - 86_400_000);
  expect(markOn(marks, OPUS, NOW - 86_400_000)?.until).toBe(NOW - 86_400_000 + 20_000);
});

test('an attempt that began before the canary neither frees its slot nor, failing, lengthens the wait for it', () => {
  const marks = marked('quota');
  const due = NOW + 600_000;
  takeMarks(marks, OPUS, due);
  releaseMarks(marks, OPUS, due - 10_000);
  expect(markPermission(marks, OPUS, due + 1)).toEqual({ type: 'no' });
  markFault(marks, HAIKU, fault('rate-limited'), due + 1);
  expect(markPermission(marks, OPUS, due + 1)).toEqual({ type: 'no' });
  releaseMarks(marks, OPUS, due);
  expect(markPermission(marks, OPUS, due + 1)).toEqual({ type: 'canary' });
});

test('an answer to what was asked when the quota ran out clears it; the marks of others stay', () => {
  const marks = marked('quota');
  markFault(marks, OTHER_KEY, fault('quota'), NOW);
  clearMarks(marks, OPUS, NOW);
  expect(markPermission(marks, HAIKU, NOW)).toEqual({ type: 'go' });
  expect(markPermission(marks, OTHER_KEY, NOW).type).toBe('no');
});

test('a key and a quota at once are tried by one request, not before both are due', () => {
  const marks = marked('auth');
  markFault(marks, OPUS, fault('quota'), NOW);
  expect(markPermission(marks, OPUS, NOW + 300_000)).toEqual({ type: 'no', until: NOW + 600_000 });
  expect(markPermission(marks, OPUS, NOW + 600_000)).toEqual({ type: 'canary' });
  takeMarks(marks, OPUS, NOW + 600_000);
  expect(markPermission(marks, HAIKU, NOW + 600_001)).toEqual({ type: 'no' });
});

test('a target stands ill, due for its trial, or well, and since when', () => {
  const marks = marked('quota');
  expect(markStanding(marks, OPUS, NOW)).toEqual({ type: 'ill' });
  expect(markStanding(marks, OPUS, NOW + 700_000)).toEqual({ type: 'trial-due', since: NOW + 600_000 });
  expect(markStanding(marks, OTHER_PROVIDER, NOW)).toEqual({ type: 'well', since: 0 });
  expect(markStanding(marked('rate-limited'), OPUS, NOW + 60_000)).toEqual({ type: 'well', since: NOW + 20_000 });
  expect(markStanding(new Map(), OPUS, NOW)).toEqual({ type: 'well', since: 0 });
});

test('where there are too many marks, those that are over go first, then the oldest', () => {
  const invented = (index: number): Target => ({ ...OPUS, model: `made-up-${index}` });
  const marks: Marks = new Map();
  markFault(marks, OTHER_KEY, fault('quota'), NOW);
  for (let index = 0; index < 1023; index++) markFault(marks, invented(index), fault('rate-limited', { retryAfter: index + 1 }), NOW);
  expect(marks.size).toBe(1024);
  markFault(marks, HAIKU, fault('model-not-found'), NOW + 10);
  // Ten rate limits had ended; nothing else is forgotten.
  expect(marks.size).toBe(1015);
  expect(markOn(marks, OTHER_KEY, NOW + 10)?.kind).toBe('quota');
  for (let index = 0; index < 10; index++) markFault(marks, { ...HAIKU, model: `gone-${index}` }, fault('model-not-found'), NOW + 10);
  expect(marks.size).toBe(1024);
  expect(markOn(marks, OTHER_KEY, NOW + 10)).toBeUndefined();
});

test('a wait that an overloaded service asks for holds for all who would ask it the same, with any key, and simply ends', () => {
  const one = { ...OPUS, credential: 'key 1' };
  expect(markOn(marked('provider-fault', { retryAfter: 30_000 }, one), { ...OPUS, credential: 'key 2' }, NOW)?.kind).toBe('asked-to-wait');
  const marks = marked('provider-fault', { retryAfter: 30_000 });
  expect(blocked(marks, NOW)).toEqual(['OPUS']);
  expect(markPermission(marks, OPUS, NOW + 29_999, true)).toEqual({ type: 'no', until: NOW + 30_000 });
  expect(markPermission(marks, OPUS, NOW + 30_000)).toEqual({ type: 'go' });
});

test('a canary that is out stays out when its account is refused for another of its models', () => {
  const marks = marked('quota');
  takeMarks(marks, OPUS, NOW + 600_000);
  markFault(marks, HAIKU, fault('quota'), NOW + 600_500, NOW + 599_000);
  expect(markOn(marks, OPUS, NOW + 600_500)?.slot).toEqual({ at: NOW + 600_000, holder: expect.stringContaining('opus') });
  clearMarks(marks, OPUS, NOW + 600_000);
  expect(marks.size).toBe(0);
});
