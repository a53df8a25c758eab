import type { DatabaseSync } from 'node:sqlite';
import type { Incident } from '../incident.ts';
import type { IncidentQuery } from '../questions.ts';

/** Incidents in `watch.db`. Throws what SQLite throws. */
export interface IncidentStore {
  get(id: string): Incident | undefined;
  put(incident: Incident, changedAt: number): void;
  /** Takes its entries along. */
  remove(id: string): void;
  /** Of a provider, not over before `since` (UTC ms), planned work too. */
  around(provider: string, since: number): Incident[];
  open(): Incident[];
  list(query: IncidentQuery): { incidents: Incident[]; next?: string };
  entry(page: string, entry: string): { incident: string; hash: string } | undefined;
  setEntry(page: string, entry: string, incident: string, hash: string): void;
  /** Entries of a page that are of incidents which are not over. */
  openEntries(page: string): { entry: string; incident: string }[];
  /** Entries are moved from one to another. */
  moveEntries(from: string, to: string): void;
  /** What was over before this moment goes. */
  prune(before: number): void;
}

export function createIncidentStore(database: DatabaseSync): IncidentStore {
  const statement = {
    get: database.prepare('SELECT body FROM incidents WHERE id = ?'),
    put: database.prepare(
      `INSERT INTO incidents (id, kind, provider, phase, started_at, over_at, changed_at, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, provider = excluded.provider, phase = excluded.phase, started_at = excluded.started_at,
         over_at = excluded.over_at, changed_at = excluded.changed_at, body = excluded.body`,
    ),
    remove: database.prepare('DELETE FROM incidents WHERE id = ?'),
    around: database.prepare('SELECT body FROM incidents WHERE provider = ? AND (over_at IS NULL OR over_at >= ?) ORDER BY started_at'),
    open: database.prepare('SELECT body FROM incidents WHERE over_at IS NULL ORDER BY started_at DESC, id DESC'),
    entry: database.prepare('SELECT incident, hash FROM incident_entries WHERE page = ? AND entry = ?'),
    setEntry: database.prepare(
      'INSERT INTO incident_entries (page, entry, incident, hash) VALUES (?, ?, ?, ?) ON CONFLICT (page, entry) DO UPDATE SET incident = excluded.incident, hash = excluded.hash',
    ),
    openEntries: database.prepare(
      'SELECT entry, incident FROM incident_entries JOIN incidents ON id = incident WHERE page = ? AND over_at IS NULL ORDER BY entry',
    ),
    moveEntries: database.prepare('UPDATE incident_entries SET incident = ? WHERE incident = ?'),
    prune: database.prepare('DELETE FROM incidents WHERE over_at < ?'),
  };
  const read = (row: unknown): Incident => JSON.parse((row as { body: string }).body) as Incident;

  return {
    get(id) {
      const row = statement.get.get(id);
      return row === undefined ? undefined : read(row);
    },
    put(incident, changedAt) {
      const { id, kind, phase, startedAt, products } = incident;
      const provider = (products[0] ?? '').split('/')[0]!;
      statement.put.run(id, kind, provider, phase, startedAt, overAt(incident), changedAt, JSON.stringify(incident));
    },
    remove: (id) => void statement.remove.run(id),
    around: (provider, since) => statement.around.all(provider, since).map(read),
    open: () => statement.open.all().map(read),
    list({ from, to, product, kind, open, limit = 50, before }) {
      const where: string[] = [];
      const values: (string | number)[] = [];
      const add = (condition: string, ...given: (string | number)[]): void => {
        where.push(condition);
        values.push(...given);
      };
      if (from !== undefined) add('(over_at IS NULL OR over_at >= ?)', from);
      if (to !== undefined) add('started_at < ?', to);
      if (kind !== undefined) add('kind = ?', kind);
      if (open !== undefined) add(open ? 'over_at IS NULL' : 'over_at IS NOT NULL');
      if (product !== undefined) {
        const [provider = ''] = product.split('/');
        add('provider = ?', provider);
        if (product.includes('/')) add("EXISTS (SELECT 1 FROM json_each(body, '$.products') WHERE value = ?)", product);
      }
      const [, at, id] = /^(\d+)\.(\w+)$/.exec(before ?? '') ?? [];
      if (at !== undefined && id !== undefined) add('(started_at, id) < (?, ?)', Number(at), id);
      const rows = database
        .prepare(
          `SELECT body FROM incidents ${where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`} ORDER BY started_at DESC, id DESC LIMIT ?`,
        )
        .all(...values, limit + 1)
        .map(read);
      const incidents = rows.slice(0, limit);
      const last = incidents.at(-1);
      return { incidents, ...(rows.length > limit && last && { next: `${last.startedAt}.${last.id}` }) };
    },
    entry: (page, entry) => statement.entry.get(page, entry) as { incident: string; hash: string } | undefined,
    setEntry: (page, entry, incident, hash) => void statement.setEntry.run(page, entry, incident, hash),
    openEntries: (page) => statement.openEntries.all(page) as { entry: string; incident: string }[],
    moveEntries: (from, to) => void statement.moveEntries.run(to, from),
    prune: (before) => void statement.prune.run(before),
  };
}

/** `null` while it is open. */
function overAt({ phase, endedAt, endSeenAt, updates, startedAt }: Incident): number | null {
  return phase === 'resolved' ? (endedAt ?? endSeenAt ?? updates.at(-1)?.at ?? startedAt) : null;
}
