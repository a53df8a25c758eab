import type { JsonObject } from '../../exchange/json.ts';
import type { FeedAdapter, FeedRequest, StatusPage } from '../page.ts';
import type { ComponentState, PageIncident, PageReading, PageUpdate } from '../page-reading.ts';
import { readFeed } from './feed.ts';
import { listOrNone, needList, needObject, needText, objectOf, reading, text, unreadable } from './json-payload.ts';
import { impactOf, isOver, phaseOf, stateOf, worst } from './page-words.ts';
import { plainText } from './plain-text.ts';

/** The vendor's own host, which has every page by its number: that of the page is behind a guard that drops some programs' TLS. */
const VENDOR = 'https://api.flashcat.cloud/status-page';

/**
 * Flashduty (DeepSeek's page since May 2026): what the page's own program asks, `/api/status-page/{id}/summary/active` and `…/change/list` (as read by
 * several public programs, June to September 2026), and its Atom feed for what is over, or for all where the page's number is not known.
 */
export const flashduty: FeedAdapter = {
  family: 'flashduty',
  requests(page) {
    const { url, feeds } = page;
    const [own, ...others] = feeds ?? [];
    if (own !== undefined) return [{ url: own, mirrors: others, required: true }];
    const atom: FeedRequest = { url: `${url}/feed.atom`, mirrors: [`${url}/feed.rss`], required: page.pageId === undefined };
    return page.pageId === undefined ? [atom] : [ofPage(page, page.pageId, 'summary/active', true), atom];
  },
  history: (page) => (page.pageId === undefined ? [] : [ofPage(page, page.pageId, 'change/list', false)]),
  read(payload, page) {
    if (looksLikeXml(payload.bytes)) {
      const feed = readFeed(payload, page);
      return feed.ok ? { ok: true, value: { ...feed.value, incidents: feed.value.incidents.map(withNumber) } } : feed;
    }
    const json = objectOf(payload);
    return json.ok ? reading(() => read(json.value, page)) : json;
  },
};

function ofPage({ url }: StatusPage, pageId: string, path: string, required: boolean): FeedRequest {
  const id = encodeURIComponent(pageId);
  return { url: `${url}/api/status-page/${id}/${path}`, mirrors: [`${VENDOR}/${id}/${path}`], required };
}

function looksLikeXml(bytes: Uint8Array): boolean {
  return /^[^{[]*<(?:rss|feed)\b/.test(new TextDecoder('latin1').decode(bytes.subarray(0, 400)));
}

/** `urn:flashduty:change:123` in the feed is `123` elsewhere. */
function withNumber(incident: PageIncident): PageIncident {
  const number = /^urn:flashduty:change:(\d+)$/.exec(incident.id)?.[1];
  return number === undefined ? incident : { ...incident, id: number };
}

function read(json: JsonObject, page: StatusPage): PageReading {
  const data = needObject(json['data'], 'data');
  if ('items' in data) {
    return { components: [], incidents: needList(data['items'], 'data.items').map((each) => changeOf(each, page)), listsAllOpen: false };
  }
  const about = needObject(data['page'], 'data.page');
  const sections = new Map(
    listOrNone(about['sections'], 'data.page.sections').map((section) => [text(section['section_id']), text(section['name'])]),
  );
  const incidents = needList(data['active_changes'], 'data.active_changes').map((each) => changeOf(each, page));
  const states = new Map<string, ComponentState[]>();
  for (const { phase, components } of incidents) {
    if (isOver(phase) || phase === 'scheduled') continue;
    for (const { id, state = 'unknown' } of components) states.set(id, [...(states.get(id) ?? []), state]);
  }
  const components = needList(about['components'], 'data.page.components').map((component, index) => {
    const id = needText(component['component_id'], `data.page.components[${index}].component_id`);
    const group = sections.get(text(component['section_id']));
    return {
      id,
      name: needText(component['name'], `data.page.components[${index}].name`),
      ...(group !== undefined && { group }),
      state: worst(states.get(id) ?? []) ?? ('operational' as const),
    };
  });
  return { components, incidents, listsAllOpen: true };
}

function changeOf(json: JsonObject, page: StatusPage): PageIncident {
  const id = numberOf(json['change_id']) ?? unreadable('a change has no change_id');
  const title = plainText(needText(json['title'], `the title of ${id}`));
  const phase = phaseOf(needText(json['status'], `the status of ${id}`));
  const kind = json['type'] === 'maintenance' ? 'maintenance' : 'incident';
  const posts = listOrNone(json['updates'], `the updates of ${id}`);
  const updates = posts.flatMap(updateOf).toSorted((one, other) => one.at - other.at);
  const components = needList(json['affected_components'], `what ${id} affects`).map((component, index) => {
    const of = needText(component['component_id'], `affected_components[${index}].component_id of ${id}`);
    return { id: of, name: text(component['name']) ?? of, state: flashState(component['status']) };
  });
  const told = posts.flatMap((post) =>
    listOrNone(post['component_changes'], `the changes of ${id}`).map((change) => flashState(change['status'])),
  );
  const endedAt = secondsOf(json['close_at_seconds']) ?? secondsOf(json['end_at_seconds']);
  return {
    id,
    kind,
    title,
    impact: kind === 'maintenance' ? 'none' : impactOf(worst([...told, ...components.map(({ state }) => state)])),
    phase,
    startedAt: secondsOf(json['start_at_seconds']) ?? updates[0]?.at ?? unreadable(`${id} does not say when it began`),
    ...(endedAt !== undefined && (kind === 'maintenance' || isOver(phase)) && { endedAt }),
    updates,
    components,
    url: `${page.url}/incidents/${encodeURIComponent(id)}`,
  };
}

function updateOf(json: JsonObject): PageUpdate[] {
  const at = secondsOf(json['at_seconds']);
  if (at === undefined) return [];
  const id = text(json['update_id']);
  return [{ ...(id !== undefined && { id }), phase: phaseOf(json['status']), at, text: plainText(text(json['description']) ?? '') }];
}

/** Statuspage's words, and a shorter one for the mildest of them. */
function flashState(word: unknown): ComponentState {
  if (word === 'degraded') return 'degraded';
  return word === 'maintenance' ? 'maintenance' : stateOf(word);
}

/** 0 where there is none. */
function secondsOf(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 && Number.isSafeInteger(value) && value < 1e11 ? value * 1000 : undefined;
}

function numberOf(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : text(value);
}
