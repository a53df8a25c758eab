import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { virtualClock } from '../../exchange/virtual-clock.ts';
import { openWatch } from '../store/open.ts';
import type { ProbeOutcome } from './outcome.ts';
import { createProbeLog } from './probe-log.ts';
import { createProber, type Prober } from './prober.ts';
import { probesSettings } from './settings.ts';

const MINUTE = 60_000;
const LEAD = 'anthropic/claude-opus-4-6';
let folder: string;
let database: DatabaseSync;
let clock: ReturnType<typeof virtualClock>;
let times: number[];
let next: ProbeOutcome;
let told: string[];
let prober: Prober;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'probes-'));
  const opened = openWatch(folder);
  if (!opened.ok) throw new Error(opened.error.reason);
  database = opened.value;
  clock = virtualClock();
  times = [];
  told = [];
  next = { type: 'failed', took: 50, fault: { class: 'provider-fault', symptom: 'status', status: 529 }, cost: 0.001 };
  prober = make();
});

afterEach(() => {
  prober.close();
  database.close();
  rmSync(folder, { recursive: true });
});

function make(): Prober {
  return createProber({
    clock,
    random: () => 0.5,
    call: () => {
      times.push(clock.monotonic());
      return Promise.resolve(next);
    },
    log: createProbeLog(database),
    onOutcome: (target, { type }) => told.push(`${target} ${type}`),
  });
}

function gaps(): number[] {
  return times.slice(1).map((time, place) => (time - times[place]!) / 1000);
}

const ill = { target: LEAD, verdict: 'down' as const, isOwnTrouble: false };
const well = { ...ill, verdict: 'operational' as const };

describe('as needed', () => {
  const settings = probesSettings.parse({});

  it('asks nobody who is well, nor for what is this machine’s own trouble', async () => {
    prober.consider(settings, [well, { ...ill, target: 'a/b', isOwnTrouble: true }]);
    await clock.advance(10 * MINUTE);
    expect(times).toEqual([]);
  });

  it('asks soon, then ever more rarely while it fails', async () => {
    prober.consider(settings, [ill]);
    await clock.advance(30 * MINUTE);
    expect(gaps().slice(0, 9)).toEqual([10, 10, 10, 20, 40, 80, 160, 300, 300]);
    expect(told[0]).toBe(`${LEAD} failed`);
  });

  it('asks ever more rarely, too, while it is answered though others call it ill', async () => {
    next = { type: 'answered', took: 300 };
    prober.consider(settings, [ill]);
    await clock.advance(30 * MINUTE);
    expect(gaps().slice(0, 9)).toEqual([10, 10, 10, 20, 40, 80, 160, 300, 300]);
  });

  it('leaves it to own requests where there are some', async () => {
    prober.consider(settings, [{ ...ill, heardAt: clock.now() }]);
    await clock.advance(59_000);
    expect(times).toEqual([]);
    await clock.advance(2000);
    expect(times).toHaveLength(1);
  });

  it('asks whether it was chance, when an own request has failed', async () => {
    prober.consider(settings, [{ ...well, isDoubted: true, heardAt: clock.now() }]);
    await clock.advance(59_000);
    expect(times).toEqual([]);
    await clock.advance(12_000);
    expect(times).toHaveLength(2);
    next = { type: 'answered', took: 300 };
    await clock.advance(10_000);
    prober.consider(settings, [well]);
    await clock.advance(10 * MINUTE);
    expect(times).toHaveLength(3);
  });

  it('ends with the trouble', async () => {
    next = { type: 'answered', took: 300 };
    prober.consider(settings, [ill]);
    await clock.advance(15_000);
    prober.consider(settings, [well]);
    await clock.advance(10 * MINUTE);
    expect(times).toHaveLength(2);
  });
});

describe('always', () => {
  it('asks by the minute, and every ten seconds once one has failed', async () => {
    next = { type: 'answered', took: 300 };
    prober.consider(probesSettings.parse({ when: 'always' }), [well]);
    await clock.advance(150_000);
    expect(gaps()).toEqual([60, 60]);
    next = { type: 'failed', took: 50, fault: { class: 'provider-fault', symptom: 'first-event-timeout' } };
    await clock.advance(MINUTE);
    expect(gaps().slice(2, 5)).toEqual([60, 10, 10]);
  });
});

describe('bounds', () => {
  it('a day’s number, which a restart does not begin anew, and the next day does', async () => {
    const settings = probesSettings.parse({ perDay: 3, dollarsPerDay: 1 });
    prober.consider(settings, [ill]);
    await clock.advance(30 * MINUTE);
    expect(times).toHaveLength(3);
    expect(prober.state()).toMatchObject({ when: 'needed', asked: 3, perDay: 3, held: 'perDay' });
    prober.close();
    prober = make();
    prober.consider(settings, [ill]);
    await clock.advance(30 * MINUTE);
    expect(times).toHaveLength(3);
    await clock.advance(24 * 60 * MINUTE);
    prober.consider(settings, [ill]);
    await clock.advance(MINUTE);
    expect(times.length).toBeGreaterThan(3);
  });

  it('a day’s dollars, never overshot by what is known to come', async () => {
    prober.consider(probesSettings.parse({ dollarsPerDay: 0.0025 }), [ill]);
    await clock.advance(60 * MINUTE);
    expect(prober.state()).toMatchObject({ asked: 2, dollars: 0.002 });
    expect(times).toHaveLength(2);
  });

  it('off is off', async () => {
    prober.consider(probesSettings.parse({ when: false }), [ill]);
    await clock.advance(60 * MINUTE);
    expect(times).toEqual([]);
  });

  it('who may not be asked is not tried again and again, and is not counted', async () => {
    next = { type: 'not-asked', reason: 'no key' };
    prober.consider(probesSettings.parse({}), [ill]);
    await clock.advance(50 * MINUTE);
    expect(times).toHaveLength(1);
    expect(prober.state().asked).toBe(0);
  });
});
