import type { Clock } from '../exchange/clock.ts';
import type { Priority } from '../exchange/priority.ts';
import { targetName } from '../exchange/target.ts';
import type { AdmissionControl, AttemptAsk, LinePlace, Refusal } from './admission.ts';
import { CLASSES, type Claim, createFairLine, type FairLine } from './fair-line.ts';
import type { Plan, PlannedTarget } from './plan.ts';

/** At most so many requests at once per provider and model (per service, where it was found on this machine), where the settings say how many. */
export interface Concurrency extends AdmissionControl {
  /** Requests under way and waiting at a target (by `targetName`); nothing where there is no limit, or nobody has asked yet. */
  status(target: string): PlacesReport | undefined;
}

/** `line`: who waits, in the order in which they would be served now. */
export interface PlacesReport {
  now: number;
  most: number;
  waiting: number;
  line: { principal: string; priority: Priority }[];
}

interface Waiter extends Claim {
  /** One exchange has one plan. */
  plan: Plan;
  ready: () => void;
  /** A place is kept for it. */
  called: boolean;
  inLine: AttemptAsk['inLine'];
}

/** One provider's model, over all its accounts. */
interface Place {
  name: string;
  most: number;
  now: number;
  /** Of those, how many are batch's. */
  batch: number;
  /** In the order in which they came. */
  line: Waiter[];
  fair: FairLine;
}

/** More would not get their turn within the patience that anybody has. */
const LONGEST_LINE = 100;
/** Of several places one in four, and at least one, is never batch's: who waits for an answer finds it free. */
const KEPT_FROM_BATCH = 4;

/**
 * A place is taken from an attempt's beginning to its end. Who gets a free one while others wait, fair-line.ts says; `share`: how much of them
 * is whose, 1 for everybody by default.
 */
