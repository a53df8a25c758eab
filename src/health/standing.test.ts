import { expect, test } from 'vitest';
import type { Fault } from '../exchange/fault.ts';
import type { Target } from '../exchange/target.ts';
import { type VirtualClock, virtualClock } from '../exchange/virtual-clock.ts';
import { createHealth } from './create-health.ts';
import type { Health, Standing } from './health.ts';

const LEAD: Target = { provider: 'lead', model: 'm', credential: 'key', dialect: 'openai-chat', vendor: 'lead' };
const DOWN: Fault = { class: 'provider-fault', symptom: 'status', status: 529, message: 'Overloaded' };
const SHAPE = { size: 100, stream: true, reasoning: false };
const TIMINGS = { headersAfter: 1, firstEventAfter: 2, longestGap: 1, took: 0 };

function house(): { clock: VirtualClock; health: Health; standing(): Standing } {
  const clock = virtualClock();
  const health = createHealth({ clock, random: () => 0.5 });
  return { clock, health, standing: () => health.standing(LEAD) };
}

test('of whom nothing bad is known is well, and one failure changes nothing', () => {
  const { health, standing } = house();
  expect(standing()).toEqual({ type: 'well', since: 0 });
  health.failed(LEAD, DOWN);
  expect(standing().type).toBe('well');
});

test('a suspected target is ill, and well from its last sign of illness on once the suspicion has faded', async () => {
  const { clock, health, standing } = house();
  health.failed(LEAD, DOWN);
  health.failed(LEAD, DOWN);
  const troubled = clock.now();
  expect(standing()).toEqual({ type: 'ill' });
  await clock.advance(10 * 60_000);
  expect(standing()).toEqual({ type: 'well', since: troubled });
});

test('an open breaker is ill until its trial is due, and that trial is due for ever later; taking it makes it ill for others', async () => {
  const { clock, health, standing } = house();
  for (let time = 0; time < 3; time++) health.failed(LEAD, DOWN);
  expect(standing()).toEqual({ type: 'ill' });
  await clock.advance(60_000);
  const due = standing();
  expect(due.type).toBe('trial-due');
  await clock.advance(60_000);
  expect(standing()).toEqual(due);
  expect(health.admit(LEAD).type).toBe('canary');
  expect(standing()).toEqual({ type: 'ill' });
});

test('three trials that succeed make it well, from then on', async () => {
  const { clock, health, standing } = house();
  for (let time = 0; time < 3; time++) health.failed(LEAD, DOWN);
  await clock.advance(60_000);
  for (let time = 0; time < 3; time++) {
    expect(standing().type).toBe('trial-due');
    health.admit(LEAD);
    health.succeeded(LEAD, SHAPE, TIMINGS);
    await clock.advance(1000);
  }
  expect(standing()).toEqual({ type: 'well', since: clock.now() - 1000 });
});

test('a rate limit is ill while it lasts and counts from its end; a refused key has a trial due', async () => {
  const { clock, health, standing } = house();
  health.failed(LEAD, { class: 'rate-limited', symptom: 'status', status: 429, retryAfter: 30_000, message: '429' });
  const end = clock.now() + 30_000;
  expect(standing()).toEqual({ type: 'ill' });
  await clock.advance(40_000);
  expect(standing()).toEqual({ type: 'well', since: end });
  health.failed(LEAD, { class: 'auth', symptom: 'status', status: 401, message: '401' });
  expect(standing()).toEqual({ type: 'ill' });
  await clock.advance(6 * 60_000);
  expect(standing().type).toBe('trial-due');
});
