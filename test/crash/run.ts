import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { killOften } from './kills.ts';

/**
 * Kills a serving Understudy at random instants and says what its clients had received and what of it was there afterwards.
 * Exits with 1 where a byte was lost.
 *
 *   node test/crash/run.ts [--kills 200] [--seed N] [--clients N] [--report]
 */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: '20260602' },
    clients: { type: 'string', default: '16' },
    report: { type: 'boolean', default: false },
  },
});

const [kills, seed, clients] = [Number(values.kills), Number(values.seed), Number(values.clients)];
const began = performance.now();
const report = await killOften({
  kills,
  seed,
  clients,
  onKill: (kill, { deliveredBytes, lostBytes }) => {
    if (kill % 10 === 9) console.log(`${kill + 1} kills: ${deliveredBytes} bytes delivered, ${lostBytes} lost`);
  },
});
const seconds = Math.round((performance.now() - began) / 1000);
const at = (share: number): number =>
  Math.round(report.restarts[Math.min(report.restarts.length - 1, Math.floor(report.restarts.length * share))] ?? 0);

const lines = [
  `| kills (SIGKILL) | ${report.kills}, ${report.atStart} of them while the server was starting |`,
  `| exchanges whose client had received something | ${report.exchanges} |`,
  ...Object.entries(report.states)

    .map(([state, count]) => `| marked ${state} afterwards | ${count} |`),
  `| bytes delivered | ${report.deliveredBytes} |`,
  `| bytes lost | ${report.lostBytes} |`,
  `| exchanges looked at again after the last kill, bytes lost since | ${report.lookedAtAgain}, ${report.lostLater} |`,
  `| restart to ready, ms: median, 95th percentile, longest | ${at(0.5)}, ${at(0.95)}, ${at(1)} |`,
];
console.log(lines.join('\n'));
for (const wrong of report.wrong.slice(0, 20)) console.log(wrong);

if (values.report) {
  const date = new Date().toISOString().slice(0, 10);
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const file = `docs/reports/${date}-kills.md`;
  mkdirSync('docs/reports', { recursive: true });
  const head = `# Killed at random instants\n\n${date}, commit ${commit}, Node ${process.version}, seed ${seed}, ${clients} clients at a time, ${seconds} s.\n\n| what | figure |\n|---|---|\n`;
  writeFileSync(file, `${head}${lines.join('\n')}\n`);
  console.log(`written to ${file}`);
}
process.exitCode = report.wrong.length > 0 || report.lostBytes > 0 ? 1 : 0;
