import { z } from 'zod';

/** `0.05` is some hundred probes of a frontier model. */
export const probesSettings = z.strictObject({
  when: z
    .union([z.literal(['needed', 'always', 'off']), z.literal(false).transform(() => 'off' as const)])
    .default('needed')
    .describe(
      'A probe asks a target for one token. needed: only while it is in trouble and nobody else asks it. always: each target of the routes, every minute, and more often in trouble (some 1500 a day each). off: never. A plan’s login is never probed.',
    ),
  perDay: z.int().min(0).default(200).describe('Most probes in a UTC day, of all targets together.'),
  dollarsPerDay: z
    .number()
    .min(0)
    .default(0.05)
    .describe('Most dollars for probes in a UTC day; what has no known price counts as nothing.'),
});

export type ProbesSettings = z.output<typeof probesSettings>;
