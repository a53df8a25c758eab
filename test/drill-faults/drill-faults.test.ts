import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReadinessPlan, ReadinessReport } from '../../src/drill/readiness/report.ts';
import { backupWith, DIALECTS, expectedOf, type Planted, PLANTED } from './cases.ts';
import { type House, openHouse } from './house.ts';
import { judge } from './judge.ts';

// Each fault in one of the dialects, by turns; `npm run test:drill` has all of them in all, and combinations.
const CASES: { name: string; faults: Planted[] }[] = [
  ...DIALECTS.map((dialect) => ({ name: `healthy ${dialect}`, faults: [] })),
  ...PLANTED.map((fault) => ({ name: fault, faults: [fault] })),
  { name: 'two at once', faults: ['context-too-small', 'no-tools'] },
];
let house: House;
let plan: ReadinessPlan;
let report: ReadinessReport;

beforeAll(async () => {
  house = await openHouse(
    CASES.map(({ name, faults }, index) => ({ name, backups: [backupWith(DIALECTS[index % DIALECTS.length]!, faults, index)] })),
  );
  plan = await house.plan({ on: 'my-routes', sample: 3 });
  report = await house.drill({ on: 'my-routes', sample: 3, budget: 20 });
}, 60_000);
afterAll(() => house.close());

it.each(CASES)('$name: named, with what to do, and nothing else', ({ name, faults }) => {
  const route = report.routes.find((each) => each.route === house.routeOf(name))!;
  expect(judge(route.targets[0], expectedOf(faults)).problems).toEqual([]);
});

describe('a drill', () => {
  it('says first what it would do, and then does no more', () => {
    expect(plan.routes).toHaveLength(CASES.length);
    for (const { backups, dead, prompts } of plan.routes) {
      expect(dead).toHaveLength(1);
      expect(backups).toHaveLength(1);
      expect(prompts.length).toBeGreaterThan(0);
      expect(prompts.every(({ title }) => title.length > 3)).toBe(true);
    }
    expect(report.requests).toBeLessThanOrEqual(plan.requests);
    expect(report.spent).toBeLessThan(plan.dollars);
  });

  it('asks no lead, since it is dead', () => {
    expect(house.leadRequests()).toBe(0);
  });

  it('keeps no words of prompts, and finds them again for its report', async () => {
    const title = report.routes.flatMap(({ targets }) => targets.flatMap(({ tasks }) => tasks.map((task) => task.title)))[0]!;
    expect(title.length).toBeGreaterThan(3);
    const stored = house.stored(report.id);
    expect(stored).toContain(report.sentence.slice(0, 20));
    expect(stored).not.toContain(title.slice(0, 12));
  });

  it('is a page that needs nothing else, a text, and an entry of a list', async () => {
    const page = await (await house.get(`/api/drills/${report.id}/report`)).text();
    expect(page).not.toMatch(/<script|src=|href=|url\(|@import/i);
    expect(page).toContain('Make a new key');
    const text = await (await house.get(`/api/drills/${report.id}/report?format=markdown`)).text();
    expect(text).toMatch(/^# Readiness: \d+ of 100/);
    const list = (await (await house.get('/api/drills')).json()) as { drills: { id: string; score: number }[] };
    expect(list.drills).toEqual([expect.objectContaining({ id: report.id, score: report.score })]);
    const status = (await (await house.get('/api/status')).json()) as { drill: { score: number } };
    expect(status.drill.score).toBe(report.score);
  });

  it('ends when its money is used up, and says so', async () => {
    const poor = await house.drill({ on: house.routeOf('healthy openai-chat'), budget: 0.01 });
    expect(poor.ended).toBe('budget');
    expect(poor.spent).toBeLessThanOrEqual(0.01);
    expect(poor.routes[0]!.targets[0]!.tasks.some(({ result }) => result === 'not-asked')).toBe(true);
    const none = await house.drill({ on: house.routeOf('healthy openai-chat'), budget: 0 });
    expect([none.requests, none.spent]).toEqual([0, 0]);
  });

  it('needs consent, a route that is there, and a lead that is in it', async () => {
    const post = (body: object): Promise<Response> =>
      fetch(`${house.origin}/api/drills`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await post({ on: 'my-routes' })).status).toBe(400);
    expect((await post({ on: 'nowhere', consent: true })).status).toBe(409);
    expect((await post({ on: 'my-routes', lead: 'nobody', consent: true })).status).toBe(409);
  });
});
