import type { IncomingMessage } from 'node:http';
import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { z } from 'zod';
import type { HandProblem } from '../../watch/incidents/by-hand.ts';
import type { ServerPorts } from '../ports.ts';
import type { Refusal } from '../refusal.ts';
import { handBody, handUpdateBody } from './hand-schemas.ts';
import { unknownIncident, unknownProduct, watchRefusal } from './routes.ts';

/** Bytes of the longest body: a text of 10,000 characters and what stands beside it. */
const LONGEST = 65_536;

/** Incidents written by whoever runs this server: `POST /api/incidents` and `/api/incidents/{id}/updates`. */
export function handRoutes(
  app: Hono<{ Bindings: { incoming: IncomingMessage } }>,
  { watch }: Pick<ServerPorts, 'watch'>,
  refuse: (context: Context, refusal: Refusal) => Response,
): void {
  const limit = bodyLimit({ maxSize: LONGEST, onError: (context) => refuse(context, badIncident('it is longer than any incident')) });

  app.post('/api/incidents', limit, async (context) => {
    const read = handBody.safeParse(await context.req.json().catch(() => undefined));
    if (!read.success) return refuse(context, badIncident(said(read.error.issues)));
    const { title, products, text, kind, models, severity, phase, from, to, by } = read.data;
    const posted = await watch.ask('post', {
      kind,
      title,
      products,
      text,
      ...(models !== undefined && { models }),
      ...(severity !== undefined && { severity }),
      ...(phase !== undefined && { phase }),
      ...(from !== undefined && { startedAt: from }),
      ...(to !== undefined && { endedAt: to }),
      ...(by !== undefined && { by }),
    });
    if (!posted.ok) return refuse(context, watchRefusal(posted.error));
    return posted.value.ok ? context.json(posted.value.value, 201) : refuse(context, refusalOf(posted.value.error));
  });

  app.post('/api/incidents/:id/updates', limit, async (context) => {
    const read = handUpdateBody.safeParse(await context.req.json().catch(() => undefined));
    if (!read.success) return refuse(context, badIncident(said(read.error.issues)));
    const { text, phase, severity, by } = read.data;
    const id = context.req.param('id');
    const added = await watch.ask('add', {
      id,
      text,
      ...(phase !== undefined && { phase }),
      ...(severity !== undefined && { severity }),
      ...(by !== undefined && { by }),
    });
    if (!added.ok) return refuse(context, watchRefusal(added.error));
    if (!added.value) return refuse(context, unknownIncident(id));
    return added.value.ok ? context.json(added.value.value, 201) : refuse(context, refusalOf(added.value.error));
  });
}

function refusalOf(problem: HandProblem): Refusal {
  return problem.problem === 'bad' ? badIncident(problem.why) : unknownProduct(problem);
}

function said(issues: readonly z.core.$ZodIssue[]): string {
  return issues.map(({ path, message }) => `${path.length === 0 ? 'it' : path.join('.')}: ${message}`).join('; ');
}

function badIncident(why: string): Refusal {
  return {
    status: 400,
    code: 'bad-incident',
    message: `That can't be posted: ${why}.`,
    hint: 'Send {"title": "…", "products": ["claude.ai"], "text": "…"}, and for an update {"text": "…", "phase": "resolved"}; GET /api/openapi.json has the rest.',
  };
}
