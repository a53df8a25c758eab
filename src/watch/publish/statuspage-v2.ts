import type { JsonObject } from '../../exchange/json.ts';
import type { Incident, IncidentUpdate } from '../incident.ts';
import { parseProductKey } from '../product.ts';
import type { Verdict } from '../verdict.ts';
import type { Published } from './published.ts';

/**
 * The board in the shape of Atlassian Statuspage's public API v2 (`/api/v2/summary.json` and its siblings), so that what reads such pages reads this
 * one: https://metastatuspage.com/api. A verdict that is unknown has no word there: such a component has the state `unknown`, which readers that know
 * only the original's words take for neither well nor ill.
 */
export const STATUSPAGE_FILES = [
  'summary.json',
  'status.json',
  'components.json',
  'incidents.json',
  'incidents/unresolved.json',
  'scheduled-maintenances.json',
  'scheduled-maintenances/upcoming.json',
  'scheduled-maintenances/active.json',
] as const;

export type StatuspageFile = (typeof STATUSPAGE_FILES)[number];

/** As many as the original lists. */
const MOST = 50;
const PAGE = 'understudy';

export function statuspageFile(file: StatuspageFile, published: Published): JsonObject {
  const page = pageOf(published);
  switch (file) {
    case 'summary.json':
      return {
        page,
        components: componentsOf(published),
        incidents: unresolved(published).map(incidentOf),
        scheduled_maintenances: maintenances(published, ['scheduled', 'in_progress', 'verifying']),
        status: statusOf(published),
      };
    case 'status.json':
      return { page, status: statusOf(published) };
    case 'components.json':
      return { page, components: componentsOf(published) };
    case 'incidents.json':
      return { page, incidents: published.incidents.filter(isIncident).slice(0, MOST).map(incidentOf) };
    case 'incidents/unresolved.json':
      return { page, incidents: unresolved(published).map(incidentOf) };
    case 'scheduled-maintenances.json':
      return { page, scheduled_maintenances: maintenances(published, undefined) };
    case 'scheduled-maintenances/upcoming.json':
      return { page, scheduled_maintenances: maintenances(published, ['scheduled']) };
    case 'scheduled-maintenances/active.json':
      return { page, scheduled_maintenances: maintenances(published, ['in_progress', 'verifying']) };
  }
}

function pageOf({ title, address, board }: Published): JsonObject {
  return { id: PAGE, name: title, url: address, time_zone: 'Etc/UTC', updated_at: time(board.at) };
}

const WORDS: Record<Exclude<Verdict, 'unknown'>, string> = {
  operational: 'operational',
  degraded: 'degraded_performance',
  down: 'major_outage',
};

function componentsOf({ board }: Published): JsonObject[] {
  return board.judgements
    .filter(({ key }) => parseProductKey(key)?.model === undefined)
    .map(({ key, title, verdict, since, summary }, index) => ({
      id: key,
      name: title,
      // The format has no word for it, and a wrong one would be green or red.
      status: verdict === 'unknown' ? 'unknown' : WORDS[verdict],
      created_at: time(since),
      updated_at: time(since),
      position: index + 1,
      description: verdict === 'operational' ? null : summary,
      showcase: true,
      start_date: null,
      group_id: null,
      page_id: PAGE,
      group: false,
      only_show_if_degraded: false,
    }));
}

function statusOf({ board }: Published): JsonObject {
  const products = board.judgements.filter(({ key }) => parseProductKey(key)?.model === undefined);
  const down = products.filter(({ verdict }) => verdict === 'down').length;
  const degraded = products.filter(({ verdict }) => verdict === 'degraded').length;
  if (down > 0)
    return down === products.length
      ? { indicator: 'critical', description: 'Everything is down' }
      : { indicator: 'major', description: `${down} of ${products.length} down` };
  if (degraded > 0) return { indicator: 'minor', description: `${degraded} of ${products.length} degraded` };
  const unknown = products.filter(({ verdict }) => verdict === 'unknown').length;
  if (unknown > 0)
    return {
      indicator: 'none',
      description:
        unknown === products.length
          ? 'Nothing fresh is known'
          : `No known trouble; nothing fresh is known of ${unknown} of ${products.length}`,
    };
  return { indicator: 'none', description: 'All systems operational' };
}

function isIncident({ kind }: Incident): boolean {
  return kind === 'incident';
}

function unresolved({ incidents }: Published): Incident[] {
  return incidents.filter((incident) => isIncident(incident) && incident.phase !== 'resolved');
}

function maintenances({ incidents }: Published, states: readonly string[] | undefined): JsonObject[] {
  return incidents
    .filter(({ kind, phase }) => kind === 'maintenance' && (states === undefined || states.includes(statusWord(kind, phase))))
    .slice(0, MOST)
    .map((incident) => ({
      ...incidentOf(incident),
      scheduled_for: time(incident.startedAt),
      scheduled_until: incident.endedAt === undefined ? null : time(incident.endedAt),
    }));
}

function incidentOf(incident: Incident): JsonObject {
  const { id, title, kind, phase, severity, startedAt, firstSeenAt, endedAt, updates, products } = incident;
  const last = updates.at(-1)?.at ?? startedAt;
  const monitoring = updates.find((update) => update.phase === 'monitoring')?.at;
  return {
    id,
    name: title,
    status: statusWord(kind, phase),
    impact: kind === 'maintenance' ? 'maintenance' : severity === 'unknown' ? 'none' : severity,
    created_at: time(firstSeenAt),
    started_at: time(startedAt),
    updated_at: time(last),
    monitoring_at: monitoring === undefined ? null : time(monitoring),
    resolved_at: phase === 'resolved' && endedAt !== undefined ? time(endedAt) : null,
    shortlink: sourceUrl(incident) ?? null,
    page_id: PAGE,
    components: products.map((key) => ({ id: key, name: key })),
    // The original has the newest first.
    incident_updates: updates
      .filter(({ removedAt }) => removedAt === undefined)
      .toReversed()
      .map((update, index, all) => updateOf(update, id, all.length - index, kind)),
  };
}

function updateOf({ at, seenAt, phase, text }: IncidentUpdate, incident: string, number: number, kind: Incident['kind']): JsonObject {
  return {
    id: `${incident}-${number}`,
    incident_id: incident,
    status: statusWord(kind, phase),
    body: text,
    created_at: time(seenAt),
    display_at: time(at),
    updated_at: time(seenAt),
    affected_components: null,
  };
}

function statusWord(kind: Incident['kind'], phase: Incident['phase']): string {
  if (kind === 'maintenance') {
    if (phase === 'resolved') return 'completed';
    if (phase === 'in-progress' || phase === 'verifying') return phase.replace('-', '_');
    return 'scheduled';
  }
  return phase === 'identified' || phase === 'monitoring' || phase === 'resolved' ? phase : 'investigating';
}

function sourceUrl({ sources }: Incident): string | undefined {
  return sources.flatMap((source) => (source.type === 'page' && source.url !== undefined ? [source.url] : []))[0];
}

function time(at: number): string {
  return new Date(at).toISOString();
}
