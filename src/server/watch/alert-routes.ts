import type { IncomingMessage } from 'node:http';
import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { z } from 'zod';
import type { ServerPorts } from '../ports.ts';
import type { Refusal } from '../refusal.ts';
import { alertAnswerBody, alertQuery, alertTestBody } from './alert-schemas.ts';
import { watchRefusal } from './routes.ts';

/** Bytes of the longest body; they are a line. */
const LONGEST = 1024;

/** What was told to whom (`GET /api/alerts`), a test of a channel, and the answer to «is it failing for you?». */
export function alertRoutes(
  app: Hono<{ Bindings: { incoming: IncomingMessage } }>,
  { watch }: Pick<ServerPorts, 'watch'>,
  refuse: (context: Context, refusal: Refusal) => Response,
): void {
  const limit = bodyLimit({ maxSize: LONGEST, onError: (context) => refuse(context, badAlert('it is longer than it can be')) });

  app.get('/api/alerts', async (context) => {
    const query = alertQuery.safeParse(context.req.query());
    if (!query.success) return refuse(context, badAlert(said(query.error.issues)));
    const found = await watch.ask('alerts', query.data);
    return found.ok ? context.json(found.value) : refuse(context, watchRefusal(found.error));
  });

  app.post('/api/alerts/test', limit, async (context) => {
    const read = alertTestBody.safeParse(await context.req.json().catch(() => undefined));
    if (!read.success) return refuse(context, badAlert(said(read.error.issues)));
    const tested = await watch.ask('alertTest', read.data);
    if (!tested.ok) return refuse(context, watchRefusal(tested.error));
    const { channel } = read.data;
    return tested.value.ok ? context.json({ channel, took: tested.value.value.took }) : refuse(context, notSent(tested.value.error));
  });

  app.post('/api/alerts/answer', limit, async (context) => {
    const read = alertAnswerBody.safeParse(await context.req.json().catch(() => undefined));
    if (!read.success) return refuse(context, badAlert(said(read.error.issues)));
    const { id, failing } = read.data;
    const answered = await watch.ask('alertAnswer', { by: { id }, failing });
    if (!answered.ok) return refuse(context, watchRefusal(answered.error));
    return answered.value.ok ? context.json(answered.value.value) : refuse(context, noSuchAlert(answered.value.error));
  });
}

function said(issues: readonly z.core.$ZodIssue[]): string {
  return issues.map(({ path, message }) => `${path.length === 0 ? 'it' : path.join('.')}: ${message}`).join('; ');
}

function badAlert(why: string): Refusal {
  return {
    status: 400,
    code: 'bad-alert',
    message: `That can't be done: ${why}.`,
    hint: 'Send {"channel": "desktop"} to test, {"id": "a_…", "failing": true} to answer; GET /api/openapi.json has the rest.',
  };
}

function notSent(why: string): Refusal {
  return {
    status: 503,
    code: 'not-sent',
    message: why,
    hint: 'watch.alerts.channels in understudy.yaml says where it goes; see docs/alerts.md.',
  };
}

function noSuchAlert(why: string): Refusal {
  return { status: 404, code: 'unknown-alert', message: why, hint: 'GET /api/alerts lists them.' };
}
