import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Fault } from '../exchange/fault.ts';
import { openAnswers } from './open-answers.ts';

const fault: Fault = { class: 'provider-fault', symptom: 'closed', message: 'stopping' };

test('each answer that is still open is stopped once, whatever came and went, also while they are being stopped', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 20 }), { maxLength: 60 }), fc.boolean(), (steps, leaveWhenStopped) => {
      const answers = openAnswers();
      const open = new Map<number, () => void>();
      const stopped: number[] = [];
      steps.forEach((step, number) => {
        const leaver = [...open.keys()][step];
        if (leaver === undefined) {
          const leave = answers.add(() => {
            stopped.push(number);
            if (leaveWhenStopped) open.get(number)?.();
          });
          open.set(number, leave);
        } else {
          open.get(leaver)?.();
          // Leaving twice does no harm to whoever has taken the place.
          open.get(leaver)?.();
          open.delete(leaver);
        }
      });
      answers.stopAll(fault);
      expect(stopped.toSorted((one, other) => one - other)).toEqual([...open.keys()]);
    }),
  );
});
