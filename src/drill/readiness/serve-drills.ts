import { dialectOf } from '../../dialects/all.ts';
import type { Clock } from '../../exchange/clock.ts';
import { exchangeId, type Random } from '../../exchange/ids.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { AdmissionControl } from '../../failover/admission.ts';
import type { World } from '../../failover/plan.ts';
import type { Call } from '../../providers/call.ts';
import type { Feed } from '../../telemetry/feed.ts';
import type { DrillSettings } from '../settings.ts';
import { conduct } from './conduct.ts';
import { type PastJournal, promptOf } from './past.ts';
import { prepare } from './prepare.ts';
import type { ReadinessPlan, ReadinessReport, ReadinessWish } from './report.ts';
import { type DrillStore, type DrillSummary, openDrillStore } from './store.ts';

/** A drill that goes on now. */
export interface RunningDrill {
  id: string;
  /** UTC milliseconds. */
  at: number;
  wish: ReadinessWish;
  /** 0 to 1. */
  share: number;
  text: string;
}

/** Drills on one's own routes, in a server. One at a time. */
export interface Drills {
  /** What would be done; nobody is asked for it. `alone`: only this machine's own user asks. */
  propose(wish: ReadinessWish, alone: boolean): Promise<Result<ReadinessPlan, string>>;
  /** Begins, with the consent of whoever was shown the plan. The answer is the drill's id. */
  start(wish: ReadinessWish, alone: boolean): Promise<Result<string, string>>;
  running(): RunningDrill | undefined;
  /** False: there is none of that id under way. */
  stop(id: string): boolean;
  list(limit: number): DrillSummary[];
  /** With the beginnings of the prompts, as far as they are still kept. */
  show(id: string): Promise<ReadinessReport | undefined>;
  /** For the status. */
  last(): { drill?: { at: number; score: number; sentence: string } };
  notices(): string[];
  apply(settings: DrillSettings): void;
  close(): Promise<void>;
}

export interface DrillHome {
  /** The data folder. */
  folder: string;
  /** Of an encrypted data folder. */
  key: Uint8Array | undefined;
  settings: DrillSettings;
}

export interface DrillsPorts {
  call: Call;
  clock: Clock;
  random: Random;
  journal: PastJournal;
  /** The running server's: who computes on this machine is asked so much at once, drill or not. */
  concurrency: AdmissionControl;
  feed: Pick<Feed, 'publish'>;
  world(): World;
}

/** A month as `monthly` means it. */
const MONTH = 30 * 24 * 60 * 60_000;
/** Timers are set for no longer; and a server that has just started has other things to do first. */
const LOOK_EVERY = 60 * 60_000;
/** Drills among which the last whole one is looked for. */
const RECENT = 20;
/** Below this score, or so many points below the last one, people are told of a drill that was done by itself. */
const POOR = 60;
const WORSE = 15;

