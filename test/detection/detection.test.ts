import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { consecutive, judge, pageAlone } from './contenders.ts';
import { quantile } from './measure.ts';
import { REPORTED, simulate } from './simulate.ts';

const file = path.resolve(import.meta.dirname, '../../../shared/data/incidents.jsonl');
const ALL = judge('all', { pages: true, own: true });

test.runIf(existsSync(file))(
  'half a year of published incidents: told before the page tells, and next to nothing for nothing',
  () => {
    const traffic = { rate: 30, failing: 1, background: 0.01 };
    const seen = simulate([ALL, pageAlone], { file, halves: REPORTED, traffic, seed: 1 });
    const { alerts, badges } = seen.get('all')!;
    const page = seen.get(pageAlone.name)!.alerts;
    expect(alerts.incidents).toBeGreaterThan(20);
    expect(alerts.found / alerts.incidents).toBeGreaterThan(0.8);
    expect(quantile(alerts.delays, 0.5)).toBeLessThan(quantile(page.delays, 0.5) / 2);
    expect(quantile(alerts.leads, 0.5)).toBeGreaterThan(5 * 60_000);
    expect(alerts.falseAlarms / alerts.weeks).toBeLessThanOrEqual(0.25);
    expect(badges.falseAlarms / badges.weeks).toBeLessThanOrEqual(1);
  },
  60_000,
);

test.runIf(existsSync(file))(
  'a quarter of requests failing is seen where five failures in a row are not',
  () => {
    const traffic = { rate: 30, failing: 0.25, background: 0.01 };
    const five = consecutive(5);
    const seen = simulate([ALL, five], { file, halves: REPORTED, traffic, seed: 2 });
    expect(seen.get('all')!.alerts.found).toBeGreaterThan(5 * seen.get(five.name)!.alerts.found);
  },
  60_000,
);
