import type { JsonObject } from '../../exchange/json.ts';
import type { ComponentState, Impact, PageIncident, PageReading, PageUpdate, Phase } from '../page-reading.ts';
import { listOrNone, needList, needText, text, time, unreadable, webAddress } from './json-payload.ts';
import { plainText } from './plain-text.ts';

/**
 * Words of Instatus, Checkly and OnlineOrNot without what stands between them: Instatus writes `DEGRADEDPERFORMANCE`, OnlineOrNot `DEGRADED_PERFORMANCE`.
 * Checkly says of a service how severe its incident is; how severities weigh: programs that read Mistral's page (September 2026).
 */
const STATES: Readonly<Record<string, ComponentState>> = {
  OPERATIONAL: 'operational',
  UP: 'operational',
  DEGRADED: 'degraded',
  DEGRADEDPERFORMANCE: 'degraded',
  MINOROUTAGE: 'degraded',
  MINOR: 'degraded',
  MEDIUM: 'degraded',
  PARTIALOUTAGE: 'partial-outage',
  MAJOR: 'partial-outage',
  MAJOROUTAGE: 'major-outage',
  CRITICAL: 'major-outage',
  UNDERMAINTENANCE: 'maintenance',
  MAINTENANCE: 'maintenance',
};
const IMPACTS: Partial<Record<ComponentState, Impact>> = {
  degraded: 'minor',
  'partial-outage': 'major',
  'major-outage': 'critical',
  operational: 'none',
  maintenance: 'none',
};
const PHASES: Readonly<Record<string, Phase>> = {
  INVESTIGATING: 'investigating',
  IDENTIFIED: 'identified',
  MONITORING: 'monitoring',
  RESOLVED: 'resolved',
  NOTSTARTEDYET: 'scheduled',
  SCHEDULED: 'scheduled',
  INPROGRESS: 'in-progress',
  VERIFYING: 'verifying',
  COMPLETED: 'resolved',
};

export function stateIn(word: unknown): ComponentState {
  return found(STATES, word) ?? 'unknown';
}

export function phaseIn(word: unknown): Phase {
  return found(PHASES, word) ?? 'unknown';
}

function found<Value>(words: Readonly<Record<string, Value>>, word: unknown): Value | undefined {
  const key = typeof word === 'string' ? word.toUpperCase().replaceAll(/[\s_-]/g, '') : '';
  return Object.hasOwn(words, key) ? words[key] : undefined;
}

/** How a member of the summary is called by whom. */
export interface SummaryNames {
  title: string;
  startedAt: readonly string[];
  impact: string;
  /** Services that it affects, each with `id` and `name`. */
  affected?: string;
}

export function summaryIncident(json: JsonObject, kind: PageIncident['kind'], names: SummaryNames, now: number): PageIncident {
  const id = needText(json['id'] ?? json['url'], 'the id of an incident');
  const title = plainText(needText(json[names.title], `the ${names.title} of ${id}`));
  const started = names.startedAt.map((name) => time(json[name])).find((at) => at !== undefined);
  const startedAt = started ?? unreadable(`${id} does not say when it began`);
  const phase = phaseIn(json['status']);
  const endedAt = endOf(json, kind, phase, startedAt);
  const impact = kind === 'maintenance' ? 'none' : (IMPACTS[stateIn(json[names.impact])] ?? 'unknown');
  const url = webAddress(json['url']);
  return {
    id,
    kind,
    title,
    impact,
    phase: kind === 'maintenance' && phase === 'unknown' ? plannedPhase(startedAt, endedAt, now) : phase,
    startedAt,
    ...(endedAt !== undefined && { endedAt }),
    updates: updatesOf(json, phase, startedAt),
    components: listOrNone(names.affected === undefined ? undefined : json[names.affected], `what ${id} affects`).flatMap((service) => {
      const of = text(service['id']);
      return of === undefined ? [] : [{ id: of, name: text(service['name']) ?? of }];
    }),
    ...(url !== undefined && { url }),
  };
}

/** Where planned work has no word for it, its window says how far it is; without an end it can't be known whether it is over. */
function plannedPhase(startedAt: number, endedAt: number | undefined, now: number): Phase {
  if (now < startedAt) return 'scheduled';
  return endedAt !== undefined && now < endedAt ? 'in-progress' : 'unknown';
}

function endOf(json: JsonObject, kind: PageIncident['kind'], phase: Phase, startedAt: number): number | undefined {
  const stated = ['endsAt', 'end', 'ends_at', 'endAt', 'resolvedAt', 'resolved_at', 'ended'].map((name) => time(json[name]));
  // Instatus: minutes.
  const minutes = Number(text(json['duration']) ?? (typeof json['duration'] === 'number' ? json['duration'] : Number.NaN));
  const planned = kind === 'maintenance' && minutes > 0 ? startedAt + minutes * 60_000 : undefined;
  const end = stated.find((at) => at !== undefined) ?? planned;
  if (kind === 'maintenance' || phase !== 'resolved') return kind === 'maintenance' ? end : undefined;
  return end ?? time(json['updatedAt']) ?? time(json['updated_at']);
}

/** Those that are there; without them only that something was said, and when. */
function updatesOf(json: JsonObject, phase: Phase, startedAt: number): PageUpdate[] {
  const posts = listOrNone(json['updates'] ?? json['incidentUpdates'], 'updates').flatMap((post): PageUpdate[] => {
    const at = ['createdAt', 'created_at', 'created', 'started', 'publishedAt', 'date']
      .map((name) => time(post[name]))
      .find((each) => each !== undefined);
    if (at === undefined) return [];
    const words = text(post['message']) ?? text(post['description']) ?? text(post['text']) ?? '';
    const id = text(post['id']);
    return [{ ...(id !== undefined && { id }), phase: phaseIn(post['status']), at, text: plainText(words) }];
  });
  if (posts.length > 0) return posts.toSorted((one, other) => one.at - other.at);
  return [{ phase, at: time(json['updatedAt']) ?? time(json['updated_at']) ?? startedAt, text: '' }];
}

/** What a summary says at the top may not be contradicted by what is below it: a page that has issues but lists none has not told all. */
export function summaryReading(says: ComponentState, parts: Omit<PageReading, 'listsAllOpen'>): PageReading {
  const open = parts.incidents.filter(({ phase }) => phase !== 'resolved' && phase !== 'scheduled');
  const told = says === 'operational' || open.length > 0 || parts.components.some(({ state }) => state !== 'operational');
  return { ...parts, listsAllOpen: told };
}

export function componentsIn(value: unknown, where: string): PageReading['components'] {
  return needList(value, where).map((component, index) => {
    const { group } = component;
    const named = typeof group === 'object' && group !== null && !Array.isArray(group) ? group['name'] : group;
    const inGroup = text(named);
    return {
      id: needText(component['id'], `${where}[${index}].id`),
      name: needText(component['name'], `${where}[${index}].name`),
      ...(inGroup !== undefined && { group: inGroup }),
      state: stateIn(component['status']),
    };
  });
}
