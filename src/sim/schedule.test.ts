import { describe, expect, it } from 'vitest';
import { inScope, scheduler, type Schedule } from './schedule.ts';

function pattern(schedule: Schedule, times: number[]): string {
  const set = scheduler(schedule, 1000);
  return times.map((time) => (set.strikes(1000 + time) ? 'x' : '.')).join('');
}

describe('schedules', () => {
  it('once, times, for ever', () => {
    expect(pattern({ type: 'once' }, [0, 1, 2])).toBe('x..');
    expect(pattern({ type: 'times', count: 2 }, [0, 1, 2, 3])).toBe('xx..');
    expect(pattern({ type: 'ever' }, [0, 1e9])).toBe('xx');
  });
  it('for a while, between, flap', () => {
    expect(pattern({ type: 'for', ms: 10 }, [0, 9, 10, 99])).toBe('xx..');
    expect(pattern({ type: 'between', from: 5, to: 10 }, [0, 5, 9, 10])).toBe('.xx.');
    expect(pattern({ type: 'flap', on: 10, off: 5 }, [0, 9, 10, 14, 15, 24, 25])).toBe('xx..xx.');
  });
  it('probability is the same for the same seed and near its mean', () => {
    const times = Array.from({ length: 2000 }, (_, index) => index);
    const one = pattern({ type: 'probability', p: 0.3, seed: 7 }, times);
    expect(pattern({ type: 'probability', p: 0.3, seed: 7 }, times)).toBe(one);
    expect(pattern({ type: 'probability', p: 0.3, seed: 8 }, times)).not.toBe(one);
    const share = one.replaceAll('.', '').length / times.length;
    expect(share).toBeGreaterThan(0.25);
    expect(share).toBeLessThan(0.35);
  });
  it('scopes', () => {
    const request = { model: 'fb-s01', key: 'secret-bad', stream: true, size: 100 };
    expect(inScope({}, request)).toBe(true);
    expect(inScope({ model: 'fb-*', key: 'bad', stream: true, minBody: 100 }, request)).toBe(true);
    expect(inScope({ model: 'fb-s02' }, request)).toBe(false);
    expect(inScope({ key: 'good' }, request)).toBe(false);
    expect(inScope({ stream: false }, request)).toBe(false);
    expect(inScope({ minBody: 101 }, request)).toBe(false);
  });
});
