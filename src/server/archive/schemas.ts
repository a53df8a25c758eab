import { z } from 'zod';
import { SOURCES } from '../../archive/conversation.ts';
import type { ConversationDetail } from '../../archive/questions.ts';
import type { ConversationPage, ConversationSummary } from '../../archive/store/read.ts';
import { describes } from '../control-schemas.ts';

const instant = z.number().describe('UTC, milliseconds since 1970.');
const dollars = z.number().describe('Dollars, where known.');
const status = z
  .enum(['complete', 'partial', 'interrupted', 'deferred'])
  .describe(
    'partial: it was cut short. interrupted: nothing says that it ended, or nobody has answered. deferred: it waits to be asked again.',
  );
const source = z.enum(SOURCES);

const summary = z.object({
  id: z.string(),
  source,
  key: z.string().describe('Its name within its source.'),
  title: z.string().describe('Empty: nobody has asked anything in it.'),
  createdAt: instant.optional(),
  updatedAt: instant.optional(),
  project: z.string().optional().describe('The folder it was held in, or the project that its source files it under.'),
  branch: z.string().optional().describe('Git branch.'),
  account: z.string().optional(),
  session: z.string().optional().describe("The client's own session id."),
  startedBy: z
    .object({ key: z.string(), message: z.string().optional() })
    .optional()
    .describe('Of a sub-agent: the conversation that started it, by its key in the same source, and the message there.'),
  current: z.string().optional().describe('Key of the message that is shown as the last.'),
  purpose: z.string().optional().describe('What its client asked for its own use, such as a title.'),
  sameAs: z
    .string()
    .optional()
    .describe('Id of the conversation that is shown in its place: the same session, as its own client tells it.'),
  status,
  messages: z.number(),
  branches: z.number().describe('Ends that it has: 1 where nothing was edited or tried again.'),
  inputTokens: z.number().optional(),
  outputTokens: z.number().optional(),
  cost: dollars.optional(),
  revision: z.number().describe('Raised with every change, above all others.'),
});

export const conversationSummary = describes<ConversationSummary>()(summary);

export const conversationList = describes<ConversationPage>()(
  z.object({
    conversations: z.array(summary).describe('Last changed first.'),
    next: z.string().optional().describe('Where the next page begins: pass it as after. Absent on the last page.'),
  }),
);

const message = z.object({
  key: z.string(),
  parent: z.string().optional().describe('Key of the message before it. Messages with the same parent are branches.'),
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  at: instant.optional(),
  parts: z.array(z.unknown()).describe('text, reasoning, tool-call, tool-result, file, refusal, opaque; see docs/archive.md.'),
  producer: z
    .object({ provider: z.string().optional(), model: z.string().optional() })
    .optional()
    .describe('Who wrote it, or its beginning.'),
  status,
  hidden: z.boolean().optional().describe('Not shown to people by its source: instructions, reminders.'),
  seams: z
    .array(
      z.object({
        part: z.number(),
        offset: z.number().describe('Characters of that part which are from the one before.'),
        from: z.string(),
        to: z.string(),
        join: z.string(),
      }),
    )
    .optional()
    .describe('Where two have written one answer.'),
  usage: z
    .object({
      input: z.number().optional(),
      output: z.number().optional(),
      cacheRead: z.number().optional(),
      cacheWrite: z.number().optional(),
      reasoning: z.number().optional(),
    })
    .optional()
    .describe('Tokens, as the provider counted them.'),
  cost: dollars.optional(),
  exchange: z.string().optional().describe('The exchange that it is out of.'),
  extras: z.record(z.string(), z.unknown()).optional(),
});

export const conversationDetail = describes<ConversationDetail>()(
  summary.extend({
    said: z.array(message).describe('All messages, in the order in which the source tells them.'),
    shown: z.array(z.string()).describe('Keys of the branch that is shown, from its beginning.'),
  }),
);

const LIMIT = 'is not a whole number from 1 to 200';
const TIME = 'is no time; give milliseconds since 1970, or a date such as 2026-06-02';

/** UTC milliseconds of a time as people and programs write it. */
export function timeOf(given: string): number {
  return /^\d{5,}$/.test(given) ? Number(given) : Date.parse(given);
}

export const time = z.string().refine((given) => Number.isFinite(timeOf(given)), TIME);

export const conversationQuery = z.strictObject({
  limit: z.coerce.number(LIMIT).pipe(z.int(LIMIT).min(1, LIMIT).max(200, LIMIT)).default(50).describe('At most this many.'),
  after: z.string().optional().describe('Only what comes after this place: next of an earlier page.'),
  source: z
    .enum(SOURCES, `is not one of ${SOURCES.join(', ')}`)
    .optional()
    .describe('Only conversations of this source.'),
  project: z.string().optional().describe('Only those held in this folder or below it, or filed under this project.'),
  session: z.string().optional().describe("Only those of this session of their client's."),
  status: status.optional().describe('Only those in this state.'),
  from: time.optional().describe('Only those last changed from then on. Milliseconds since 1970, or a date.'),
  to: time.optional().describe('Only those last changed before then. Milliseconds since 1970, or a date.'),
  title: z.string().optional().describe('Only those whose title has these words.'),
  everything: z
    .enum(['true', 'false'])
    .optional()
    .describe("true: also sub-agents', what clients asked for their own use, and what is shown in another conversation's place."),
});
