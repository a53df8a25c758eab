import { z } from 'zod';
import { duration } from '../../journal/units.ts';
import { describes } from '../control-schemas.ts';
import type { PlacedJob, QueueOverview } from './queue-port.ts';

const instant = z.number().describe('UTC, milliseconds since 1970.');
const state = z.enum(['waiting', 'running', 'answered', 'failed', 'cancelled', 'expired']);
const priority = z.enum(['interactive', 'normal', 'batch']);

export const queueQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  after: z.string().optional().describe('The exchange that the page before ended with.'),
  state: state.optional(),
  batch: z.string().optional().describe('Only those of this file of requests.'),
  open: z.enum(['true', 'false']).optional().describe('true: only those that are not over.'),
});

/** Body of `POST /api/queue/{id}`. */
export const queueChangeBody = z.strictObject({
  priority: priority.optional(),
  deadline: duration.optional().describe('Given up so much later than now: 30m, 8h.'),
});

/** Body of `POST /api/queue`: a request that is kept without asking anybody first. */
export const queuePutBody = z.strictObject({
  path: z.string().min(1).max(500).describe('Where it would be posted: /v1/messages, /v1/chat/completions, /v1/responses, …'),
  body: z.record(z.string(), z.unknown()).describe('The request, in the dialect of that path.'),
  batch: z.string().min(1).max(200).describe('The name of the file of requests, here. The same line again is the same request.'),
  line: z.string().min(1).max(200),
  priority: priority.default('batch'),
  deadline: duration.optional(),
  route: z.string().min(1).max(200).optional(),
});

export const queuedJob = describes<PlacedJob>()(
  z.object({
    exchange: z.string().describe('The id under which it is kept; its answer is at GET /api/exchanges/{id}/answer.'),
    state,
    priority,
    keptAt: instant,
    deadline: instant,
    notBefore: instant,
    attempts: z.number().describe('How often it has been asked again.'),
    route: z.string(),
    model: z.string(),
    principal: z.string(),
    run: z.string().optional().describe('The exchange that answers it, or that failed last.'),
    reason: z.string().optional(),
    notify: z.string().optional(),
    batch: z.string().optional(),
    line: z.string().optional(),
    endedAt: instant.optional(),
    place: z.number().optional().describe('1: asked next, as things are.'),
  }),
);

export const queueOverview = describes<QueueOverview>()(
  z.object({
    counts: z.partialRecord(state, z.number()),
    oldest: instant.optional(),
    jobs: z.array(queuedJob),
    next: z.string().optional(),
  }),
);

export const queueWoken = z.object({ woken: z.literal(true) });
