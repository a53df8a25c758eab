import type { Clock } from '../exchange/clock.ts';
import { targetName } from '../exchange/target.ts';
import type { AdmissionControl, Refusal } from './admission.ts';
import type { Plan } from './plan.ts';

/** At most so many requests at once per provider and model, where the settings say how many. */
export interface Concurrency extends AdmissionControl {
  /** Requests under way and waiting at a target (by `targetName`); nothing where there is no limit, or nobody has asked yet. */
  status(target: string): { now: number; most: number; waiting: number } | undefined;
}

interface Waiter {
  /** One exchange has one plan. */
  plan: Plan;
  ready: () => void;
  called: boolean;
  /** It has been here before: its answer has to be tried again, or is under way. */
  again: boolean;
}

/** One provider's model, over all its accounts. */
interface Place {
  most: number;
  now: number;
  /** First come, first served. */
  line: Waiter[];
}

/** More would not get their turn within the patience that anybody has. */
const LONGEST_LINE = 100;

/**
 * A place is taken from an attempt's beginning to its end, and while others wait in line only their first may take a free one. But an answer
 * that is under way already goes on first.
 */
export function createConcurrency(clock: Clock): Concurrency {
  /** By `provider/model`; only those that somebody is at or waits for. */
  const places = new Map<string, Place>();

  function settle(name: string, place: Place): void {
    const [first] = place.line;
    if (!first) {
      if (place.now === 0) places.delete(name);
    } else if (place.now < place.most && !first.called) {
      first.called = true;
      // Not at once: whoever has just left its place may be in the middle of something.
      clock.after(0, () => {
        if (place.line.includes(first)) first.ready();
      });
    }
  }

  /** Who stands in the line already keeps its place there. */
  function wait(name: string, place: Place, plan: Plan, again: boolean): NonNullable<Refusal['wait']> {
    return (ready) => {
      const waiter: Waiter = { plan, ready, called: false, again };
      const current = places.get(name) ?? place;
      places.set(name, current);
      const { line } = current;
      const own = line.findIndex((one) => one.plan === plan);
      const firstNew = again ? line.findIndex((one) => !one.again) : -1;
      if (own >= 0) line[own] = waiter;
      else line.splice(firstNew < 0 ? line.length : firstNew, 0, waiter);
      settle(name, current);
      return () => leave(name, current, waiter);
    };
  }

  function leave(name: string, place: Place, waiter: Waiter | undefined): void {
    const at = waiter === undefined ? -1 : place.line.indexOf(waiter);
    if (at < 0) return;
    place.line.splice(at, 1);
    settle(name, place);
  }

  return {
    refusal({ planned, plan, kind }): Refusal | undefined {
      const { concurrency, name: provider } = planned.provider;
      if (concurrency === undefined) return undefined;
      const name = targetName(planned.target);
      const place = places.get(name);
      if (!place) return undefined;
      place.most = concurrency;
      const [first] = place.line;
      const again = kind === 'retry' || kind === 'hop';
      const waits = first !== undefined && first.plan !== plan && !again;
      if (place.now < place.most && !waits) return undefined;
      const others = place.line.filter((waiter) => waiter.plan !== plan).length;
      const full = others >= LONGEST_LINE;
      const line = others === 0 ? '' : `, and ${others} more ${others === 1 ? 'waits' : 'wait'} for one`;
      const all = place.most === 1 ? 'its only place is' : `all its ${place.most} places are`;
      return {
        reason: `${all} taken${line} (providers.${provider}.concurrency)`,
        ...(!full && { wait: wait(name, place, plan, again) }),
      };
    },

    begin({ planned, plan }) {
      const { concurrency } = planned.provider;
      if (concurrency === undefined) return undefined;
      const name = targetName(planned.target);
      const place: Place = places.get(name) ?? { most: concurrency, now: 0, line: [] };
      places.set(name, place);
      place.most = concurrency;
      place.now += 1;
      leave(
        name,
        place,
        place.line.find((waiter) => waiter.plan === plan),
      );
      return {
        settled() {
          place.now -= 1;
          settle(name, place);
        },
      };
    },

    status(target) {
      const place = places.get(target);
      return place && { now: place.now, most: place.most, waiting: place.line.length };
    },
  };
}
