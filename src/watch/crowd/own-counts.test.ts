import { expect, it } from 'vitest';
import { virtualClock } from '../../exchange/virtual-clock.ts';
import { ownRequests } from './own-counts.ts';

it('counts the requests of the last 15 minutes', async () => {
  const clock = virtualClock();
  const own = ownRequests(clock);
  own.heard('anthropic/api', true);
  await clock.advance(10 * 60_000);
  own.heard('anthropic/api', false);
  own.heard('anthropic/api', true);
  own.heard('openai/api', false);
  expect(own.of('anthropic/api')).toEqual({ attempts: 3, failures: 2 });
  await clock.advance(6 * 60_000);
  expect(own.of('anthropic/api')).toEqual({ attempts: 2, failures: 1 });
  expect(own.of('openai/api')).toEqual({ attempts: 1, failures: 0 });
  await clock.advance(60 * 60_000);
  expect(own.of('anthropic/api')).toEqual({ attempts: 0, failures: 0 });
});

it('keeps no more products than anybody uses', () => {
  const clock = virtualClock();
  const own = ownRequests(clock);
  for (let count = 0; count < 600; count++) own.heard(`product ${count}`, true);
  expect(own.of('product 0').attempts).toBe(0);
  expect(own.of('product 599').attempts).toBe(1);
});
