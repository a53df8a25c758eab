import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type VirtualClock, virtualClock } from '../exchange/virtual-clock.ts';
import type { AttemptAsk } from './admission.ts';
import { createSpendLedger, type SpendLedger } from './spend.ts';

const HOUR = 3_600_000;
const EVENING = Date.UTC(2026, 5, 2, 22, 30);
/** Dollars per million tokens; a body of 4000 bytes and an answer of 1000 tokens cost 0.011 together. */
const PRICE = { input: 1, output: 10, cacheWrite: 1.25 };

interface Asked {
  lead?: boolean;
  /** No price is known. */
  free?: boolean;
  price?: { input: number; output: number };
  /** Place in the plan. */
  index?: number;
  bytes?: number;
  backupSpend?: string;
  hopSpend?: number;
  route?: string;
  spend?: string;
  provider?: string;
  passThrough?: boolean;
}

function asked(more: Asked = {}): AttemptAsk {
  const { lead = false, free = false, price = PRICE, index = lead ? 0 : 1, bytes = 4000, backupSpend = '5/day', hopSpend = 2 } = more;
  const { route = 'default', spend, provider = 'b', passThrough = false } = more;
  return {
    plan: { account: route, failover: { backupSpend, hopSpend }, ...(spend !== undefined && { spend }) },
    planned: { lead, target: { provider, model: 'm' }, passThrough, native: true, facts: free ? {} : { price } },
    index,
    kind: lead ? 'first' : 'next',
    size: bytes,
    // A blank every few letters, as text has it: else it would be taken for a picture.
    body: Buffer.alloc(bytes, 'word '),
  } as unknown as AttemptAsk;
}

function ledgerAt(
  start = EVENING,
  saved?: Parameters<typeof createSpendLedger>[1],
): { clock: VirtualClock; ledger: SpendLedger; warnings: string[] } {
  const clock = virtualClock(start);
  const warnings: string[] = [];
  return {
    clock,
    warnings,
    ledger: createSpendLedger(
      clock,
      saved,
      () => undefined,
      (message) => warnings.push(message),
    ),
  };
}

function pay(ledger: SpendLedger, cost: number, more: Asked = {}): void {
  ledger.begin!(asked(more), 4000)!.settled!('given-up', cost);
}

describe('the cap on backups', () => {
  it('is refused at the cap and allowed again in the next window', async () => {
    const { clock, ledger } = ledgerAt();
    pay(ledger, 4.98);
    expect(ledger.refusal(asked())).toBeUndefined();
    pay(ledger, 0.02);
    expect(ledger.refusal(asked())).toMatchObject({ class: 'quota', until: Date.UTC(2026, 5, 3) });
    expect(ledger.refusal(asked())?.reason).toMatch(/about \$0\.01.*\$5\.00 of the \$5.*a day.*raise failover\.backupSpend.*00:00 UTC/);
    expect(ledger.refusal(asked({ backupSpend: '5/hour' }))).toMatchObject({ until: Date.UTC(2026, 5, 2, 23) });
    expect(ledger.refusal(asked({ backupSpend: '6/month' }))).toBeUndefined();
    // The lead is what was asked for.
    expect(ledger.refusal(asked({ lead: true }))).toBeUndefined();
    await clock.advance(HOUR);
    expect(ledger.refusal(asked({ backupSpend: '5/hour' }))).toBeUndefined();
    expect(ledger.refusal(asked())).toBeDefined();
    await clock.advance(HOUR);
    expect(ledger.refusal(asked())).toBeUndefined();
    expect(ledger.refusal(asked({ backupSpend: '5/month' }))).toMatchObject({ until: Date.UTC(2026, 6, 1) });
  });

  it('does not keep from being asked what costs nothing, unless it is 0', () => {
    const { ledger } = ledgerAt();
    pay(ledger, 9);
    expect(ledger.refusal(asked())).toBeDefined();
    // No price is known; a plan pays; the price is nought.
    for (const free of [{ free: true }, { passThrough: true }, { price: { input: 0, output: 0 } }])
      expect(ledger.refusal(asked(free))).toBeUndefined();
    expect(ledger.refusal(asked({ free: true, backupSpend: '0/day' }))?.reason).toContain('failover.backupSpend');
  });

  it('is not overshot by a burst: what is under way counts as what it is expected to cost', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 400, max: 400_000 }), { minLength: 1, maxLength: 60 }), fc.boolean(), (sizes, ends) => {
        const { ledger } = ledgerAt();
        const cap = 0.25;
        let spent = 0;
        const open: (() => void)[] = [];
        for (const bytes of sizes) {
          const ask = asked({ bytes, backupSpend: `${cap}/day` });
          if (ledger.refusal(ask)) continue;
          const cost = (bytes / 4 + 10 * 1000) / 1_000_000;
          const watch = ledger.begin!(ask, bytes)!;
          const end = (): void => {
            spent += cost;
            watch.settled!('given-up', cost);
          };
          if (ends) end();
          else open.push(end);
        }
        for (const end of open) end();
        expect(spent).toBeLessThanOrEqual(cap + 1e-9);
        expect(ledger.caps(`${cap}/day`, [])[0]).toMatchObject({ underWay: 0 });
      }),
    );
  });

  it('holds no longer what an attempt was expected to cost once it is over', () => {
    const { ledger } = ledgerAt();
    const tight = asked({ backupSpend: '0.02/day' });
    const first = ledger.begin!(tight, 4000)!;
    const refused = ledger.refusal(tight);
    expect(refused?.reason).toContain('under way');
    // It may be over in a moment, and cost nothing.
    expect(refused?.until).toBeUndefined();
    first.settled!('given-up', 0);
    expect(ledger.refusal(tight)).toBeUndefined();
  });
});

