import { describe, expect, it } from 'vitest';
import type { Fault, FaultClass } from '../exchange/fault.ts';
import { exhausted, type Miss } from './exhausted.ts';

function miss(target: string, kind: FaultClass, more: Partial<Fault> = {}): Miss {
  return { target, fault: { class: kind, symptom: 'status', message: `${kind} at ${target}`, ...more } };
}

describe('exhausted', () => {
  it('names every target once, with what it said last', () => {
    const fault = exhausted([miss('a/m', 'provider-fault', { message: 'first' }), miss('a/m', 'provider-fault', { message: 'second' })]);
    expect(fault.message).toBe('a/m could not answer: second');
    expect(exhausted([miss('a/m', 'auth'), miss('b/m', 'quota')]).message).toBe(
      'None of 2 targets could answer. a/m: auth at a/m; b/m: quota at b/m',
    );
  });

  it('prefers what can be waited for to what needs the user’s hand, and an outage to a rate limit', () => {
    expect(exhausted([miss('a/m', 'auth'), miss('b/m', 'provider-fault')]).class).toBe('provider-fault');
    expect(exhausted([miss('a/m', 'rate-limited'), miss('b/m', 'provider-fault')]).class).toBe('provider-fault');
    expect(exhausted([miss('a/m', 'rate-limited'), miss('b/m', 'auth')]).class).toBe('rate-limited');
    expect(exhausted([miss('a/m', 'model-not-found'), miss('b/m', 'quota')]).class).toBe('quota');
  });

  it('tells the longest wait that anybody asked for, and none where waiting does not help', () => {
    const waits = [miss('a/m', 'rate-limited', { retryAfter: 7000 }), miss('b/m', 'provider-fault', { retryAfter: 2000 })];
    expect(exhausted(waits).retryAfter).toBe(7000);
    expect(exhausted([miss('a/m', 'auth', { retryAfter: 7000 })]).retryAfter).toBeUndefined();
  });

  it('says that the machine seems to be offline where no service could even be found', () => {
    const lost = (target: string): Miss => miss(target, 'provider-fault', { symptom: 'dns' });
    const unreachable = (target: string): Miss => miss(target, 'local-network', { symptom: 'refused' });
    const offline = 'No name could be resolved: this machine seems to be offline (see understudy doctor).';
    expect(exhausted([lost('a/m'), lost('b/m')]).message).toContain(`b/m. ${offline}`);
    expect(exhausted([lost('a/m'), unreachable('b/m')]).message).toContain('Nothing outside could be reached: this machine seems');
    expect(exhausted([lost('a/m'), lost('a/n')]).message).toContain('offline, or the base URL is wrong');
    expect(exhausted([lost('a/m'), miss('b/m', 'provider-fault')]).message).not.toContain('offline');
  });

  it('says something where nobody could be tried', () => {
    expect(exhausted([]).message).not.toBe('');
  });
});
