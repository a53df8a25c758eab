import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { z } from 'zod';
import { conversationRoutes } from './archive/conversations.ts';
import { mcpRoute } from './archive/mcp.ts';
import { searchRoutes } from './archive/search.ts';
import { exchangeQuery } from './control-schemas.ts';
import { localRoutes } from './local/routes.ts';
import { unknownExchange } from './exchange-events.ts';
import { openapiDocument } from './openapi.ts';
import { drillRoutes } from './drills/routes.ts';
import { askAgain, type Dialects, giveUp } from './deferred/again.ts';
import type { Desk } from './desk.ts';
import { offlineRoutes } from './offline/routes.ts';
import { queueRoutes } from './queue/routes.ts';
import { isAlone } from './receive.ts';
import type { Refusal } from './refusal.ts';
import { alertRoutes } from './watch/alert-routes.ts';
import { handRoutes } from './watch/hand-routes.ts';
import { reportRoute } from './watch/report-route.ts';
import { watchRoutes } from './watch/routes.ts';
import { unknownPath, wrongMethod } from './unknown-path.ts';

type ControlDesk = Pick<Desk, 'ports' | 'log' | 'settings' | 'clock'>;

/** The control API's answers, all JSON; errors are `{error: {code, message, hint}}`. Access has been checked before. */
export function controlApi(desk: ControlDesk, dialects: Dialects): Hono<{ Bindings: { incoming: IncomingMessage } }> {
  const { ports, log, clock } = desk;
  const app = new Hono<{ Bindings: { incoming: IncomingMessage } }>();

  app.use(async (context, next) => {
    await next();
    context.header('cache-control', 'no-store');
    context.header('x-content-type-options', 'nosniff');
  });

  app.get('/api/status', (context) => context.json(ports.status()));
  app.get('/api/config', (context) => context.json(ports.config()));
  app.get('/api/openapi.json', (context) => {
    const { version, address } = ports.status();
    return context.json(openapiDocument(version, address));
  });

  app.get('/api/exchanges', async (context) => {
    const query = exchangeQuery.safeParse(context.req.query());
    if (!query.success) return refusalOf(context, badQuery(query.error.issues, Object.keys(exchangeQuery.shape)));
    const { limit, before, state } = query.data;
    const page = await ports.journal.list({
      limit: limit + 1,
      ...(before === undefined ? {} : { before }),
      ...(state === undefined ? {} : { state }),
    });
    const exchanges = page.slice(0, limit);
    const last = exchanges.at(-1);
    return context.json(page.length > limit && last ? { exchanges, next: last.id } : { exchanges });
  });

  app.get('/api/exchanges/:id', async (context) => {
    const id = context.req.param('id');
    const exchange = await ports.journal.get(id);
    if (!exchange) return refusalOf(context, unknownExchange(id));
    if (exchange.answeredBy === undefined) return context.json(exchange);
    const text = (await ports.journal.get(exchange.answeredBy))?.text;
    return context.json({ ...exchange, ...(text !== undefined && { text }) });
  });

  app.post('/api/exchanges/:id/run', async (context) => {
    const run = await askAgain(ports, dialects, context.req.param('id'), { alone: isAlone(desk, { request: context.env.incoming }) });
    return run.ok ? context.json(run.value, 202) : refusalOf(context, run.error);
  });

  app.post('/api/exchanges/:id/cancel', async (context) => {
    const given = await giveUp(ports, context.req.param('id'));
    return given.ok ? context.json(given.value) : refusalOf(context, given.error);
  });

  conversationRoutes(app, ports, refusalOf, badQuery);
  searchRoutes(app, ports, refusalOf, badQuery);
  mcpRoute(app, ports);
  watchRoutes(app, ports, refusalOf, badQuery);
  handRoutes(app, ports, refusalOf);
  reportRoute(app, ports, refusalOf);
  alertRoutes(app, ports, refusalOf);
  queueRoutes(
    app,
    { queue: ports.queue, dialects, now: () => clock.now(), largest: desk.settings.maxBody },
    (request) => isAlone(desk, { request }),
    refusalOf,
    badQuery,
  );
  drillRoutes(app, ports, (request) => isAlone(desk, { request }), refusalOf, badQuery);
  offlineRoutes(app, ports, () => clock.now(), refusalOf, badQuery);
  localRoutes(app, ports);

  for (const path of [
    '/api/status',
    '/api/config',
    '/api/openapi.json',
    '/api/exchanges',
    '/api/exchanges/:id',
    '/api/conversations',
    '/api/conversations/:id',
    '/api/search',
    '/api/offline',
    '/api/runbooks',
    '/api/runbooks/:name',
    '/api/alerts',
    '/api/drills/:id',
    '/api/drills/:id/report',
    '/api/board',
    '/api/check',
    '/api/grades',
    '/api/local',
    '/api/incidents/:id',
  ]) {
    app.all(path, (context) => refusalOf(context, wrongMethod(context.req.path, context.req.method, ['GET', 'HEAD'])));
  }

  for (const path of [
    '/api/exchanges/:id/run',
    '/api/exchanges/:id/cancel',
    '/api/incidents/:id/updates',
    '/api/reports',
    '/api/alerts/test',
    '/api/drills/plan',
    '/api/drills/:id/stop',
    '/api/queue/wake',
    '/api/queue/:id/cancel',
    '/api/alerts/answer',
    '/api/runbooks/:name/tick',
    '/api/local/look',
  ]) {
    app.all(path, (context) => refusalOf(context, wrongMethod(context.req.path, context.req.method, ['POST'])));
  }

  for (const path of ['/api/queue', '/api/queue/:id'])
    app.all(path, (context) => refusalOf(context, wrongMethod(context.req.path, context.req.method, ['GET', 'HEAD', 'POST'])));
  app.all('/api/drills', (context) => refusalOf(context, wrongMethod(context.req.path, context.req.method, ['GET', 'HEAD', 'POST'])));
  app.all('/api/incidents', (context) => refusalOf(context, wrongMethod(context.req.path, context.req.method, ['GET', 'HEAD', 'POST'])));

  app.notFound((context) => refusalOf(context, unknownPath(context.req.path)));

  app.onError((error, context) => {
    log.error({ err: error, path: context.req.path }, 'the control API failed');
    return refusalOf(context, {
      status: 500,
      code: 'internal',
      message: 'Understudy failed on this request.',
      hint: 'Try again; if it stays so, report it with what its log says.',
    });
  });

  return app;
}

/** The same for `node:http`. */
export function controlListener(
  desk: ControlDesk,
  dialects: Dialects,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const app = controlApi(desk, dialects);
  return getRequestListener((request, env) => app.fetch(request, env as { incoming: IncomingMessage }), { overrideGlobalObjects: false });
}

function refusalOf(context: Context, { status, code, message, hint, headers, endpoints }: Refusal): Response {
  return context.json(
    { error: { code, message, hint }, ...(endpoints ? { endpoints } : {}) },
    status as ContentfulStatusCode,
    headers ?? {},
  );
}

function badQuery([issue]: readonly z.core.$ZodIssue[], known: readonly string[]): Refusal {
  const what =
    issue?.code === 'unrecognized_keys'
      ? `There is no parameter ${issue.keys.join(', ').slice(0, 100)} here, only ${known.join(', ')}`
      : issue && `${issue.path.join('.')} ${issue.message}`;
  return {
    status: 400,
    code: 'bad-query',
    message: `${what ?? 'The query is not understood'}.`,
    hint: 'See /api/openapi.json for the parameters.',
  };
}
