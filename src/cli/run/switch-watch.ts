import type { Clock } from '../../exchange/clock.ts';
import type { Signal, Switch } from '../../telemetry/signal.ts';
import type { DesktopNotice } from '../../watch/alerts/channels/desktop-notice.ts';

/** An outage makes a switch out of every question: they are told of in bunches. */
const LEAST_PAUSE = 60_000;
/** Words of a reason that a notice has room for. */
const MOST_WHY = 60;

export interface SwitchWatchOptions {
  /** Hands over what happens, until the returned function is called. */
  follow(heard: (signal: Signal) => void): () => void;
  /** Of several processes that watch the same Understudy, one speaks. */
  speaks(): boolean;
  notice: DesktopNotice;
  clock: Clock;
}

/** Tells of each switch once: at once after a quiet time, else together with those that follow within a minute. Returns how to end it. */
export function watchSwitches({ follow, speaks, notice, clock }: SwitchWatchOptions): () => void {
  const begun = clock.now();
  const told = new Set<string>();
  /** By exchange: one that goes on to a third target is one answer. */
  let waiting = new Map<string, Switch>();
  let cancel: (() => void) | undefined;
  let stopped = false;

  function tell(): void {
    const [first] = waiting.values();
    if (!first) return;
    const more = waiting.size > 1 ? ` (${waiting.size} answers)` : '';
    for (const exchange of waiting.keys()) told.add(exchange);
    waiting = new Map();
    cancel = clock.after(LEAST_PAUSE, () => {
      cancel = undefined;
      tell();
    });
    const { from, to, when, why = '' } = first;
    const what = when === 'after-first-words' ? 'carries on' : 'stands in';
    const short = why.length > MOST_WHY ? `${why.slice(0, MOST_WHY).trimEnd()}…` : why;
    if (speaks()) notice(`${to} ${what} for ${from}${more}`, short === '' ? 'Understudy' : short);
  }

  const unfollow = follow((signal) => {
    // After a restart of the server all that it keeps is told again.
    if (stopped || signal.type !== 'switch' || signal.at < begun || told.has(signal.exchange)) return;
    waiting.set(signal.exchange, signal);
    if (!cancel) tell();
  });

  return () => {
    stopped = true;
    cancel?.();
    unfollow();
  };
}
