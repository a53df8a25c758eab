/** The load generator, in a process of its own: takes one job at a time over IPC, checks that every answer is whole. */
import { Pool } from 'undici';
import { requestBody, WIRES, type BenchDialect } from './wire.ts';
import { answerText, paceOf } from './wires/wire.ts';

export interface Job {
  origin: string;
  dialect: BenchDialect;
  model: string;
  stream: boolean;
  /** Bytes of the request body, about. */
  size: number;
  requests: number;
  concurrency: number;
  /** Milliseconds over which the first requests are spread, so that paced streams do not beat in step. */
  spread: number;
}

export interface JobResult {
  /** Answers that were whole and right. */
  whole: number;
  /** What was wrong with the others: the first few. */
  problems: string[];
  wrong: number;
  chunks: number;
  /** Milliseconds: to the first words when streaming, else to the whole answer. Sorted. */
  waits: number[];
  /** Milliseconds. */
  took: number;
}

const pools = new Map<string, Pool>();
function poolFor(origin: string): Pool {
  const pool = pools.get(origin) ?? new Pool(origin, { connections: 256, headersTimeout: 30_000, bodyTimeout: 30_000 });
  pools.set(origin, pool);
  return pool;
}

interface Answer {
  wait: number;
  problem?: string;
}

function ask(pool: Pool, job: Job, body: Buffer, expected: string): Promise<Answer> {
  return new Promise((resolve) => {
    const start = performance.now();
    const wire = WIRES[job.dialect];
    const headers = { 'content-type': 'application/json', ...wire.credential };
    let status = 0;
    let wait = 0;
    let text = '';
    let last = !job.stream;
    let rest = '';
    const decoder = new TextDecoder();
    const read = (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (!line.startsWith('data: ')) continue;
        const piece = wire.piece(line.slice(6).trimEnd());
        if (piece.text !== '' && wait === 0) wait = performance.now() - start;
        text += piece.text;
        last ||= piece.last;
      }
    };
    pool.dispatch(
      { method: 'POST', path: wire.path(job.model, job.stream), headers, body },
      {
        onRequestStart() {},
        onResponseStart(_, code) {
          status = code;
        },
        onResponseData(_, chunk) {
          const said = decoder.decode(chunk, { stream: true });
          if (job.stream && status === 200) read(said);
          else rest += said;
        },
        onResponseEnd() {
          wait ||= performance.now() - start;
          if (status !== 200) return resolve({ wait, problem: `${status}: ${rest.slice(0, 200)}` });
          if (!job.stream) text = wire.words(rest);
          if (text !== expected) return resolve({ wait, problem: `text differs: ${text.length} instead of ${expected.length} characters` });
          resolve(last ? { wait } : { wait, problem: 'no terminator' });
        },
        onResponseError(_, error) {
          resolve({ wait: performance.now() - start, problem: error.message });
        },
      },
    );
  });
}

async function run(job: Job): Promise<JobResult> {
  const pool = poolFor(job.origin);
  const pace = paceOf(job.model);
  const body = requestBody(WIRES[job.dialect], job.model, job.stream, job.size);
  const expected = answerText(pace);
  const answers: Answer[] = [];
  const start = performance.now();
  let started = 0;
  const worker = async (delay: number) => {
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    while (started < job.requests) {
      started += 1;
      answers.push(await ask(pool, job, body, expected));
    }
  };
  await Promise.all(Array.from({ length: job.concurrency }, (_, index) => worker((job.spread * index) / job.concurrency)));
  const wrong = answers.flatMap((answer) => answer.problem ?? []);
  return {
    whole: answers.length - wrong.length,
    problems: [...new Set(wrong)].slice(0, 3),
    wrong: wrong.length,
    chunks: job.stream ? answers.length * pace.chunks : 0,
    waits: answers.map((answer) => answer.wait).sort((left, right) => left - right),
    took: performance.now() - start,
  };
}

process.on('message', (job: Job) => void run(job).then((result) => process.send?.(result)));
process.on('disconnect', () => process.exit());
