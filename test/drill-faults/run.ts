/**
 * Planted faults: `understudy drill --on my-routes` over simulated services with a known fault each, with several at once, and with none.
 * Each has to be named with what to do, none may be missed, and none found where there is none.
 *   node test/drill-faults/run.ts [--seed N] [--combinations N] [--out DIR]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { backupWith, DIALECTS, expectedOf, generated, type Planted, PLANTED } from './cases.ts';
import { type Case, openHouse } from './house.ts';
import { judge } from './judge.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Math.floor(Date.now() / 86_400_000)) },
    combinations: { type: 'string', default: '24' },
    out: { type: 'string' },
  },
});

/** Ways in which services tell of each. */
const WAYS: Record<Planted, number> = {
  'key-refused': 2,
  'quota-used-up': 2,
  'model-gone': 2,
  'context-too-small': 1,
  'no-tools': 2,
  'wrong-base-url': 6,
  slow: 1,
};

interface Told extends Case {
  faults: Planted[][];
}

const cases: Told[] = [
  ...DIALECTS.map((dialect): Told => ({ name: `healthy ${dialect}`, faults: [[]], backups: [backupWith(dialect, [], 0)] })),
  // Asked in another dialect than it speaks: what is translated must not look like a fault.
  ...DIALECTS.map((dialect, index): Told => {
    const other = DIALECTS[(index + 1) % DIALECTS.length]!;
    return { name: `healthy ${dialect}, then ${other}`, faults: [[], []], backups: [backupWith(dialect, [], 0), backupWith(other, [], 0)] };
  }),
  ...PLANTED.flatMap((fault) =>
    DIALECTS.flatMap((dialect) =>
      Array.from({ length: WAYS[fault] }, (_, way): Told => ({
        name: `${fault} ${dialect} ${way}`,
        faults: [[fault]],
        backups: [backupWith(dialect, [fault], way)],
      })),
    ),
  ),
];
const seed = Number(values.seed);
const drawn = generated(seed, Number(values.combinations));
while (drawn.length > 0) {
  const line = drawn.splice(0, 1 + (drawn.length % 3));
  cases.push({
    name: `combination ${line.map(({ dialect, faults }) => `${dialect}: ${faults.join('+') || 'none'}`).join('; ')}`,
    faults: line.map(({ faults }) => faults),
    backups: line.map(({ dialect, faults, way }) => backupWith(dialect, faults, way)),
  });
}

const began = Date.now();
process.stdout.write(`seed ${seed}; ${cases.length} routes\n`);
const house = await openHouse(cases);
const report = await house.drill({ on: 'my-routes', budget: 100 });
const page = await (await house.get(`/api/drills/${report.id}/report`)).text();
const markdown = await (await house.get(`/api/drills/${report.id}/report?format=markdown`)).text();
const reachedLead = house.leadRequests();
await house.close();

let [passed, failed] = [0, 0];
const counts = new Map<string, { planted: number; named: number }>();
for (const [index, { name, faults }] of cases.entries()) {
  const route = report.routes.find((each) => each.route === `case-${index}`);
  const problems = faults.flatMap((planted, place) => {
    const expected = expectedOf(planted);
    const verdict = judge(route?.targets[place], expected);
    for (const fault of expected) {
      const count = counts.get(fault) ?? { planted: 0, named: 0 };
      counts.set(fault, { planted: count.planted + 1, named: count.named + (verdict.named.includes(fault) ? 1 : 0) });
    }
    return verdict.problems.map((problem) => `backup ${place + 1}: ${problem}`);
  });
  if (problems.length === 0) passed += 1;
  else {
    failed += 1;
    process.stdout.write(`FAIL ${name}\n${problems.map((problem) => `     ${problem}\n`).join('')}`);
  }
}
const check = (name: string, holds: boolean): void => {
  if (holds) passed += 1;
  else {
    failed += 1;
    process.stdout.write(`FAIL ${name}\n`);
  }
};
check('no request reached a lead that was dead in the drill', reachedLead === 0);
check('the page needs nothing else', page.startsWith('<!doctype html>') && !/<script|src=|href=|url\(|@import/i.test(page));
check(
  'the page and the text name each route',
  cases.every((_, index) => page.includes(`case-${index}`) && markdown.includes(`case-${index}`)),
);

process.stdout.write('\n| planted | backups | named |\n| --- | ---: | ---: |\n');
for (const [fault, { planted, named }] of [...counts].toSorted(([one], [other]) => one.localeCompare(other)))
  process.stdout.write(`| ${fault} | ${planted} | ${named} |\n`);
process.stdout.write(`\n${report.requests} requests in ${((Date.now() - began) / 1000).toFixed(1)} s\n`);
if (values.out !== undefined) {
  mkdirSync(values.out, { recursive: true });
  writeFileSync(path.join(values.out, 'readiness.html'), page);
  writeFileSync(path.join(values.out, 'readiness.md'), markdown);
  process.stdout.write(`The report is in ${values.out}\n`);
}
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : 0;
