import { describe, expect, it } from 'vitest';
import { virtualClock } from '../exchange/virtual-clock.ts';
import type { AttemptAsk } from './admission.ts';
import { costOf, createSpendLedger } from './spend.ts';

const HOUR = 3_600_000;

/** A backup under a cap. */
function backup(backupSpend: string, lead = false): AttemptAsk {
  return { plan: { failover: { backupSpend } }, planned: { lead }, kind: 'next', size: 100 } as AttemptAsk;
}

describe('the spend of backups', () => {
  it('is refused at the cap and allowed again in the next window', async () => {
    const clock = virtualClock(Date.UTC(2026, 5, 2, 22, 30));
    const ledger = createSpendLedger(clock, undefined, () => undefined);
    ledger.add(4.99);
    expect(ledger.refusal(backup('5/day'))).toBeUndefined();
    ledger.add(0.01);
    expect(ledger.refusal(backup('5/day'))).toMatchObject({ until: Date.UTC(2026, 5, 3) });
    expect(ledger.refusal(backup('5/hour'))).toMatchObject({ until: Date.UTC(2026, 5, 2, 23) });
    expect(ledger.refusal(backup('6/month'))).toBeUndefined();
    // The lead is what was asked for.
    expect(ledger.refusal(backup('5/day', true))).toBeUndefined();
    await clock.advance(HOUR);
    expect(ledger.refusal(backup('5/hour'))).toBeUndefined();
    expect(ledger.refusal(backup('5/day'))).toBeDefined();
    await clock.advance(HOUR);
    expect(ledger.refusal(backup('5/day'))).toBeUndefined();
    expect(ledger.refusal(backup('5/month'))).toMatchObject({ until: Date.UTC(2026, 6, 1) });
  });

  it('survives a restart, and junk in what was saved', () => {
    const clock = virtualClock();
    const first = createSpendLedger(clock, undefined, () => undefined);
    first.add(3);
    expect(createSpendLedger(clock, first.snapshot(), () => undefined).spent('5/day')).toBe(3);
    expect(createSpendLedger(clock, { junk: 1, '2026-06-02T06': 'x' }, () => undefined).spent('5/day')).toBe(0);
    expect(createSpendLedger(clock, 'junk', () => undefined).spent('5/day')).toBe(0);
  });
});

describe('costOf', () => {
  it('counts cached input apart, and estimates what nobody counted', () => {
    const price = { input: 10, output: 50, cached: 1 };
    expect(costOf(price, { input: 1_000_000, cacheRead: 500_000, output: 100_000 }, { input: 0, output: 0 })).toBeCloseTo(10.5);
    expect(costOf(price, {}, { input: 100_000, output: 20_000 })).toBeCloseTo(2);
    expect(costOf(undefined, { input: 1_000_000 }, { input: 0, output: 0 })).toBe(0);
  });
});
