import { z } from 'zod';

/** What a hub answers, for both ends. Times are UTC milliseconds. */
export const challengeAnswer = z.object({
  challenge: z.string().max(200),
  /** Zero bits that a proof has to have. */
  bits: z.int().min(0).max(64),
  /** The hub's clock. */
  now: z.number(),
});

/** `already`: this installation has reported that product within the last hour, and that is what counts. */
export const acceptedAnswer = z.object({ outcome: z.enum(['counted', 'already', 'known']) });

export const CROWD_STATES = ['none', 'possible', 'likely'] as const;

export const statesAnswer = z.object({
  version: z.literal(1),
  at: z.number(),
  states: z
    .array(
      z.object({
        /** `anthropic/api`, or with a model `anthropic/api/claude-opus-4-6`. */
        key: z.string().max(200),
        title: z.string().max(200),
        state: z.enum(CROWD_STATES),
        since: z.number(),
      }),
    )
    .max(5000),
});

/** Every refusal. */
export const refusedAnswer = z.object({ error: z.object({ code: z.string(), message: z.string(), hint: z.string() }) });

export type CrowdState = (typeof CROWD_STATES)[number];
export type Accepted = z.output<typeof acceptedAnswer>['outcome'];
export type Challenge = z.output<typeof challengeAnswer>;
export type States = z.output<typeof statesAnswer>;
