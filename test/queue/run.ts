import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { powerCut } from './power-cut.ts';

/**
 * Kills a serving Understudy at random instants over requests that wait, with a provider that dies before it acknowledges. Exits with 1 where an asker
 * would have got no answer, or two, or one out of order.
 *
 *   node test/queue/run.ts [--jobs 1000] [--kills 60] [--seed N] [--report]
 */
const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '1000' },
    kills: { type: 'string', default: '60' },
    seed: { type: 'string', default: '20260602' },
    report: { type: 'boolean', default: false },
  },
});
const result = await powerCut({
  jobs: Number(values.jobs),
  kills: Number(values.kills),
  seed: Number(values.seed),
  said: (line) => console.log(line),
});
const rows = [
  `| requests that waited | ${result.jobs} |`,
  `| kills (SIGKILL) | ${result.kills} |`,
  `| answered exactly once, as their askers see it | ${result.answered} |`,
  `| puts that a kill cut off, and that were made again under the same key | ${result.putAgain} |`,
  `| requests that the provider saw | ${result.seen} |`,
  `| of them answered whole by the provider | ${result.whole} |`,
  `| of those more than once for the same request (duplicates upstream) | ${result.duplicates} |`,
  `| webhook told again after it had been taken | ${result.toldAgain} |`,
  `| most requests at once after the provider was back, over queue.concurrency (thundering herd) | ${result.herd.toFixed(2)} |`,
  `| seconds | ${result.took.toFixed(0)} |`,
];
console.log(rows.join('\n'));
for (const wrong of result.wrong.slice(0, 20)) console.log(wrong);
if (values.report) {
  const date = new Date().toISOString().slice(0, 10);
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const head = `# The queue under power cuts\n\n${date}, commit ${commit}, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, seed ${values.seed}: \`npm run test:queue -- --jobs ${values.jobs} --kills ${values.kills} --report\`.\n\nA real Understudy is killed at random instants while requests are kept and while they are answered. Its provider is down at first, then up and down; of the answers that it gives, one in eight is cut when all of its words are out, and one in eight breaks off right behind its end. One in ten tellings of the webhook is refused. A third of the requests each is interactive, normal, batch; half are streamed.\n\n| what | figure |\n|---|---|\n`;
  const wrong =
    result.wrong.length === 0
      ? 'Nothing was lost, answered twice, or begun before one of a higher class.'
      : `Wrong: ${result.wrong.length}.\n\n${result.wrong
          .slice(0, 20)
          .map((line) => `- ${line}`)
          .join('\n')}`;
  writeFileSync(`docs/reports/${date}-queue.md`, `${head}${rows.join('\n')}\n\n${wrong}\n`);
}
const failed = result.wrong.length;
console.log(`${result.answered} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
