import fc from 'fast-check';
import { expect, test } from 'vitest';
import { waitingCalls } from './waiting-calls.ts';

test('law: as if each were looked for from the beginning', () => {
  const ids = fc.array(fc.constantFrom('a', 'b', 'c'));
  fc.assert(
    fc.property(ids, ids, (offered, wanted) => {
      const calls = offered.map((id, index) => ({ id, index }));
      const waiting = waitingCalls(calls, ({ id }) => id);
      let left = [...calls];
      for (const id of wanted) {
        const expected = left.find((call) => call.id === id);
        left = left.filter((call) => call !== expected);
        expect(waiting.take(id)).toBe(expected);
      }
      expect(waiting.rest()).toEqual(left);
    }),
  );
});
