import { isObject, type Json } from '../../exchange/json.ts';
import type { FeedAdapter, StatusPage } from '../page.ts';
import type { ComponentState, PageReading } from '../page-reading.ts';
import { jsonOf, listOrNone, needList, needObject, needText, reading, unreadable } from './json-payload.ts';
import { componentsIn, summaryIncident, summaryReading } from './page-summary.ts';

/** `page.status`. */
const PAGE: Readonly<Record<string, ComponentState>> = {
  OPERATIONAL: 'operational',
  HAS_ISSUES: 'unknown',
  UNDER_MAINTENANCE: 'maintenance',
};
const INCIDENT = { title: 'name', startedAt: ['startedAt', 'created_at', 'createdAt'], impact: 'severity', affected: 'affectedServices' };
const WORK = { ...INCIDENT, startedAt: ['startsAt', 'startedAt', 'start', 'created_at'] };
const UNRESOLVED = { ...INCIDENT, affected: 'services' };

/**
 * Checkly (Mistral's page since May 2026): a summary, and a bare list of services, as recorded from mistral-ai.checkly-status-page.com on 17 September 2026.
 * Where Checkly's pages have them is not documented; `unresolved-incidents` is what their own program asks.
 */
export const checkly: FeedAdapter = {
  family: 'checkly',
  requests: ({ url, mirrors = [], feeds }: StatusPage) => {
    const places = [url, ...mirrors].map((place) => place.replace(/\/+$/, ''));
    const own = places.flatMap((place) => {
      const slug = /^https:\/\/([\w-]+)\.checkly-status-page\.com$/.exec(place)?.[1];
      return slug === undefined ? [] : [`${place}/api/status-page/${slug}/unresolved-incidents`];
    });
    const [summary, ...others] = feeds ?? [...places.map((place) => `${place}/summary.json`), ...own];
    const [services, ...more] = places.map((place) => `${place}/services.json`);
    return [
      { url: summary!, mirrors: others, required: true },
      { url: services!, mirrors: more, required: false },
    ];
  },
  read(payload, _page, now) {
    const json = jsonOf(payload);
    return json.ok ? reading(() => read(json.value, now)) : json;
  },
};

function read(value: Json, now: number): PageReading {
  if (Array.isArray(value)) {
    if (value.length === 0) return unreadable('the list of services is empty');
    return { components: componentsIn(value, 'services'), incidents: [], listsAllOpen: false };
  }
  const json = needObject(value, 'what came');
  if ('incidents' in json && !isObject(json['page'])) {
    const incidents = needList(json['incidents'], 'incidents').map((each) => summaryIncident(each, 'incident', UNRESOLVED, now));
    // That there are none is also what another page's list of the past may look like.
    return { components: [], incidents, listsAllOpen: incidents.length > 0 };
  }
  const page = needObject(json['page'], 'page');
  const word = needText(page['status'], 'page.status');
  const says = Object.hasOwn(PAGE, word) ? PAGE[word]! : unreadable(`page.status is ${word.slice(0, 40)}, which Checkly does not say`);
  const incidents = needList(json['activeIncidents'], 'activeIncidents').map((each) => summaryIncident(each, 'incident', INCIDENT, now));
  const work = listOrNone(json['activeMaintenances'], 'activeMaintenances').map((each) => summaryIncident(each, 'maintenance', WORK, now));
  return summaryReading(says, { components: [], incidents: [...incidents, ...work] });
}
