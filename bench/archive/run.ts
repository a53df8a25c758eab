/**
 * Measures the archive: `node bench/archive/run.ts --messages 1000000 [--seed 1] [--data FOLDER] [--queries 100] [--report FILE]`.
 * A folder that holds a made archive already (and its `made.json`) is taken as it is.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { casesOf } from '../cases.ts';
import { measure } from '../measure.ts';
import { startLoad, startUpstream, startVariant } from '../servers.ts';
import { medianOf } from '../statistics.ts';
import { VARIANTS } from '../variants.ts';
import type { MakingReport } from './make.ts';
import type { SearchReport } from './search.ts';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    data: { type: 'string' },
    queries: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '3' },
    report: { type: 'string' },
  },
});

type Searches = SearchReport & { queries: { name: string; queries: string[] }[] };

function run<Answer>(script: string, words: string[]): Answer {
  const output = execFileSync(process.execPath, [join(import.meta.dirname, script), ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1e8,
  });
  return JSON.parse(output) as Answer;
}

function made(folder: string): MakingReport {
  const known = join(folder, 'made.json');
  if (!existsSync(known)) writeFileSync(known, JSON.stringify(run<MakingReport>('make.ts', [folder, values.messages, values.seed])));
  return JSON.parse(readFileSync(known, 'utf8')) as MakingReport;
}

/** GNU dd tells the kernel to forget what it keeps of a file. */
function forget(folder: string): void {
  execFileSync('/bin/dd', [`of=${join(folder, 'archive.db')}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0', 'status=none']);
}

/** Milliseconds for one query in a new process, opening included, nothing of the file in memory. */
function cold(folder: string, text: string): number {
  forget(folder);
  return run<number>('search.ts', [folder, values.seed, '1', 'one', Buffer.from(text).toString('base64')]);
}

interface StreamReport {
  /** Microseconds of the main thread for each chunk, without and with a search load. */
  quiet: number[];
  busy: number[];
  /** Searches a second in the meantime, and how many of them failed. */
  searches: number;
  failed: number;
  wrong: number;
}

async function streams(folder: string, queries: readonly string[]): Promise<StreamReport> {
  const upstream = await startUpstream();
  const load = startLoad();
  const known = VARIANTS.find(({ name }) => name === 'understudy')!;
  const server = await startVariant(
    { ...known, command: known.command.map((word) => (word === '{data}' ? folder : word)) },
    upstream.origin,
  );
  const paced = casesOf('anthropic-messages').find(({ name }) => name.endsWith(': paced stream'))!;
  const report: StreamReport = { quiet: [], busy: [], searches: 0, failed: 0, wrong: 0 };
  try {
    await measure(paced, server, load);
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const kind of round % 2 === 0 ? (['quiet', 'busy'] as const) : (['busy', 'quiet'] as const)) {
        let going = kind === 'busy';
        let place = round;
        const start = performance.now();
        let done = 0;
        const searching = async (): Promise<void> => {
          while (going) {
            const text = queries[place++ % queries.length]!;
            const reply = await fetch(`${server.origin}/api/search?q=${encodeURIComponent(text)}`);
            await reply.arrayBuffer();
            done += 1;
            if (!reply.ok) report.failed += 1;
          }
        };
        const all = [searching(), searching()];
        const { cost, mainShare, wrong } = await measure(paced, server, load);
        going = false;
        await Promise.all(all);
        report[kind].push(cost * mainShare);
        report.wrong += wrong;
        if (kind === 'busy') report.searches = done / ((performance.now() - start) / 1000);
      }
    }
  } finally {
    await server.stop();
    await load.stop();
    await upstream.stop();
  }
  return report;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

function written(making: MakingReport, searches: Searches, colds: Map<string, number>, stream: StreamReport, load: number[]): string {
  const share = (bytes: number): string => (bytes / making.text).toFixed(2);
  const quiet = medianOf(stream.quiet).median;
  const busy = medianOf(stream.busy).median;
  return `## ${making.messages.toLocaleString('en-US')} messages (${making.conversations.toLocaleString('en-US')} conversations, ${megabytes(making.text)} MB of text), seed ${values.seed}

Load average (one minute) at the beginning and the end: ${load.map((one) => one.toFixed(1)).join(', ')}; 2 cores, shared. Wall-clock figures say as much of the machine as of the
archive then; the processor's say what a search costs.

| | |
|---|---|
| on disk | ${megabytes(making.disk)} MB, ${share(making.disk)} per MB of text: ${Object.entries(making.tables)
    .map(([name, bytes]) => `${name} ${share(bytes)}`)
    .join(', ')} |
| import, a transaction for each conversation | ${(making.text / 1e6 / making.seconds).toFixed(2)} MB/s of the clock, ${(making.text / 1e6 / making.cpu).toFixed(2)} MB for each second of processor |
| longest transaction | ${making.longest.toFixed(0)} ms of the clock |
| memory: importing, searching | ${making.memory.toFixed(0)}, ${searches.memory.toFixed(0)} MiB at most |

| query | p50 ms | p99 ms | CPU p50 ms | CPU p99 ms | cold ms | found | more than ranked | time was up | example |
|---|---|---|---|---|---|---|---|---|---|
${searches.kinds
  .map(
    ({ name, p50, p99, cpu50, cpu99, found, more, late, example }) =>
      `| ${name} | ${p50.toFixed(1)} | ${p99.toFixed(1)} | ${cpu50.toFixed(1)} | ${cpu99.toFixed(1)} | ${colds.get(name)?.toFixed(0) ?? ''} | ${(found * 100).toFixed(0)} % | ${(more * 100).toFixed(0)} % | ${(late * 100).toFixed(0)} % | ${example.replaceAll('|', ' ').replaceAll('\n', ' ').slice(0, 40)} |`,
  )
  .join('\n')}

Cold: one query in a new process, opening the archive included, nothing of its file in memory.

Streams (100 at 50 chunks a second) while two clients search without a pause (${stream.searches.toFixed(0)} searches a second, ${stream.failed} failed): ${busy.toFixed(1)} µs of the main
thread for each chunk, ${quiet.toFixed(1)} without (ratio ${(busy / quiet).toFixed(2)}; each is the median of ${stream.quiet.length}). Wrong answers: ${stream.wrong}. Answering \`/api/search\` itself is in the first figure.
`;
}

const load = [loadavg()[0] ?? 0];
const folder = values.data ?? mkdtempSync(join(tmpdir(), 'understudy-archive-bench-'));
mkdirSync(folder, { recursive: true });
const making = made(folder);
const searches = run<Searches>('search.ts', [folder, values.seed, values.queries]);
const colds = new Map(
  searches.queries.map(({ name, queries }) => [name, medianOf(queries.slice(0, 3).map((text) => cold(folder, text))).median]),
);
const stream = await streams(
  folder,
  searches.queries.flatMap(({ queries }) => queries),
);
load.push(loadavg()[0] ?? 0);
const text = written(making, searches, colds, stream, load);
process.stdout.write(text);
if (values.report !== undefined) writeFileSync(values.report, text);
if (values.data === undefined) rmSync(folder, { recursive: true });