export function serveDrills(home: DrillHome, { call, clock, random, journal, concurrency, feed, world }: DrillsPorts): Drills {
  const ports = { call, clock, random, concurrency };
  let { settings } = home;
  const opened = openDrillStore(home.folder, home.key);
  const store: DrillStore | undefined = opened.ok ? opened.value : undefined;
  const trouble = opened.ok ? undefined : `Drills are not kept: ${opened.error.reason}; ${opened.error.action}.`;
  // One that was stopped says nothing of how ready anybody is.
  let latest = store?.list(RECENT).find(({ ended }) => ended !== 'stopped');
  let current: { drill: RunningDrill; stop: AbortController; over: Promise<void> } | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let stopLooking = clock.after(LOOK_EVERY, look);

  function look(): void {
    stopLooking = clock.after(LOOK_EVERY, look);
    const now = clock.now();
    if (!settings.monthly || settings.budget === 0 || now - Math.max(latest?.at ?? 0, triedAt) < MONTH) return;
    triedAt = now;
    const { on, sample, budget, time } = settings;
    // Nobody is there to be asked: what a person's own sign-in would be used for is left out.
    void begin({ on, sample, budget, time }, false, true);
  }

  async function begin(wish: ReadinessWish, alone: boolean, byItself: boolean): Promise<Result<string, string>> {
    if (current) return err(`A drill is under way (${current.drill.id}); stop it first, or wait for it.`);
    const id = exchangeId(clock.now(), random).replace(/^x_/, 'd_');
    const drill: RunningDrill = { id, at: clock.now(), wish, share: 0, text: 'looking at what you asked lately' };
    const stop = new AbortController();
    const mine = { drill, stop, over: Promise.resolve() };
    current = mine;
    const before = latest;
    const seen = world();
    const prepared = await prepare({ world: seen, journal, now: clock.now(), alone }, wish);
    if (!prepared.ok || stop.signal.aborted) {
      current = undefined;
      return prepared.ok ? err('The drill was stopped.') : prepared;
    }
    feed.publish({ type: 'drill', drill: id, state: 'begun', text: `a drill on ${wish.on} has begun` });
    mine.over = conduct(prepared.value, {
      ports,
      world: seen,
      alone,
      signal: stop.signal,
      id,
      ...(before && { before: { at: before.at, score: before.score } }),
      step({ text, share }) {
        mine.drill = { ...mine.drill, text, share };
        feed.publish({ type: 'drill', drill: id, state: 'step', text, share });
      },
    })
      .then((report) => {
        current = undefined;
        if (byItself && report.requests === 0) {
          const text = 'nobody was asked: the budget (drill.budget) does not pay for one question';
          return feed.publish({ type: 'drill', drill: id, state: 'ended', text });
        }
        store?.put(report);
        const { at, score, sentence, ended } = report;
        if (ended !== 'stopped') latest = { id, at, score, sentence, ended };
        feed.publish({ type: 'drill', drill: id, state: 'ended', text: `readiness ${score} of 100. ${sentence}`, score });
        const isWorse = before !== undefined && score <= before.score - WORSE;
        if (!byItself || (score >= POOR && !isWorse)) return;
        const title = isWorse ? `Readiness fell from ${before.score} to ${score}` : `Readiness is ${score} of 100`;
        feed.publish({ type: 'alert', alert: id, state: 'new', title, text: sentence, bell: false });
      })
      .catch((error: unknown) => {
        current = undefined;
        const text = `the drill failed inside Understudy: ${error instanceof Error ? error.message : String(error)}`;
        feed.publish({ type: 'drill', drill: id, state: 'ended', text });
      });
    return ok(id);
  }

  return {
    async propose(wish, alone) {
      const prepared = await prepare({ world: world(), journal, now: clock.now(), alone }, wish);
      return prepared.ok ? ok(prepared.value.plan) : prepared;
    },
    start: (wish, alone) => begin(wish, alone, false),
    running: () => current?.drill,
    stop(id) {
      if (current?.drill.id !== id) return false;
      current.stop.abort();
      return true;
    },
    list: (limit) => store?.list(limit) ?? [],
    async show(id) {
      const report = store?.get(id);
      return report && titled(report, journal);
    },
    last: () => (latest ? { drill: { at: latest.at, score: latest.score, sentence: latest.sentence } } : {}),
    notices: () => [
      ...(trouble === undefined ? [] : [trouble]),
      ...(settings.monthly && settings.budget === 0
        ? ['drill.monthly is on, and drill.budget is 0: nobody is drilled until it has one.']
        : []),
    ],
    apply(wanted) {
      settings = wanted;
    },
    async close() {
      stopLooking();
      current?.stop.abort();
      await current?.over;
      store?.close();
    },
  };
}

/** Beginnings of prompts are kept with the prompts only: what was erased or redacted there is gone here too. */
async function titled(report: ReadinessReport, journal: PastJournal): Promise<ReadinessReport> {
  const titles = new Map<string, string>();
  for (const exchange of new Set(
    report.routes.flatMap(({ targets }) => targets.flatMap(({ tasks }) => tasks.map((task) => task.exchange))),
  )) {
    const kept = await journal.recall(exchange);
    const prompt = kept && promptOf(kept, dialectOf(kept.opening.dialect));
    if (typeof prompt === 'object') titles.set(exchange, prompt.title);
  }
  const routes = report.routes.map((route) => ({
    ...route,
    targets: route.targets.map((target) => ({
      ...target,
      tasks: target.tasks.map((task) => ({ ...task, title: titles.get(task.exchange) ?? 'no longer kept' })),
    })),
  }));
  return { ...report, routes };
}
