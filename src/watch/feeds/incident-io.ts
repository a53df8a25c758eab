import type { JsonObject } from '../../exchange/json.ts';
import { isObject } from '../../exchange/json.ts';
import type { FeedAdapter, FeedRequest, StatusPage } from '../page.ts';
import type { ComponentState, PageComponent, PageIncident, PageReading, PageUpdate } from '../page-reading.ts';
import { listOrNone, needList, needObject, needText, objectOf, reading, text, time, unreadable, webAddress } from './json-payload.ts';
import { impactOf, isOver, oldestFirst, phaseOf, stateOf, worst } from './page-words.ts';
import { plainText } from './plain-text.ts';
import { componentsOf, incidentOf as compatIncidentOf, needPage } from './statuspage.ts';

/** Milliseconds of history asked for at once; three months are refused now and then. */
const WINDOW = 30 * 86_400_000;

/**
 * incident.io's pages. What is read is what the page itself reads (`/proxy/<host>`): an observed interface, no contract, but the only one that says which
 * components an incident touches. Its Statuspage-shaped one stands in where that fails: it has no such link, leaves out empty lists, and lists part of
 * the components only. The documented widget summary (`page_title`, `ongoing_incidents`) is read too, where a page has it.
 */
export const incidentIo: FeedAdapter = {
  family: 'incident-io',
  requests({ url, mirrors = [], feeds }) {
    if (feeds?.[0] !== undefined) return [{ url: feeds[0], mirrors: feeds.slice(1), required: true }];
    const places = [url, ...mirrors];
    const [first, ...others] = [...places.map(proxyOf), ...places.map((place) => `${place}/api/v2/summary.json`)];
    return [{ url: first!, mirrors: others, required: true }];
  },
  history(page, from, to) {
    const requests: FeedRequest[] = [];
    for (let end = to; end > from; end -= WINDOW) requests.push(window(page, Math.max(from, end - WINDOW), end));
    return requests;
  },
  read(payload, page) {
    const json = objectOf(payload);
    return json.ok ? reading(() => read(json.value, page)) : json;
  },
};

/** `https://status.example.com/proxy/status.example.com`. */
function proxyOf(place: string): string {
  return `${place}/proxy/${new URL(place).host}`;
}

function window({ url, mirrors = [] }: StatusPage, from: number, to: number): FeedRequest {
  const query = `start_at=${new Date(from).toISOString()}&end_at=${new Date(to).toISOString()}`;
  const places = [url, ...mirrors].map(proxyOf);
  const [first, ...others] = [
    ...places.map((place) => `${place}/incidents?${query}`),
    ...places.map((place) => `${place}/component_impacts?${query}`),
  ];
  return { url: first!, mirrors: others, required: false };
}

function read(json: JsonObject, page: StatusPage): PageReading {
  if (isObject(json['summary'])) return summaryOf(json['summary'], page);
  if ('page_title' in json && 'ongoing_incidents' in json) return widgetOf(json);
  if ('component_impacts' in json) return impactsOf(json);
  if ('page' in json) return compatOf(json);
  if ('incidents' in json) {
    const incidents = needList(json['incidents'], 'incidents').map((incident) => incidentOf(incident, new Map(), page));
    return { components: [], incidents, listsAllOpen: false };
  }
  return unreadable('there is neither a summary nor a list of incidents');
}

function summaryOf(summary: JsonObject, page: StatusPage): PageReading {
  needText(summary['id'] ?? summary['name'], 'summary.id');
  const affected = new Map<string, ComponentState>();
  for (const item of needList(summary['affected_components'], 'affected_components')) {
    affected.set(needText(item['component_id'], 'the component_id of what is affected'), stateOf(item['status']));
  }
  const places = placesOf(summary);
  const named = needList(summary['components'], 'components').map((component, index) => ({
    id: needText(component['id'], `components[${index}].id`),
    name: needText(component['name'], `components[${index}].name`),
  }));
  const known = new Set(named.map(({ id }) => id));
  const others = [...affected.keys()].filter((id) => !known.has(id)).map((id) => ({ id, name: id }));
  const components: PageComponent[] = [...named, ...others]
    .filter(({ id }) => places.get(id)?.hidden !== true)
    .map(({ id, name }) => {
      const group = places.get(id)?.group;
      return { id, name, ...(group !== undefined && { group }), state: affected.get(id) ?? 'operational' };
    });
  const names = new Map(named.map(({ id, name }) => [id, name]));
  const incidents = needList(summary['ongoing_incidents'], 'ongoing_incidents');
  const work = [
    ...listOrNone(summary['in_progress_maintenances'], 'in_progress_maintenances'),
    ...listOrNone(summary['scheduled_maintenances'], 'scheduled_maintenances'),
  ];
  const all = [
    ...incidents.map((each) => incidentOf(each, names, page)),
    ...work.map((each) => incidentOf(each, names, page, 'maintenance')),
  ];
  return { components, incidents: all, listsAllOpen: true };
}

