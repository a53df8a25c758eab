import { parentPort, workerData } from 'node:worker_threads';
import { stepBack } from '../archive/step-back.ts';
import { systemClock } from '../exchange/clock.ts';
import { type DatabaseProblem } from '../journal/sqlite-file.ts';
import { createCall } from '../providers/http-call.ts';
import { reachOver } from './detect/network.ts';
import type { FromWatch, ToWatch, WatchSetup } from './messages.ts';
import { oneAtATime } from './poll/one-at-a-time.ts';
import { createPageFetcher } from './poll/page-fetcher.ts';
import { openWatch, watchProblem } from './store/open.ts';
import { createWatch, type Watch } from './watch.ts';

/** Milliseconds until a database that could not be used is tried again. */
const RETRY = 5000;

/** Owns `watch.db`, reads pages, weighs evidence, sends alerts: all of it beside the thread that streams. */
function run(setup: WatchSetup, say: (message: FromWatch) => void, finish: () => void): (message: ToWatch) => void {
  let { plan } = setup;
  let watch: Watch | undefined;
  let problem: DatabaseProblem | undefined;
  let retry: NodeJS.Timeout | undefined;
  let ending = false;
  const http = createCall({ environment: setup.environment });
  const reach = reachOver(http.call, systemClock, setup.version);
  const fetcher = createPageFetcher({ clock: systemClock, environment: setup.environment, version: setup.version });

  function open(): void {
    retry = undefined;
    const opened = openWatch(setup.folder, setup.key);
    if (!opened.ok) return trouble(opened.error);
    try {
      const fetchPage = oneAtATime(fetcher.fetchPage);
      watch = createWatch(
        { ...setup, plan },
        { database: opened.value, clock: systemClock, random: Math.random, fetchPage, reach, say, broken },
      );
      if (problem) say({ type: 'state' });
      problem = undefined;
    } catch (error) {
      opened.value.close();
      trouble(watchProblem(error, setup.folder));
    }
  }

  /** Said once, however often it is tried. */
  function trouble(found: DatabaseProblem): void {
    if (found.reason !== problem?.reason) say({ type: 'state', problem: found });
    problem = found;
    retry ??= setTimeout(open, RETRY);
  }

  /** The database has failed under it: a full disk, a file that was taken away. */
  function broken(error: unknown): void {
    const found = watchProblem(error, setup.folder);
    const broken = watch;
    watch = undefined;
    void broken?.close().finally(() => (ending ? undefined : trouble(found)));
  }

  async function answer(message: Extract<ToWatch, { type: 'ask' }>): Promise<void> {
    const { number } = message;
    const closed: DatabaseProblem = { type: 'unavailable', reason: 'what is watched is not open yet', action: 'try again' };
    if (!watch) return say({ type: 'no-answer', number, problem: problem ?? closed });
    try {
      const reply = watch.answers[message.question] as (asked: unknown) => unknown;
      say({ type: 'answer', number, answer: await reply(message.asked) });
    } catch (error) {
      say({ type: 'no-answer', number, problem: watchProblem(error, setup.folder) });
    }
  }

  async function end(): Promise<void> {
    try {
      await watch?.close();
      await Promise.all([fetcher.close(), http.close()]);
    } finally {
      finish();
    }
  }

  open();

  return (message) => {
    switch (message.type) {
      case 'plan':
        plan = message.plan;
        return watch?.apply(plan);
      case 'signals':
        return watch?.hear(message.signals);
      case 'probed':
        return watch?.probed(message.number, message.outcome);
      case 'ask':
        return void answer(message);
      case 'close':
        ending = true;
        clearTimeout(retry);
        void end();
    }
  };
}

if (parentPort) {
  const port = parentPort;
  stepBack(10);
  const take = run(
    workerData as WatchSetup,
    (message) => port.postMessage(message),
    () => port.close(),
  );
  port.on('message', take);
}
