import type { FaultSignal } from '../../telemetry/signal.ts';

/** What became of a request for one token. Plain data. `cost`: dollars, as billed or as estimated; absent: no known price. */
export type ProbeOutcome =
  /** Words came, after `took` milliseconds. */
  | { type: 'answered'; took: number; cost?: number }
  | { type: 'failed'; took: number; fault: FaultSignal; cost?: number }
  /** It may not be asked, and was not. */
  | { type: 'not-asked'; reason: string };

/** Asks a target (`provider/model`) for one token. Never rejects. */
export type ProbeCall = (target: string) => Promise<ProbeOutcome>;
