import type { Incident } from '../incident.ts';
import type { Board } from '../questions.ts';

/** How a day, or five minutes, of a product was. `unknown` is neither up nor down. */
export interface Bar {
  /** UTC ms of its beginning. */
  from: number;
  /** UTC ms of its end. */
  to: number;
  state: 'operational' | 'degraded' | 'down' | 'maintenance' | 'unknown';
  /** Milliseconds of it by state. */
  share: { operational: number; degraded: number; down: number; maintenance: number; unknown: number };
}

/** What a status page of one's own shows. */
export interface Published {
  /** `Status of our assistants`. */
  title: string;
  /** Where it is served, with a slash at its end; empty: not known, links are relative. */
  address: string;
  board: Board;
  /** 90 days by product key, oldest first. */
  bars: Readonly<Record<string, Bar[]>>;
  /** Of the last 90 days, newest first; open ones and planned work among them. */
  incidents: Incident[];
}

/** Part of the time that something was known of it in which it was not down; `undefined` where nothing was known. Planned work counts as neither. */
export function uptimeOf(bars: readonly Bar[]): number | undefined {
  let known = 0;
  let up = 0;
  for (const { share } of bars) {
    known += share.operational + share.degraded + share.down;
    up += share.operational + share.degraded;
  }
  return known === 0 ? undefined : up / known;
}
