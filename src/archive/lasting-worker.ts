import { Worker } from 'node:worker_threads';
import type { Clock } from '../exchange/clock.ts';

/** A thread of the server that is started again when it dies. */
export interface LastingWorker<Told> {
  start(): void;
  /** False between its death and its next start. */
  isThere(): boolean;
  /** Nothing comes of it where it is not there. */
  post(message: Told): void;
  /** Tells it that it is to end, and waits for that; it is not started again. */
  close(last: Told): Promise<void>;
}

interface Lasting<Said> {
  /** Its source. Sources run as they are; published, they are .js, as whoever names it is. */
  source: URL;
  /** Copied for it at each start. */
  data: unknown;
  said(message: Said): void;
  /** It has ended. `again`: it will be started again, and nobody has told it to end. */
  gone(reason: string, again: boolean): void;
  /** It is about to be started again. */
  returns?(): void;
  /** The program may end without waiting for it. */
  isAside?: boolean;
}

/** Milliseconds until one that died is started again; a fault that kills it each time shall not keep the machine busy. */
export const REVIVE = 30_000;
/** MiB for its short-lived objects, as for the record's: what V8 takes by itself (64) would stay taken. */
const YOUNG = 16;

export function lastingWorker<Told, Said>(
  { source, data, said, gone, returns, isAside }: Lasting<Said>,
  clock: Clock,
): LastingWorker<Told> {
  let worker: Worker | undefined;
  let reviving: (() => void) | undefined;
  let closed: PromiseWithResolvers<void> | undefined;

  function start(): void {
    const started = new Worker(source, { workerData: data, resourceLimits: { maxYoungGenerationSizeMb: YOUNG } });
    worker = started;
    started.on('message', said);
    started.on('error', (error) => ended(started, error instanceof Error ? error.message : String(error)));
    started.on('exit', () => ended(started, 'its thread has ended'));
    if (isAside) started.unref();
  }

  function ended(which: Worker, reason: string): void {
    if (worker !== which) return;
    worker = undefined;
    gone(reason, closed === undefined);
    if (closed) return closed.resolve();
    reviving = clock.after(REVIVE, () => {
      reviving = undefined;
      returns?.();
      start();
    });
  }

  return {
    start,
    isThere: () => worker !== undefined,
    post: (message) => worker?.postMessage(message),
    close(last) {
      reviving?.();
      if (!worker) return Promise.resolve();
      closed ??= Promise.withResolvers();
      worker.ref();
      worker.postMessage(last);
      return closed.promise;
    },
  };
}
