import { describe, expect, it } from 'vitest';
import { FAULT_CLASSES } from '../../test/matrix/fault-classes.ts';
import type { Fault, FaultClass } from '../exchange/fault.ts';
import { exhausted, passes, type Miss } from './exhausted.ts';

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

  it('says since when, where that is known of all', () => {
    const [early, late] = [Date.UTC(2026, 5, 2, 6, 5), Date.UTC(2026, 5, 2, 11, 49)];
    const both = [
      { ...miss('a/m', 'provider-fault'), since: early },
      { ...miss('b/m', 'rate-limited'), since: late },
    ];
    expect(exhausted(both)).toMatchObject({
      since: late,
      message:
        'None of 2 targets could answer since 2 Jun 11:49 UTC. a/m (since 2 Jun 06:05 UTC): provider-fault at a/m; b/m: rate-limited at b/m',
    });
    expect(exhausted(both.slice(0, 1)).message).toBe('a/m could not answer since 2 Jun 06:05 UTC: provider-fault at a/m');
    const mixed = exhausted([both[0]!, miss('c/m', 'auth')]);
    expect(mixed.message).toMatch(/^None of 2 targets could answer\. a\/m \(since /);
    expect(mixed).not.toHaveProperty('since');
  });

  it('counts a target with several keys once', () => {
    const keys = [miss('a/m (key 1)', 'auth'), miss('a/m (key 2)', 'quota')];
    expect(exhausted(keys).message).toBe(
      'No key of a/m could get an answer. a/m (key 1): auth at a/m (key 1); a/m (key 2): quota at a/m (key 2)',
    );
    expect(exhausted([...keys, miss('b/m', 'auth')]).message).toMatch(
      /^None of 2 targets could answer\. a\/m \(key 1\): .*; b\/m: auth at b\/m$/,
    );
    expect(exhausted(keys.slice(0, 1)).message).toBe('a/m (key 1) could not answer: auth at a/m (key 1)');
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
    expect(exhausted([lost('azure/m'), lost('anthropic/m')]).message).toContain(offline);
    expect(exhausted([lost('a/m'), miss('b/m', 'provider-fault')]).message).not.toContain('offline');
  });

  it('has an order for all that can happen', () => {
    const order: FaultClass[] = [
      'provider-fault',
      'local-network',
      'rate-limited',
      'too-long',
      'bad-request',
      'quota',
      'auth',
      'model-not-found',
      'cancelled',
    ];
    for (const [at, better] of order.entries())
      for (const worse of order.slice(at + 1)) {
        expect(exhausted([miss('a/m', better), miss('b/m', worse)]).class).toBe(better);
        expect(exhausted([miss('a/m', worse), miss('b/m', better)]).class).toBe(better);
      }
  });

  it('tells the wait of those for whom waiting helps; of a cap of the user’s own, when its window is over', () => {
    const dear = miss('a/m', 'quota', { symptom: 'skipped', retryAfter: 9_000_000 });
    expect(exhausted([dear]).retryAfter).toBe(9_000_000);
    expect(exhausted([miss('a/m', 'quota', { retryAfter: 9_000_000 })]).retryAfter).toBeUndefined();
    expect(exhausted([miss('a/m', 'auth', { symptom: 'skipped', retryAfter: 9_000_000 })]).retryAfter).toBeUndefined();
    // A lead that is merely down may be back long before the cap is.
    expect(exhausted([dear, miss('b/m', 'provider-fault', { retryAfter: 2000 })]).retryAfter).toBe(2000);
    expect(exhausted([dear, miss('b/m', 'provider-fault')])).not.toHaveProperty('retryAfter');
  });

  it('keeps what the provider said beside the message, of a single target in one sentence with what may be wrong', () => {
    const lost = miss('a/m', 'provider-fault', {
      symptom: 'dns',
      message: 'a.example has no address.',
      code: 'ENOTFOUND',
      retryAfter: 1000,
    });
    expect(exhausted([lost])).toStrictEqual({
      class: 'provider-fault',
      symptom: 'dns',
      code: 'ENOTFOUND',
      retryAfter: 1000,
      message:
        'a/m could not answer: a.example has no address. No name could be resolved: this machine seems to be offline, or the base URL is wrong (see understudy doctor).',
    });
    expect(exhausted([miss('a/m', 'auth', { message: 'No.' })]).message).toBe('a/m could not answer: No.');
    expect(exhausted([]).message).toBe('No target could be tried.');
  });

  it('says something where nobody could be tried', () => {
    expect(exhausted([]).message).not.toBe('');
  });
});

describe('passes', () => {
  it('is what time may cure, money of a new day included', () => {
    expect(FAULT_CLASSES.filter((kind) => passes(miss('a/m', kind).fault))).toEqual([
      'provider-fault',
      'rate-limited',
      'local-network',
      'quota',
    ]);
  });
});
