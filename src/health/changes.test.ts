import { expect, test } from 'vitest';
import type { Fault } from '../exchange/fault.ts';
import type { Target } from '../exchange/target.ts';
import { virtualClock } from '../exchange/virtual-clock.ts';
import type { HealthChange } from './changes.ts';
import { createHealth } from './create-health.ts';

const target = (model: string): Target => ({ provider: 'p', model, credential: 'key', dialect: 'openai-chat', vendor: 'p' });
const shape = { size: 10, stream: true, reasoning: false };
const timings = { headersAfter: 1, firstEventAfter: 2, longestGap: 1, took: 5 };
const broken: Fault = { class: 'provider-fault', symptom: 'status', message: 'Overloaded', status: 529, code: 'overloaded_error' };

function watched() {
  const clock = virtualClock();
  const changes: HealthChange[] = [];
  const health = createHealth({ clock, random: () => 0.5, onChange: (change) => changes.push(change) });
  const verdicts = (): string[] => changes.splice(0).map(({ target: name, from, to }) => `${name}: ${from.verdict} -> ${to.verdict}`);
  return { clock, health, changes, verdicts };
}

test('a change is told once, with its reasons, and not what stays as it is', async () => {
  const { clock, health, changes, verdicts } = watched();
  health.succeeded(target('a'), shape, timings);
  health.succeeded(target('a'), shape, timings);
  expect(verdicts()).toEqual(['p/a: unknown -> operational']);
  for (let count = 0; count < 5; count++) {
    await clock.advance(10);
    health.failed(target('a'), broken, { took: 5 });
  }
  expect(changes.map(({ from, to }) => [from.breaker, to.breaker])).toEqual([
    ['closed', 'suspect'],
    ['suspect', 'open'],
  ]);
  expect(changes[1]!.reasons.join()).toContain('529 overloaded_error');
  expect(verdicts()).toEqual(['p/a: operational -> degraded', 'p/a: degraded -> down']);
  await clock.advance(60_000);
  expect(health.admit(target('a'))).toEqual({ type: 'canary', slot: clock.now() });
  await clock.advance(10);
  health.succeeded(target('a'), shape, timings);
  expect(verdicts()).toEqual(['p/a: down -> degraded']);
});

test('a refused key sets every model of its account aside, and the review tells what time has changed', async () => {
  const { clock, health, changes, verdicts } = watched();
  health.succeeded(target('a'), shape, timings);
  health.succeeded(target('b'), shape, timings);
  verdicts();
  await clock.advance(10);
  health.failed(target('a'), { class: 'auth', symptom: 'status', message: 'bad key', status: 401 }, { took: 1 });
  expect(changes.map(({ target: name, to }) => [name, to.setAside].join(' ')).toSorted()).toEqual(['p/a p: 401', 'p/b p: 401']);
  verdicts();
  health.succeeded(target('c'), shape, timings);
  verdicts();
  health.review();
  expect(verdicts()).toEqual([]);
  await clock.advance(2 * 60 * 60_000);
  health.review();
  expect(verdicts().toSorted()).toEqual(['p/a: operational -> unknown', 'p/b: operational -> unknown', 'p/c: operational -> unknown']);
});

test('what was stored is known, and no news', () => {
  const { health, changes } = watched();
  health.succeeded(target('a'), shape, timings);
  const stored = health.snapshot();
  changes.length = 0;
  expect(health.restore(stored).ok).toBe(true);
  health.review();
  expect(changes).toEqual([]);
});
