import type { IncomingMessage } from 'node:http';
import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { z } from 'zod';
import type { ServerPorts } from '../ports.ts';
import type { Refusal } from '../refusal.ts';
import { reportBody } from './report-schemas.ts';
import { watchRefusal } from './routes.ts';

/** Bytes of the longest body; a report is a line. */
const LONGEST = 4096;

/** `POST /api/reports`: what this user says of a product. */
export function reportRoute(
  app: Hono<{ Bindings: { incoming: IncomingMessage } }>,
  { watch }: Pick<ServerPorts, 'watch'>,
  refuse: (context: Context, refusal: Refusal) => Response,
): void {
  const limit = bodyLimit({ maxSize: LONGEST, onError: (context) => refuse(context, badReport('is longer than any report')) });
  app.post('/api/reports', limit, async (context) => {
    const read = reportBody.safeParse(await context.req.json().catch(() => undefined));
    if (!read.success) return refuse(context, badReport(said(read.error.issues)));
    const { product, model, symptom, send } = read.data;
    const answer = await watch.ask('report', { product, symptom, send, ...(model !== undefined && { model }) });
    if (!answer.ok) return refuse(context, watchRefusal(answer.error));
    return answer.value.ok ? context.json(answer.value.value) : refuse(context, notReported(answer.value.error));
  });
}

function said(issues: readonly z.core.$ZodIssue[]): string {
  return issues.map(({ path, message }) => `${path.length === 0 ? 'it' : path.join('.')}: ${message}`).join('; ');
}

function badReport(why: string): Refusal {
  return {
    status: 400,
    code: 'bad-report',
    message: `That is no report: ${why}.`,
    hint: 'Send {"product": "anthropic/chat", "symptom": "hangs"}; GET /api/openapi.json has the rest.',
  };
}

function notReported(why: string): Refusal {
  return { status: 503, code: 'not-reported', message: why, hint: 'Nothing was sent.' };
}
