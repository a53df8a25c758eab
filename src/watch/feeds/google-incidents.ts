import type { JsonObject } from '../../exchange/json.ts';
import type { StatusPage } from '../page.ts';
import type { ComponentState, Impact, PageComponent, PageIncident, PageReading, PageUpdate, Phase } from '../page-reading.ts';
import { isOver, oldestFirst, worst } from './page-words.ts';
import { listOrNone, needText, needList, text, time, unreadable } from './json-payload.ts';
import { plainText } from './plain-text.ts';

/** `status_impact` and the `status` of an update (status.cloud.google.com/incidents.schema.json). */
const STATES: Readonly<Record<string, ComponentState>> = {
  AVAILABLE: 'operational',
  AVAILABLE_INFORMATION: 'operational',
  SERVICE_INFORMATION: 'degraded',
  SERVICE_DISRUPTION: 'partial-outage',
  SERVICE_OUTAGE: 'major-outage',
};
const IMPACTS: Readonly<Record<string, Impact>> = { low: 'minor', medium: 'major', high: 'critical' };

/**
 * What both of Google's dashboards publish: a list of incidents, the open ones among them. Products are known by id (titles change, says the schema),
 * and one that no open incident names is available: that is how the dashboards themselves draw it. Only incidents of products that the page covers are
 * kept, of some hundred.
 */
export function googleReading(json: unknown, page: StatusPage, family: { unnamed: string; site: string }): PageReading {
  const covered = new Set(page.covers.flatMap(({ components = [] }) => components));
  const states = new Map<string, ComponentState>();
  const titles = new Map<string, string>();
  const incidents: PageIncident[] = [];
  for (const item of needList(json, 'the list of incidents')) {
    const id = needText(item['id'], 'an incident’s id');
    const products = productsOf(item, id);
    const ours = products.filter((product) => covered.size === 0 || covered.has(product.id));
    if (ours.length === 0) continue;
    const incident = incidentOf(item, id, ours, family);
    incidents.push(incident);
    for (const product of ours) {
      titles.set(product.id, product.title);
      const known = states.get(product.id);
      if (!isOver(incident.phase)) states.set(product.id, worst([...(known ? [known] : []), nowOf(item)])!);
    }
  }
  const ids = covered.size === 0 ? [...titles.keys()] : [...covered];
  const components = ids.map((id): PageComponent => ({
    id,
    name: titles.get(id) ?? id,
    state: states.get(id) ?? 'operational',
  }));
  return { components, incidents, listsAllOpen: true };
}

/** All that it names; the Workspace dashboard names one by `service_key`, Google Cloud says `zall` there for several. */
function productsOf(item: JsonObject, id: string): { id: string; title: string }[] {
  const listed = needList(item['affected_products'], `the products of ${id}`).map((product) => {
    const of = needText(product['id'], `the id of a product of ${id}`);
    return { id: of, title: text(product['current_title']) ?? text(product['title']) ?? of };
  });
  const key = text(item['service_key']);
  if (key === undefined && listed.length === 0) return unreadable(`${id} does not say which product it is about`);
  if (key === undefined || listed.some((product) => product.id === key)) return listed;
  return [...listed, { id: key, title: text(item['service_name']) ?? key }];
}

function incidentOf(
  item: JsonObject,
  id: string,
  products: readonly { id: string; title: string }[],
  { unnamed, site }: { unnamed: string; site: string },
): PageIncident {
  const startedAt = time(item['begin']) ?? time(item['created']) ?? unreadable(`${id} does not say when it began`);
  const endedAt = endOf(item, id);
  const updates = oldestFirst(listOrNone(item['updates'], `the updates of ${id}`).flatMap((update) => updateOf(update)));
  const last = updates.at(-1);
  const phase: Phase = endedAt !== undefined ? 'resolved' : last?.phase === 'monitoring' ? 'monitoring' : 'investigating';
  const state = endedAt === undefined ? nowOf(item) : stateIn(item['status_impact']);
  const path = text(item['uri']);
  return {
    id,
    kind: 'incident',
    title: plainText(text(item['external_desc']) ?? unnamed),
    impact: impactIn(item['severity']),
    phase,
    startedAt,
    ...(endedAt !== undefined && { endedAt }),
    // What is over was so only from its end on: the report that follows is said later.
    updates: endedAt === undefined ? updates : updates.map((update) => (update.at >= endedAt ? { ...update, phase: 'resolved' } : update)),
    components: products.map((product) => ({ id: product.id, name: product.title, state })),
    ...(path !== undefined && /^[\w/.-]+$/.test(path) && { url: `${site}/${path.replace(/^\/+/, '')}` }),
  };
}

/** Open where there is none; what is neither a date nor nothing is not understood, and may be either. */
function endOf(item: JsonObject, id: string): number | undefined {
  const end = item['end'];
  if (end === undefined || end === null || end === '') return undefined;
  return time(end) ?? unreadable(`${id} says in no known way when it ended`);
}

function updateOf(update: JsonObject): PageUpdate[] {
  const posted = time(update['created']);
  const at = time(update['when']) ?? posted;
  if (at === undefined) return [];
  const available = stateIn(update['status']) === 'operational';
  return [
    {
      phase: available ? 'monitoring' : 'investigating',
      at,
      ...(time(update['when']) !== undefined && posted !== undefined && { postedAt: posted }),
      text: plainText(text(update['text']) ?? ''),
    },
  ];
}

/** The newest word on an open incident; it may say that all is available before anybody has closed it. */
function nowOf(item: JsonObject): ComponentState {
  const last = item['most_recent_update'];
  const said = typeof last === 'object' && last !== null && !Array.isArray(last) ? stateIn(last['status']) : 'unknown';
  return said === 'unknown' ? stateIn(item['status_impact']) : said;
}

function stateIn(word: unknown): ComponentState {
  return (typeof word === 'string' && Object.hasOwn(STATES, word) && STATES[word]) || 'unknown';
}

function impactIn(word: unknown): Impact {
  return (typeof word === 'string' && Object.hasOwn(IMPACTS, word) && IMPACTS[word]) || 'unknown';
}
