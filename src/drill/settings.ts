import { z } from 'zod';
import { onOff } from '../failover/settings.ts';
import { duration } from '../journal/units.ts';

/** `drill` in the configuration: what a drill on one's own routes may cost, and whether it is done by itself. */
export const drillSettings = z.strictObject({
  monthly: onOff
    .default(false)
    .describe(
      'on: a drill on your own routes every thirty days, within these limits. Real requests go to your backups, and cost what they cost.',
    ),
  on: z.string().min(1).default('my-routes').describe('Which route is drilled; my-routes: all of them.'),
  sample: z
    .int()
    .min(0)
    .max(200)
    .default(12)
    .describe('How many of your own prompts are tried on the first backup of each route; a third of them on others.'),
  budget: z.number().min(0).default(0).describe('Most dollars that a monthly drill may cost. 0: nobody is asked by itself.'),
  time: duration.default(300_000).describe('Longest time that a drill takes.'),
});

export type DrillSettings = z.output<typeof drillSettings>;
