import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { AnswerQuery, ExchangeQuery, ExchangeSummary, OnceQuery } from '../journal.ts';
import type { RecordProblem } from './database.ts';
import type { FromWorker, Question, ToWorker, WorkerSetup } from './messages.ts';
import type { Recorded } from './read.ts';

/** The record, seen from the main thread. */
export interface RecordClient {
  /** Settles when the database has been opened, or has turned out not to be usable. */
  ready: Promise<RecordProblem | undefined>;
  /** Everything up to here is whole; cheap enough to be told after each write. `ended`: there is something to fold. */
  wrote(segment: number, size: number, ended: boolean): void;
  release(before: number): void;
  list(query: ExchangeQuery): Promise<ExchangeSummary[]>;
  get(id: string): Promise<Recorded | undefined>;
  find(query: AnswerQuery): Promise<string | undefined>;
  findOnce(query: OnceQuery): Promise<string | undefined>;
  findRun(deferred: string): Promise<string | undefined>;
  withdraw(deferred: string): Promise<boolean>;
  /** Folds what has been written, then ends the worker. */
  close(): Promise<void>;
}

export interface RecordEvents {
  /** The record has become usable, or no longer is. */
  record(problem: RecordProblem | undefined): void;
  damage(segment: number, offset: number, size: number): void;
  unfit(exchange: string, reason: string): void;
}

/** Milliseconds between two tellings of what is written: folding in batches costs a tenth of folding one by one. */
const TELL = 250;

/** MiB for the worker's short-lived objects: folding has few, and what V8 takes by itself (64) would stay taken. */
const YOUNG = 16;

export function recordClient(setup: WorkerSetup, events: RecordEvents): RecordClient {
  // Sources run as they are; published, both are .js.
  const worker = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url), {
    workerData: setup,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG },
  });
  const answers = new Map<number, (message: FromWorker | undefined) => void>();
  const ready = Promise.withResolvers<RecordProblem | undefined>();
  const closed = Promise.withResolvers<void>();
  let number = 0;
  let alive = true;
  let started = false;
  let place = { segment: 0, size: 0 };
  let telling: NodeJS.Timeout | undefined;

  function post(message: ToWorker): void {
    if (alive) worker.postMessage(message);
  }

  function tell(): void {
    clearTimeout(telling);
    telling = undefined;
    if (place.segment > 0) post({ type: 'wrote', ...place });
  }

  function ask(question: Question): Promise<FromWorker | undefined> {
    if (!alive) return Promise.resolve(undefined);
    tell();
    const { promise, resolve } = Promise.withResolvers<FromWorker | undefined>();
    const mine = number++;
    answers.set(mine, resolve);
    post({ type: 'ask', number: mine, question });
    return promise;
  }

  async function seek(question: Question): Promise<string | undefined> {
    const answer = await ask(question);
    return answer?.type === 'found' ? answer.exchange : undefined;
  }

  worker.on('message', (message: FromWorker) => {
    switch (message.type) {
      case 'ready':
        started = true;
        return ready.resolve(message.problem);
      case 'record':
        return events.record(message.problem);
      case 'damage':
        return events.damage(message.segment, message.offset, message.size);
      case 'unfit':
        return events.unfit(message.exchange, message.reason);
      case 'listed':
      case 'got':
      case 'found':
      case 'withdrawn':
        answers.get(message.number)?.(message);
        answers.delete(message.number);
        return;
      case 'closed':
        return;
    }
  });

  /** The log goes on without the worker; the next start folds what it has not. */
  function gone(problem: RecordProblem | undefined): void {
    if (!alive) return;
    alive = false;
    clearTimeout(telling);
    ready.resolve(problem);
    for (const resolve of answers.values()) resolve(undefined);
    answers.clear();
    if (problem && started) events.record(problem);
    closed.resolve();
  }

  worker.on('error', (error) => {
    gone({
      type: 'unavailable',
      reason: `the record's worker has died: ${error instanceof Error ? error.message : String(error)}`,
      action: 'restart the server; the log is complete',
    });
  });
  worker.on('exit', () => gone(undefined));

  return {
    ready: ready.promise,
    wrote(segment, size, ended) {
      place = { segment, size };
      if (ended && alive) telling ??= setTimeout(tell, TELL);
    },
    release: (before) => post({ type: 'release', before }),
    async list(query) {
      const answer = await ask({ type: 'list', query });
      return answer?.type === 'listed' ? answer.summaries : [];
    },
    async get(id) {
      const answer = await ask({ type: 'get', id });
      if (answer?.type !== 'got' || !answer.recorded) return undefined;
      const { request, packed, ...rest } = answer.recorded;
      // Buffers come across threads as plain arrays.
      return { ...rest, request: request && Buffer.from(request), packed: Buffer.from(packed) };
    },
    find: (query) => seek({ type: 'find', query }),
    findOnce: (query) => seek({ type: 'find-once', query }),
    findRun: (deferred) => seek({ type: 'find-run', deferred }),
    async withdraw(deferred) {
      const answer = await ask({ type: 'withdraw', deferred });
      return answer?.type === 'withdrawn' && answer.done;
    },
    close() {
      tell();
      post({ type: 'close' });
      return closed.promise;
    },
  };
}
