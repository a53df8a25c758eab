import { z } from 'zod';
import type { ReportAnswer } from '../../watch/crowd/crowd.ts';
import { reportSchema } from '../../watch/crowd/statement.ts';
import { SYMPTOM_NAMES } from '../../watch/crowd/symptoms.ts';
import { describes } from '../control-schemas.ts';

/** The body of `POST /api/reports`. */
export const reportBody = z.strictObject({
  product: z
    .string()
    .regex(/^[^/\s]+\/[^/\s]+$/, 'is not written as provider/product')
    .describe('anthropic/chat: as GET /api/board names it, without a model.'),
  model: z.string().min(1).max(80).optional().describe('As the provider’s API names it.'),
  symptom: z.enum(SYMPTOM_NAMES).describe('works: it works for me.'),
  send: z.boolean().default(true).describe('false: nothing is done but to show what would be sent.'),
});

export const reportAnswer = describes<ReportAnswer>()(
  z.object({
    state: z
      .enum(['shown', 'earlier', 'kept', 'sent', 'waiting', 'refused', 'late'])
      .describe(
        'earlier: reported within the hour, and that one counts. kept: here only. waiting: it is tried again. refused: the hub does not take it.',
      ),
    earlierAt: z.number().optional().describe('Of the one that counts.'),
    hub: z.string().optional().describe('Where it goes; absent: no hub is named.'),
    sent: z.object({ statement: reportSchema, signature: z.string() }).optional().describe('To the letter.'),
    problem: z.string().optional().describe('Why it has not arrived.'),
  }),
);
