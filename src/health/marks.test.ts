import { expect, test } from 'vitest';
import type { Fault, FaultClass } from '../exchange/fault.ts';
import type { Target } from '../exchange/target.ts';
import { SLOT_LIFE } from './breaker.ts';
import { clearMarks, markFault, markPermission, releaseMarks, takeMarks, type Marks } from './marks.ts';

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
