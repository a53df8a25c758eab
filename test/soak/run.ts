/**
 * A steady load with failing providers on one Understudy, and what it holds all the while (Linux).
 *   npm run test:soak -- --minutes 60 --report
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Sample, soak } from './soak.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    rate: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    report: { type: 'boolean', default: false },
  },
});

const rows: string[] = [];
const head = '| minute | RSS MiB | handles | sockets | data MiB |\n|---|---|---|---|---|';
console.log(head);
const soaked = await soak({
  length: Number(values.minutes) * 60_000,
  rate: Number(values.rate),
  seed: Number(values.seed),
  onSample: (sample) => {
    rows.push(row((sample.at / 60_000).toFixed(1), sample));
    console.log(rows.at(-1));
  },
});
rows.push(row('at rest', soaked.rest));
console.log(rows.at(-1));

// The first tenth warms up.
const settled = soaked.samples.slice(Math.ceil(soaked.samples.length / 10));
const summary = [
  `- ${soaked.exchanges} exchanges: ${soaked.whole} whole, ${soaked.told} ended with an error that their client was told, ${soaked.unclean.length} neither`,
  `- RSS after the first tenth: ${Math.min(...settled.map((each) => each.resident)).toFixed(0)} to ${Math.max(...settled.map((each) => each.resident)).toFixed(0)} MiB, trend ${perHour(settled, 'resident').toFixed(1)} MiB an hour`,
  `- handles: trend ${perHour(settled, 'handles').toFixed(1)} an hour, ${soaked.rest.handles} at rest; sockets at rest: ${soaked.rest.sockets}`,
];
console.log(`\n${summary.join('\n')}`);
for (const [reason, count] of Object.entries(soaked.reasons)
  .toSorted((one, other) => other[1] - one[1])
  .slice(0, 12))
  console.log(`${count} x ${reason}`);
for (const unclean of soaked.unclean.slice(0, 10)) console.log(unclean);
if (values.report) report();
console.log(`${soaked.exchanges - soaked.unclean.length} passed, ${soaked.unclean.length} failed`);
process.exitCode = soaked.unclean.length > 0 ? 1 : 0;

function row(when: string, { resident, handles, sockets, data }: Sample): string {
  return `| ${when} | ${resident.toFixed(0)} | ${handles} | ${sockets} | ${data.toFixed(1)} |`;
}

/** Slope of the least-squares line. */
function perHour(samples: readonly Sample[], field: 'resident' | 'handles'): number {
  const mean = (list: readonly number[]): number => list.reduce((sum, each) => sum + each, 0) / list.length;
  const at = mean(samples.map((each) => each.at));
  const of = mean(samples.map((each) => each[field]));
  const spread = samples.reduce((sum, each) => sum + (each.at - at) ** 2, 0);
  return (samples.reduce((sum, each) => sum + (each.at - at) * (each[field] - of), 0) / spread) * 3_600_000;
}

function report(): void {
  const date = new Date().toISOString().slice(0, 10);
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const every = Math.max(1, Math.floor(rows.length / 30));
  const kept = rows.filter((_, index) => index % every === 0 || index === rows.length - 1);
  const text = `# Soak

${date}, commit ${commit}, Node ${process.version}. \`npm run test:soak -- --minutes ${values.minutes} --rate ${values.rate} --report\`

${values.rate} exchanges a second in four dialects, streamed and not, with tools and reasoning; a third of the providers' answers break off, stall or are refused.

${summary.join('\n')}

${head}
${kept.join('\n')}
`;
  writeFileSync(`docs/reports/${date}-soak.md`, text);
  console.log(`written to docs/reports/${date}-soak.md`);
}
