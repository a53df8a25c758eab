import type { Clock } from '../exchange/clock.ts';
import type { ExchangeSummary } from '../journal/journal.ts';
import type { DesktopNotice } from './desktop-notice.ts';
import { switchIn } from './switch-seen.ts';

/** A switch is worth knowing within seconds; one small request on loopback costs nothing. */
const LOOK_EVERY = 3000;
/** An outage makes a switch out of every question: they are told of in bunches. */
const LEAST_PAUSE = 60_000;

export interface SwitchWatchOptions {
  /** The last exchanges, newest first; `undefined`: it could not be asked. */
  exchanges(): Promise<readonly ExchangeSummary[] | undefined>;
  /** Of several processes that watch the same Understudy, one speaks. */
  speaks(): boolean;
  notice: DesktopNotice;
  clock: Clock;
}

/** Tells of each switch once: at once after a quiet time, else together with those that follow within a minute. Returns how to end it. */
export function watchSwitches({ exchanges, speaks, notice, clock }: SwitchWatchOptions): () => void {
  const begun = clock.now();
  const told = new Set<string>();
  let quietUntil = Number.NEGATIVE_INFINITY;
  let cancel: () => void = () => undefined;
  let stopped = false;

  async function look(): Promise<void> {
    const recent = await exchanges();
    if (stopped) return;
    const fresh = (recent ?? []).filter(({ id, at }) => at >= begun && !told.has(id)).flatMap((exchange) => switchIn(exchange) ?? []);
    if (fresh.length > 0 && clock.monotonic() >= quietUntil) {
      for (const { exchange } of fresh) told.add(exchange);
      quietUntil = clock.monotonic() + LEAST_PAUSE;
      const { from, to, why, continued } = fresh[0]!;
      const more = fresh.length > 1 ? ` (${fresh.length} answers)` : '';
      if (speaks()) notice(`${to} ${continued ? 'carries on' : 'stands in'} for ${from}${more}`, why === '' ? 'Understudy' : why);
    }
    arm();
  }

  function arm(): void {
    if (!stopped) cancel = clock.after(LOOK_EVERY, () => void look());
  }

  arm();
  return () => {
    stopped = true;
    cancel();
  };
}
