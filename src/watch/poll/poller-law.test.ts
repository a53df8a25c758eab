import fc from 'fast-check';
import { expect, it } from 'vitest';
import { pageOf } from './poller.fixtures.ts';
import { ILL, MINUTE, problem, SECOND, WELL, world, type Answer } from './poller-world.fixtures.ts';

const PAGES = ['a', 'b'];

const answers: fc.Arbitrary<Answer> = fc.constantFrom<Answer[]>(
  WELL,
  ILL,
  '<html>',
  '{',
  'unchanged',
  problem('timeout'),
  problem('dns', { local: true }),
  problem('status', { status: 403 }),
  problem('status', { status: 429, retryAfter: 20 * MINUTE }),
);

type Step =
  | { type: 'says'; page: string; answer: Answer }
  | { type: 'hurry'; pages: string[] }
  | { type: 'pages'; pages: string[] }
  | { type: 'sleep'; minutes: number }
  | { type: 'pass'; seconds: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ type: fc.constant('says' as const), page: fc.constantFrom(...PAGES), answer: answers }) },
    { weight: 3, arbitrary: fc.record({ type: fc.constant('hurry' as const), pages: fc.subarray(PAGES) }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('pages' as const), pages: fc.subarray(PAGES) }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('sleep' as const), minutes: fc.integer({ min: 3, max: 600 }) }) },
    { weight: 3, arbitrary: fc.record({ type: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 15 }) }) },
    { weight: 3, arbitrary: fc.record({ type: fc.constant('pass' as const), seconds: fc.integer({ min: 60, max: 1200 }) }) },
  ),
  { minLength: 10, maxLength: 40 },
);

it('whatever happens, only what was read lately is known, nobody is hurried more than is said, and it goes on', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const { clock, start, script, leap, asked, broken } = world({ 'a.example': WELL, 'b.example': WELL });
      const poller = start(PAGES.map((id) => pageOf(id)));
      /** Moments (by the timers) after which a page may be asked at once, however lately it was: this machine woke. */
      const woken: number[] = [];
      let watched = PAGES;
      for (const step of all) {
        switch (step.type) {
          case 'says':
            script[`${step.page}.example`] = step.answer;
            break;
          case 'hurry':
            poller.hurry(step.pages);
            break;
          case 'pages':
            watched = step.pages;
            poller.setPages(step.pages.map((id) => pageOf(id)));
            break;
          case 'sleep':
            leap.by(step.minutes * MINUTE);
            woken.push(clock.monotonic());
            break;
          case 'pass':
            await clock.advance(step.seconds * SECOND);
        }
        for (const { state, readAt, reading } of poller.states()) {
          if (state === 'unknown') continue;
          expect(reading).toBeDefined();
          expect(clock.now() - readAt!).toBeLessThanOrEqual(15 * MINUTE);
        }
      }
      for (const id of PAGES) {
        const times = asked.filter(({ url }) => url.includes(`${id}.example`)).map(({ at }) => at);
        const hasty = times.slice(1).filter((time, index) => {
          const before = times[index]!;
          return time - before < 20 * SECOND && !woken.some((moment) => moment >= before && moment <= time);
        });
        expect(hasty).toEqual([]);
      }
      // Nobody is left alone for longer than an hour here, and a minute at most is added to that.
      for (const id of PAGES) script[`${id}.example`] = WELL;
      await clock.advance(70 * MINUTE);
      expect(poller.states().map(({ page, state }) => [page, state])).toEqual(watched.map((id) => [id, 'fresh']));
      expect(broken).toEqual([]);
      await poller.close();
    }),
    { numRuns: 120 },
  );
});
