import { z } from 'zod';

/** `watch.hub` in the configuration. */
export const hubSettings = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional()
    .describe('A hub that reports are sent to and that is asked what others report: https://hub.example.org. None: nothing is sent.'),
  region: z
    .union([z.literal(['auto', 'none']), z.string().regex(/^[A-Z]{2}$/, 'is no country of two capital letters')])
    .default('auto')
    .describe('The country that a report names: DE. auto: by time zone and locale of this machine. none: it is not said.'),
});

export type HubSettings = z.output<typeof hubSettings>;
