/** What a drill judges by. Stated in docs/drill.md and in each report; one place for all. */
export interface ReadinessLimits {
  /** Milliseconds to the first words: slow beyond this many, and beyond so many times the lead's. */
  firstWords: { absolute: number; least: number; timesLead: number };
  /** Tokens a second: slow below `least` whatever the lead does, and below such a share of the lead's where it is not more than `most` either. */
  pace: { least: number; shareOfLead: number; most: number };
  /** Share of a window that a usual question may fill: the rest is for the answer. */
  mostOfWindow: number;
  /** A usual turn that costs so many times the lead's is worth a look. */
  dearTimesLead: number;
  /** Usual turns that backupSpend should pay for. */
  turnsUnderCap: number;
  /** How much longer or shorter (as a factor) an answer may be before it is worth a look, and before it is not the same thing. */
  length: { look: number; bad: number };
}

/**
 * People wait some seconds for first words before they take a page for hung (research/status.md, 3.4: probes give up at 20 s); 8 tokens a
 * second is about as fast as people read. Lengths: models differ by a factor of two or three in how much they say.
 */
export const LIMITS: ReadinessLimits = {
  firstWords: { absolute: 15_000, least: 2000, timesLead: 3 },
  pace: { least: 8, shareOfLead: 0.2, most: 20 },
  mostOfWindow: 0.95,
  dearTimesLead: 3,
  turnsUnderCap: 20,
  length: { look: 4, bad: 20 },
};

/** Points of 100 for each part of a backup's readiness; what could not be measured is left out, and the others count for more. */
export const WEIGHTS = {
  /** Own prompts that came out as well as from the lead; those that differ count half. */
  tasks: 50,
  /** Own prompts whose answer arrived at all when the lead was dead. */
  failover: 20,
  /** An answer that was cut in its middle was carried on. */
  carriedOn: 10,
  context: 6,
  tools: 5,
  speed: 4,
  cost: 3,
  streaming: 2,
} as const;

/** A broken backup in front of one that works costs its route's score this much: each is a failed request more to wait for. */
export const BROKEN_IN_FRONT = { each: 5, most: 15 } as const;
