/**
 * What evidence weighs, in log-odds (research/status.md, 3.5), and how long it says anything. Chosen by hand there; what they come to on published
 * incidents is measured by `npm run test:detection` (docs/reports).
 */
export const WEIGHT = {
  /** The sum of own failures is at its upper bound, or at its lower one. */
  ownOpen: 4,
  ownPartly: 2,
  /** An own request has just succeeded. */
  ownWell: -3,
  /** Two probes in a row, and one. */
  probeOpen: 4,
  probeFailed: 2,
  probeWell: -3,
  pageMinor: 1,
  pageMajor: 3,
  pageCritical: 4,
  /** Somebody else's requests fail. */
  uptime: 2,
} as const;

/** An incident that is said to be mended weighs half. */
export const MONITORING = 0.5;
/** Percent of a reseller's requests within five minutes; fewer are poor. */
export const POOR_UPTIME = 90;

/** From this score on some of it fails, and from that on it is likely to be down. */
export const DEGRADED = 2;
export const DOWN = 4;

/** Milliseconds that an own success speaks against what others say. */
export const OWN_SUCCESS = 2 * 60_000;
/** Milliseconds that it speaks against everything being down: as long as a probe does. */
export const OWN_ANSWERS = 10 * 60_000;
/** Milliseconds after which an own success says nothing about now: health's score has halved by then. */
export const OWN_FRESH = 30 * 60_000;
/** The same of a probe. */
export const PROBE_FRESH = 10 * 60_000;
/** Within so many milliseconds connections to unrelated hosts fail together, and so long the result of a check holds. */
export const NETWORK_TOGETHER = 2 * 60_000;
export const NETWORK_LASTS = 60_000;

/**
 * Own failures are summed as health's detector does it (research/status.md, 3.3), with bounds of its own: a breaker that opens for nothing costs a
 * request or two, an alert for nothing costs trust. Chosen on the first half of what `npm run test:detection` replays, where these were the quickest of a
 * dozen with at most 0.25 false alerts and one false badge a week. A failure adds so much where one in a hundred fails anyway, and less where more do
 * (background.ts).
 */
export const FAILURE = 8;
/** One within so many milliseconds of another: failures come in bursts. */
export const FOLLOWING_FAILURE = 5;
export const BURST = 2 * 60_000;
export const OWN_SUSPECT = 18;
export const OWN_OPEN = 24;
