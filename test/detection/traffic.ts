import type { Half, TrueIncident } from './truth.ts';

export interface Traffic {
  /** Requests in an hour of work, on average. */
  rate: number;
  /** Share of requests that fail while an incident is felt. */
  failing: number;
  /** Share that fails at any other time. */
  background: number;
}

export interface Asked {
  at: number;
  /** What would become of it, if it were sent. */
  fails: boolean;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** UTC hours of weekdays in which this user works. */
export const WORK = { from: 8, to: 18 };
/** Minutes of a bout of work and of the pause after it, on average: requests come in bursts. */
const BOUT = 40;
const PAUSE = 20;
/** After a failure outside of incidents the next request, if it follows within two minutes, fails with this chance: failures come in bursts too. */
const AGAIN = 0.3;

export function isAtWork(at: number): boolean {
  const date = new Date(at);
  const day = date.getUTCDay();
  return day !== 0 && day !== 6 && date.getUTCHours() >= WORK.from && date.getUTCHours() < WORK.to;
}

/** One user's requests, oldest first, and what each meets. */
export function requests(half: Half, incidents: readonly TrueIncident[], traffic: Traffic, random: () => number): Asked[] {
  const { rate, failing, background } = traffic;
  const asked: Asked[] = [];
  const busy = (rate * (BOUT + PAUSE)) / BOUT / HOUR;
  let place = 0;
  let failedAt = -Infinity;
  for (let day = Math.floor(half.from / DAY) * DAY; day < half.to; day += DAY) {
    const end = day + WORK.to * HOUR;
    let at = day + WORK.from * HOUR;
    if (!isAtWork(at)) continue;
    while (at < end) {
      const bout = at + exponential(random) * BOUT * MINUTE;
      for (at += exponential(random) / busy; at < Math.min(bout, end); at += exponential(random) / busy) {
        while (incidents[place] && incidents[place]!.endedAt <= at) place += 1;
        const incident = incidents[place];
        const isIll = incident !== undefined && incident.beganAt <= at && incident.isFelt;
        const again = at - failedAt <= 2 * MINUTE && random() < AGAIN;
        const fails = isIll ? random() < failing : again || random() < background * (1 - AGAIN);
        failedAt = fails && !isIll ? at : -Infinity;
        asked.push({ at, fails });
      }
      at = bout + exponential(random) * PAUSE * MINUTE;
    }
  }
  return asked;
}

function exponential(random: () => number): number {
  return -Math.log(1 - random());
}
