import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Request } from '../exchange/request.ts';
import { isLegalId, toldId, withMadeIds } from './call-ids.ts';

function madeId(told: string): string {
  const messages: Request['messages'] = [
    { role: 'assistant', parts: [{ type: 'tool-call', id: told, name: 'f', arguments: '{}' }] },
    { role: 'user', parts: [{ type: 'tool-result', callId: told, content: [], isError: false }] },
  ];
  const request = { messages } as unknown as Request;
  const [call, result] = withMadeIds(request).messages.map(({ parts }) => parts[0]!);
  if (call?.type !== 'tool-call' || result?.type !== 'tool-result') throw new Error('the parts have changed');
  expect(result.callId).toBe(call.id);
  return call.id;
}

test('ids that every vendor takes are told as they are', () => {
  for (const id of ['toolu_01A09q90qw90lq917835lq9', 'call_abc', 'us-east']) expect(toldId(id)).toBe(id);
});

test('others are told so that each vendor takes them, and come back as they were', () => {
  expect(isLegalId(toldId('functions.search:0'))).toBe(true);
  expect(madeId(toldId('functions.search:0'))).toBe('functions.search:0');
});

test('what is too long is always told the same, and nobody else', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 80 }), fc.string({ minLength: 1, maxLength: 80 }), (one, other) => {
      expect(isLegalId(toldId(one))).toBe(true);
      expect(toldId(one) === toldId(other)).toBe(one === other);
      expect(toldId(one).startsWith('us-') ? madeId(toldId(one)) : one).toBe(one);
    }),
    { seed: 2026 },
  );
});
