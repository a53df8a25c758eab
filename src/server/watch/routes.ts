import type { IncomingMessage } from 'node:http';
import type { Context, Hono } from 'hono';
import type { z } from 'zod';
import type { DatabaseProblem } from '../../journal/sqlite-file.ts';
import { timeOf } from '../archive/schemas.ts';
import type { ServerPorts } from '../ports.ts';
import type { Refusal } from '../refusal.ts';
import { checkQuery, incidentQuery, spanOf } from './schemas.ts';

type Refuse = (context: Context, refusal: Refusal) => Response;

/** What is watched: `/api/board`, `/api/check`, `/api/grades`, `/api/incidents` and one of them. */
export function watchRoutes(
  app: Hono<{ Bindings: { incoming: IncomingMessage } }>,
  { watch, status }: Pick<ServerPorts, 'watch' | 'status'>,
  refuse: Refuse,
  badQuery: (issues: readonly z.core.$ZodIssue[], known: readonly string[]) => Refusal,
): void {
  app.get('/api/board', async (context) => {
    const board = await watch.ask('board', {});
    return board.ok ? context.json(board.value) : refuse(context, watchRefusal(board.error));
  });

  app.get('/api/incidents', async (context) => {
    const query = incidentQuery.safeParse(context.req.query());
    if (!query.success) return refuse(context, badQuery(query.error.issues, Object.keys(incidentQuery.shape)));
    const { open, from, to, product, kind, before, limit } = query.data;
    const page = await watch.ask('incidents', {
      limit,
      ...(product !== undefined && { product }),
      ...(kind !== undefined && { kind }),
      ...(open !== undefined && { open: open === 'true' }),
      ...(from !== undefined && { from: timeOf(from) }),
      ...(to !== undefined && { to: timeOf(to) }),
      ...(before !== undefined && { before }),
    });
    return page.ok ? context.json(page.value) : refuse(context, watchRefusal(page.error));
  });

  app.get('/api/check', async (context) => {
    const query = checkQuery.safeParse(context.req.query());
    if (!query.success) return refuse(context, badQuery(query.error.issues, Object.keys(checkQuery.shape)));
    const products = query.data.products.split(',').flatMap((name) => name.trim() || []);
    const found = await watch.ask('check', { span: spanOf(query.data.for), products, targets: status().targets });
    if (!found.ok) return refuse(context, watchRefusal(found.error));
    return 'readiness' in found.value ? context.json(found.value.readiness) : refuse(context, unknownProduct(found.value));
  });

  app.get('/api/grades', async (context) => {
    const grades = await watch.ask('grades', {});
    return grades.ok ? context.json({ grades: grades.value }) : refuse(context, watchRefusal(grades.error));
  });

  app.get('/api/incidents/:id', async (context) => {
    const id = context.req.param('id');
    const found = await watch.ask('incident', { id });
    if (!found.ok) return refuse(context, watchRefusal(found.error));
    return found.value ? context.json(found.value) : refuse(context, unknownIncident(id));
  });
}

export function watchRefusal({ reason, action }: DatabaseProblem): Refusal {
  return { status: 503, code: 'watch-unavailable', message: `What is watched can't be read: ${reason}.`, hint: `${action}.` };
}

export function unknownIncident(id: string): Refusal {
  return {
    status: 404,
    code: 'unknown-incident',
    message: `There is no incident '${id.slice(0, 40)}'.`,
    hint: 'GET /api/incidents lists them.',
  };
}

export function unknownProduct({ unknown, near }: { unknown: string; near: string[] }): Refusal {
  return {
    status: 400,
    code: 'unknown-product',
    message: `There is no product '${unknown.slice(0, 60)}'.`,
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'Name it as people do (claude.ai, chatgpt), or as provider/product.',
  };
}
