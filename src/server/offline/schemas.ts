import { z } from 'zod';
import { SOURCES } from '../../archive/conversation.ts';
import type { DeskAnswer } from '../../offline/desk.ts';
import type { ShownRunbook, ShownRunbooks } from '../../offline/runbook/runbook-book.ts';
import { describes } from '../control-schemas.ts';

const instant = z.number().describe('UTC, milliseconds since 1970.');
const likeness = z.number().describe('0 to 1: how much of what is asked it is about.');

export const deskAnswer = describes<DeskAnswer>()(
  z.object({
    question: z.string(),
    at: instant,
    answers: z
      .array(
        z.object({
          conversation: z.object({ id: z.string(), title: z.string(), source: z.enum(SOURCES), project: z.string().optional() }),
          question: z.object({ key: z.string(), at: instant.optional(), text: z.string() }),
          answer: z.object({
            key: z.string(),
            at: instant.optional(),
            text: z.string().describe('Word for word, as it was answered then.'),
            provider: z.string().optional(),
            model: z.string().optional(),
            status: z.enum(['complete', 'partial', 'interrupted', 'deferred']),
          }),
          likeness,
          repeats: z.number().describe('The same question with the same answer elsewhere.'),
        }),
      )
      .describe('Earlier answers to similar questions, the best first.'),
    notes: z
      .array(
        z.object({
          path: z.string(),
          line: z.number().describe('Its first line, from 1.'),
          heading: z.string().describe('Headings above it, the outermost first.'),
          text: z.string(),
          modified: instant,
          likeness,
        }),
      )
      .describe('Sections of notes, the best first.'),
    runbooks: z.array(z.object({ name: z.string(), title: z.string() })).describe('For what is down now.'),
    standing: z.array(z.string()).optional().describe('A sentence for each product that is down or degraded; absent: not known.'),
    searched: z.object({
      messages: z.number(),
      notes: z.number().describe('Sections.'),
      late: z.boolean().describe('The time was up before all was looked through.'),
      notesOnly: z.boolean(),
    }),
    problems: z.array(z.string()).describe('What could not be looked through.'),
    text: z.string().describe('All of it for people. The first and the last line say that no model wrote it.'),
  }),
);

const LIMIT = 'is not a whole number from 1 to 10';
export const offlineQuery = z.strictObject({
  q: z.string().default('').describe('A question, in your own words.'),
  limit: z.coerce.number(LIMIT).pipe(z.int(LIMIT).min(1, LIMIT).max(10, LIMIT)).optional().describe('Earlier answers, and notes, at most.'),
  project: z.string().min(1).optional().describe('A folder: what was said there comes first.'),
  notesOnly: z.enum(['true', 'false'], 'is neither true nor false').default('false').describe('true: no earlier answers.'),
});

const runbook = z.object({
  name: z.string().describe('By which it is opened.'),
  title: z.string(),
  products: z.array(z.string()).describe('As people call them; everything: all is down. None: any.'),
  verdicts: z.array(z.enum(['down', 'degraded', 'over'])),
  scopes: z.array(z.enum(['everyone', 'model', 'account', 'network', 'inconclusive'])),
  path: z.string(),
  isOurs: z.boolean().describe('It came along with Understudy.'),
  text: z.string().describe('Markdown.'),
  items: z
    .array(z.object({ line: z.number().describe('Of text, from 0.'), text: z.string(), doneAt: instant.optional() }))
    .describe('Its checklist.'),
  incident: z.object({ id: z.string(), title: z.string() }).optional().describe('What the ticks belong to.'),
});

export const runbookDetail = describes<ShownRunbook>()(runbook);

export const runbookList = describes<ShownRunbooks>()(
  z.object({ runbooks: z.array(runbook).describe('By name.'), problems: z.array(z.string()).describe('Files that could not be read.') }),
);

export const tickBody = z.strictObject({
  item: z
    .int('is not a whole number')
    .min(1, 'is below 1')
    .optional()
    .describe('Place in the checklist, from 1. Absent: all ticks are taken off.'),
  done: z.boolean().default(true).describe('false: the tick is taken off.'),
  incident: z.string().min(1).max(100).optional().describe('The incident that it is for; by default the one that goes on.'),
});
