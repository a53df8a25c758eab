import type { DatabaseSync } from 'node:sqlite';
import type { Cause } from './cause.ts';
import type { MessageKind } from './message.ts';

export interface Alert {
  id: string;
  state: 'pending' | 'open' | 'clearing' | 'over';
  /** UTC ms when the state changes by itself. */
  due?: number;
  revision: number;
  /** The last revision that people should notice; 0: nobody is to be told yet. */
  loud: number;
  began: number;
  ended?: number;
  body: AlertBody;
  /** In the links of its question; absent once it is answered. */
  token?: string;
}

export interface AlertBody {
  /** What fails now; of what is over, what failed last. */
  causes: HeardCause[];
  /** When something was added last. */
  joinedAt: number;
  channels: string[];
  /** When people were last told that something fails; not of its end. */
  alertedAt?: number;
  /** How bad each cause was when it was told, by its name: it is loud again only when it is worse. */
  ranks: Record<string, number>;
  /** What the last revision said, in short. */
  content: string;
  /** UTC ms of its very first beginning, however often it came back since. */
  first?: number;
  /** UTC ms since when nothing of it fails; it is over once that has lasted. */
  wellAt?: number;
  /** It is back, and until then (UTC ms) it is brought up to date without disturbing anybody. */
  hushed?: number;
  /** It ended because nothing more was heard. */
  faded: boolean;
  answer?: { failing: boolean; at: number };
}

/** `heardAt`: since when it is known here. `aside`: it explains what fails, and alone would alert nobody. */
export type HeardCause = Cause & { heardAt: number; aside?: true };

export interface Delivery {
  alert: string;
  channel: string;
  /** As far as the channel was told. */
  revision: number;
  told?: MessageKind;
  toldAt?: number;
  handle?: string;
  tries: number;
  nextTry?: number;
  /** A revision that it has refused for good. */
  refused: number;
}

export interface LogEntry {
  at: number;
  alert?: string;
  channel: string;
  message: string;
  outcome: 'sent' | 'retried' | 'refused' | 'expired';
  problem?: string;
}

/** Alerts in `watch.db`. Throws what SQLite throws. */
export interface AlertStore {
  put(alert: Alert): void;
  drop(id: string): void;
  get(id: string): Alert | undefined;
  byToken(token: string): Alert | undefined;
  /** All that are not over, and those that ended since then. Oldest first. */
  live(endedSince: number): Alert[];
  /** Newest first. */
  recent(limit: number): Alert[];
  deliveries(alert: string): Delivery[];
  deliver(delivery: Delivery): void;
  log(entry: LogEntry): void;
  /** Newest first. */
  logged(limit: number): LogEntry[];
  prune(now: number): void;
}

const KEEP = 90 * 86_400_000;
const MOST_OVER = 500;
const MOST_LOGGED = 2000;

type Row = Record<string, string | number | null>;

export function createAlertStore(database: DatabaseSync): AlertStore {
  const put = database.prepare(
    `INSERT INTO alerts (id, state, due, revision, loud, began, ended, body, token) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET state = excluded.state, due = excluded.due, revision = excluded.revision, loud = excluded.loud,
       began = excluded.began, ended = excluded.ended, body = excluded.body, token = excluded.token`,
  );
  const deliver = database.prepare(
    `INSERT OR REPLACE INTO alert_deliveries (alert, channel, revision, told, told_at, handle, tries, next_try, refused)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const log = database.prepare('INSERT INTO alert_log (at, alert, channel, message, outcome, problem) VALUES (?, ?, ?, ?, ?, ?)');
  const all = (sql: string, ...values: (string | number)[]): Row[] => database.prepare(sql).all(...values) as Row[];

  return {
    put({ id, state, due, revision, loud, began, ended, body, token }) {
      put.run(id, state, due ?? null, revision, loud, began, ended ?? null, JSON.stringify(body), token ?? null);
    },
    drop: (id) => void database.prepare('DELETE FROM alerts WHERE id = ?').run(id),
    get: (id) => all('SELECT * FROM alerts WHERE id = ?', id).map(alertOf)[0],
    byToken: (token) => all('SELECT * FROM alerts WHERE token = ?', token).map(alertOf)[0],
    live: (since) => all("SELECT * FROM alerts WHERE state <> 'over' OR ended >= ? ORDER BY id", since).map(alertOf),
    recent: (limit) => all('SELECT * FROM alerts WHERE loud > 0 ORDER BY id DESC LIMIT ?', limit).map(alertOf),
    deliveries: (alert) => all('SELECT * FROM alert_deliveries WHERE alert = ?', alert).map(deliveryOf),
    deliver({ alert, channel, revision, told, toldAt, handle, tries, nextTry, refused }) {
      deliver.run(alert, channel, revision, told ?? null, toldAt ?? null, handle ?? null, tries, nextTry ?? null, refused);
    },
    log({ at, alert, channel, message, outcome, problem }) {
      log.run(at, alert ?? null, channel, message, outcome, problem ?? null);
    },
    logged: (limit) => all('SELECT * FROM alert_log ORDER BY id DESC LIMIT ?', limit).map(entryOf),
    prune(now) {
      database.prepare("DELETE FROM alerts WHERE state = 'over' AND ended < ?").run(now - KEEP);
      database
        .prepare(
          "DELETE FROM alerts WHERE state = 'over' AND id NOT IN (SELECT id FROM alerts WHERE state = 'over' ORDER BY ended DESC LIMIT ?)",
        )
        .run(MOST_OVER);
      database.prepare('DELETE FROM alert_log WHERE id <= (SELECT max(id) FROM alert_log) - ?').run(MOST_LOGGED);
    },
  };
}

function alertOf(row: Row): Alert {
  const { due, ended, token } = row;
  return {
    id: String(row['id']),
    state: row['state'] as Alert['state'],
    ...(due !== null && { due: Number(due) }),
    revision: Number(row['revision']),
    loud: Number(row['loud']),
    began: Number(row['began']),
    ...(ended !== null && { ended: Number(ended) }),
    body: JSON.parse(String(row['body'])) as AlertBody,
    ...(token !== null && { token: String(token) }),
  };
}

function deliveryOf(row: Row): Delivery {
  return {
    alert: String(row['alert']),
    channel: String(row['channel']),
    revision: Number(row['revision']),
    ...(row['told'] !== null && { told: row['told'] as MessageKind }),
    ...(row['told_at'] !== null && { toldAt: Number(row['told_at']) }),
    ...(row['handle'] !== null && { handle: String(row['handle']) }),
    tries: Number(row['tries']),
    ...(row['next_try'] !== null && { nextTry: Number(row['next_try']) }),
    refused: Number(row['refused']),
  };
}

function entryOf(row: Row): LogEntry {
  return {
    at: Number(row['at']),
    ...(row['alert'] !== null && { alert: String(row['alert']) }),
    channel: String(row['channel']),
    message: String(row['message']),
    outcome: row['outcome'] as LogEntry['outcome'],
    ...(row['problem'] !== null && { problem: String(row['problem']) }),
  };
}
