import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Priority } from '../exchange/priority.ts';
import { CLASSES, type Claim, createFairLine } from './fair-line.ts';

interface Job extends Claim {
  number: number;
  /** Milliseconds that it will hold its place. */
  ms: number;
}

/** What was done at one place: in order, who was served when, and who waited at that time. */
interface Served {
  job: Job;
  at: number;
  waiting: Job[];
}

/** One place; who arrives when it is given away stands in line by then. */
function serve(arrivals: readonly { at: number; job: Job }[], share: (principal: string) => number = () => 1, foretells = true): Served[] {
  const line = createFairLine(share);
  const left = arrivals.toSorted((one, other) => one.at - other.at);
  const waiting: Job[] = [];
  const served: Served[] = [];
  let now = 0;
  while (left.length > 0 || waiting.length > 0) {
    if (waiting.length === 0) now = Math.max(now, left[0]!.at);
    while (left.length > 0 && left[0]!.at <= now) {
      const { job } = left.shift()!;
      line.enter(job);
      waiting.push(job);
    }
    const job = line.first(waiting, true)!;
    const foretold = foretells ? line.order(waiting) : [job, ...waiting.filter((one) => one !== job)];
    expect(foretold[0]).toBe(job);
    expect(foretold).toHaveLength(waiting.length);
    served.push({ job, at: now, waiting: [...waiting] });
    waiting.splice(waiting.indexOf(job), 1);
    line.granted(job, waiting);
    now += job.ms;
    line.settled(job, job.ms);
  }
  return served;
}

const arrivals = fc
  .array(
    fc.record({
      at: fc.integer({ min: 0, max: 20_000 }),
      principal: fc.constantFrom('ann', 'bob', 'cy', 'dee'),
      priority: fc.constantFrom<Priority>(...CLASSES),
      again: fc.boolean().map((one) => one && false),
      ms: fc.integer({ min: 1, max: 5000 }),
    }),
    { minLength: 1, maxLength: 80 },
  )
  .map((list) => list.map(({ at, ...job }, number) => ({ at, job: { ...job, number } })));

const SHARES: Record<string, number> = { ann: 1, bob: 1, cy: 2, dee: 0.5 };
const share = (principal: string): number => SHARES[principal]!;

describe('a fair line', () => {
  it('serves everybody once', () => {
    fc.assert(
      fc.property(arrivals, (list) => {
        const served = serve(list, share).map(({ job }) => job.number);
        expect(served.toSorted((one, other) => one - other)).toEqual(list.map((_, index) => index));
      }),
    );
  });

  it('serves the most pressing who waits, but for a class that has been passed over eight, or sixteen, times', () => {
    fc.assert(
      fc.property(arrivals, (list) => {
        const passed: Record<Priority, number> = { interactive: 0, normal: 0, batch: 0 };
        for (const { job, waiting } of serve(list, share)) {
          const best = CLASSES.find((one) => waiting.some(({ priority }) => priority === one))!;
          const patience = job.priority === 'normal' ? 8 : 16;
          expect(passed[job.priority]).toBeGreaterThanOrEqual(job.priority === best ? 0 : patience);
          passed[job.priority] = 0;
          const others = waiting.filter((one) => one !== job);
          for (const lower of CLASSES.slice(CLASSES.indexOf(job.priority) + 1))
            if (others.some(({ priority }) => priority === lower)) passed[lower] += 1;
          expect(passed.normal).toBeLessThanOrEqual(9);
          expect(passed.batch).toBeLessThanOrEqual(18);
        }
      }),
    );
  });

  it('keeps nobody waiting: between two turns of who waits all the time, another of the class has at most its share and one turn more', () => {
    fc.assert(
      fc.property(arrivals, (list) => {
        const served = serve(list.map(({ at, job }) => ({ at, job: { ...job, priority: 'interactive' as const, ms: 1000 } })));
        for (const me of Object.keys(SHARES)) {
          const turns = new Map<string, number>();
          for (const { job, waiting } of served) {
            if (job.principal === me || !waiting.some(({ principal }) => principal === me)) {
              turns.clear();
              continue;
            }
            turns.set(job.principal, (turns.get(job.principal) ?? 0) + 1);
            expect(turns.get(job.principal)).toBeLessThanOrEqual(2);
          }
        }
      }),
    );
  });

  it('shares time by shares: who waits all the time gets its part but for one answer, however long the answers of others are', () => {
    const length = fc.integer({ min: 100, max: 5000 });
    fc.assert(
      fc.property(fc.record({ ann: length, bob: length, cy: length, dee: length }), (lengths) => {
        const list = Object.entries(lengths).flatMap(([principal, ms]) =>
          Array.from({ length: 60 }, (_, number) => ({
            at: 0,
            job: { principal, priority: 'normal' as const, again: false, number, ms: Math.ceil(ms * (0.5 + ((number * 37) % 100) / 100)) },
          })),
        );
        const served = serve(list, share);
        const end = Math.min(...Object.keys(lengths).map((principal) => served.findLast(({ job }) => job.principal === principal)!.at));
        const got: Record<string, number> = {};
        let worst = 0;
        for (const { job, at } of served) {
          if (at >= end) break;
          got[job.principal] = (got[job.principal] ?? 0) + job.ms / share(job.principal);
          worst = Math.max(worst, job.ms / share(job.principal));
        }
        // The first answers are charged by guess; by the end that has been set right.
        const values = Object.keys(lengths).map((principal) => got[principal] ?? 0);
        expect(Math.max(...values) - Math.min(...values)).toBeLessThanOrEqual(2 * Math.max(worst, 10_000 / 0.5));
      }),
      { numRuns: 30 },
    );
  });

  it('lets nobody save up turns while being away', () => {
    const job = (principal: string, number: number): Job => ({ principal, priority: 'interactive', again: false, number, ms: 1000 });
    const list = Array.from({ length: 60 }, (_, number) => ({ at: 0, job: job('ann', number) }));
    const late = Array.from({ length: 20 }, (_, number) => ({ at: 30_000, job: job('bob', 100 + number) }));
    const turns = serve([...list, ...late]).map(({ job: { principal } }) => principal);
    const since = turns.slice(turns.indexOf('bob'), turns.indexOf('bob') + 20);
    expect(since.filter((one) => one === 'bob').length).toBeLessThanOrEqual(11);
    expect(since.filter((one) => one === 'ann').length).toBeLessThanOrEqual(11);
  });

  it('lets what goes on with an answer go first', () => {
    const line = createFairLine(() => 1);
    const claims: Claim[] = [
      { again: false, priority: 'interactive', principal: 'ann' },
      { again: true, priority: 'batch', principal: 'bob' },
    ];
    claims.forEach(line.enter);
    expect(line.first(claims, false)).toBe(claims[1]);
    expect(line.order(claims)).toEqual([claims[1], claims[0]]);
  });
});
