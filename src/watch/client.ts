import { extname } from 'node:path';
import { lastingWorker } from '../archive/lasting-worker.ts';
import { openQuestions } from '../archive/open-questions.ts';
import type { Clock } from '../exchange/clock.ts';
import { err, ok, type Result } from '../exchange/result.ts';
import type { DatabaseProblem } from '../journal/sqlite-file.ts';
import type { Feed } from '../telemetry/feed.ts';
import type { Signal } from '../telemetry/signal.ts';
import type { FromWatch, ToWatch, WatchSetup } from './messages.ts';
import type { ProbeCall } from './probe/outcome.ts';
import type { WatchPlan } from './plan.ts';
import type { QuestionName, Questions } from './questions.ts';

/** The watch, seen from the main thread of a server. */
export interface WatchClient {
  ask<Name extends QuestionName>(
    question: Name,
    asked: Questions[Name]['asked'],
  ): Promise<Result<Questions[Name]['answer'], DatabaseProblem>>;
  /** Another configuration is in force. */
  apply(plan: WatchPlan): void;
  /** What the user should know of it. */
  notices(): string[];
  close(): Promise<void>;
}

export interface WatchPorts {
  clock: Clock;
  feed: Pick<Feed, 'publish' | 'subscribe'>;
  /** Asks a target (`provider/model`) for one token. */
  probe: ProbeCall;
  /** These are suspected by evidence from outside, and no others. */
  suspect(targets: string[]): void;
  warn(message: string): void;
}

/** Milliseconds that signals are gathered before they cross to the watch's thread: the detector counts attempts, and a board is not looked at more often. */
const GATHER = 250;
/** Signals kept while the thread is not there: of more, the oldest say little. */
const MOST_WAITING = 2000;

export function watchClient(setup: WatchSetup, { clock, feed, probe, suspect, warn }: WatchPorts): WatchClient {
  const questions = openQuestions<DatabaseProblem>();
  let { plan } = setup;
  let problem: DatabaseProblem | undefined;
  let gathered: Signal[] = [];
  let gathering: (() => void) | undefined;
  let closed = false;
  const data = { ...setup };
  const worker = lastingWorker<ToWatch, FromWatch>(
    {
      source: new URL(`./worker${extname(import.meta.url)}`, import.meta.url),
      data,
      said: take,
      gone(reason, again) {
        const died: DatabaseProblem = {
          type: 'unavailable',
          reason: `the watch's worker has died: ${reason}`,
          action: 'it is started again in half a minute; please report it',
        };
        questions.fail(died);
        suspect([]);
        if (again) setProblem(died);
      },
      returns: () => (problem = undefined),
    },
    clock,
  );

  function take(message: FromWatch): void {
    switch (message.type) {
      case 'state':
        return setProblem(message.problem);
      case 'happened':
        return feed.publish(message.happening);
      case 'suspects':
        return suspect(message.targets);
      case 'probe':
        return void answerProbe(message.number, message.target);
      case 'answer':
        return questions.settle(message.number, ok(message.answer));
      case 'no-answer':
        return questions.settle(message.number, err(message.problem));
    }
  }

  async function answerProbe(number: number, target: string): Promise<void> {
    const outcome = await probe(target);
    if (!closed) worker.post({ type: 'probed', number, outcome });
  }

  function setProblem(found: DatabaseProblem | undefined): void {
    problem = found;
    if (found) warn(said(found));
  }

  function hand(): void {
    gathering = undefined;
    if (!worker.isThere()) return;
    worker.post({ type: 'signals', signals: gathered });
    gathered = [];
  }

  const unsubscribe = feed.subscribe(({ signal }) => {
    if (signal.type !== 'attempt-ended' && signal.type !== 'breaker') return;
    gathered.push(signal);
    if (gathered.length > MOST_WAITING) gathered = gathered.slice(-MOST_WAITING / 2);
    gathering ??= clock.after(GATHER, hand);
  });

  worker.start();

  return {
    ask(question, asked) {
      if (!worker.isThere()) return Promise.resolve(err(problem ?? CLOSED));
      return questions.ask((number) => worker.post({ type: 'ask', number, question, asked } as ToWatch)) as never;
    },
    apply(wanted) {
      if (JSON.stringify(wanted) === JSON.stringify(plan)) return;
      plan = wanted;
      // For when it is started again.
      data.plan = wanted;
      worker.post({ type: 'plan', plan });
    },
    notices: () => (problem ? [said(problem)] : []),
    close() {
      closed = true;
      unsubscribe();
      gathering?.();
      return worker.close({ type: 'close' });
    },
  };
}

const CLOSED: DatabaseProblem = { type: 'unavailable', reason: 'the watch is closed', action: 'try again' };

function said({ reason, action }: DatabaseProblem): string {
  return `Status pages and incidents are not watched for now: ${reason}; ${action}. Answers and failover do not depend on it.`;
}
