import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binaryIn, inputTokens } from './estimate.ts';

describe('what a model is asked to read', () => {
  it('is by length for text, and a picture for one', () => {
    const text = Buffer.from('The sea is wide. '.repeat(4000));
    expect(inputTokens(text)).toBe(text.length / 4);
    const picture = Buffer.alloc(300_000, 99).toString('base64');
    const body = Buffer.from(
      JSON.stringify({ text: 'The sea is wide. '.repeat(4000), one: picture, url: `data:image/png;base64,${picture}` }),
    );
    expect(inputTokens(body)).toBeLessThan(text.length / 4 + 2 * 1600 + 50);
    expect(inputTokens(body)).toBeGreaterThan(text.length / 4 + 2 * 1600);
  });

  it('finds every run of base64 wherever it lies, and none in words', () => {
    const word = fc.stringMatching(/^[a-z]{1,12}$/);
    const words = fc.array(word, { maxLength: 2000 }).map((list) => ` ${list.join(' ')} `);
    const run = fc.integer({ min: 8192, max: 30_000 }).map((length) => 'QUJD'.repeat(length / 4));
    fc.assert(
      fc.property(fc.array(fc.tuple(words, run), { maxLength: 4 }), words, (pairs, last) => {
        const body = Buffer.from(pairs.map(([text, data]) => `"${text}" "${data}"`).join(',') + last);
        expect(binaryIn(body)).toEqual({ bytes: pairs.reduce((sum, [, data]) => sum + data.length, 0), runs: pairs.length });
      }),
      { numRuns: 60 },
    );
  });
});
