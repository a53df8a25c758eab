import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../exchange/json.ts';
import type { Producer } from '../exchange/part.ts';
import { MARKER, containsEnvelope, unwrap, wrap } from './envelope.ts';

const producers: fc.Arbitrary<Producer> = fc.record(
  {
    dialect: fc.constantFrom('anthropic-messages' as const, 'openai-chat' as const, 'openai-responses' as const, 'gemini' as const),
    vendor: fc.string(),
    model: fc.string(),
  },
  { requiredKeys: ['dialect'] },
);
/** `-0` is left out: JSON has no word for it. */
const values = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json);

describe('envelope', () => {
  test('law: unwrap(wrap(x)) = x, in plain ASCII that JSON need not escape', () => {
    fc.assert(
      fc.property(producers, values, (producer, value) => {
        const text = wrap(producer, value);
        expect(text).toMatch(/^understudy\.v1\.[A-Za-z0-9_-]+$/);
        expect(unwrap(text)).toEqual({ producer, value });
        expect(containsEnvelope(Buffer.from(JSON.stringify({ deep: [text] })))).toBe(true);
      }),
    );
  });

  test.each(['', 'abc', MARKER, `${MARKER}!!!`, `${MARKER}${Buffer.from('{"producer":{"dialect":"x"},"value":1}').toString('base64url')}`])(
    '%j is no envelope',
    (text) => expect(unwrap(text)).toBeUndefined(),
  );

  test('a body without one', () => expect(containsEnvelope(Buffer.from('{"signature":"understudy"}'))).toBe(false));
});
