import { expect, it } from 'vitest';
import { virtualClock } from '../exchange/virtual-clock.ts';
import type { AttemptAsk } from './admission.ts';
import type { AttemptResult } from './attempt.ts';
import { createSpendLedger, type SpendLedger } from './spend.ts';

function asked(route: string, backupSpend: string, maxOutputTokens?: number): AttemptAsk {
  return {
    plan: { route, account: route, failover: { backupSpend, hopSpend: 9 } },
    planned: {
      lead: false,
      target: { provider: 'b', model: 'm' },
      passThrough: false,
      native: true,
      facts: { price: { input: 1, output: 10 } },
    },
    index: 1,
    kind: 'next',
    size: 400,
    body: Buffer.alloc(400, 'word '),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  } as unknown as AttemptAsk;
}

function answers(ledger: SpendLedger, route: string, output: number, times: number): void {
  const timings = { headersAfter: 1, firstEventAfter: 1, longestGap: 1, took: 9 };
  const result: AttemptResult = { type: 'whole', mended: false, timings, usage: { input: 100, output } };
  for (let time = 0; time < times; time++) ledger.begin!(asked(route, '9/day'), 400)!.settled!(result, 0.0001);
}

it('answers are expected to be as long as they have been on that route, once some have come', () => {
  const clock = virtualClock();
  const ledger = createSpendLedger(clock, undefined, () => undefined);
  // 1000 tokens are a cent.
  expect(ledger.refusal(asked('long', '0.05/day'))).toBeUndefined();
  answers(ledger, 'long', 20_000, 4);
  expect(ledger.refusal(asked('long', '0.05/day'))).toBeUndefined();
  answers(ledger, 'long', 20_000, 1);
  expect(ledger.refusal(asked('long', '0.05/day'))?.reason).toContain('about $0.20');
  // What the request allows is the most; another route has habits of its own.
  expect(ledger.refusal(asked('long', '0.05/day', 500))).toBeUndefined();
  expect(ledger.refusal(asked('chat', '0.05/day'))).toBeUndefined();

  // Short answers may be asked for where long ones could not be paid.
  expect(ledger.refusal(asked('agent', '0.005/day'))).toBeDefined();
  answers(ledger, 'agent', 100, 6);
  expect(ledger.refusal(asked('agent', '0.005/day'))).toBeUndefined();
});
