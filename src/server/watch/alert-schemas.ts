import { z } from 'zod';
import type { AlertOverview } from '../../watch/alerts/alerts.ts';
import { describes } from '../control-schemas.ts';

/** What `GET /api/alerts` may be asked. */
export const alertQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(20).describe('How many alerts, and how many lines of what was sent.'),
});

/** The body of `POST /api/alerts/test`. */
export const alertTestBody = z.strictObject({ channel: z.string().min(1).max(64).describe('desktop, bell, or the name of a channel.') });

/** The body of `POST /api/alerts/answer`. */
export const alertAnswerBody = z.strictObject({
  id: z.string().min(1).max(64).describe('Of the alert.'),
  failing: z.boolean().describe('true: it fails for me.'),
});

const kind = z.enum(['new', 'update', 'again', 'over', 'past', 'test']);

export const alertOverview = describes<AlertOverview>()(
  z.object({
    alerts: z.array(
      z.object({
        id: z.string(),
        state: z.enum(['open', 'over']),
        title: z.string(),
        lines: z.array(z.string()),
        began: z.number().describe('UTC milliseconds.'),
        ended: z.number().optional(),
        answer: z.object({ failing: z.boolean(), at: z.number() }).optional().describe('What its user has said.'),
        channels: z.array(
          z.object({
            channel: z.string(),
            told: kind.optional().describe('What it was told last; past: that it is over, and had not been told before.'),
            toldAt: z.number().optional(),
            waitingUntil: z.number().optional().describe('When it is tried, or quiet hours end.'),
            refused: z.boolean().describe('The channel has refused it for good.'),
          }),
        ),
      }),
    ),
    log: z.array(
      z.object({
        at: z.number(),
        alert: z.string().optional(),
        channel: z.string(),
        message: z.string(),
        outcome: z.enum(['sent', 'retried', 'refused', 'expired']),
        problem: z.string().optional(),
      }),
    ),
    channels: z.array(z.string()),
    quietUntil: z.number().optional().describe('It is quiet until then.'),
  }),
);

export const alertTested = z.object({ channel: z.string(), took: z.number().describe('Milliseconds.') });

export const alertAnswered = z.object({ title: z.string(), product: z.string().describe('What the answer was counted for.') });
