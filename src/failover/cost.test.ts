import { describe, expect, it } from 'vitest';
import { createAnswerState } from './answer-state.ts';
import { attemptCost, type Billed, costOf, turnCost } from './cost.ts';

const PRICE = { input: 10, output: 50, cached: 1 };
/** 400,000 bytes of words: 100,000 tokens, a dollar. */
const SENT = Buffer.alloc(400_000, 'word ');
const TIMES = { headersAfter: 1, firstEventAfter: 2, longestGap: 1, took: 9 };

/** 40,000 characters of reasoning and 40,000 of words: 20,000 tokens, a dollar. */
function spoken(): NonNullable<Billed['state']> {
  const state = createAnswerState();
  const text = 'x'.repeat(40_000);
  state.observe([
    { type: 'part-start', index: 0, part: { type: 'reasoning', producer: { dialect: 'anthropic-messages' } } },
    { type: 'part-delta', index: 0, delta: { type: 'text', text } },
    { type: 'part-end', index: 0 },
    { type: 'part-start', index: 1, part: { type: 'text' } },
    { type: 'part-delta', index: 1, delta: { type: 'text', text } },
  ]);
  return state;
}

function failed(more: object): Billed['result'] {
  return { type: 'failed', fault: { class: 'provider-fault', symptom: 'reset', message: '' }, took: 9, usage: {}, ...more };
}

function cost(billed: Partial<Billed>): number | undefined {
  return attemptCost(PRICE, { result: 'given-up', accepted: true, sent: SENT, state: spoken(), ...billed });
}

describe('what an attempt cost', () => {
  it('is what its usage says, where it came whole', () => {
    expect(cost({ result: { type: 'whole', mended: false, timings: TIMES, usage: { input: 1000, output: 100 } } })).toBeCloseTo(0.015);
  });

  it('is input and what was received, where it died on the way', () => {
    expect(cost({ result: failed({ firstEventAfter: 2 }) })).toBeCloseTo(2);
    // Counted by the provider as far as it came: half of the input out of its cache, one token of output when it began.
    const usage = { input: 100_000, cacheRead: 50_000, output: 1 };
    expect(cost({ result: failed({ firstEventAfter: 2, usage }) })).toBeCloseTo(1.55);
  });

  it('is the same where we gave it up, once it had been accepted', () => {
    expect(cost({})).toBeCloseTo(2);
    expect(cost({ state: undefined })).toBeCloseTo(1);
    expect(cost({ accepted: false, state: undefined })).toBe(0);
  });

  it('counts the arguments of calls, too', () => {
    const state = createAnswerState();
    state.observe([
      { type: 'part-start', index: 0, part: { type: 'tool-call', id: 'c', name: 'write' } },
      { type: 'part-delta', index: 0, delta: { type: 'arguments', json: 'x'.repeat(40_000) } },
      { type: 'part-delta', index: 0, delta: { type: 'arguments', json: 'x'.repeat(40_000) } },
    ]);
    expect(cost({ state })).toBeCloseTo(2);
  });

  it('is nothing for an answer that never began', () => {
    expect(cost({ result: failed({}), state: undefined })).toBe(0);
    expect(cost({ result: failed({ headersAfter: 1, usage: { input: 100_000 } }) })).toBe(0);
  });

  it('is not known without a price', () => {
    expect(attemptCost(undefined, { result: 'given-up', accepted: true, sent: SENT, state: spoken() })).toBeUndefined();
  });
});

describe('costOf', () => {
  it('counts cached input apart, and estimates what nobody counted', () => {
    expect(costOf(PRICE, { input: 1_000_000, cacheRead: 500_000, output: 100_000 }, { input: 0, output: 0 })).toBeCloseTo(10.5);
    expect(costOf(PRICE, {}, { input: 100_000, output: 20_000 })).toBeCloseTo(2);
    expect(costOf(undefined, { input: 1_000_000 }, { input: 0, output: 0 })).toBe(0);
  });

  it('counts what is read from a cache and what is put into one at rates of their own, where there are any', () => {
    const none = { input: 0, output: 0 };
    const usage = { input: 1_000_000, cacheRead: 300_000, cacheWrite: 200_000 };
    // Half a million at 10, 300,000 at 1, 200,000 at 12.5.
    expect(costOf({ ...PRICE, cacheWrite: 12.5 }, usage, none)).toBeCloseTo(5 + 0.3 + 2.5);
    expect(costOf({ input: 10, output: 50 }, usage, none)).toBeCloseTo(10);
    // No more is cached than there is.
    expect(costOf({ ...PRICE, cacheWrite: 12.5 }, { input: 1_000_000, cacheRead: 800_000, cacheWrite: 900_000 }, none)).toBeCloseTo(
      0.8 + 2.5,
    );
  });
});

describe('what a turn would cost', () => {
  it('is its input and a usual answer, or the longest that it may have', () => {
    expect(turnCost(PRICE, 100_000)).toBeCloseTo(1 + 0.05);
    expect(turnCost(PRICE, 100_000, 200)).toBeCloseTo(1 + 0.01);
    expect(turnCost(PRICE, 100_000, 64_000)).toBeCloseTo(1 + 0.05);
    expect(turnCost(PRICE, 100_000, 64_000, false, 3000)).toBeCloseTo(1 + 0.15);
    expect(turnCost(undefined, 100_000)).toBe(0);
  });

  it('counts what goes into a cache at that rate', () => {
    expect(turnCost({ ...PRICE, cacheWrite: 12.5 }, 100_000, undefined, true)).toBeCloseTo(1.25 + 0.05);
    expect(turnCost({ ...PRICE, cacheWrite: 12.5 }, 100_000)).toBeCloseTo(1 + 0.05);
  });
});
