import { expect, test } from 'vitest';
import { virtualClock } from '../exchange/virtual-clock.ts';
import type { AttemptAsk } from './admission.ts';
import { createHedgeShare } from './hedge-share.ts';
import { failoverSettings } from './settings.ts';

function asking(hedgeShare: number, kind: AttemptAsk['kind'] = 'hedge'): AttemptAsk {
  // Only these two are looked at.
  return { kind, plan: { failover: failoverSettings.parse({ hedgeShare }) } } as AttemptAsk;
}

/** How many of so many requests may be hedged, if all would be. */
function hedges(share: ReturnType<typeof createHedgeShare>, requests: number, hedgeShare: number): number {
  let count = 0;
  for (let request = 0; request < requests; request++) {
    share.asked();
    if (share.refusal(asking(hedgeShare))) continue;
    share.begin?.(asking(hedgeShare), 0);
    count += 1;
  }
  return count;
}

test('hedges stay a share of what was asked, and one is for everybody', () => {
  const fresh = () => createHedgeShare(virtualClock());
  expect(hedges(fresh(), 1000, 0.1)).toBe(100);
  expect(hedges(fresh(), 1000, 1)).toBe(1000);
  expect(hedges(fresh(), 5, 0.1)).toBe(1);
  expect(hedges(fresh(), 1000, 0)).toBe(0);
});

test('what was ten minutes ago is forgotten, not before', async () => {
  const clock = virtualClock();
  const share = createHedgeShare(clock);
  expect(hedges(share, 100, 0.1)).toBe(10);
  await clock.advance(9 * 60_000);
  expect(hedges(share, 9, 0.1)).toBe(0);
  await clock.advance(60_000);
  expect(hedges(share, 9, 0.1)).toBe(1);
});

test('nothing but hedges is refused or counted', () => {
  const share = createHedgeShare(virtualClock());
  for (const kind of ['first', 'retry', 'next', 'canary', 'hop'] as const) {
    expect(share.refusal(asking(0, kind))).toBeUndefined();
    share.begin?.(asking(1, kind), 0);
  }
  expect(share.refusal(asking(1))).toBeUndefined();
  expect(share.refusal(asking(0))?.reason).toContain('failover.hedgeShare');
});
