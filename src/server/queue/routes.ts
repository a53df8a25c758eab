import type { IncomingMessage } from 'node:http';
import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { z } from 'zod';
import type { DialectName } from '../../exchange/dialect-name.ts';
import type { Dialects } from '../deferred/again.ts';
import type { Ask, ServerPorts } from '../ports.ts';
import type { Refusal } from '../refusal.ts';
import { wrongMethod } from '../unknown-path.ts';
import { queueChangeBody, queuePutBody, queueQuery } from './schemas.ts';

type App = Hono<{ Bindings: { incoming: IncomingMessage } }>;

/** Requests that wait: `/api/queue`, one of them, what can be done to it. */
export function queueRoutes(
  app: App,
  { queue, dialects, now, largest }: { queue: ServerPorts['queue']; dialects: Dialects; now: () => number; largest: number },
  isAlone: (request: IncomingMessage) => boolean,
  refuse: (context: Context, refusal: Refusal) => Response,
  badQuery: (issues: readonly z.core.$ZodIssue[], known: readonly string[]) => Refusal,
): void {
  const short = bodyLimit({ maxSize: 4096, onError: (context) => refuse(context, badBody('it is longer than it can be')) });
  const long = bodyLimit({ maxSize: largest, onError: (context) => refuse(context, badBody('it is larger than server.maxBody')) });

  app.get('/api/queue', (context) => {
    const query = queueQuery.safeParse(context.req.query());
    if (!query.success) return refuse(context, badQuery(query.error.issues, Object.keys(queueQuery.shape)));
    const { limit, after, state, batch, open } = query.data;
    const overview = queue.overview({
      limit,
      ...(after !== undefined && { after }),
      ...(state !== undefined && { state }),
      ...(batch !== undefined && { batch }),
      ...(open === 'true' && { open: true }),
    });
    return overview ? context.json(overview) : refuse(context, noQueue());
  });

  app.post('/api/queue', long, async (context) => {
    const read = queuePutBody.safeParse(await context.req.json().catch(() => undefined));
    if (!read.success) return refuse(context, badBody(saidOf(read.error.issues)));
    const { path, body, batch, line, priority, deadline, route } = read.data;
    const name = dialectAt(path);
    if (!name) return refuse(context, badBody(`nobody answers at ${path.slice(0, 100)}`));
    const dialect = dialects[name];
    const bytes = Buffer.from(JSON.stringify(body));
    const head = dialect.inspect(bytes, path);
    if (!head.ok) return refuse(context, badBody(`${head.error.field} ${head.error.message}`));
    const ask: Ask = {
      dialect,
      head: head.value,
      body: bytes,
      path,
      headers: [],
      principal: 'local',
      ...(isAlone(context.env.incoming) && { alone: true }),
      priority,
      ...(deadline !== undefined && { deadline }),
      ...(route !== undefined && { route }),
    };
    const kept = queue.put(ask, { batch, line });
    const job = kept.ok ? queue.get(kept.value) : undefined;
    if (job) return context.json(job, 202);
    return kept.ok
      ? refuse(context, noQueue())
      : refuse(context, { status: 409, code: 'not-kept', message: kept.error.message, hint: 'Mend what it says, and put it again.' });
  });

  app.get('/api/queue/:id', (context) => {
    const id = context.req.param('id');
    if (id === 'wake') return refuse(context, wrongMethod('/api/queue/wake', 'GET', ['POST']));
    const job = queue.get(id);
    return job ? context.json(job) : refuse(context, unknownJob(id));
  });

  app.post('/api/queue/wake', (context) => {
    queue.wake();
    return context.json({ woken: true });
  });

  app.post('/api/queue/:id', short, async (context) => {
    const read = queueChangeBody.safeParse(await context.req.json().catch(() => undefined));
    if (!read.success) return refuse(context, badBody(saidOf(read.error.issues)));
    const { priority, deadline } = read.data;
    const id = context.req.param('id');
    if (queue.get(id)?.state !== 'waiting') return refuse(context, notWaiting(id));
    const changed = queue.change(id, {
      ...(priority !== undefined && { priority }),
      ...(deadline !== undefined && { deadline: now() + deadline }),
    });
    return changed ? context.json(changed) : refuse(context, unknownJob(id));
  });

  app.post('/api/queue/:id/cancel', async (context) => {
    const id = context.req.param('id');
    const job = await queue.cancel(id);
    return job ? context.json(job) : refuse(context, notWaiting(id));
  });
}

/** `undefined`: nobody answers there, or its answer would not be one that can be kept. */
function dialectAt(path: string): DialectName | undefined {
  if (path === '/v1/messages') return 'anthropic-messages';
  if (path === '/v1/chat/completions') return 'openai-chat';
  if (path === '/v1/responses') return 'openai-responses';
  return /^\/v1(?:beta)?\/models\/[^/]+:(?:generateContent|streamGenerateContent)(?:\?|$)/.test(path) ? 'gemini' : undefined;
}

function saidOf(issues: readonly z.core.$ZodIssue[]): string {
  return issues.map(({ path, message }) => `${path.length === 0 ? 'it' : path.join('.')}: ${message}`).join('; ');
}

function badBody(why: string): Refusal {
  return { status: 400, code: 'bad-job', message: `That can't be taken: ${why}.`, hint: 'GET /api/openapi.json says what can be sent.' };
}

function unknownJob(id: string): Refusal {
  return { status: 404, code: 'unknown-job', message: `Nothing is queued as ${id.slice(0, 80)}.`, hint: 'GET /api/queue lists what is.' };
}

function notWaiting(id: string): Refusal {
  return { status: 409, code: 'not-waiting', message: `Nothing waits as ${id.slice(0, 80)}.`, hint: 'GET /api/queue lists what does.' };
}

function noQueue(): Refusal {
  return { status: 503, code: 'no-queue', message: 'There is no queue now.', hint: 'GET /api/status says why, and what to do.' };
}
