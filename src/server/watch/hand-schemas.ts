import { z } from 'zod';
import { time, timeOf } from '../archive/schemas.ts';

const severity = z.enum(['minor', 'major', 'critical', 'unknown']);
const phase = z.enum(['investigating', 'identified', 'monitoring', 'resolved', 'scheduled', 'in-progress', 'verifying']);
const text = z.string().trim().min(1, 'is empty').max(10_000).describe('What people are told.');
/** What would move a terminal's cursor, or break a line of a feed. */
const line = z
  .string()
  .trim()
  .min(1, 'is empty')
  .regex(/^\P{Cc}*$/u, 'has control characters in it');
const by = line.max(80).optional().describe('Who says so; shown with it.');
const moment = z.union(
  [z.int().min(0), time.transform(timeOf)],
  'is no time; give milliseconds since 1970, or a date such as 2026-06-02T06:00Z',
);

/** The body of `POST /api/incidents`. */
export const handBody = z.strictObject({
  title: line.max(200),
  products: z.array(line.max(120)).min(1, 'is empty').max(20).describe('As people call them, or as provider/product: ["claude.ai"].'),
  text,
  kind: z.enum(['incident', 'maintenance']).default('incident').describe('maintenance: planned work, with from and to.'),
  models: z.array(line.max(80)).max(50).optional().describe('Those that it is limited to.'),
  severity: severity.optional(),
  phase: phase.optional().describe('By default investigating; of planned work, what its times say.'),
  from: moment.optional().describe('When it began or begins; by default now.'),
  to: moment.optional().describe('When it ends, or ended.'),
  by,
});

/** The body of `POST /api/incidents/{id}/updates`. */
export const handUpdateBody = z.strictObject({
  text,
  phase: phase.optional().describe('By default as it is.'),
  severity: severity.optional(),
  by,
});
