import { isObject, type JsonObject } from '../../exchange/json.ts';
import type { FeedAdapter } from '../page.ts';
import type { ComponentState, PageIncident, PageReading, PageUpdate, Phase } from '../page-reading.ts';
import { listOrNone, needList, needObject, needText, objectOf, reading, text, time, unreadable } from './json-payload.ts';
import { impactOf, worst } from './page-words.ts';
import { plainText } from './plain-text.ts';

const STATES: Readonly<Record<string, ComponentState>> = {
  operational: 'operational',
  resolved: 'operational',
  degraded: 'degraded',
  downtime: 'major-outage',
  maintenance: 'maintenance',
};

/**
 * Better Stack: `/index.json`, a JSON:API document with everything in it (betterstack.com/docs/uptime, "JSON API status"). Reports have no phases: one is
 * over once it has an end that has passed. Their pages answer any path with 200, so that only the document's own type tells it.
 */
export const betterStack: FeedAdapter = {
  family: 'better-stack',
  requests: ({ url, mirrors = [], feeds }) => {
    const [first, ...others] = feeds ?? [url, ...mirrors].map((place) => `${place.replace(/\/+$/, '')}/index.json`);
    return [{ url: first!, mirrors: others, required: true }];
  },
  read(payload, page, now) {
    const json = objectOf(payload);
    return json.ok ? reading(() => read(json.value, page.url, now)) : json;
  },
};

function read(json: JsonObject, pageUrl: string, now: number): PageReading {
  const data = needObject(json['data'], 'data');
  if (data['type'] !== 'status_page') return unreadable('data.type is not status_page');
  const attributes = needObject(data['attributes'], 'data.attributes');
  const says = stateOf(needText(attributes['aggregate_state'], 'data.attributes.aggregate_state'));
  const included = needList(json['included'], 'included');
  const sections = new Map(ofType(included, 'status_page_section').map(({ id, values }) => [id, text(values['name'])]));
  const components = ofType(included, 'status_page_resource').flatMap(({ id, values }) => {
    // It is listed but nobody looks.
    const state = values['status'] === 'not_monitored' ? 'unknown' : stateOf(values['status']);
    const group = sections.get(idOf(values['status_page_section_id']) ?? '');
    return [{ id, name: needText(values['public_name'], `the name of ${id}`), ...(group !== undefined && { group }), state }];
  });
  const names = new Map(components.map(({ id, name }) => [id, name]));
  const posts = ofType(included, 'status_update');
  const incidents = ofType(included, 'status_report').map(({ id, values }) =>
    incidentOf(
      id,
      values,
      posts.filter((post) => idOf(post.values['status_report_id']) === id),
      names,
      pageUrl,
      now,
    ),
  );
  // Reports that are only announced in the relations were left out of the document.
  const related = relatedReports(data);
  const missing = related.some((id) => !incidents.some((incident) => incident.id === id));
  const explained = says === 'operational' || components.some(({ state }) => state !== 'operational') || incidents.some(isOpen);
  return { components, incidents, listsAllOpen: !missing && explained };
}

function incidentOf(
  id: string,
  values: JsonObject,
  posts: readonly { id: string; values: JsonObject }[],
  names: ReadonlyMap<string, string>,
  pageUrl: string,
  now: number,
): PageIncident {
  const kind = values['report_type'] === 'maintenance' ? 'maintenance' : 'incident';
  const begun = time(values['starts_at']);
  const endedAt = time(values['ends_at']);
  const affected = listOrNone(values['affected_resources'], `what ${id} affects`).flatMap((resource) => {
    const of = idOf(resource['status_page_resource_id']);
    return of === undefined ? [] : [{ id: of, name: names.get(of) ?? of, state: stateOf(resource['status']) }];
  });
  const overall = text(values['aggregate_state']);
  const state = overall === undefined ? worst(affected.map((each) => each.state)) : stateOf(overall);
  const updates = posts.flatMap((post) => updateOf(post.id, post.values)).toSorted((one, other) => one.at - other.at);
  const startedAt = begun ?? updates[0]?.at ?? unreadable(`report ${id} does not say when it began`);
  return {
    id,
    kind,
    title: plainText(needText(values['title'], `the title of ${id}`)),
    impact: kind === 'maintenance' ? 'none' : endedAt !== undefined && state === 'operational' ? 'unknown' : impactOf(state),
    phase: phaseOf(kind, startedAt, endedAt, now),
    startedAt,
    ...(endedAt !== undefined && (kind === 'maintenance' || endedAt <= now) && { endedAt }),
    updates,
    components: affected,
    url: `${pageUrl.replace(/\/+$/, '')}/incident/${encodeURIComponent(id)}`,
  };
}

function phaseOf(kind: PageIncident['kind'], startedAt: number, endedAt: number | undefined, now: number): Phase {
  if (endedAt !== undefined && endedAt <= now) return 'resolved';
  if (kind === 'incident') return 'unknown';
  return now < startedAt ? 'scheduled' : 'in-progress';
}

function updateOf(id: string, values: JsonObject): PageUpdate[] {
  const at = time(values['published_at']);
  if (at === undefined) return [];
  const states = listOrNone(values['affected_resources'], `what update ${id} affects`).map((resource) => resource['status']);
  const over = states.length > 0 && states.every((state) => state === 'resolved');
  return [{ id, phase: over ? 'resolved' : 'unknown', at, text: plainText(text(values['message']) ?? '') }];
}

function ofType(included: readonly JsonObject[], type: string): { id: string; values: JsonObject }[] {
  return included.flatMap((item, index) => {
    if (needText(item['type'], `included[${index}].type`) !== type) return [];
    return [
      {
        id: needText(item['id'], `included[${index}].id`),
        values: needObject(item['attributes'], `included[${index}].attributes`),
      },
    ];
  });
}

function relatedReports(data: JsonObject): string[] {
  const relations = data['relationships'];
  const reports = isObject(relations) ? relations['status_reports'] : undefined;
  return isObject(reports) ? listOrNone(reports['data'], 'status_reports').flatMap(({ id }) => idOf(id) ?? []) : [];
}

function isOpen({ phase }: PageIncident): boolean {
  return phase !== 'resolved';
}

function stateOf(word: unknown): ComponentState {
  return (typeof word === 'string' && Object.hasOwn(STATES, word) && STATES[word]) || 'unknown';
}

/** Numbers in some members, text in others. */
function idOf(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : text(value);
}
