import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mask, MASK, redactor } from './credentials.ts';

const secret = fc.string({ minLength: 6, maxLength: 60, unit: fc.constantFrom(...'abcXYZ019-_+/=.~"\\$'.split('')) });
const around = fc.string({ unit: 'grapheme', maxLength: 20 });

test('no form of a secret is left, wherever it stands', () => {
  fc.assert(
    fc.property(secret, around, around, (key, before, after) => {
      const redact = redactor([key]);
      const whole = `${before}${key}${after}`;
      for (const text of [whole, JSON.stringify({ whole }), encodeURIComponent(whole)]) {
        const left = redact(text);
        expect(left).toContain(MASK);
        for (const form of [key, JSON.stringify(key).slice(1, -1), encodeURIComponent(key)]) expect(left).not.toContain(form);
      }
    }),
  );
});

test('base64 of a text that holds it does not give it back', () => {
  const long = fc.string({ minLength: 12, maxLength: 60, unit: fc.constantFrom(...'abcXYZ019-_'.split('')) });
  fc.assert(
    fc.property(long, fc.string({ maxLength: 10 }), fc.constantFrom('base64', 'base64url'), (key, user, encoding) => {
      const left = redactor([key])(Buffer.from(`${user}:${key}`).toString(encoding));
      expect(left).toContain(MASK);
      expect(Buffer.from(left.replace(MASK, ''), 'base64').toString()).not.toContain(key);
    }),
  );
});

test('texts without secrets stay as they are, also with short ones', () => {
  expect(redactor(['test'])('the latest test')).toBe('the latest test');
  expect(redactor([])('x')).toBe('x');
  expect(redactor(['sk-ant-12345'])('sk-ant-1234')).toBe('sk-ant-1234');
});

test('the longer of two that begin alike goes first', () => {
  expect(redactor(['abcdef', 'abcdefghij'])('abcdefghij!')).toBe('[secret]!');
});

test('mask shows little of long keys and nothing of short ones', () => {
  expect(mask(`abcdef${'x'.repeat(20)}wxyz`)).toBe('abcdef…wxyz');
  expect(mask('short')).toBe(MASK);
});
