import { describe, expect, it } from 'vitest';
import { createAnswerState } from './answer-state.ts';
import { attemptCost, type Billed, costOf } from './cost.ts';

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
});
