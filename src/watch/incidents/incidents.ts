import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { JudgementChange } from '../detect/judge.ts';
import { exchangeId, type Random } from '../../exchange/ids.ts';
import { modelsInTitle } from '../feeds/models-in-title.ts';
import type { Incident, IncidentSource, Severity } from '../incident.ts';
import type { StatusPage } from '../page.ts';
import type { PageIncident, PageReading, Phase } from '../page-reading.ts';
import type { IncidentQuery } from '../questions.ts';
import { productsOfIncident } from '../registry/covering.ts';
import { isIll, type Judgement } from '../verdict.ts';
import { type Candidate, isSameEvent } from './merge.ts';
import { createIncidentStore } from './store.ts';
import { isOpenElsewhere, phaseByWindow, told, worse } from './told.ts';

/** What has become of an incident. `merged`: another source tells of the same event. */
export interface IncidentChange {
  change: 'opened' | 'updated' | 'edited' | 'ended' | 'reopened' | 'merged';
  incident: Incident;
}

/** Written by whoever runs this server. */
export interface HandNote {
  kind: Incident['kind'];
  title: string;
  products: string[];
  models?: string[];
  severity?: Severity;
  phase: Phase;
  text: string;
  /** UTC ms; by default now. */
  startedAt?: number;
  endedAt?: number;
  by?: string;
}

export interface ReadHow {
  /** It was read for its history, and says nothing of today. */
  past?: boolean;
  /** UTC ms when the request began; by default when it was seen. */
  askedAt?: number;
}

/** One list of all that was and is, whoever tells of it, in `watch.db`. Throws what SQLite throws. Times are UTC milliseconds. */
export interface Incidents {
  /** What a page says now. What a request that began later has read of its present or its past is left as it is. */
  observe(page: StatusPage, reading: PageReading, seenAt: number, how?: ReadHow): IncidentChange[];
  /** A verdict has changed. `models`: those that are ill, where it is not the whole product. */
  own(change: JudgementChange, models: readonly string[], now: number): IncidentChange[];
  post(note: HandNote, now: number): IncidentChange;
  /** `undefined`: there is none of this id. */
  add(id: string, note: Pick<HandNote, 'phase' | 'text' | 'by'> & { severity?: Severity }, now: number): IncidentChange | undefined;
  /** Planned work begins and ends by its window. */
  turn(now: number): IncidentChange[];
  open(): Incident[];
  list(query: IncidentQuery): { incidents: Incident[]; next?: string };
  get(id: string): Incident | undefined;
}

/** Milliseconds before its beginning in which an event may already be known by another name (merge.ts). */
const LOOK_BACK = 24 * 60 * 60_000;
/** Milliseconds: longer no request is under way. */
const LONGEST_READ = 60 * 60_000;
/** What was over so long ago goes: a year of bars and grades, and a while more. */
const KEEP = 400 * 86_400_000;