/** In which group each component stands, and whether visitors see it. */
function placesOf(summary: JsonObject): Map<string, { group?: string; hidden: boolean }> {
  const places = new Map<string, { group?: string; hidden: boolean }>();
  const structure = summary['structure'];
  if (!isObject(structure)) return places;
  for (const item of listOrNone(structure['items'], 'structure.items')) {
    const alone = item['component'];
    if (isObject(alone)) places.set(String(alone['component_id']), { hidden: alone['hidden'] === true });
    const group = item['group'];
    if (!isObject(group)) continue;
    const name = text(group['name']);
    for (const member of listOrNone(group['components'], 'components of a group')) {
      places.set(String(member['component_id']), { ...(name !== undefined && { group: name }), hidden: member['hidden'] === true });
    }
  }
  return places;
}

function incidentOf(json: JsonObject, names: ReadonlyMap<string, string>, page: StatusPage, as?: PageIncident['kind']): PageIncident {
  const id = needText(json['id'], 'an incident’s id');
  const title = plainText(needText(json['name'], `the name of ${id}`));
  const phase = phaseOf(needText(json['status'], `the status of ${id}`));
  const kind = as ?? (json['type'] === 'maintenance' ? 'maintenance' : 'incident');
  const impacts = listOrNone(json['component_impacts'], `the impacts of ${id}`);
  const updates = oldestFirst(listOrNone(json['updates'], `the updates of ${id}`).flatMap(updateOf));
  const stated = kind === 'maintenance' ? (time(json['started_at']) ?? time(json['starts_at'])) : undefined;
  const { begun, ended } = spanOf(impacts);
  const startedAt = stated ?? begun ?? time(json['published_at']) ?? updates[0]?.at ?? unreadable(`${id} does not say when it began`);
  const planned = kind === 'maintenance' ? (time(json['scheduled_end_at']) ?? time(json['ends_at']) ?? ended) : undefined;
  const over = isOver(phase) ? (ended ?? updates.findLast((update) => isOver(update.phase))?.at) : undefined;
  const endedAt = planned ?? over;
  const affected = listOrNone(json['affected_components'], `what ${id} affects`).flatMap((component) => {
    const of = text(component['component_id']);
    if (of === undefined) return [];
    const now = component['current_status'];
    const atFirst = stateOf(component['status']);
    const state = isOver(phase) || text(now) === undefined ? atFirst : stateOf(now);
    return [{ id: of, name: names.get(of) ?? of, state, atFirst }];
  });
  return {
    id,
    kind,
    title,
    impact: kind === 'maintenance' ? 'none' : impactOf(worst(affected.map(({ atFirst }) => atFirst))),
    phase,
    startedAt,
    ...(endedAt !== undefined && { endedAt }),
    updates,
    components: affected.map(({ id: of, name, state }) => ({ id: of, name, state })),
    url: `${page.url}/incidents/${encodeURIComponent(id)}`,
  };
}

function updateOf(json: JsonObject): PageUpdate[] {
  const at = time(json['published_at']);
  if (at === undefined) return [];
  const id = text(json['id']);
  return [{ ...(id !== undefined && { id }), phase: phaseOf(json['to_status']), at, text: plainText(text(json['message_string']) ?? '') }];
}

