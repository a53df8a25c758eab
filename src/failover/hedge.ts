import type { RequestHead } from '../dialects/dialect.ts';
import type { Asking } from './asking.ts';
import type { EngineParts, Question } from './engine.ts';
import type { Itinerary, Visit } from './itinerary.ts';
import { shapeOf } from './launch.ts';

/** Shorter waits, in milliseconds, do not interrupt anybody's train of thought (Nielsen, Response Times, 1993): nothing is bought by cutting them. */
const SHORTEST = 1000;

/** Looks after an attempt's silence: once it is longer than usual, another attempt is started beside it. Once in an exchange. */
export interface Hedge {
  /** An attempt has begun, and nothing has been heard of it. */
  watch(visit: Visit, asking: Asking): void;
  /** It speaks, or it is over. */
  stop(): void;
}

/** `start`: begins an attempt. False: this target can't be asked. */
export function createHedge(
  { clock, health }: Pick<EngineParts, 'clock' | 'health'>,
  { plan, head }: Pick<Question, 'plan' | 'head'>,
  itinerary: Pick<Itinerary, 'hedge'>,
  start: (visit: Visit) => boolean,
): Hedge {
  const mode = plan.failover.hedge;
  let done = mode === 'off' || plan.targets.length < 2 || !mayBeDoubled(head);
  let stopTimer: (() => void) | undefined;

  function begin(beside: Visit): void {
    done = true;
    let visit = itinerary.hedge(beside);
    while (visit && !start(visit)) visit = itinerary.hedge(beside);
    done = visit !== undefined;
  }

  return {
    watch(visit, asking) {
      const { planned } = visit;
      // A subscription's login is for one request of its client's at a time, as that client makes it.
      if (done || planned.passThrough) return;
      const { target } = planned;
      const wait = Math.max(SHORTEST, health.usualWait(target, shapeOf(asking, head, planned.provider)));
      stopTimer = clock.after(wait, () => {
        stopTimer = undefined;
        // Only now: what others have just met with counts as well.
        if (mode === 'on' || !health.healthy(target) || health.suspected(target)) begin(visit);
      });
    },
    stop() {
      stopTimer?.();
      stopTimer = undefined;
    },
  };
}

/**
 * Whether a second answer under way does no harm. What hangs on something that one service keeps would change it twice (a `conversation`
 * gets both answers), or nobody else can answer it; and for what is asked for in the background nobody waits. An answer that is only
 * stored may be doubled: nobody is told the id of the one that loses.
 */
function mayBeDoubled(head: RequestHead): boolean {
  return head.dependsOn === undefined && head.previousResponse === undefined && head.background !== true;
}
