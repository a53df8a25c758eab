/** What was measured, as Markdown. */
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import type { Case } from './cases.ts';
import type { Measurement } from './measure.ts';
import { medianOf, type Estimate } from './statistics.ts';

export interface Outcome {
  /** Variant, then case: the rounds in order. */
  measured: Map<string, Map<string, Measurement[]>>;
  memory: Map<string, { start: number; resident: number; highest: number }>;
  baseline: string;
  cases: Case[];
  rounds: number;
  seed: number;
  dialect: string;
  quick: boolean;
  /** What was started: the checkout may have moved on since. */
  commit: string;
  /** Of the command line. */
  options: string[];
  /** One-minute load average before and after. */
  load: [number, number];
}

/** Name under which requests went straight to the provider: for waits only, it has no process to measure. */
export const DIRECT = 'direct';

export function tableOf(outcome: Outcome): string {
  const lines = [
    '| case | proxy | CPU per unit | main thread | x raw (median) | interval | aim | wait p50 / p99 ms | added p50 / p99 ms | units/s | wrong |',
    '|---|---|---|---|---|---|---|---|---|---|---|',
  ];
  for (const one of outcome.cases) for (const name of outcome.measured.keys()) lines.push(rowOf(outcome, one, name));
  const memory = [...outcome.memory].map(
    ([name, { start, resident, highest }]) => `| ${name} | ${start.toFixed(0)} | ${resident.toFixed(0)} | ${highest.toFixed(0)} |`,
  );
  return [...lines, '', '| proxy | RSS MiB at start | after load | highest |', '|---|---|---|---|', ...memory].join('\n');
}

function rowOf(outcome: Outcome, one: Case, name: string): string {
  const own = outcome.measured.get(name)?.get(one.name) ?? [];
  const raw = outcome.measured.get(outcome.baseline)?.get(one.name) ?? [];
  const direct = outcome.measured.get(DIRECT)?.get(one.name);
  const ratio =
    name === outcome.baseline || name === DIRECT
      ? undefined
      : medianOf(own.map((measured, round) => measured.cost / (raw[round]?.cost ?? Number.NaN)));
  const added = (field: 'waitMedian' | 'waitTail') =>
    direct && name !== DIRECT
      ? figure(medianOf(own.map((measured, round) => measured[field] - (direct[round]?.[field] ?? Number.NaN))).median)
      : '–';
  const median = (field: 'cost' | 'mainShare' | 'waitMedian' | 'waitTail' | 'rate') =>
    medianOf(own.map((measured) => measured[field])).median;
  const wrong = own.reduce((sum, measured) => sum + measured.wrong, 0);
  const problem = own.flatMap((measured) => measured.problems)[0];
  const cells = [
    one.name,
    name,
    name === DIRECT ? '–' : `${figure(median('cost'))} µs/${one.stream ? 'chunk' : 'request'}`,
    name === DIRECT ? '–' : `${(median('mainShare') * 100).toFixed(0)} %`,
    ratio ? ratio.median.toFixed(2) : '–',
    ratio ? intervalOf(ratio) : '–',
    one.aim === undefined || !ratio ? '–' : `<= ${one.aim}`,
    `${figure(median('waitMedian'))} / ${figure(median('waitTail'))}`,
    `${added('waitMedian')} / ${added('waitTail')}`,
    median('rate').toFixed(0),
    wrong === 0 ? '0' : `${wrong} (${problem?.replaceAll('|', '/').replaceAll('\n', ' ')})`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function intervalOf(estimate: Estimate): string {
  return `${estimate.low.toFixed(2)}–${estimate.high.toFixed(2)} (${(estimate.coverage * 100).toFixed(0)} %)`;
}

function figure(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

export function reportOf(outcome: Outcome, at: Date): string {
  const facts = [
    `- date: ${at.toISOString()}; commit: ${outcome.commit}; Node ${process.version} for all processes; seed ${outcome.seed}`,
    `- machine: ${cpus().length} x ${cpus()[0]?.model.trim()}; load average ${outcome.load.map((value) => value.toFixed(1)).join(' before, ')} after`,
    `- ${outcome.rounds} alternations${outcome.quick ? ', shortened cases (--quick): the figures prove the harness only' : ''}; clients speak ${outcome.dialect}`,
    "- CPU is user and system time of the proxy's process (all threads, children, and what it still does after the answer), per request or per chunk.",
    `- "x raw" is the median over alternations of the ratio to \`${outcome.baseline}\` in the same alternation; its interval is from order statistics, with its coverage.`,
    '- "added" is the wait through the proxy less the wait straight to the provider, in the same alternation.',
    '- "wrong": answers that were not whole and right; a row with any says nothing about speed.',
  ];
  return `# Bench: CPU, wait and memory against a bare proxy\n\n${facts.join('\n')}\n\n${tableOf(outcome)}\n\nReproduce: \`node bench/run.ts ${outcome.options.join(' ')}\`\n`;
}

/** The checkout's state now. */
export function commit(): string {
  try {
    const name = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
    const changed = execFileSync('git', ['status', '--porcelain', '--', 'src', 'bench'], { encoding: 'utf8' }).trim();
    return changed === '' ? name : `${name} with uncommitted changes`;
  } catch {
    return 'unknown';
  }
}