export function createIncidents({ database, random }: { database: DatabaseSync; random: Random }): Incidents {
  const store = createIncidentStore(database);
  /** By which request an entry of a page was read last, and when that began. */
  const asked = new Map<string, { at: number; past: boolean }>();

  function inOne<Value>(work: () => Value): Value {
    database.exec('BEGIN IMMEDIATE');
    try {
      const value = work();
      database.exec('COMMIT');
      return value;
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }

  function keep(change: IncidentChange, now: number): IncidentChange {
    store.put(change.incident, now);
    return change;
  }

  function known(candidate: Candidate): Incident | undefined {
    const [provider = ''] = (candidate.products[0] ?? '').split('/');
    const all = store.around(provider, candidate.startedAt - LOOK_BACK).filter((one) => isSameEvent(one, candidate));
    const apart = (one: Incident): number => Math.abs(one.startedAt - candidate.startedAt);
    return all.toSorted((one, other) => apart(one) - apart(other) || (one.id < other.id ? -1 : 1))[0];
  }

  function begin(candidate: Candidate, now: number): Incident {
    const { kind, title, products, models, startedAt } = candidate;
    return {
      id: `i_${exchangeId(Math.min(startedAt, now), random).slice(2)}`,
      kind,
      title,
      products: [...products],
      models: [...models],
      severity: 'unknown',
      phase: 'investigating',
      startedAt,
      firstSeenAt: now,
      updates: [],
      sources: [],
    };
  }

  function observeEntry(page: StatusPage, given: PageIncident, reading: PageReading, seenAt: number): IncidentChange | undefined {
    const products = productsOfIncident(page, given, reading.components).map(({ provider, product }) => `${provider}/${product}`);
    if (products.length === 0) return undefined;
    const entry = given.kind === 'maintenance' ? { ...given, phase: phaseByWindow(given, seenAt) } : given;
    const before = store.entry(page.id, entry.id);
    const hash = createHash('sha1')
      .update(JSON.stringify([entry, products]))
      .digest('base64');
    if (before?.hash === hash) return undefined;
    const models = modelsInTitle(entry.title, products[0]!.split('/')[0]!);
    const { kind, title, startedAt, endedAt } = entry;
    const candidate: Candidate = {
      kind,
      title,
      products,
      models,
      startedAt,
      page: page.id,
      ...(endedAt !== undefined && { endedAt }),
      ...(page.family === 'feed' && { repeats: true }),
    };
    const mine = before && store.get(before.incident);
    const found = mine ?? known(candidate);
    const source: Extract<IncidentSource, { type: 'page' }> = {
      type: 'page',
      page: page.id,
      id: entry.id,
      ...(entry.url !== undefined && { url: entry.url }),
    };
    const { incident, change } = told(found ?? begin(candidate, seenAt), entry, source, { products, models }, seenAt);
    if (entry.phase !== given.phase) incident.byWindow = true;
    store.put(incident, seenAt);
    store.setEntry(page.id, entry.id, incident.id, hash);
    if (!found) return { change: 'opened', incident };
    if (!mine) return { change: 'merged', incident };
    return change && { change, incident };
  }

  /** A page's present and its past are asked for side by side: of what both tell, the request that began later has the say. */
  function notOlder(
    page: StatusPage,
    entries: readonly PageIncident[],
    read: { at: number; past: boolean },
    seenAt: number,
  ): PageIncident[] {
    for (const [entry, { at }] of asked) if (at < seenAt - LONGEST_READ) asked.delete(entry);
    const newer = entries.filter(({ id }) => {
      const before = asked.get(`${page.id} ${id}`);
      return before === undefined || before.past === read.past || before.at <= read.at;
    });
    for (const { id } of newer) asked.set(`${page.id} ${id}`, read);
    return newer;
  }

  /** A page that lists all that is open does not list it any more. */
  function unlisted(page: StatusPage, reading: PageReading, seenAt: number): IncidentChange[] {
    const there = new Set(reading.incidents.map(({ id }) => id));
    const gone = store.openEntries(page.id).filter(({ entry }) => !there.has(entry));
    return gone.flatMap(({ entry, incident: id }) => {
      const incident = store.get(id);
      if (!incident || incident.phase === 'scheduled') return [];
      const source = { type: 'page' as const, page: page.id, id: entry };
      const known = incident.updates.findLast(({ source: one }) => one.type === 'page' && one.page === page.id && one.id === entry);
      // Said already, while another page still tells of it.
      if (known?.phase === 'resolved' && known.removedAt === undefined) return [];
      const text = 'It is no longer among the open ones.';
      const updates = [...incident.updates, { at: seenAt, seenAt, phase: 'resolved' as const, text, source }];
      if (isOpenElsewhere(incident, source)) return [keep({ change: 'updated', incident: { ...incident, updates } }, seenAt)];
      return [keep({ change: 'ended', incident: { ...incident, phase: 'resolved', endedAt: seenAt, endSeenAt: seenAt, updates } }, seenAt)];
    });
  }

  function ownTrouble({ to }: JudgementChange, models: readonly string[], now: number): IncidentChange | undefined {
    const isSeenHere = to.evidence.some(({ kind, weight }) => weight > 0 && (kind === 'own' || kind === 'probe'));
    if (!isSeenHere || to.scope === 'account' || to.scope === 'network') return undefined;
    const source: IncidentSource = { type: 'own', product: to.key };
    const severity: Severity = to.verdict === 'down' ? 'major' : 'minor';
    const candidate: Candidate = { kind: 'incident', title: titleOf(to), products: [to.key], models, startedAt: to.since };
    const found = known(candidate);
    const incident = found ?? begin(candidate, now);
    const wasOver = incident.phase === 'resolved';
    const { endedAt: _ended, endSeenAt: _seen, ...rest } = incident;
    const changed: Incident = {
      ...rest,
      products: [...new Set([...incident.products, to.key])],
      severity: worse(incident.severity, severity),
      phase: wasOver ? 'investigating' : incident.phase,
      startedAt: Math.min(incident.startedAt, to.since),
      updates: [...incident.updates, { at: to.since, seenAt: now, phase: 'investigating' as const, text: to.summary, source }].toSorted(
        (one, other) => one.at - other.at,
      ),
      sources: incident.sources.some((one) => one.type === 'own' && one.product === to.key)
        ? incident.sources
        : [...incident.sources, source],
    };
    return {
      change: !found ? 'opened' : wasOver ? 'reopened' : incident.sources.some(({ type }) => type === 'own') ? 'updated' : 'merged',
      incident: changed,
    };
  }

  function ownWell({ to }: JudgementChange, now: number): IncidentChange[] {
    const mine = store.open().filter(({ sources }) => sources.some((source) => source.type === 'own' && source.product === to.key));
    return mine.map((incident) => {
      const source: IncidentSource = { type: 'own', product: to.key };
      const updates = [...incident.updates, { at: to.since, seenAt: now, phase: 'resolved' as const, text: to.summary, source }];
      // Whoever else tells of it says by himself when it is over.
      const others = incident.sources.some((one) => one.type !== 'own' || (one.product !== to.key && !isOver(incident, one.product)));
      if (others) return { change: 'updated', incident: { ...incident, updates } };
      return { change: 'ended', incident: { ...incident, updates, phase: 'resolved', endedAt: to.since, endSeenAt: now } };
    });
  }

  return {
    observe(page, reading, seenAt, { past = false, askedAt = seenAt } = {}) {
      return inOne(() => {
        const newest = notOlder(page, reading.incidents, { at: askedAt, past }, seenAt);
        // In the order of their beginnings, whatever the page's own: which is joined to which does not depend on it.
        const entries = newest.toSorted((one, other) => one.startedAt - other.startedAt || (one.id < other.id ? -1 : 1));
        const changes = entries.flatMap((entry) => observeEntry(page, entry, reading, seenAt) ?? []);
        if (reading.listsAllOpen && !past) changes.push(...unlisted(page, reading, seenAt));
        store.prune(seenAt - KEEP);
        return changes;
      });
    },
    own(change, models, now) {
      return inOne(() => {
        if (!isIll(change.to.verdict))
          return change.from && isIll(change.from.verdict) && change.to.verdict === 'operational'
            ? ownWell(change, now).map((each) => keep(each, now))
            : [];
        const found = ownTrouble(change, models, now);
        return found ? [keep(found, now)] : [];
      });
    },
    post({ text, phase, by, startedAt, endedAt, severity = 'unknown', models = [], ...note }, now) {
      const source: IncidentSource = { type: 'hand', ...(by !== undefined && { by }) };
      const incident: Incident = {
        ...begin({ ...note, models, startedAt: startedAt ?? now }, now),
        severity,
        phase,
        updates: [{ at: now, seenAt: now, phase, text, source }],
        sources: [source],
        ...(endedAt !== undefined && { endedAt }),
        ...(phase === 'resolved' && { endedAt: endedAt ?? now, endSeenAt: now }),
      };
      return inOne(() => keep({ change: 'opened', incident }, now));
    },
    add(id, { phase, text, by, severity }, now) {
      return inOne(() => {
        const known = store.get(id);
        if (!known) return undefined;
        const source: IncidentSource = { type: 'hand', ...(by !== undefined && { by }) };
        const { endedAt, endSeenAt, ...rest } = known;
        const wasOver = known.phase === 'resolved';
        const isPlanned = known.kind === 'maintenance' && endedAt !== undefined;
        const incident: Incident = {
          ...rest,
          phase,
          severity: severity ?? known.severity,
          updates: [...known.updates, { at: now, seenAt: now, phase, text, source }],
          sources: known.sources.some(({ type }) => type === 'hand') ? known.sources : [...known.sources, source],
          ...(phase === 'resolved'
            ? wasOver
              ? { endedAt: endedAt ?? now, endSeenAt: endSeenAt ?? now }
              : { endedAt: isPlanned ? Math.min(endedAt, now) : now, endSeenAt: now }
            : isPlanned
              ? { endedAt }
              : {}),
        };
        const change = phase === 'resolved' ? (wasOver ? 'updated' : 'ended') : wasOver ? 'reopened' : 'updated';
        return keep({ change, incident }, now);
      });
    },
    turn(now) {
      const due = store.open().filter(({ kind }) => kind === 'maintenance');
      const changes = due.flatMap((incident): IncidentChange[] => {
        const phase = phaseByWindow(incident, now);
        if (phase === incident.phase) return [];
        const isEnd = phase === 'resolved';
        return [
          { change: isEnd ? 'ended' : 'updated', incident: { ...incident, phase, byWindow: true, ...(isEnd && { endSeenAt: now }) } },
        ];
      });
      return changes.length === 0 ? [] : inOne(() => changes.map((change) => keep(change, now)));
    },
    open: () => store.open(),
    list: (query) => store.list(query),
    get: (id) => store.get(id),
  };
}

function isOver({ updates }: Incident, product: string): boolean {
  return updates.findLast(({ source }) => source.type === 'own' && source.product === product)?.phase === 'resolved';
}

/** `Requests to Claude API fail`. */
function titleOf({ summary, verdict, key }: Judgement): string {
  const [, name = key] = /^(.*?) has been /.exec(summary) ?? [];
  return verdict === 'down' ? `Requests to ${name} fail` : `Some requests to ${name} fail`;
}
