import { expect, test } from 'vitest';
import { measure } from './measure.ts';
import { noGateway, retryThenFallback } from './plain.ts';
import { simulate } from './simulate.ts';
import { understudy } from './understudy.ts';

const HOURS = { length: 3 * 3_600_000, rate: 4 };

test.each([11, 12])(
  'through hours of outage weather (seed %i): nobody is left with half an answer, and the lead is found again',
  async (seed) => {
    const options = { seed, ...HOURS };
    const bare = measure(await simulate(noGateway, options));
    const plain = measure(await simulate(retryThenFallback, options));
    const ours = measure(await simulate(understudy('Understudy'), options));
    // The weather is bad enough to tell them apart.
    expect(bare.stormAvailability).toBeLessThan(0.8);
    expect(plain.cut).toBeGreaterThan(10);

    expect(ours.whole + ours.error + ours.cut).toBe(ours.requests);
    expect(ours.cut).toBe(0);
    expect(ours.availability).toBeGreaterThan(0.995);
    expect(ours.neverLeft).toBe(0);
    expect(ours.back.length).toBeGreaterThan(0);
    // An outage must not multiply the traffic.
    expect(ours.asked).toBeLessThan(1.5);
  },
);
