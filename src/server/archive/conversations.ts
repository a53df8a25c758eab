import type { IncomingMessage } from 'node:http';
import type { Context, Hono } from 'hono';
import type { z } from 'zod';
import { isConversationId } from '../../archive/ids.ts';
import type { ConversationQuery } from '../../archive/store/read.ts';
import type { DatabaseProblem } from '../../journal/sqlite-file.ts';
import type { ServerPorts } from '../ports.ts';
import type { Refusal } from '../refusal.ts';
import { conversationQuery, timeOf } from './schemas.ts';

type Refuse = (context: Context, refusal: Refusal) => Response;

/** `/api/conversations` and one of them. */
export function conversationRoutes(
  app: Hono<{ Bindings: { incoming: IncomingMessage } }>,
  { archive }: Pick<ServerPorts, 'archive'>,
  refuse: Refuse,
  badQuery: (issues: readonly z.core.$ZodIssue[], known: readonly string[]) => Refusal,
): void {
  app.get('/api/conversations', async (context) => {
    const query = conversationQuery.safeParse(context.req.query());
    if (!query.success) return refuse(context, badQuery(query.error.issues, Object.keys(conversationQuery.shape)));
    const { everything, from, to, ...rest } = query.data;
    const page = await archive.ask('list', {
      ...(Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as unknown as ConversationQuery),
      ...(from !== undefined && { from: timeOf(from) }),
      ...(to !== undefined && { to: timeOf(to) }),
      everything: everything === 'true',
    });
    return page.ok ? context.json(page.value) : refuse(context, archiveRefusal(page.error));
  });

  app.get('/api/conversations/:id', async (context) => {
    const id = context.req.param('id');
    const found = isConversationId(id) ? await archive.ask('get', { id }) : undefined;
    if (found && !found.ok) return refuse(context, archiveRefusal(found.error));
    return found?.value ? context.json(found.value) : refuse(context, unknownConversation(id));
  });
}

export function archiveRefusal({ reason, action }: DatabaseProblem): Refusal {
  return { status: 503, code: 'archive-unavailable', message: `The archive can't be read: ${reason}.`, hint: `${action}.` };
}

function unknownConversation(id: string): Refusal {
  return {
    status: 404,
    code: 'unknown-conversation',
    message: `There is no conversation '${id.slice(0, 40)}' in the archive.`,
    hint: 'GET /api/conversations lists them; one that has just ended is there a second later.',
  };
}