/** Who was ill when: every impact with its incident, but without the incident's words. */
function impactsOf(json: JsonObject): PageReading {
  const links = new Map(listOrNone(json['incident_links'], 'incident_links').map((link) => [text(link['id']), link]));
  const byIncident = new Map<string, JsonObject[]>();
  for (const impact of needList(json['component_impacts'], 'component_impacts')) {
    const id = text(impact['status_page_incident_id']);
    if (id !== undefined) addTo(byIncident, id, impact);
  }
  const incidents = [...byIncident].map(([id, impacts]): PageIncident => {
    const link = links.get(id);
    const { begun, ended } = spanOf(impacts);
    const states = new Map<string, ComponentState[]>();
    for (const impact of impacts) {
      const of = text(impact['component_id']);
      if (of !== undefined) addTo(states, of, stateOf(impact['status']));
    }
    const all = [...states.values()].flat();
    const url = webAddress(link?.['permalink']);
    return {
      id,
      kind: all.length > 0 && all.every((state) => state === 'maintenance') ? 'maintenance' : 'incident',
      title: plainText(text(link?.['name']) ?? 'An incident without a title'),
      impact: impactOf(worst(all)),
      phase: ended === undefined ? phaseOf(link?.['status']) : 'resolved',
      startedAt: begun ?? unreadable(`${id} does not say when it began`),
      ...(ended !== undefined && { endedAt: ended }),
      updates: [],
      components: [...states].map(([of, each]) => ({ id: of, name: of, state: worst(each)! })),
      ...(url !== undefined && { url }),
    };
  });
  return { components: [], incidents, listsAllOpen: false };
}

function addTo<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** The first beginning of impacts; their last end, once all have one. */
function spanOf(impacts: readonly JsonObject[]): { begun?: number; ended?: number } {
  const begins = impacts.map((impact) => time(impact['start_at'])).filter((at) => at !== undefined);
  const ends = impacts.map((impact) => time(impact['end_at'])).filter((at) => at !== undefined);
  return {
    ...(begins.length > 0 && { begun: begins.reduce((one, other) => Math.min(one, other)) }),
    ...(ends.length > 0 && ends.length === impacts.length && { ended: ends.reduce((one, other) => Math.max(one, other)) }),
  };
}

/** The Statuspage-shaped summary: lists that are empty are left out of it. */
function compatOf(json: JsonObject): PageReading {
  needPage(json);
  const incidents = [
    ...listOrNone(json['incidents'], 'incidents').map(compatIncidentOf),
    ...listOrNone(json['scheduled_maintenances'], 'scheduled_maintenances').map(compatIncidentOf),
  ];
  if ('components' in json) {
    const status = needObject(json['status'], 'status');
    // Without a list of incidents nothing is open only if the page says so in other words too.
    return { components: componentsOf(json), incidents, listsAllOpen: Array.isArray(json['incidents']) || status['indicator'] === 'none' };
  }
  if (!('incidents' in json)) return unreadable('there are neither components nor incidents');
  return { components: [], incidents, listsAllOpen: false };
}

/** The widget's summary (docs.incident.io, status page widget): what is open, with the components that it names. */
function widgetOf(json: JsonObject): PageReading {
  const read = (field: string, kind: PageIncident['kind']): PageIncident[] =>
    needList(json[field] ?? [], field).map((each) => widgetIncident(each, kind));
  const open = read('ongoing_incidents', 'incident');
  const incidents = [...open, ...read('in_progress_maintenances', 'maintenance'), ...read('scheduled_maintenances', 'maintenance')];
  const components = new Map<string, PageComponent>();
  for (const { id, name, state } of open.flatMap((incident) => incident.components)) {
    const worse = worst([state ?? 'unknown', ...(components.has(id) ? [components.get(id)!.state] : [])])!;
    components.set(id, { id, name, state: worse });
  }
  return { components: [...components.values()], incidents, listsAllOpen: true };
}

function widgetIncident(json: JsonObject, kind: PageIncident['kind']): PageIncident {
  const id = needText(json['id'], 'an incident’s id');
  const phase = phaseOf(needText(json['status'], `the status of ${id}`));
  const said = time(json['last_update_at']);
  const message = text(json['last_update_message']);
  const startedAt = time(json['started_at']) ?? time(json['starts_at']) ?? said ?? unreadable(`${id} does not say when it began`);
  const endedAt = time(json['scheduled_end_at']) ?? time(json['ends_at']);
  const components = listOrNone(json['affected_components'], `what ${id} affects`).flatMap((component) => {
    const of = text(component['id']);
    const state = stateOf(component['current_status'] ?? json['current_worst_impact']);
    return of === undefined ? [] : [{ id: of, name: text(component['name']) ?? of, state }];
  });
  const url = webAddress(json['url']);
  return {
    id,
    kind,
    title: plainText(needText(json['name'], `the name of ${id}`)),
    impact: kind === 'maintenance' ? 'none' : impactOf(stateOf(json['current_worst_impact'])),
    phase,
    startedAt,
    ...(endedAt !== undefined && { endedAt }),
    updates: said === undefined ? [] : [{ phase, at: said, text: plainText(message ?? '') }],
    components,
    ...(url !== undefined && { url }),
  };
}
