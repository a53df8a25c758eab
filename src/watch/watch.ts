import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../exchange/clock.ts';
import { crowdHere } from './crowd/crowd-here.ts';
import { ownRequests } from './crowd/own-counts.ts';
import type { Signal } from '../telemetry/signal.ts';
import type { WatchNews, WatchSetup } from './messages.ts';
import type { WatchPlan } from './plan.ts';
import type { QuestionName, Questions } from './questions.ts';

/** All that is watched, in one place; lives in a thread of its own, and in tests on a clock that is turned by hand. */
export interface Watch {
  apply(plan: WatchPlan): void;
  /** Of this machine's own requests. */
  hear(signals: readonly Signal[]): void;
  probed(number: number, outcome: unknown): void;
  answers: { [Name in QuestionName]: (asked: Questions[Name]['asked']) => Questions[Name]['answer'] | Promise<Questions[Name]['answer']> };
  close(): Promise<void>;
}

export interface WatchParts {
  database: DatabaseSync;
  clock: Clock;
  say(news: WatchNews): void;
  /** The database has failed. */
  broken(error: unknown): void;
}

export function createWatch(setup: WatchSetup, { database, clock }: WatchParts): Watch {
  const own = ownRequests(clock);
  const crowd = crowdHere(setup.plan.settings.hub, { ...setup, clock, database, own: (product) => own.of(product), onEvidence() {} });
  return {
    apply(plan) {
      crowd.apply(plan.settings.hub);
    },
    hear() {},
    probed() {},
    answers: {
      board: () => ({ at: clock.now(), judgements: [], incidents: [], pages: [] }),
      incidents: () => ({ incidents: [] }),
      incident: () => null,
      check: () => ({ unknown: '', near: [] }),
      published: ({ address }) => ({
        title: '',
        address,
        board: { at: clock.now(), judgements: [], incidents: [], pages: [] },
        bars: {},
        incidents: [],
      }),
      grades: () => [],
      report: (asked) => crowd.report(asked),
    },
    close() {
      crowd.close();
      database.close();
      return Promise.resolve();
    },
  };
}
