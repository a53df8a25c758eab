import { isObject, type JsonObject } from '../../exchange/json.ts';
import type { FeedAdapter, FeedRequest, StatusPage } from '../page.ts';
import type { Impact, PageComponent, PageIncident, PageReading, PageUpdate } from '../page-reading.ts';
import { listOrNone, needList, needObject, needText, objectOf, reading, text, time, unreadable, webAddress } from './json-payload.ts';
import { isOver, oldestFirst, phaseOf, stateOf, worst } from './page-words.ts';
import { plainText } from './plain-text.ts';

const IMPACTS: Readonly<Record<string, Impact>> = {
  none: 'none',
  minor: 'minor',
  major: 'major',
  critical: 'critical',
  maintenance: 'none',
};

/**
 * Atlassian Statuspage, API v2 (`/api/v2/` of any such page describes itself; shapes in shared/research/status.md, 1.2). The summary has what is open;
 * the list of incidents the last 50, with how they ended and what was changed afterwards. There is no second page of it worth asking for: on Claude's
 * page it repeats the first.
 */
export const statuspage: FeedAdapter = {
  family: 'statuspage',
  requests: (page) => [below(page, '/api/v2/summary.json', true), below(page, '/api/v2/incidents.json', false)],
  history: (page) => [below(page, '/api/v2/incidents.json', false), below(page, '/api/v2/scheduled-maintenances.json', false)],
  read(payload) {
    const json = objectOf(payload);
    return json.ok ? reading(() => ({ ...read(json.value), ...pageTime(json.value) })) : json;
  },
};

function below({ url, mirrors = [], feeds }: StatusPage, path: string, required: boolean): FeedRequest {
  if (feeds?.[0] !== undefined && required) return { url: feeds[0], mirrors: feeds.slice(1), required };
  return { url: url + path, mirrors: mirrors.map((mirror) => mirror + path), required };
}

function read(json: JsonObject): PageReading {
  needPage(json);
  const planned = (): PageIncident[] => listOrNone(json['scheduled_maintenances'], 'scheduled_maintenances').map(incidentOf);
  if ('components' in json && ('status' in json || 'incidents' in json)) {
    const components = componentsOf(json);
    const incidents = needList(json['incidents'], 'incidents').map(incidentOf);
    return { components, incidents: [...incidents, ...planned()], listsAllOpen: true };
  }
  if ('incidents' in json) {
    return { components: [], incidents: needList(json['incidents'], 'incidents').map(incidentOf), listsAllOpen: false };
  }
  if ('scheduled_maintenances' in json) return { components: [], incidents: planned(), listsAllOpen: false };
  return unreadable('there are neither components nor incidents');
}

/** Every payload says whose it is. */
export function needPage(json: JsonObject): void {
  const page = needObject(json['page'], 'page');
  needText(page['id'] ?? page['name'], 'page.id');
}

/** When the page was changed last, by its own word. */
function pageTime({ page }: JsonObject): { updatedAt?: number } {
  const at = isObject(page) ? time(page['updated_at']) : undefined;
  return at === undefined ? {} : { updatedAt: at };
}

/** Of a summary; groups are no components of their own. */
export function componentsOf(json: JsonObject): PageComponent[] {
  const all = needList(json['components'], 'components');
  const groups = new Map(all.filter(({ group }) => group === true).map(({ id, name }) => [id, text(name)]));
  return all.flatMap((component, index) => {
    const id = needText(component['id'], `components[${index}].id`);
    const name = needText(component['name'], `components[${index}].name`);
    if (component['group'] === true) return [];
    const group = groups.get(component['group_id']);
    return [{ id, name, ...(group !== undefined && { group }), state: stateOf(component['status']) }];
  });
}

export function incidentOf(json: JsonObject): PageIncident {
  const id = needText(json['id'], 'an incident’s id');
  const title = plainText(needText(json['name'], `the name of ${id}`));
  const kind = json['impact'] === 'maintenance' || time(json['scheduled_for']) !== undefined ? 'maintenance' : 'incident';
  const phase = phaseOf(needText(json['status'], `the status of ${id}`));
  const posts = listOrNone(json['incident_updates'], `the updates of ${id}`);
  const updates = oldestFirst(posts.flatMap(updateOf));
  const begun = (kind === 'maintenance' ? time(json['scheduled_for']) : undefined) ?? time(json['started_at']);
  const startedAt = begun ?? earliest([time(json['created_at']), updates[0]?.at]) ?? unreadable(`${id} does not say when it began`);
  const resolved = time(json['resolved_at']) ?? (isOver(phase) ? updates.findLast((update) => isOver(update.phase))?.at : undefined);
  const endedAt = kind === 'maintenance' ? (time(json['scheduled_until']) ?? resolved) : isOver(phase) ? resolved : undefined;
  const url = webAddress(json['shortlink']);
  return {
    id,
    kind,
    title,
    impact: impactIn(json['impact']),
    phase,
    startedAt,
    ...(endedAt !== undefined && { endedAt }),
    updates,
    components: linkedComponents(json, posts, isOver(phase)),
    ...(url !== undefined && { url }),
  };
}

function updateOf(json: JsonObject): PageUpdate[] {
  const posted = time(json['created_at']);
  const shown = time(json['display_at']);
  const at = shown ?? posted;
  if (at === undefined) return [];
  const id = text(json['id']);
  return [
    {
      ...(id !== undefined && { id }),
      phase: phaseOf(json['status']),
      at,
      ...(shown !== undefined && posted !== undefined && { postedAt: posted }),
      text: plainText(text(json['body']) ?? ''),
    },
  ];
}

/**
 * What is linked says how it is now, not how it was in the incident: while it is open that is the state, so that one that has recovered, or was never
 * ill, can be told apart. Of one that is over the updates say the worst that a component was in it.
 */
function linkedComponents(json: JsonObject, posts: readonly JsonObject[], over: boolean): PageIncident['components'] {
  const told = new Map<string, { name: string; states: ReturnType<typeof stateOf>[] }>();
  for (const post of posts) {
    for (const affected of listOrNone(post['affected_components'], 'affected_components')) {
      const id = text(affected['code']);
      if (id === undefined) continue;
      const known = told.get(id) ?? { name: text(affected['name']) ?? id, states: [] };
      known.states.push(stateOf(affected['new_status']));
      told.set(id, known);
    }
  }
  const linked = listOrNone(json['components'], 'components of an incident').flatMap((component) => {
    const id = text(component['id']);
    return id === undefined ? [] : [{ id, name: text(component['name']) ?? id, now: stateOf(component['status']) }];
  });
  const ids = new Set(linked.map(({ id }) => id));
  const mentioned = [...told].filter(([id]) => !ids.has(id)).map(([id, { name }]) => ({ id, name, now: undefined }));
  return [...linked, ...mentioned].map(({ id, name, now }) => {
    const states = told.get(id)?.states ?? [];
    const state = over ? worst(states) : (now ?? states[0]);
    return { id, name, ...(state !== undefined && { state }) };
  });
}

function impactIn(word: unknown): Impact {
  return (typeof word === 'string' && Object.hasOwn(IMPACTS, word) && IMPACTS[word]) || 'unknown';
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((at) => at !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}
