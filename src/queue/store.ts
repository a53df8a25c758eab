import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Priority } from '../exchange/priority.ts';
import { ok, type Result } from '../exchange/result.ts';
import type { DataKey } from '../journal/at-rest/data-key.ts';
import { type DatabaseKind, type DatabaseProblem, openDatabase } from '../journal/sqlite-file.ts';
import type { Job, JobState } from './job.ts';

const QUEUE: DatabaseKind = {
  /** `undq` */
  applicationId: 0x756e6471,
  migrations: new URL('./migrations/', import.meta.url),
  setAside: (path) => `move ${path} (and its -wal and -shm files) away: the requests themselves are in the record, and are queued anew`,
};

/** In the order in which they are asked. */
const PRIORITIES: readonly Priority[] = ['interactive', 'normal', 'batch'];
/** Milliseconds after which a request goes before newer ones of the next class, so that files are not kept waiting for ever. */
const AGES = 60 * 60_000;
/** What has failed so often may be at fault itself: it keeps a pause of so many milliseconds, whoever is back. */
const OFTEN = 3;
const SOON = 60_000;
/** Of what is over, so much is kept to be shown: a month, or so many. */
const KEPT = 30 * 24 * 60 * 60_000;
const MOST_KEPT = 20_000;
const COLUMNS =
  'exchange, state, priority, kept_at, deadline, not_before, attempts, route, model, principal, run, reason, notify, batch, line, ended_at';
/** A person who waits is never overtaken by age. */
const ORDER = `CASE WHEN priority = 2 AND kept_at < :aged THEN 1 ELSE priority END, deadline, exchange`;

export interface JobQuery {
  state?: JobState;
  batch?: string;
  /** Only those that are not over. */
  open?: boolean;
  limit: number;
  /** After this exchange, in the order of the list. */
  after?: string;
}

/** Jobs in `queue.db` of the data folder: what is said to be kept is on disk. Each call is one small statement. Throws what SQLite throws. */
export interface JobStore {
  /** False: it is known already. */
  add(job: Omit<Job, 'state' | 'notBefore' | 'attempts'>): boolean;
  get(exchange: string): Job | undefined;
  /** Those under way in the order in which they are asked, then what is over, newest first. */
  list(query: JobQuery, now: number): Job[];
  counts(): Partial<Record<JobState, number>>;
  /** Kept earliest of those that wait. */
  oldest(): number | undefined;
  /** Routes of which something may be asked now. */
  readyRoutes(now: number): string[];
  next(route: string, now: number): Job | undefined;
  /** Whose turn it is while it is not known whether anybody answers: who has failed least, so that one that can't be answered does not stand before all. */
  canary(route: string, now: number): Job | undefined;
  /** Those that wait, of all routes, in the order in which they are asked. */
  order(now: number): string[];
  /** How many of them stand before this one. */
  before(job: Job, now: number): number;
  /** When the next that has to wait may be asked, or is given up; `undefined`: nothing waits. */
  nextMoment(now: number): number | undefined;
  /** `run`: once it is known who answers it. */
  running(exchange: string, run: string | undefined, leaseUntil: number): void;
  extend(leaseUntil: number): void;
  again(exchange: string, notBefore: number, reason: string): void;
  /** Whoever was asking them has gone. Returns how many. */
  reclaim(before: number): number;
  over(exchange: string, state: Exclude<JobState, 'waiting' | 'running'>, at: number, reason?: string): boolean;
  expired(now: number): Job[];
  change(exchange: string, change: { priority?: Priority; deadline?: number }): void;
  /** All of a route may be asked now; what has failed often, soon. */
  wake(route: string, now: number): void;
  /** Over, and whoever wanted to be told has not been: oldest first. */
  untold(limit: number): { job: Job; tellings: number }[];
  told(exchange: string, at: number | undefined): void;
  ofLine(batch: string, line: string): Job | undefined;
  forgetOld(now: number): void;
  close(): void;
}

/** `key`: of an encrypted data folder. `durability`: as the journal's; `power` waits for the disk at each write. */
export function openJobStore(
  folder: string,
  key?: DataKey,
  durability: 'process' | 'power' = 'process',
): Result<JobStore, DatabaseProblem> {
  const opened = openDatabase(join(folder, 'queue.db'), QUEUE, key);
  if (!opened.ok) return opened;
  if (durability === 'power') opened.value.exec('PRAGMA synchronous = FULL');
  return ok(jobStoreIn(opened.value));
}

