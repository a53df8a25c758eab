import type { Fault } from '../exchange/fault.ts';
import { retryable } from './classify.ts';

/** A target that was tried or passed over, and why it did not answer. */
export interface Miss {
  target: string;
  fault: Fault;
  /** UTC ms of its first failure since it answered last, where that is known. */
  since?: number;
}

/** Where no service could even be found, the fault is hardly with all of them. */
function offline(misses: readonly Miss[]): string {
  if (!misses.every(({ fault }) => fault.symptom === 'dns' || fault.class === 'local-network')) return '';
  const what = misses.every(({ fault }) => fault.symptom === 'dns') ? 'No name could be resolved' : 'Nothing outside could be reached';
  const alone = new Set(misses.map(({ target }) => target.split('/')[0])).size === 1;
  return ` ${what}: this machine seems to be offline${alone ? ', or the base URL is wrong' : ''} (see understudy doctor).`;
}

/** Puts to each since when its target fails. */
export function dated(misses: readonly Miss[], failingSince: ((target: string) => number | undefined) | undefined): Miss[] {
  return misses.map((miss) => {
    const since = failingSince?.(serviceOf(miss));
    return since === undefined ? miss : { ...miss, since };
  });
}

/** Without its key. */
function serviceOf({ target }: Miss): string {
  return target.replace(/ \(key \d+\)$/, '');
}

/** Since when nobody answers: since the last of them failed first. `undefined`: not all of them fail of something that passes, or not all are known. */
function sinceOf(misses: readonly Miss[]): number | undefined {
  const times = misses.flatMap(({ since, fault }) => (since !== undefined && passes(fault) ? [since] : []));
  return misses.length > 0 && times.length === misses.length ? Math.max(...times) : undefined;
}

/** `2 Jun 06:05 UTC`: outages outlast midnights. */
export function moment(at: number): string {
  const text = new Date(at).toUTCString();
  return `${text.slice(5, 11).replace(/^0/, '')} ${text.slice(17, 22)} UTC`;
}

/** A limit of the user's own: when its window is over the same request may be answered. */
function isCap({ class: kind, symptom }: Fault): boolean {
  return kind === 'quota' && symptom === 'skipped';
}

/** Time may cure it: a request that failed of this is worth keeping, where its route or its client wants that. */
export function passes(fault: Fault): boolean {
  return retryable(fault) || fault.class === 'quota';
}

/**
 * The one error that a client gets when nobody could answer: the most useful one, naming what was tried. Useful is what can be
 * waited for before what needs the user's hand; the wait told is the longest that any of the targets asked for.
 */
export function exhausted(all: readonly Miss[]): Fault {
  // A target that was asked twice is one target; what it said last counts.
  const misses = [...new Map(all.map((miss) => [miss.target, miss])).values()];
  const order = [
    'rate-limited',
    'provider-fault',
    'local-network',
    'too-long',
    'bad-request',
    'quota',
    'auth',
    'model-not-found',
    'cancelled',
  ];
  const ranked = misses.toSorted((one, other) => order.indexOf(one.fault.class) - order.indexOf(other.fault.class));
  // A rate limit tells the client to slow down; that is only the whole truth where every target that could answer said so.
  const waiting = ranked.filter((miss) => retryable(miss.fault));
  const chosen = waiting.find((miss) => miss.fault.class !== 'rate-limited') ?? ranked[0];
  if (!chosen) return { class: 'provider-fault', symptom: 'skipped', message: 'No target could be tried.' };
  // A cap on money lasts for hours; a lead that is merely down may be back in a minute.
  const useful = misses.filter((miss) => retryable(miss.fault));
  const waits = (useful.length > 0 ? useful : misses).flatMap(({ fault }) => (fault.retryAfter === undefined ? [] : [fault.retryAfter]));
  const since = sinceOf(misses);
  const whole = since === undefined ? '' : moment(since);
  const tried = misses
    .map((miss) => {
      const own = miss.since === undefined ? '' : moment(miss.since);
      return `${miss.target}${own === whole || misses.length === 1 ? '' : ` (since ${own})`}: ${miss.fault.message}`;
    })
    .join('; ');
  const when = since === undefined ? '' : ` since ${whole}`;
  const services = new Set(misses.map(serviceOf));
  const { retryAfter: _, ...fault } = chosen.fault;
  const message =
    services.size === 1 && misses.length > 1
      ? `No key of ${[...services][0]!} could get an answer${when}. ${tried}`
      : misses.length === 1
        ? `${chosen.target} could not answer${when}: ${chosen.fault.message}`
        : `None of ${services.size} targets could answer${when}. ${tried}`;
  const hint = offline(misses);
  return {
    ...fault,
    message: hint === '' ? message : `${message.replace(/\.$/, '')}.${hint}`,
    ...((retryable(fault) || isCap(chosen.fault)) && waits.length > 0 ? { retryAfter: Math.max(...waits) } : {}),
    ...(since !== undefined && { since }),
  };
}