describe('the cap on a route', () => {
  it('counts lead and backups together, and each route for itself', () => {
    const { ledger } = ledgerAt();
    const route = { route: 'work', spend: '1/day' };
    pay(ledger, 0.5, { ...route, lead: true });
    pay(ledger, 0.495, route);
    expect(ledger.refusal(asked({ ...route, lead: true }))).toMatchObject({ class: 'quota', until: Date.UTC(2026, 5, 3) });
    expect(ledger.refusal(asked(route))?.reason).toContain('routes.work.spend');
    expect(ledger.refusal(asked({ route: 'play', spend: '1/day', lead: true }))).toBeUndefined();
    expect(ledger.caps('5/day', [{ name: 'work', spend: '1/day' }, { name: 'free' }])).toMatchObject([
      { setting: 'failover.backupSpend', spent: 0.495, dollars: 5, per: 'day' },
      { setting: 'routes.work.spend', spent: 0.995, dollars: 1, resetsAt: Date.UTC(2026, 5, 3) },
    ]);
  });

  it('expects of a warm lead what its turns have cost of late', () => {
    const { ledger } = ledgerAt();
    const lead = asked({ lead: true, route: 'work', spend: '1/day', bytes: 2_000_000 });
    const underWay = (): number => ledger.caps('5/day', [{ name: 'work', spend: '1/day' }])[1]!.underWay;
    const hold = (): number => {
      const watch = ledger.begin!(lead, 1)!;
      const held = underWay();
      watch.settled!({ type: 'whole', usage: { input: 500_000, output: 100 } } as never, 0.051);
      return held;
    };
    const cold = hold();
    expect(cold).toBeCloseTo(0.51);
    for (let turn = 0; turn < 12; turn++) hold();
    expect(hold()).toBeLessThan(cold / 4);
  });
});

