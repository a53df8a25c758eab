import { expect, it } from 'vitest';
import { answered, houseOfAccounts, refusedWith } from '../../test/matrix/house-of-accounts.ts';

it('knows since when a target has answered nobody, and forgets it with its next answer', async () => {
  let well = false;
  const house = houseOfAccounts([
    { name: 'p', answer: () => (well ? answered() : refusedWith(503, 'overloaded')) },
    { name: 'q', answer: () => refusedWith(401, 'invalid_api_key') },
  ]);
  const began = house.clock.now();
  const first = house.ask();
  await house.clock.advance(10_000);
  expect(first.outcome()).toMatchObject({ type: 'failed' });
  const since = house.troubles.since('p/m')!;
  expect(since - began).toBeLessThan(3000);
  await house.clock.advance(60_000);
  const second = house.ask();
  await house.clock.advance(10_000);
  expect(second.outcome()).toMatchObject({ fault: { message: expect.stringContaining('p/m (since ') as string } });
  expect(house.troubles.since('p/m')).toBe(since);
  // A wrong key is no outage.
  expect(house.troubles.since('q/m')).toBeUndefined();
  await house.clock.advance(600_000);
  well = true;
  const third = house.ask();
  await house.clock.advance(10_000);
  expect(third.outcome()).toMatchObject({ type: 'complete' });
  expect(house.troubles.since('p/m')).toBeUndefined();
});
