import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../exchange/clock.ts';
import type { WatchNotice, WatchSetup } from './worker.ts';

/** The watch over transcripts, seen from the main thread of a server. */
export interface BackgroundWatch {
  /** What the user should know of it. */
  notices(): string[];
  /** In the middle of a file, if need be: the next start goes on there. */
  close(): Promise<void>;
}

/** Milliseconds until a worker that died is started again, and between two looks at whether one is wanted. */
const REVIVE = 30_000;
/** MiB for the worker's short-lived objects: what V8 takes by itself (64) would stay taken. */
const YOUNG = 16;

/** Starts it in a thread of its own, unless the settings say no. */
export function watchInBackground(given: WatchSetup, clock: Clock, onNotice: (message: string) => void): BackgroundWatch {
  // What is handed to a thread is copied: of all that the program knows of its surroundings only this.
  const { environment, home, platform } = given.machine;
  const setup: WatchSetup = { ...given, machine: { environment: { ...environment }, home, platform } };
  let notice = '';
  let worker: Worker | undefined;
  let reviving: (() => void) | undefined;
  let closed: PromiseWithResolvers<void> | undefined;

  function start(): void {
    reviving = undefined;
    // Sources run as they are; published, both are .js. The environment goes along as it is known here.
    const started = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url), {
      workerData: setup,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG },
    });
    worker = started;
    started.on('message', ({ message }: WatchNotice) => {
      notice = message;
      if (message !== '') onNotice(message);
    });
    started.on('error', (error) => gone(started, error instanceof Error ? error.message : String(error)));
    started.on('exit', () => gone(started, 'its thread has ended'));
    started.unref();
  }

  function gone(which: Worker, reason: string): void {
    if (worker !== which) return;
    worker = undefined;
    if (closed) {
      closed.resolve();
      return;
    }
    notice = `Transcripts are not protected for now: ${reason}.`;
    onNotice(notice);
    reviving = clock.after(REVIVE, start);
  }

  /** Without a word in the configuration it begins once `understudy protect` was run; until then there is no thread. */
  function consider(): void {
    reviving = undefined;
    if (setup.settings.watch === 'on' || existsSync(join(setup.folder, 'archive', 'transcripts'))) start();
    else reviving = clock.after(REVIVE, consider);
  }

  if (setup.settings.watch !== 'off') consider();

  return {
    notices: () => (notice === '' ? [] : [notice]),
    async close() {
      reviving?.();
      if (!worker) return;
      closed ??= Promise.withResolvers();
      worker.ref();
      worker.postMessage('close');
      await closed.promise;
    },
  };
}
