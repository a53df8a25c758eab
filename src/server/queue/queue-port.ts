import type { Fault } from '../../exchange/fault.ts';
import type { Priority } from '../../exchange/priority.ts';
import type { Result } from '../../exchange/result.ts';
import type { Job, JobState } from '../../queue/job.ts';
import type { QueueSettings } from '../../queue/settings.ts';
import type { JobQuery } from '../../queue/store.ts';
import type { Ask } from '../ports.ts';

/** A kept request, and its place in the line: 1 is asked next. Only of one that waits. */
export interface PlacedJob extends Job {
  place?: number;
}

export interface QueueOverview {
  counts: Partial<Record<JobState, number>>;
  /** When the one that waits longest was kept, UTC ms. */
  oldest?: number;
  jobs: PlacedJob[];
  /** `after` of the next page. */
  next?: string;
}

/** What the server wants of the queue. All but `settings` say `undefined` where there is none. */
export interface QueuePort {
  settings(): QueueSettings;
  overview(query: JobQuery): QueueOverview | undefined;
  get(exchange: string): PlacedJob | undefined;
  /** How many wait, and since when. */
  summary(): { waiting: number; running: number; oldest?: number } | undefined;
  change(exchange: string, change: { priority?: Priority; deadline?: number }): PlacedJob | undefined;
  cancel(exchange: string): Promise<PlacedJob | undefined>;
  /** All that waits may be asked now. */
  wake(): void;
  /** Keeps a request without asking anybody first. */
  put(ask: Ask, of: { batch: string; line: string }): Result<string, Fault>;
}
