/**
 * Random outage weather: a seeded simulation of hours on a virtual clock, in which the same clients ask through no gateway, a plain
 * retry-then-fallback proxy, and Understudy.
 *   node test/weather/run.ts [--hours N] [--rate N] [--seeds N] [--report]
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { MakeContender } from './contender.ts';
import { type Measured, measure, quantile } from './measure.ts';
import { noGateway, retryThenFallback } from './plain.ts';
import { simulate } from './simulate.ts';
import { understudy } from './understudy.ts';

const { values } = parseArgs({
  options: {
    hours: { type: 'string', default: '12' },
    rate: { type: 'string', default: '10' },
    seeds: { type: 'string', default: '3' },
    report: { type: 'boolean', default: false },
  },
});

const CONTENDERS: MakeContender[] = [
  noGateway,
  retryThenFallback,
  understudy('Understudy'),
  understudy('Understudy, hedge: on', { hedge: 'on' }),
];

const lines: string[] = [];
const say = (line: string): void => {
  lines.push(line);
  process.stdout.write(`${line}\n`);
};

const length = Number(values.hours) * 3_600_000;
say(
  '| seed | contender | requests | whole | told of failure | cut or hung | availability | in bad weather | added wait p50 / p99 s | in bad weather p50 / p99 s | asked per answer | billed per answer | leaves a dying lead, median s | never left | back, median s |',
);
say('|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|');
for (let seed = 1; seed <= Number(values.seeds); seed++) {
  for (const make of CONTENDERS) say(row(seed, measure(await simulate(make, { seed, length, rate: Number(values.rate) }))));
}
if (values.report) writeReport();

function row(seed: number, it: Measured): string {
  const cells = [
    seed,
    it.name,
    it.requests,
    it.whole,
    it.error,
    it.cut,
    percent(it.availability),
    percent(it.stormAvailability),
    `${seconds(it.addedMedian)} / ${seconds(it.addedTail)}`,
    `${seconds(it.stormMedian)} / ${seconds(it.stormTail)}`,
    it.asked.toFixed(2),
    it.billed.toFixed(3),
    median(it.leave),
    it.neverLeft,
    median(it.back),
  ];
  return `| ${cells.join(' | ')} |`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}

function median(spans: readonly number[]): string {
  return spans.length === 0
    ? '–'
    : seconds(
        quantile(
          spans.toSorted((one, other) => one - other),
          0.5,
        ),
      );
}

function writeReport(): void {
  const date = new Date().toISOString().slice(0, 10);
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const text = `# Random outage weather

${date}, commit ${commit}, Node ${process.version}. \`node test/weather/run.ts --hours ${values.hours} --rate ${values.rate} --seeds ${values.seeds} --report\`

A seeded simulation on a virtual clock: ${values.hours} hours each, ${values.rate} streamed requests a minute, three services that speak real wire format. The lead has outages (errors,
hangs, answers that stall, break or end in mid-sentence), brown-outs, flaps, failures of one model, of its region (with the second service), a quota wall, and slow spells; the backup has outages too.
Every contender meets the same weather and the same arrivals.

- **no gateway**: an official SDK asks the lead, two retries, ten minutes of patience.
- **plain proxy**: two retries per service before the first byte, then the next one; 60 s to the headers; what has begun passes as it comes.
- **whole**: the exact words and a proper end. **told of failure**: an error that the client can see. **cut or hung**: an end that is none, or ten minutes of nothing.
- **added wait**: beyond the same request on a calm day, of whole answers. A failed request has no wait here.
- **asked / billed per answer**: upstream requests, and those of them that began to answer, per whole answer.
- **leaves**: from the beginning of an outage to the first request that does not begin with the dying lead (trials apart). **back**: from its end to the first request that begins with the lead again and is answered by it.

This measures the engine against scripted services, not providers: how often real ones fail, and how, differs.

${lines.join('\n')}
`;
  const file = path.join(import.meta.dirname, '..', '..', 'docs', 'reports', `${date}-weather.md`);
  writeFileSync(file, text);
  process.stdout.write(`\nwritten to ${path.relative(process.cwd(), file)}\n`);
}
