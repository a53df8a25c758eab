import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../exchange/clock.ts';
import type { FeedAdapter, FeedRequest, PageFamily, StatusPage } from '../page.ts';
import type { PageReading } from '../page-reading.ts';
import type { FetchPage } from '../poll/fetch-page.ts';

/** How much of a page's past is here. */
export interface BackfillProgress {
  page: string;
  /** Requests that are behind it, those that gave nothing among them. */
  done: number;
  of: number;
  /** Requests that gave nothing, after some tries. */
  missed: number;
}

export interface Backfill {
  /** Reads what is missing of these pages' past, one request after the other, the newest first. Rejects with what SQLite throws. */
  run(pages: readonly StatusPage[], signal: AbortSignal): Promise<void>;
  progress(pages: readonly StatusPage[]): BackfillProgress[];
}

export interface BackfillParts {
  database: DatabaseSync;
  clock: Clock;
  /** The poller's, so that no host is asked for two things at once. */
  fetchPage: FetchPage;
  adapterOf(family: PageFamily): FeedAdapter | undefined;
  /** Times are UTC ms. */
  onReading(page: StatusPage, reading: PageReading, times: { askedAt: number; seenAt: number }): void;
}

/** Milliseconds: what bars and grades look back on. */
const SPAN = 90 * 86_400_000;
/** Milliseconds between two requests: nobody waits for the past. */
const SPACING = 3000;
/** Milliseconds before the tries after the first; then a request is given up. */
const WAITS = [60_000, 600_000];

interface Past {
  reading: PageReading;
  askedAt: number;
}

interface Row {
  begun: number;
  done: number;
  missed: number;
  over: number | null;
}

/**
 * The past, as far as pages keep it, read once. What is planned depends on when it was begun only, so that it is carried on after a restart where it
 * was left. A page without a history of its own says all there is when it is read now.
 */
export function createBackfill({ database, clock, fetchPage, adapterOf, onReading }: BackfillParts): Backfill {
  const select = database.prepare('SELECT begun_at AS begun, done, missed, over_at AS over FROM backfills WHERE page = ?');
  const begin = database.prepare('INSERT OR IGNORE INTO backfills (page, begun_at, done, missed) VALUES (?, ?, 0, 0)');
  const note = database.prepare('UPDATE backfills SET done = ?, missed = ?, over_at = ? WHERE page = ?');

  function rowOf(page: StatusPage): Row | undefined {
    return select.get(page.id) as Row | undefined;
  }

  function planned(page: StatusPage, begun: number): FeedRequest[] {
    return adapterOf(page.family)?.history?.(page, begun - SPAN, begun) ?? [];
  }

  async function ask(page: StatusPage, request: FeedRequest, signal: AbortSignal): Promise<Past | undefined> {
    const adapter = adapterOf(page.family)!;
    const { mirrors, required: _required, ...address } = request;
    for (const url of [request.url, ...mirrors]) {
      const askedAt = Math.floor(clock.now());
      const fetched = await fetchPage({ ...address, url }, signal);
      if (signal.aborted) return undefined;
      if (!fetched.ok || fetched.value.type !== 'payload') continue;
      const read = adapter.read(fetched.value.payload, page, Math.floor(clock.now()));
      if (read.ok) return { reading: read.value, askedAt };
    }
    return undefined;
  }

  async function askPatiently(page: StatusPage, request: FeedRequest, signal: AbortSignal): Promise<Past | undefined> {
    for (const wait of [...WAITS, undefined]) {
      const read = await ask(page, request, signal);
      if (read || wait === undefined || signal.aborted) return read;
      await pause(clock, wait, signal);
    }
    return undefined;
  }

  /** Does the next request of a page; `false`: there is none. */
  async function step(page: StatusPage, signal: AbortSignal): Promise<boolean> {
    begin.run(page.id, Math.floor(clock.now()));
    const row = rowOf(page)!;
    if (row.over !== null) return false;
    const requests = planned(page, row.begun);
    const request = requests[row.done];
    if (!request) {
      note.run(row.done, row.missed, Math.floor(clock.now()), page.id);
      return false;
    }
    const read = await askPatiently(page, request, signal);
    if (signal.aborted) return false;
    const now = Math.floor(clock.now());
    // First what was read, then that it was: what is read twice says nothing new.
    if (read) onReading(page, read.reading, { askedAt: read.askedAt, seenAt: now });
    const done = row.done + 1;
    note.run(done, row.missed + (read ? 0 : 1), done >= requests.length ? now : null, page.id);
    return true;
  }

  return {
    async run(pages, signal) {
      let left = [...pages];
      // A request of each in turn: the last month of all pages is here before the month before of any.
      while (left.length > 0) {
        const more: StatusPage[] = [];
        for (const page of left) {
          if (signal.aborted) return;
          if (!(await step(page, signal))) continue;
          more.push(page);
          await pause(clock, SPACING, signal);
        }
        left = more;
      }
    },
    progress: (pages) =>
      pages.flatMap((page) => {
        const row = rowOf(page);
        const of = planned(page, row?.begun ?? Math.floor(clock.now())).length;
        return of === 0 ? [] : [{ page: page.id, done: row?.done ?? 0, of, missed: row?.missed ?? 0 }];
      }),
  };
}

function pause(clock: Clock, span: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = clock.after(span, resolve);
  const stop = (): void => {
    cancel();
    resolve();
  };
  signal.addEventListener('abort', stop, { once: true });
  return promise.finally(() => signal.removeEventListener('abort', stop));
}
