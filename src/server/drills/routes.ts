import type { IncomingMessage } from 'node:http';
import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { z } from 'zod';
import { readinessHtml } from '../../drill/readiness/html.ts';
import { readinessMarkdown } from '../../drill/readiness/markdown.ts';
import type { ReadinessWish } from '../../drill/readiness/report.ts';
import type { ServerPorts } from '../ports.ts';
import type { Refusal } from '../refusal.ts';
import { wrongMethod } from '../unknown-path.ts';
import { drillListQuery, drillPlanBody, drillStartBody } from './schemas.ts';

type App = Hono<{ Bindings: { incoming: IncomingMessage } }>;

/** Bytes of the longest body: some names and numbers. */
const LONGEST = 4096;

/** Drills on one's own routes: `/api/drills`, one of them, its plan beforehand, its report as a page. Their steps are in `/api/events`. */
export function drillRoutes(
  app: App,
  { drills }: Pick<ServerPorts, 'drills'>,
  isAlone: (request: IncomingMessage) => boolean,
  refuse: (context: Context, refusal: Refusal) => Response,
  badQuery: (issues: readonly z.core.$ZodIssue[], known: readonly string[]) => Refusal,
): void {
  const limit = bodyLimit({ maxSize: LONGEST, onError: (context) => refuse(context, badDrill('it is longer than it can be')) });

  app.get('/api/drills', (context) => {
    const query = drillListQuery.safeParse(context.req.query());
    if (!query.success) return refuse(context, badQuery(query.error.issues, Object.keys(drillListQuery.shape)));
    const running = drills.running();
    return context.json({ ...(running && { running }), drills: drills.list(query.data.limit) });
  });

  app.post('/api/drills/plan', limit, async (context) => {
    const read = drillPlanBody.safeParse(await context.req.json().catch(() => undefined));
    if (!read.success) return refuse(context, badDrill(said(read.error.issues)));
    const plan = await drills.propose(wishOf(read.data), isAlone(context.env.incoming));
    return plan.ok ? context.json(plan.value) : refuse(context, notPossible(plan.error));
  });

  app.post('/api/drills', limit, async (context) => {
    const read = drillStartBody.safeParse(await context.req.json().catch(() => undefined));
    if (!read.success) return refuse(context, badDrill(said(read.error.issues)));
    const begun = await drills.start(wishOf(read.data), isAlone(context.env.incoming));
    return begun.ok ? context.json({ drill: begun.value }, 202) : refuse(context, notPossible(begun.error));
  });

  app.post('/api/drills/:id/stop', (context) => {
    const id = context.req.param('id');
    return drills.stop(id) ? context.json({ drill: id }) : refuse(context, unknownDrill(id));
  });

  app.get('/api/drills/:id', async (context) => {
    const id = context.req.param('id');
    if (id === 'plan') return refuse(context, wrongMethod('/api/drills/plan', 'GET', ['POST']));
    const running = drills.running();
    if (running?.id === id) return context.json({ running });
    const report = await drills.show(id);
    return report ? context.json({ report }) : refuse(context, unknownDrill(id));
  });

  app.get('/api/drills/:id/report', async (context) => {
    const id = context.req.param('id');
    const report = await drills.show(id);
    if (!report) return refuse(context, unknownDrill(id));
    if (context.req.query('format') === 'markdown')
      return context.body(readinessMarkdown(report), 200, { 'content-type': 'text/markdown; charset=utf-8' });
    // What is in it may be others' words; nothing in it is run.
    const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";
    return context.html(readinessHtml(report), 200, { 'content-security-policy': policy });
  });
}

function wishOf({ on, sample, budget, time, lead, judge }: z.output<typeof drillPlanBody>): ReadinessWish {
  return { on, sample, budget, time, ...(lead !== undefined && { lead }), ...(judge !== undefined && { judge }) };
}

function said([issue]: readonly z.core.$ZodIssue[]): string {
  if (!issue) return 'it is not understood';
  return issue.code === 'unrecognized_keys'
    ? `there is no ${issue.keys.join(', ').slice(0, 100)}`
    : `${issue.path.join('.')} ${issue.message}`;
}

function badDrill(reason: string): Refusal {
  return {
    status: 400,
    code: 'bad-drill',
    message: `That is no drill: ${reason}.`,
    hint: 'Send {"on": "my-routes", "consent": true}, once its plan (POST /api/drills/plan) has been seen; /api/openapi.json has the fields.',
  };
}

function notPossible(reason: string): Refusal {
  return { status: 409, code: 'no-drill', message: reason, hint: 'docs/drill.md says what a drill needs.' };
}

function unknownDrill(id: string): Refusal {
  return { status: 404, code: 'unknown-drill', message: `There is no drill '${id.slice(0, 40)}'.`, hint: 'GET /api/drills lists them.' };
}
