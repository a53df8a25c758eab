import type { Clock } from '../exchange/clock.ts';
import type { AdmissionControl } from './admission.ts';

/** Keeps hedges to a share of all requests (`failover.hedgeShare`): where everything is slow, doubling the traffic would make it slower. */
export interface HedgeShare extends AdmissionControl {
  /** A request has come. */
  asked(): void;
}

const MINUTE = 60_000;
/** The minute that runs and the nine before it. */
const MINUTES = 10;
/** One person asks too rarely for a tenth of it to be anything. */
const FEWEST = 1;

export function createHedgeShare(clock: Clock): HedgeShare {
  const ring = Array.from({ length: MINUTES }, () => ({ minute: -MINUTES, asked: 0, hedged: 0 }));

  function thisMinute(): (typeof ring)[number] {
    const minute = Math.floor(clock.monotonic() / MINUTE);
    const place = minute % MINUTES;
    if (ring[place]!.minute !== minute) ring[place] = { minute, asked: 0, hedged: 0 };
    return ring[place]!;
  }

  return {
    asked() {
      thisMinute().asked += 1;
    },
    refusal({ kind, plan }) {
      if (kind !== 'hedge') return undefined;
      const oldest = thisMinute().minute - MINUTES + 1;
      const recent = ring.filter(({ minute }) => minute >= oldest);
      const hedged = recent.reduce((sum, one) => sum + one.hedged, 0);
      const asked = recent.reduce((sum, one) => sum + one.asked, 0);
      const share = plan.failover.hedgeShare;
      if (share > 0 && hedged < Math.max(FEWEST, Math.floor(share * asked))) return undefined;
      return { reason: `${hedged} of the last ${asked} requests were hedged, as many as may be (failover.hedgeShare)` };
    },
    begin({ kind }) {
      if (kind === 'hedge') thisMinute().hedged += 1;
      return undefined;
    },
  };
}