export function createConcurrency(clock: Clock, share: (principal: string) => number = () => 1): Concurrency {
  /** By `provider/model`, or `provider/`; only those that somebody is at or waits for. */
  const places = new Map<string, Place>();

  function placeAt(name: string, most: number): Place {
    const known = places.get(name);
    if (known) return known;
    const place: Place = { name, most, now: 0, batch: 0, line: [], fair: createFairLine(share) };
    places.set(name, place);
    return place;
  }

  function uncalled({ line }: Place): Waiter[] {
    return line.filter(({ called }) => !called);
  }

  /** Places that nobody has, and that are kept for nobody. */
  function free({ most, now, line }: Place): number {
    return most - now - line.filter(({ called }) => called).length;
  }

  function mayBatch({ most, batch, line }: Place): boolean {
    const taken = batch + line.filter(({ called, priority }) => called && priority === 'batch').length;
    return most === 1 || taken < most - Math.max(1, Math.floor(most / KEPT_FROM_BATCH));
  }

  function isNext(place: Place, waiter: Waiter): boolean {
    if (free(place) <= 0) return false;
    const waiting = uncalled(place);
    if (!waiting.includes(waiter)) waiting.push(waiter);
    return place.fair.first(waiting, mayBatch(place)) === waiter;
  }

  function settle(place: Place): void {
    while (free(place) > 0) {
      const next = place.fair.first(uncalled(place), mayBatch(place));
      if (!next) break;
      next.called = true;
      // Not at once: whoever has just left its place may be in the middle of something.
      call(place, next);
    }
    if (place.now === 0 && place.line.length === 0 && places.get(place.name) === place) places.delete(place.name);
  }

  function call(place: Place, waiter: Waiter): void {
    clock.after(0, () => {
      if (place.line.includes(waiter)) waiter.ready();
    });
  }

  /** Who stands in the line already keeps its place there. */
  function wait(place: Place, waiter: Waiter): () => void {
    places.set(place.name, place);
    const { line } = place;
    const own = line.findIndex(({ plan }) => plan === waiter.plan);
    if (own >= 0) line[own] = waiter;
    else {
      const last = line.length >= LONGEST_LINE ? lastOf(place, waiter) : undefined;
      place.fair.enter(waiter);
      line.push(waiter);
      if (last) sendAway(place, last);
    }
    waiter.inLine?.(() => placeOf(place, waiter));
    settle(place);
    return () => leave(place, waiter);
  }

  function leave(place: Place, waiter: Waiter): void {
    const at = place.line.indexOf(waiter);
    if (at < 0) return;
    place.line.splice(at, 1);
    place.fair.leave(waiter);
    waiter.inLine?.(undefined);
    settle(place);
  }

  /** Its turn never comes: it is told to look again, and finds the line full. */
  function sendAway(place: Place, waiter: Waiter): void {
    leave(place, waiter);
    clock.after(0, waiter.ready);
  }

  function placeOf(place: Place, waiter: Waiter): LinePlace | undefined {
    const order = orderOf(place);
    const at = order.findIndex(({ plan }) => plan === waiter.plan);
    return at < 0 ? undefined : { target: place.name.replace(/\/$/, ''), place: at + 1, of: order.length };
  }

  function orderOf(place: Place): Waiter[] {
    return [...place.line.filter(({ called }) => called), ...place.fair.order(uncalled(place))];
  }

  return {
    refusal(ask): Refusal | undefined {
      const { planned, plan } = ask;
      const { concurrency } = planned.provider;
      if (concurrency === undefined) return undefined;
      const place = places.get(placeName(planned));
      if (!place) return undefined;
      place.most = concurrency;
      const own = place.line.find((waiter) => waiter.plan === plan);
      const waiter: Waiter = { ...claimOf(ask), plan, called: false, inLine: ask.inLine, ready: () => undefined };
      if (place.now < place.most && (waiter.again || own?.called || isNext(place, own ?? waiter))) return undefined;
      const others = place.line.filter((one) => one !== own).length;
      const full = others >= LONGEST_LINE && !own && !lastOf(place, waiter);
      const line = others === 0 ? '' : `, and ${others} more ${others === 1 ? 'waits' : 'wait'} for one`;
      const all =
        place.now < place.most
          ? 'its free places are kept for those who wait already, or whose requests are no batch'
          : place.most === 1
            ? 'its only place is taken'
            : `all its ${place.most} places are taken`;
      return {
        reason: `${all}${line} (${settingOf(planned)})`,
        ...(!full && { wait: (ready) => wait(places.get(place.name) ?? place, { ...waiter, ready }) }),
      };
    },

    begin(ask) {
      const { planned, plan } = ask;
      const { concurrency } = planned.provider;
      if (concurrency === undefined) return undefined;
      const place = placeAt(placeName(planned), concurrency);
      place.most = concurrency;
      const own = place.line.find((waiter) => waiter.plan === plan);
      const claim: Claim = own ?? claimOf(ask);
      if (own) {
        place.line.splice(place.line.indexOf(own), 1);
        own.inLine?.(undefined);
      } else place.fair.enter(claim);
      const batch = claim.priority === 'batch' ? 1 : 0;
      place.now += 1;
      place.batch += batch;
      place.fair.granted(claim, uncalled(place));
      settle(place);
      const began = clock.monotonic();
      return {
        settled() {
          place.now -= 1;
          place.batch -= batch;
          place.fair.settled(claim, clock.monotonic() - began);
          settle(place);
        },
      };
    },

    status(target) {
      const place = places.get(target) ?? places.get(target.slice(0, target.indexOf('/') + 1));
      if (!place) return undefined;
      const line = orderOf(place).map(({ principal, priority }) => ({ principal, priority }));
      return { now: place.now, most: place.most, waiting: line.length, line };
    },
  };
}

/** A machine works on one thing at a time, whichever of its models that is. */
function placeName({ provider, target }: PlannedTarget): string {
  return provider.found ? `${target.provider}/` : targetName(target);
}

function settingOf({ provider }: PlannedTarget): string {
  return provider.found ? 'local.concurrency' : `providers.${provider.name}.concurrency`;
}

function claimOf({ kind, priority = 'interactive', principal = '' }: AttemptAsk): Claim {
  return { again: kind === 'retry' || kind === 'hop', priority, principal };
}

/**
 * Who has to make room in a line that is full: the newest of whoever has most in it, of the least pressing class. Nobody has to for
 * somebody who is less pressing, or would then have more in it.
 */
function lastOf({ line }: Place, claim: Claim): Waiter | undefined {
  const rank = (one: Claim): number => CLASSES.indexOf(one.priority);
  const count = (one: Claim): number =>
    line.filter(({ priority, principal }) => priority === one.priority && principal === one.principal).length;
  let last: Waiter | undefined;
  for (const one of line) {
    if (one.again || one.called) continue;
    if (!last || rank(one) > rank(last) || (rank(one) === rank(last) && count(one) >= count(last))) last = one;
  }
  if (!last || rank(last) < rank(claim)) return undefined;
  return rank(last) > rank(claim) || count(last) > count(claim) + 1 ? last : undefined;
}
