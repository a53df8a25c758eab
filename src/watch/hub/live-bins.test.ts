import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Baseline } from './baseline.ts';
import { liveBins } from './live-bins.ts';
import { levelOf } from './rule.ts';

describe('the last hour of a product', () => {
  const usual: Baseline = { meanAt: () => 0.02, dispersion: 1 };
  const MINUTE = 60_000;

  it('is told in windows that share no report', () => {
    const bins = liveBins();
    for (const minute of [1, 20, 40]) bins.add({ network: `n${minute}`, weight: 1, works: false }, minute * MINUTE);
    expect(bins.windows(44 * MINUTE, usual).map(({ reporters, networks }) => [reporters, [...networks]])).toEqual([
      [1, ['n40']],
      [1, ['n20']],
      [1, ['n1']],
    ]);
  });

  it('counts a network once an hour towards what is usual', () => {
    const bins = liveBins();
    for (let minute = 0; minute < 60; minute += 5) bins.add({ network: 'one', weight: 1, works: false }, minute * MINUTE);
    bins.add({ network: 'other', weight: 1, works: false }, 55 * MINUTE);
    expect(bins.total(0)).toEqual({ reports: 1, score: 1 });
    expect(bins.total(50 * MINUTE)).toEqual({ reports: 1, score: 0 });
    expect(bins.total(55 * MINUTE)).toEqual({ reports: 2, score: 1 });
  });

  it('loses at most half to those for whom it works', () => {
    const bins = liveBins();
    for (let index = 0; index < 8; index++) bins.add({ network: `p${index}`, weight: 1, works: false }, 0);
    bins.add({ network: 'w', weight: 1, works: true }, 0);
    expect(bins.windows(0, usual)[0]?.score).toBe(7);
    for (let index = 0; index < 80; index++) bins.add({ network: `w${index}`, weight: 1, works: true }, 0);
    expect(bins.windows(0, usual)[0]).toMatchObject({ score: 4, reporters: 8 });
  });

  it('tells no more networks apart than it has room for', () => {
    const bins = liveBins();
    const added = Array.from({ length: 3000 }, (_, index) => bins.add({ network: `n${index}`, weight: 1, works: false }, 0));
    expect(added.filter(Boolean)).toHaveLength(2001);
    expect(bins.size(0)).toBe(2001);
    expect(bins.windows(0, usual)[0]).toMatchObject({ reporters: 3000 });
    expect(bins.size(2 * 60 * MINUTE)).toBe(0);
  });

  it('is never out of the ordinary for two networks, whatever they report and when', () => {
    const report = fc.record({
      minute: fc.integer({ min: 0, max: 120 }),
      network: fc.constantFrom('one', 'other'),
      weight: fc.constantFrom(0.06, 0.2, 0.3, 1),
      works: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(report, { maxLength: 300 }), (reports) => {
        const bins = liveBins();
        for (const { minute, ...told } of reports.toSorted((left, right) => left.minute - right.minute)) {
          bins.add(told, minute * MINUTE);
          expect(levelOf(bins.windows(minute * MINUTE, usual))).toBe('none');
        }
      }),
    );
  });
});