describe('the cap on one switch', () => {
  it('passes a backup over that would cost more, says so, and holds also for the last one', () => {
    const { ledger } = ledgerAt();
    const dear = { bytes: 4_000_000, hopSpend: 0.5, backupSpend: '50/day' };
    const refusal = ledger.refusal(asked(dear));
    expect(refusal).toMatchObject({
      class: 'quota',
      reason: expect.stringMatching(/about \$1\.01 \(1000k tokens.*raise failover\.hopSpend/),
    });
    expect(refusal?.until).toBeUndefined();
    expect(ledger.refusal(asked({ ...dear, hopSpend: 1.02 }))).toBeUndefined();
  });

  it('is not about the lead, what has no price, or a conversation that is with the backup already', () => {
    const { ledger } = ledgerAt();
    const dear = { bytes: 4_000_000, hopSpend: 0.5, backupSpend: '50/day' };
    expect(ledger.refusal(asked({ ...dear, lead: true }))).toBeUndefined();
    expect(ledger.refusal(asked({ ...dear, free: true }))).toBeUndefined();
    expect(ledger.refusal(asked({ ...dear, index: 0 }))).toBeUndefined();
  });

  it('reckons with what it costs to put a history into a cache, where the client wants that', () => {
    const { ledger } = ledgerAt();
    const ask = asked({ bytes: 4_000_000, hopSpend: 1.2, backupSpend: '50/day' });
    expect(ledger.refusal(ask)).toBeUndefined();
    const body = Buffer.concat([ask.body, Buffer.from('"cache_control":{"type":"ephemeral"}')]);
    expect(ledger.refusal({ ...ask, body })?.reason).toContain('$1.26');
  });

  it('takes a picture for one, however many bytes it has', () => {
    const { ledger } = ledgerAt();
    const ask = asked({ hopSpend: 0.05 });
    const picture = Buffer.from(JSON.stringify({ type: 'image', data: Buffer.alloc(3_000_000, 7).toString('base64') }));
    expect(ledger.refusal({ ...ask, body: picture })).toBeUndefined();
    expect(ledger.refusal({ ...ask, body: Buffer.alloc(picture.length, 'word ') })).toBeDefined();
  });
});

describe('the warning', () => {
  it('comes once a window, at four fifths, with what is spent and when it begins anew', async () => {
    const { clock, ledger, warnings } = ledgerAt();
    pay(ledger, 3.9);
    expect(warnings).toEqual([]);
    pay(ledger, 0.2);
    pay(ledger, 0.2);
    expect(warnings).toEqual([
      'Backups have cost $4.10 of the $5 that they may cost a day (failover.backupSpend): what would cost more is not asked for until 00:00 UTC.',
    ]);
    pay(ledger, 4, { backupSpend: '10/day' });
    expect(warnings).toHaveLength(2);
    await clock.advance(2 * HOUR);
    pay(ledger, 4.5);
    expect(warnings).toHaveLength(3);
  });
});

describe('what is kept', () => {
  it('survives a restart, by hour, route, provider and part played', () => {
    const { ledger } = ledgerAt();
    pay(ledger, 1, { provider: 'a', lead: true });
    pay(ledger, 2, { provider: 'b' });
    pay(ledger, 0.5, { provider: 'b' });
    const saved = ledger.snapshot();
    expect(saved).toEqual({
      '2026-06-02T22': [
        { route: 'default', provider: 'a', backup: false, dollars: 1 },
        { route: 'default', provider: 'b', backup: true, dollars: 2.5 },
      ],
    });
    const again = ledgerAt(EVENING, JSON.parse(JSON.stringify(saved)));
    expect(again.ledger.caps('5/day', [{ name: 'default', spend: '9/day' }])).toMatchObject([{ spent: 2.5 }, { spent: 3.5 }]);
  });

  it('reads what an earlier version kept, and no junk', () => {
    const earlier = ledgerAt(EVENING, { '2026-06-02T06': 3, '2026-06-02T07': 1.5 });
    expect(earlier.ledger.caps('5/day', [])).toMatchObject([{ spent: 4.5 }]);
    for (const junk of [
      'junk',
      1,
      null,
      { junk: 1, '2026-06-02T06': 'x', '2026-06-02T07': [{ dollars: 1 }, 7, null], '2026-06-02T08': null },
    ])
      expect(ledgerAt(EVENING, junk).ledger.caps('5/day', [])).toMatchObject([{ spent: 0 }]);
  });

  it('forgets earlier months', () => {
    const { ledger } = ledgerAt(EVENING, { '2026-05-31T23': 3 });
    pay(ledger, 1);
    expect(Object.keys(ledger.snapshot())).toEqual(['2026-06-02T22']);
  });
});