function jobStoreIn(database: DatabaseSync): JobStore {
  const insert = database.prepare(
    `INSERT INTO jobs (exchange, state, priority, kept_at, deadline, not_before, attempts, route, model, principal, notify, batch, line)
     VALUES (?, 'waiting', ?, ?, ?, 0, 0, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const one = database.prepare(`SELECT ${COLUMNS} FROM jobs WHERE exchange = ?`);
  const counted = database.prepare('SELECT state, count(*) AS jobs FROM jobs GROUP BY state');
  const oldest = database.prepare("SELECT min(kept_at) AS at FROM jobs WHERE state = 'waiting'");
  const routes = database.prepare("SELECT DISTINCT route FROM jobs WHERE state = 'waiting' AND not_before <= ?");
  // Both go along the index, however many wait.
  const first = database.prepare(
    `SELECT ${COLUMNS} FROM jobs WHERE state = 'waiting' AND route = ? AND not_before <= ? ORDER BY priority, deadline, exchange LIMIT 1`,
  );
  const canary = database.prepare(
    `SELECT ${COLUMNS} FROM jobs WHERE state = 'waiting' AND route = ? AND not_before <= ? ORDER BY attempts, priority, deadline, exchange LIMIT 1`,
  );
  const aged = database.prepare(
    `SELECT ${COLUMNS} FROM jobs WHERE state = 'waiting' AND route = ? AND priority = 2 AND not_before <= ? AND kept_at < ?
      ORDER BY deadline, exchange LIMIT 1`,
  );
  const all = database.prepare(`SELECT exchange FROM jobs WHERE state = 'waiting' ORDER BY ${ORDER}`);
  const moment = database.prepare(
    "SELECT min(deadline) AS deadline, min(CASE WHEN not_before > ? THEN not_before END) AS later FROM jobs WHERE state = 'waiting'",
  );
  const running = database.prepare(
    `UPDATE jobs SET run = coalesce(?, run), lease_until = ?, attempts = attempts + (state = 'waiting'), state = 'running'
      WHERE exchange = ? AND state IN ('waiting', 'running')`,
  );
  const extend = database.prepare("UPDATE jobs SET lease_until = ? WHERE state = 'running'");
  const again = database.prepare(
    "UPDATE jobs SET state = 'waiting', lease_until = NULL, not_before = ?, reason = ? WHERE exchange = ? AND state = 'running'",
  );
  const reclaim = database.prepare("UPDATE jobs SET state = 'waiting', lease_until = NULL WHERE state = 'running' AND lease_until < ?");
  const over = database.prepare(
    "UPDATE jobs SET state = ?, lease_until = NULL, ended_at = ?, reason = coalesce(?, reason) WHERE exchange = ? AND state IN ('waiting', 'running')",
  );
  const expired = database.prepare(`SELECT ${COLUMNS} FROM jobs WHERE state = 'waiting' AND deadline <= ?`);
  const change = database.prepare('UPDATE jobs SET priority = coalesce(?, priority), deadline = coalesce(?, deadline) WHERE exchange = ?');
  const wake = database.prepare(
    `UPDATE jobs SET not_before = CASE WHEN attempts < ${OFTEN} THEN 0 ELSE min(not_before, :now + ${SOON}) END
      WHERE state = 'waiting' AND route = :route AND not_before > :now`,
  );
  const untold = database.prepare(
    `SELECT ${COLUMNS}, tellings FROM jobs WHERE notify IS NOT NULL AND told_at IS NULL AND ended_at IS NOT NULL ORDER BY ended_at LIMIT ?`,
  );
  const told = database.prepare('UPDATE jobs SET told_at = ?, tellings = tellings + 1 WHERE exchange = ?');
  const ofLine = database.prepare(`SELECT ${COLUMNS} FROM jobs WHERE batch = ? AND line = ?`);
  const forget = database.prepare(
    `DELETE FROM jobs WHERE ended_at IS NOT NULL AND (notify IS NULL OR told_at IS NOT NULL)
        AND (ended_at < ? OR exchange NOT IN (SELECT exchange FROM jobs WHERE ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT ?))`,
  );

  const order = (now: number): string[] => all.all({ aged: now - AGES }).map(({ exchange }) => String(exchange));

  return {
    add: ({ exchange, priority, keptAt, deadline, route, model, principal, notify, batch, line }) =>
      insert.run(
        exchange,
        PRIORITIES.indexOf(priority),
        Math.round(keptAt),
        Math.round(deadline),
        route,
        model,
        principal,
        notify ?? null,
        batch ?? null,
        line ?? null,
      ).changes === 1,
    get: (exchange) => optional(one.get(exchange)),
    list: (query, now) => listed(database, query, now),
    counts: () => Object.fromEntries(counted.all().map(({ state, jobs }) => [String(state), Number(jobs)])),
    oldest() {
      const at = oldest.get()?.['at'];
      return typeof at === 'number' ? at : undefined;
    },
    readyRoutes: (now) => routes.all(now).map(({ route }) => String(route)),
    canary: (route, now) => optional(canary.get(route, now)),
    next(route, now) {
      const one = optional(first.get(route, now));
      if (one?.priority !== 'normal') return one;
      const old = optional(aged.get(route, now, now - AGES));
      return old && (old.deadline < one.deadline || (old.deadline === one.deadline && old.exchange < one.exchange)) ? old : one;
    },
    order,
    before: ({ exchange }, now) => order(now).indexOf(exchange),
    nextMoment(now) {
      const { deadline, later } = moment.get(now) ?? {};
      const moments = [deadline, later].filter((at) => typeof at === 'number');
      return moments.length === 0 ? undefined : Math.min(...moments);
    },
    running: (exchange, run, leaseUntil) => void running.run(run ?? null, Math.round(leaseUntil), exchange),
    extend: (leaseUntil) => void extend.run(Math.round(leaseUntil)),
    again: (exchange, notBefore, reason) => void again.run(Math.round(notBefore), reason, exchange),
    reclaim: (before) => Number(reclaim.run(Math.round(before)).changes),
    over: (exchange, state, at, reason) => over.run(state, Math.round(at), reason ?? null, exchange).changes === 1,
    expired: (now) => expired.all(now).map(jobOf),
    change: (exchange, { priority, deadline }) =>
      void change.run(
        priority === undefined ? null : PRIORITIES.indexOf(priority),
        deadline === undefined ? null : Math.round(deadline),
        exchange,
      ),
    wake: (route, now) => void wake.run({ route, now }),
    untold: (limit) => untold.all(limit).map((row) => ({ job: jobOf(row), tellings: Number(row['tellings']) })),
    told: (exchange, at) => void told.run(at === undefined ? null : Math.round(at), exchange),
    ofLine: (batch, line) => optional(ofLine.get(batch, line)),
    forgetOld: (now) => void forget.run(now - KEPT, MOST_KEPT),
    close: () => database.close(),
  };
}

function listed(database: DatabaseSync, { state, batch, open, limit, after }: JobQuery, now: number): Job[] {
  const where = ['true'];
  const values: Record<string, string | number> = { aged: now - AGES };
  if (state !== undefined) {
    where.push('state = :state');
    values['state'] = state;
  }
  if (open === true) where.push("state IN ('waiting', 'running')");
  if (batch !== undefined) {
    where.push('batch = :batch');
    values['batch'] = batch;
  }
  const sorted = `FROM jobs WHERE ${where.join(' AND ')} ORDER BY state NOT IN ('waiting', 'running'), state <> 'running', ended_at DESC, ${ORDER}`;
  // Only what is shown is read whole: streams wait for this thread.
  const from =
    after === undefined
      ? 0
      : database
          .prepare(`SELECT exchange ${sorted}`)
          .all(values)
          .findIndex(({ exchange }) => exchange === after) + 1;
  return database
    .prepare(`SELECT ${COLUMNS} ${sorted} LIMIT :limit OFFSET :from`)
    .all({ ...values, limit, from })
    .map(jobOf);
}

type Row = Record<string, unknown>;

function optional(row: Row | undefined): Job | undefined {
  return row && jobOf(row);
}

function jobOf(row: Row): Job {
  const text = (name: string): Record<string, string> => (typeof row[name] === 'string' ? { [name]: row[name] } : {});
  return {
    exchange: String(row['exchange']),
    state: String(row['state']) as JobState,
    priority: PRIORITIES[Number(row['priority'])] ?? 'normal',
    keptAt: Number(row['kept_at']),
    deadline: Number(row['deadline']),
    notBefore: Number(row['not_before']),
    attempts: Number(row['attempts']),
    route: String(row['route']),
    model: String(row['model']),
    principal: String(row['principal']),
    ...text('run'),
    ...text('reason'),
    ...text('notify'),
    ...text('batch'),
    ...text('line'),
    ...(typeof row['ended_at'] === 'number' && { endedAt: row['ended_at'] }),
  };
}
