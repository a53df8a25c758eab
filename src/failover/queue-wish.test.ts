import { expect, it } from 'vitest';
import { queueWish } from './queue-wish.ts';
import { parseRoute } from './route.ts';
import { routesSettings } from './settings.ts';

const MINUTE = 60_000;

it('reads what is to become of a request that nobody can answer', () => {
  expect(['off', 'allow', 'wait', ' Wait ', 'wait=90s', 'wait=1.5h'].map(queueWish)).toEqual([
    { type: 'off' },
    { type: 'allow' },
    { type: 'wait', ms: 10 * MINUTE },
    { type: 'wait', ms: 10 * MINUTE },
    { type: 'wait', ms: 1.5 * MINUTE },
    { type: 'wait', ms: 90 * MINUTE },
  ]);
  expect(['', 'yes', 'allow=1m', 'wait=', 'wait=0s', 'wait=25h', 'wait=1m=2m', 'wait=soon'].map(queueWish)).toEqual(
    Array(8).fill(undefined),
  );
});

it('is a rule of routes; the older defer is the same as allow, and what queue says wins', () => {
  const routes = routesSettings.parse({
    plain: ['a/*'],
    older: { targets: ['a/*'], defer: 'on' },
    allow: { targets: ['a/*'], queue: 'allow' },
    wait: { targets: ['a/*'], queue: 'wait=30m' },
    off: { targets: ['a/*'], queue: 'off', defer: 'on' },
  });
  const parsed = Object.entries(routes).map(([name, route]) => parseRoute(name, route));
  expect(parsed.map(({ name, defer, waits }) => [name, defer, waits])).toEqual([
    ['plain', false, undefined],
    ['older', true, undefined],
    ['allow', true, undefined],
    ['wait', true, 30 * MINUTE],
    ['off', false, undefined],
  ]);
  expect(routesSettings.safeParse({ default: { targets: ['a/*'], queue: 'maybe' } }).success).toBe(false);
});
