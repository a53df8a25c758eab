/**
 * What Understudy costs, as a ratio to a bare proxy. Both are measured in turn, in the same minutes, in an order that is shuffled
 * anew for each alternation. Prints; asserts nothing.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { casesOf, quick } from './cases.ts';
import { measure, type Measurement } from './measure.ts';
import { memory } from './process-cost.ts';
import { commit, DIRECT, reportOf, tableOf, type Outcome } from './report.ts';
import { startLoad, startUpstream, startVariant, type Running } from './servers.ts';
import { seeded, shuffled } from './statistics.ts';
import { RAW, variantOf, VARIANTS, type Variant } from './variants.ts';
import { DIALECTS, type BenchDialect } from './wire.ts';

const HELP = `node bench/run.ts [options]
  --quick              short cases, 3 alternations: proves the harness
  --rounds N           alternations (15)
  --warm N             rounds before them that are not counted (1); V8 compiles for some 20,000 small requests
  --seed N             order of measurements (1)
  --dialect D          what the clients speak: ${DIALECTS.join(', ')} (anthropic-messages), or all
  --variants A,B       of: ${VARIANTS.map((variant) => variant.name).join(', ')} (understudy)
  --variant NAME=CMD   measure another command too; {port}, {upstream}, {config}, {data} are filled in; may be repeated
  --cases A,B          only cases whose name contains one of these
  --no-direct          not straight to the provider too: saves a third of the time, and what a proxy adds to the wait is not known
  --self               the bare proxy against itself: the ratios must come out as 1
  --report             also write docs/reports/DATE-bench.md`;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    warm: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    dialect: { type: 'string', default: 'anthropic-messages' },
    variants: { type: 'string' },
    variant: { type: 'string', multiple: true, default: [] },
    cases: { type: 'string' },
    'no-direct': { type: 'boolean', default: false },
    self: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

function chosenVariants(): Variant[] {
  if (values.self) return [RAW, { ...RAW, name: 'raw again' }];
  const others = values.variant.map(variantOf);
  const names = values.variants?.split(',') ?? (others.length > 0 ? [] : ['understudy']);
  const known = names.map((name) => {
    const variant = VARIANTS.find((one) => one.name === name.trim());
    if (!variant) throw new Error(`No variant is called "${name}". There are: ${VARIANTS.map((one) => one.name).join(', ')}.`);
    return variant;
  });
  return [RAW, ...known.filter((variant) => variant !== RAW), ...others];
}

function clientsOf(name: string): BenchDialect[] {
  const clients = DIALECTS.filter((dialect) => name === 'all' || dialect === name);
  if (clients.length === 0) throw new Error(`--dialect is ${DIALECTS.join(', ')} or all, not "${name}".`);
  return clients;
}

async function bench(): Promise<void> {
  const clients = clientsOf(values.dialect);
  const rounds = Number(values.rounds ?? (values.quick ? 3 : 15));
  const random = seeded(Number(values.seed));
  const wanted = values.cases?.split(',');
  const cases = clients
    .flatMap(casesOf)
    .filter((one) => !wanted || wanted.some((word) => one.name.includes(word)))
    .map((one) => (values.quick ? quick(one) : one));
  if (cases.length === 0)
    throw new Error(
      `No case's name contains ${values.cases}. There are: ${clients
        .flatMap(casesOf)
        .map((one) => one.name)
        .join('; ')}.`,
    );
  const before = loadavg()[0] ?? 0;
  const measuredCommit = commit();
  const started: { stop(): Promise<void> }[] = [];
  try {
    const upstream = await startUpstream();
    started.push(upstream);
    const load = startLoad();
    started.push(load);
    const proxies: Running[] = [];
    for (const variant of chosenVariants()) {
      const proxy = await startVariant(variant, upstream.origin);
      started.push(proxy);
      proxies.push(proxy);
    }
    const starts = new Map(proxies.map((proxy) => [proxy.name, memory(proxy.pid).resident]));
    const all = values['no-direct'] ? proxies : [...proxies, { ...upstream, name: DIRECT }];
    const measured = new Map(all.map(({ name }) => [name, new Map<string, Measurement[]>(cases.map((one) => [one.name, []]))]));

    const warm = Number(values.warm);
    // Rounds up to 0 warm up compilers and connections and are not counted.
    for (let round = 1 - warm; round <= rounds; round++) {
      for (const one of shuffled(cases, random)) {
        for (const proxy of shuffled(all, random)) {
          const result = await measure(one, proxy, load);
          if (round > 0) measured.get(proxy.name)?.get(one.name)?.push(result);
          if (round <= 0 && result.wrong > 0)
            process.stderr.write(`${proxy.name}, ${one.name}: ${result.wrong} wrong answers: ${result.problems.join('; ')}\n`);
        }
      }
      process.stderr.write(round <= 0 ? 'warmed up\n' : `alternation ${round} of ${rounds}\n`);
    }

    const sizes = new Map(proxies.map((proxy) => [proxy.name, { start: starts.get(proxy.name) ?? 0, ...memory(proxy.pid) }]));
    const seed = Number(values.seed);
    const outcome: Outcome = {
      measured,
      memory: sizes,
      baseline: RAW.name,
      cases,
      rounds,
      seed,
      dialect: values.dialect,
      quick: values.quick,
      commit: measuredCommit,
      options: process.argv.slice(2).map((word) => (word.includes(' ') ? JSON.stringify(word) : word)),
      load: [before, loadavg()[0] ?? 0],
    };
    process.stdout.write(`${tableOf(outcome)}\n`);
    if (values.report) writeReport(outcome);
  } finally {
    for (const one of started.toReversed()) await one.stop();
  }
}

function writeReport(outcome: Outcome): void {
  const at = new Date();
  mkdirSync('docs/reports', { recursive: true });
  const file = `docs/reports/${at.toISOString().slice(0, 10)}-bench${outcome.dialect === 'anthropic-messages' ? '' : `-${outcome.dialect}`}.md`;
  writeFileSync(file, reportOf(outcome, at));
  process.stdout.write(`\nwritten to ${file}\n`);
}

if (values.help) process.stdout.write(`${HELP}\n`);
else await bench();
