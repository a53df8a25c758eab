import { expect, it } from 'vitest';
import type { FaultSignal, Signal } from '../telemetry/signal.ts';
import { outcomeOf } from './own-outcome.ts';

function ended(outcome: string, fault?: FaultSignal): Extract<Signal, { type: 'attempt-ended' }> {
  return {
    version: 1,
    at: 0,
    type: 'attempt-ended',
    exchange: 'x',
    attempt: 0,
    kind: 'first',
    target: 'a/m',
    outcome,
    took: 1,
    ...(fault && { fault }),
  };
}

it.each([
  [ended('whole'), { type: 'ok' }],
  [
    ended('failed', { class: 'provider-fault', symptom: 'status', status: 529, code: 'overloaded_error' }),
    { type: 'provider', label: '529 overloaded_error' },
  ],
  [ended('failed', { class: 'provider-fault', symptom: 'idle-timeout' }), { type: 'provider', label: 'it fell silent' }],
  [
    ended('failed', { class: 'provider-fault', symptom: 'dns' }),
    { type: 'provider', label: 'it could not be found by its name', unreached: true },
  ],
  [ended('failed', { class: 'local-network', symptom: 'dns' }), { type: 'local' }],
  [
    ended('failed', { class: 'quota', symptom: 'status', status: 429, code: 'insufficient_quota' }),
    { type: 'account', label: 'your account’s quota is used up (429 insufficient_quota)' },
  ],
  // A rate limit is over when it says so, or with its window.
  [
    ended('failed', { class: 'rate-limited', symptom: 'status', status: 429, retryAfter: 20_000 }),
    { type: 'account', label: 'your account’s rate limit is reached (429)', lasts: 35_000 },
  ],
  [
    ended('failed', { class: 'rate-limited', symptom: 'status', status: 429 }),
    { type: 'account', label: 'your account’s rate limit is reached (429)', lasts: 75_000 },
  ],
  // Our own doing, the client's, and what nobody is to blame for.
  [ended('failed', { class: 'provider-fault', symptom: 'diverged' }), { type: 'client' }],
  [ended('failed', { class: 'bad-request', symptom: 'status', status: 400 }), { type: 'client' }],
  [ended('cancelled'), { type: 'client' }],
])('%j', (signal, outcome) => {
  expect(outcomeOf(signal)).toEqual(outcome);
});
