import { attemptFailed, attemptSucceeded, canaryTaken, closedBreaker, permission } from '../../src/health/breaker.ts';
import { createJudge } from '../../src/watch/detect/judge.ts';
import { DOWN } from '../../src/watch/detect/weights.ts';
import type { PageReading } from '../../src/watch/page-reading.ts';
import type { StatusPage } from '../../src/watch/page.ts';
import { isIll } from '../../src/watch/verdict.ts';
import type { Asked } from './traffic.ts';
import type { Half, TrueIncident } from './truth.ts';

/** From when to when a contender said that something is wrong. */
export interface Alarm {
  from: number;
  to: number;
}

export interface Said {
  /** Shown on the board. */
  badges: Alarm[];
  /** Told to the user. */
  alerts: Alarm[];
}

export interface Scene {
  half: Half;
  incidents: readonly TrueIncident[];
  asked: readonly Asked[];
  failing: number;
  random: () => number;
}

export interface Contender {
  name: string;
  run(scene: Scene): Said;
}

const MINUTE = 60_000;
/** Milliseconds between two readings of a page, as the poller has it: calm, and while something is suspected. */
const CALM_POLL = 5 * MINUTE;
const HURRIED_POLL = 90_000;
const KEY = { provider: 'the', product: 'api', model: 'model' };
const PAGE: StatusPage = {
  id: 'page',
  family: 'statuspage',
  url: 'https://status.test',
  covers: [{ provider: 'the', product: 'api', all: true }],
  source: '',
};

/** Follows an on and off. */
function spans(end: number): { turn(on: boolean, at: number): void; all(): Alarm[] } {
  const all: Alarm[] = [];
  let from: number | undefined;
  return {
    turn(on, at) {
      if (on) from ??= at;
      else if (from !== undefined) {
        all.push({ from, to: at });
        from = undefined;
      }
    },
    all: () => (from === undefined ? all : [...all, { from, to: end }]),
  };
}

/** Understudy's judge, behind health's breaker: what the breaker keeps away is not seen. `pages`: the status page is read as well. */
export function judge(name: string, { pages, own }: { pages: boolean; own: boolean }): Contender {
  return {
    name,
    run({ half, incidents, asked, random }) {
      let now = half.from;
      const subject = createJudge({ now: () => now, title: () => 'The API', before: [] });
      subject.watch(['the/api'], [PAGE]);
      const badge = spans(half.to);
      const alert = spans(half.to);
      let breaker = closedBreaker(now);
      let ill = false;
      let told = false;

      function look(): void {
        subject.look();
        const judged = subject.judgements().find(({ key }) => key === 'the/api');
        ill = judged !== undefined && isIll(judged.verdict);
        // An alert is one until its all-clear.
        told = ill && (told || judged!.score >= DOWN);
        badge.turn(ill, now);
        alert.turn(told, now);
      }

      function read(open: TrueIncident | undefined): void {
        const reading: PageReading = {
          components: [],
          incidents: open
            ? [
                {
                  id: 'i',
                  kind: 'incident',
                  title: 'Elevated errors',
                  impact: open.impact,
                  phase: 'investigating',
                  startedAt: open.postedAt,
                  updates: [],
                  components: [],
                },
              ]
            : [],
          listsAllOpen: true,
        };
        subject.page({ page: 'page', state: 'fresh', readAt: now, triedAt: now, reading });
        look();
      }

      function send({ fails }: Asked): void {
        const allowed = permission(breaker, now);
        if (allowed.type === 'no') return;
        if (allowed.type === 'canary') breaker = canaryTaken(breaker, now);
        const before = breaker.type;
        breaker = fails ? attemptFailed(breaker, now, { random: random(), startedAt: now }) : attemptSucceeded(breaker, now, now);
        subject.attempt(KEY, 'the/model', fails ? { type: 'provider', label: '529 overloaded_error' } : { type: 'ok' });
        if (breaker.type !== before) subject.breaker(KEY, 'the/model', breaker.type);
        // Where all is well, a success changes nothing.
        if (fails || ill) look();
      }

      // What happens besides requests: the page's changes, each read at the next poll.
      const changes = pages
        ? incidents.flatMap((one) => [
            { at: one.postedAt, open: one as TrueIncident | undefined },
            { at: one.endedAt, open: undefined },
          ])
        : [];
      let nextChange = 0;
      let due: number | undefined;
      if (pages) read(undefined);

      /** Lets time pass until `until`, with what the page says and what time alone changes. */
      function pass(until: number): void {
        for (;;) {
          const change = changes[nextChange];
          if (change && due === undefined) due = change.at + random() * (ill ? HURRIED_POLL : CALM_POLL);
          const step = ill ? now + MINUTE : Infinity;
          const next = Math.min(due ?? Infinity, step, until);
          if (next >= until) break;
          now = Math.max(now, next);
          if (due !== undefined && next === due) {
            read(change!.open);
            nextChange += 1;
            due = undefined;
          } else look();
        }
        now = Math.max(now, until);
      }

      for (const one of own ? asked : []) {
        pass(one.at);
        send(one);
      }
      pass(half.to);
      return { badges: badge.all(), alerts: alert.all() };
    },
  };
}

/** So many failures in a row; one success ends it. */
export function consecutive(most: number): Contender {
  return {
    name: `${most} failures in a row`,
    run({ half, asked }) {
      const alert = spans(half.to);
      let failures = 0;
      for (const { at, fails } of asked) {
        failures = fails ? failures + 1 : 0;
        if (failures >= most || !fails) alert.turn(failures >= most, at);
      }
      return { badges: [], alerts: alert.all() };
    },
  };
}

/** Share of incidents in which a list of models fails as requests do. In that of 8 November 2023 it did not at all (research/status.md, 0.4). */
export const PING_SEES = 0.1;

/** `GET /models` every five minutes, three failures in a row, around the clock. */
export const modelsPing: Contender = {
  name: '`GET /models` every 5 min, 3 in a row',
  run({ half, incidents, failing, random }) {
    const alert = spans(half.to);
    const seen = new Set(incidents.filter(() => random() < PING_SEES));
    let failures = 0;
    let place = 0;
    for (let at = half.from; at < half.to; at += 5 * MINUTE) {
      while (incidents[place] && incidents[place]!.endedAt <= at) place += 1;
      const incident = incidents[place];
      const share = incident && incident.beganAt <= at && seen.has(incident) ? failing : 0.001;
      failures = random() < share ? failures + 1 : 0;
      alert.turn(failures >= 3, at);
    }
    return { badges: [], alerts: alert.all() };
  },
};

/** Any open incident on the status page, which is read every five minutes, around the clock. */
export const pageAlone: Contender = {
  name: 'the status page alone, every 5 min',
  run({ incidents, random }) {
    const alerts = incidents.map(({ postedAt, endedAt }) => ({
      from: postedAt + random() * CALM_POLL,
      to: endedAt + random() * CALM_POLL,
    }));
    return { badges: [], alerts };
  },
};
