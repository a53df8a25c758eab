import fc from 'fast-check';
import { expect, it } from 'vitest';
import { answered, failed, type Gate, SHUT, woken } from './gate.ts';

const NOW = 1_000_000;

it('begins with one, and one more for each answer', () => {
  let gate = SHUT;
  const widths = Array.from({ length: 6 }, () => (gate = answered(gate, 4)).width);
  expect(widths).toEqual([2, 3, 4, 4, 4, 4]);
});

it('is one again after a failure, ever more rarely, five minutes apart at most', () => {
  let gate: Gate = { width: 4, failures: 0, notBefore: 0 };
  const pauses = Array.from({ length: 9 }, () => (gate = failed(gate, NOW, 1)).notBefore - NOW);
  expect(gate.width).toBe(1);
  expect(pauses.slice(0, 4)).toEqual([5000, 10_000, 20_000, 40_000]);
  expect(pauses.at(-1)).toBe(300_000);
});

it('is tried soon when somebody is said to be back, and not later than it would have been', () => {
  fc.assert(
    fc.property(fc.nat(400_000), fc.double({ min: 0, max: 1, noNaN: true }), (wait, chance) => {
      const gate: Gate = { width: 1, failures: 3, notBefore: NOW + wait };
      const later = woken(gate, NOW, chance);
      expect(later.notBefore).toBeLessThanOrEqual(gate.notBefore);
      expect(later.notBefore).toBeLessThanOrEqual(NOW + 2000);
      expect(later.width).toBe(1);
    }),
  );
});
