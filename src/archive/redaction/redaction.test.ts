import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { literalFinder, movedPlace, patternFinder, withoutFound } from './finder.ts';
import { redactMessage } from './redact-message.ts';
import { redactJson, redactText } from './redact-text.ts';
import { rememberedFinder, rememberedOf } from './remembered.ts';
import { secretFinder } from './secret-finder.ts';

const quiet = (): void => undefined;
const CANARY = 'zanzi"bar\ncanary';

describe('JSON', () => {
  it('loses the text in strings of strings, and nothing else changes', () => {
    const call = JSON.stringify({ command: `echo '${CANARY}'`, n: 1 });
    const json = JSON.stringify({ a: [`x ${CANARY} y`, 'kept “”', { arguments: call }], [CANARY]: 2 }, null, 2);
    const clean = redactJson(json, literalFinder(CANARY), quiet);
    expect(JSON.parse(clean)).toEqual({
      a: ['x [redacted] y', 'kept “”', { arguments: JSON.stringify({ command: "echo '[redacted]'", n: 1 }) }],
      '[redacted]': 2,
    });
    expect(redactJson(json, literalFinder('nowhere'), quiet)).toBe(json);
  });

  it('keeps what readers go by, takes numbers that are found whole, and leaves what is no string', () => {
    const finder = literalFinder('4111222233334444');
    expect(redactJson('{"card":4111222233334444,"at":41112222333344445}', finder, quiet)).toBe(
      '{"card":"[redacted]","at":41112222333344445}',
    );
    expect(redactJson('{"type":"text","text":"some text"}', literalFinder('text'), quiet)).toBe(
      '{"type":"text","[redacted]":"some [redacted]"}',
    );
  });

  it('is found by the name of its member', () => {
    expect(redactJson('{"db_password": "correct-horse", "note": "correct-horse"}', secretFinder(), quiet)).toBe(
      '{"db_password": "[secret removed]", "note": "correct-horse"}',
    );
  });

  it('is taken out of a piece that is cut off, and of prose that looks like JSON', () => {
    expect(redactText('{"command":"say hunter22 and', literalFinder('hunter22'), quiet)).toBe('{"command":"say [redacted] and');
    expect(redactText('[1] hunter22', literalFinder('hunter22'), quiet)).toBe('[1] [redacted]');
  });
});

it('leaves no trace in any JSON, and changes nothing that does not hold it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string({ minLength: 4, maxLength: 8 }), fc.boolean(), (value, wanted, put) => {
      fc.pre(!'[redacted]'.includes(wanted) && !JSON.stringify(value).includes(JSON.stringify(wanted).slice(1, -1)));
      const json = JSON.stringify(put ? { deep: [value, `a ${wanted} b`, JSON.stringify({ again: wanted })] } : value);
      let taken = 0;
      const clean = redactJson(json, literalFinder(wanted), () => (taken += 1));
      expect(() => JSON.parse(clean) as unknown).not.toThrow();
      expect(put ? taken >= 2 : clean === json).toBe(true);
      expect(redactJson(clean, literalFinder(wanted), quiet)).toBe(clean);
    }),
    { numRuns: 300 },
  );
});

it('knows a text again that is remembered, wherever it stands, as a search for it would', () => {
  const key = randomBytes(32);
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary', minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 3 }),
      fc.array(fc.oneof(fc.nat(2), fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 12 }),
      (wanted, pieces) => {
        const text = pieces.map((piece) => (typeof piece === 'number' ? (wanted[piece] ?? '') : piece)).join('');
        const finder = rememberedFinder(
          wanted.map((each) => rememberedOf(each, '#', key)),
          key,
        );
        const found = finder.find(text);
        for (const { start, end } of found) expect(wanted).toContain(text.slice(start, end));
        const places = found.map(({ start }) => start);
        expect(
          wanted.length > 1
            ? places
            : literalFinder(wanted[0]!)
                .find(text)
                .map(({ start }) => start),
        ).toEqual(places);
        const left = withoutFound(
          text,
          found.map((each) => ({ ...each, instead: '\n\n' })),
        );
        expect(wanted.filter((each) => !each.includes('\n') && left.includes(each))).toEqual([]);
      },
    ),
    { numRuns: 300 },
  );
});

it('moves the places behind it', () => {
  const found = patternFinder(/\d{4,}/g).find('ab 123456 cd');
  expect([2, 5, 9, 12].map((place) => movedPlace(found, place))).toEqual([2, 13, 13, 16]);
});

it('takes a text out of every part of a message, and moves its seams', () => {
  const clean = redactMessage(
    {
      key: '1',
      role: 'assistant',
      status: 'complete',
      parts: [
        { type: 'text', text: 'before hunter22 after' },
        { type: 'reasoning', text: 'hunter22', producer: { dialect: 'gemini' } },
        { type: 'tool-call', id: 'a', name: 'run', arguments: '{"c":"hunter22"}' },
        { type: 'tool-result', callId: 'a', content: [{ type: 'text', text: 'out: hunter22' }], isError: false },
        { type: 'file', name: 'hunter22.txt', content: { type: 'text', text: 'hunter22' } },
      ],
      seams: [{ part: 0, offset: 18, from: 'a', to: 'b', join: 'anchor' }],
      extras: { also: 'hunter22' },
    },
    literalFinder('hunter22'),
    quiet,
  );
  expect(JSON.stringify(clean)).not.toContain('hunter22');
  expect(clean?.seams?.[0]?.offset).toBe(20);
  expect(clean?.parts).toHaveLength(5);
});
