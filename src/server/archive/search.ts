import type { IncomingMessage } from 'node:http';
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { SearchResult } from '../../archive/search/search.ts';
import { describes } from '../control-schemas.ts';
import type { ServerPorts } from '../ports.ts';
import type { Refusal } from '../refusal.ts';
import { archiveRefusal } from './conversations.ts';
import { conversationSummary } from './schemas.ts';

const LIMIT = 'is not a whole number from 1 to 100';
const PATIENCE = 'is not a whole number of milliseconds from 1 to 10000';

export const searchQuery = z.strictObject({
  q: z.string().default('').describe('Words and filters, as docs/search.md has them. Any text is a query.'),
  limit: z.coerce.number(LIMIT).pipe(z.int(LIMIT).min(1, LIMIT).max(100, LIMIT)).default(20).describe('At most this many conversations.'),
  after: z.string().optional().describe('The next page: next of the one before, with the same q.'),
  patience: z.coerce
    .number(PATIENCE)
    .pipe(z.int(PATIENCE).min(1, PATIENCE).max(10_000, PATIENCE))
    .default(80)
    .describe('Milliseconds after which it answers with what it has (see stoppedAt).'),
});

const instant = z.number().describe('UTC, milliseconds since 1970.');
const marks = z.array(z.tuple([z.number(), z.number()])).describe('Where the words are: from and to, in UTF-16 units.');

export const searchResult = describes<SearchResult>()(
  z.object({
    conversations: z
      .array(
        z.object({
          conversation: conversationSummary,
          titleMarks: marks,
          messages: z
            .array(
              z.object({
                key: z.string().describe('Its key in its conversation.'),
                row: z.number(),
                role: z.enum(['system', 'user', 'assistant', 'tool']),
                at: instant.optional(),
                model: z.string().optional(),
                snippet: z.object({
                  text: z.string(),
                  marks,
                  part: z.number().describe('Index of the part that it is out of.'),
                  offset: z.number().describe('Where in the text of that part its first mark is.'),
                }),
              }),
            )
            .describe('The best first, at most three.'),
          hits: z.number().describe('Messages of it that match, of those that were ranked.'),
          spread: z.boolean().describe('No single message has all the words; the conversation has.'),
        }),
      )
      .describe('The best first.'),
    hits: z.object({
      count: z.number(),
      more: z.boolean().describe('There are older ones: the newest were ranked, the next pages go on to the rest.'),
      byAge: z.literal(true).optional().describe('Words so frequent are not weighed: those are in the order of their age.'),
    }),
    searched: z.object({ messages: z.number(), waiting: z.number().describe('Messages and titles that are not in the index yet.') }),
    next: z.string().optional().describe('Where the next page begins: pass it as after. Absent on the last page.'),
    ignored: z.array(z.string()).describe('What of the query could not be used.'),
    stoppedAt: instant.optional().describe('The time was up: what is older than this was not all looked at.'),
    inside: z.boolean().describe('Nothing has the words; these have them inside of other words.'),
    unknown: z
      .array(z.object({ word: z.string(), like: z.array(z.string()) }))
      .describe('Where nothing was found: words that are nowhere, and some that are like them.'),
    took: z.number().describe('Milliseconds.'),
  }),
);

/** `/api/search`. */
export function searchRoutes(
  app: Hono<{ Bindings: { incoming: IncomingMessage } }>,
  { archive }: Pick<ServerPorts, 'archive'>,
  refuse: (context: Context, refusal: Refusal) => Response,
  badQuery: (issues: readonly z.core.$ZodIssue[], known: readonly string[]) => Refusal,
): void {
  app.get('/api/search', async (context) => {
    const query = searchQuery.safeParse(context.req.query());
    if (!query.success) return refuse(context, badQuery(query.error.issues, Object.keys(searchQuery.shape)));
    const { q, after, limit, patience } = query.data;
    const found = await archive.ask('search', { text: q, limit, patience, ...(after !== undefined && { cursor: after }) });
    return found.ok ? context.json(found.value) : refuse(context, archiveRefusal(found.error));
  });
}
