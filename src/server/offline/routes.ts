import type { IncomingMessage } from 'node:http';
import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { z } from 'zod';
import type { TickProblem } from '../../offline/runbook/runbook-book.ts';
import type { Incident } from '../../watch/incident.ts';
import type { ServerPorts } from '../ports.ts';
import type { Refusal } from '../refusal.ts';
import { offlineQuery, tickBody } from './schemas.ts';

/** Bytes of the longest body; it is a line. */
const LONGEST = 1024;
/** Milliseconds back for which an incident may be what a runbook is about. */
const PAST = 7 * 24 * 60 * 60_000;
const MOST_INCIDENTS = 200;

/** What there is when no model answers: `/api/offline`, `/api/runbooks`, one of them, and its ticks. */
export function offlineRoutes(
  app: Hono<{ Bindings: { incoming: IncomingMessage } }>,
  { offline, watch }: Pick<ServerPorts, 'offline' | 'watch'>,
  now: () => number,
  refuse: (context: Context, refusal: Refusal) => Response,
  badQuery: (issues: readonly z.core.$ZodIssue[], known: readonly string[]) => Refusal,
): void {
  /** Ticks can be had without them: then they belong to no incident. */
  async function incidents(): Promise<Incident[]> {
    const found = await watch.ask('incidents', { from: now() - PAST, kind: 'incident', limit: MOST_INCIDENTS });
    return found.ok ? found.value.incidents : [];
  }

  app.get('/api/offline', async (context) => {
    const query = offlineQuery.safeParse(context.req.query());
    if (!query.success) return refuse(context, badQuery(query.error.issues, Object.keys(offlineQuery.shape)));
    const { q, limit, project, notesOnly } = query.data;
    return context.json(
      await offline.desk.answer({
        question: q,
        notesOnly: notesOnly === 'true',
        ...(limit !== undefined && { limit }),
        ...(project !== undefined && { project }),
      }),
    );
  });

  app.get('/api/runbooks', async (context) => {
    const list = await offline.ask('runbooks', { incidents: await incidents() });
    return list.ok ? context.json(list.value) : refuse(context, unavailable(list.error));
  });

  app.get('/api/runbooks/:name', async (context) => {
    const name = context.req.param('name');
    const list = await offline.ask('runbooks', { incidents: await incidents() });
    if (!list.ok) return refuse(context, unavailable(list.error));
    const found = list.value.runbooks.find((one) => one.name === name);
    return found ? context.json(found) : refuse(context, unknownRunbook(name));
  });

  app.post(
    '/api/runbooks/:name/tick',
    bodyLimit({ maxSize: LONGEST, onError: (context) => refuse(context, badTick('it is longer than it can be')) }),
    async (context) => {
      const read = tickBody.safeParse(await context.req.json().catch(() => undefined));
      if (!read.success) return refuse(context, badTick(saidOf(read.error.issues)));
      const { item, done, incident } = read.data;
      const name = context.req.param('name');
      const changed = await offline.ask('tick', {
        name,
        change: item === undefined ? { type: 'reset' } : { type: done ? 'tick' : 'untick', item },
        incidents: await incidents(),
        ...(incident !== undefined && { incident }),
      });
      if (!changed.ok) return refuse(context, unavailable(changed.error));
      return changed.value.ok ? context.json(changed.value.value) : refuse(context, tickRefusal(name, changed.value.error));
    },
  );
}

function saidOf(issues: readonly z.core.$ZodIssue[]): string {
  return issues.map(({ path, message }) => `${path.length === 0 ? 'it' : path.join('.')}: ${message}`).join('; ');
}

function tickRefusal(name: string, problem: TickProblem): Refusal {
  switch (problem.type) {
    case 'unknown-runbook':
      return unknownRunbook(name);
    case 'unknown-item':
      return badTick(`there is no such item: the checklist has ${problem.items}`);
    case 'unwritable':
      return unavailable(problem.reason);
  }
}

function unknownRunbook(name: string): Refusal {
  return {
    status: 404,
    code: 'unknown-runbook',
    message: `There is no runbook '${name.slice(0, 60)}'.`,
    hint: 'GET /api/runbooks lists them.',
  };
}

function badTick(why: string): Refusal {
  return {
    status: 400,
    code: 'bad-tick',
    message: `That can't be ticked: ${why}.`,
    hint: 'Send {"item": 1}, or {"item": 1, "done": false}.',
  };
}

function unavailable(why: string): Refusal {
  return {
    status: 503,
    code: 'offline-unavailable',
    message: `Runbooks can't be read or kept: ${why}.`,
    hint: 'Try again in half a minute.',
  };
}
