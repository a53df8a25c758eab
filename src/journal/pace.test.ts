import { expect, test } from 'vitest';
import { virtualClock } from '../exchange/virtual-clock.ts';
import { pace } from './pace.ts';

test('saves are counted: many a second are busy times, few are not, and every task runs', async () => {
  const clock = virtualClock();
  let ran = 0;
  const one = pace(clock, (task) => task());
  const save = (): void => one.schedule(() => ran++);
  for (let turn = 0; turn < 300; turn++) {
    save();
    await clock.advance(1);
  }
  expect(one.busy()).toBe(true);
  for (let turn = 0; turn < 10; turn++) {
    save();
    await clock.advance(50);
  }
  expect(one.busy()).toBe(false);
  expect(ran).toBe(310);
});
