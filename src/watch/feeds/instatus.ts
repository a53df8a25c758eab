import { isObject, type Json } from '../../exchange/json.ts';
import type { FeedAdapter, StatusPage } from '../page.ts';
import type { ComponentState, PageReading } from '../page-reading.ts';
import { jsonOf, listOrNone, needList, needObject, needText, reading, unreadable } from './json-payload.ts';
import { componentsIn, summaryIncident, summaryReading } from './page-summary.ts';

/** `page.status`. It was seen to be `UP` while an incident was open (research/status.md, 1.2): what is listed counts. */
const PAGE: Readonly<Record<string, ComponentState>> = { UP: 'operational', HASISSUES: 'unknown', UNDERMAINTENANCE: 'maintenance' };
const INCIDENT = { title: 'name', startedAt: ['started', 'startedAt'], impact: 'impact' };
const MAINTENANCE = { title: 'name', startedAt: ['start', 'started', 'startedAt'], impact: 'impact' };

/** Instatus: `/summary.json` has what is open, without words; `/v2/components.json` (instatus.com/help, "Public API") how each component is. */
export const instatus: FeedAdapter = {
  family: 'instatus',
  requests: ({ url, mirrors = [], feeds }: StatusPage) => {
    const places = [url, ...mirrors].map((place) => place.replace(/\/+$/, ''));
    const [summary, ...others] = feeds ?? places.map((place) => `${place}/summary.json`);
    const [components, ...more] = places.map((place) => `${place}/v2/components.json`);
    return [
      { url: summary!, mirrors: others, required: true },
      { url: components!, mirrors: more, required: false },
    ];
  },
  read(payload, _page, now) {
    const json = jsonOf(payload);
    return json.ok ? reading(() => read(json.value, now)) : json;
  },
};

function read(value: Json, now: number): PageReading {
  const json = needObject(value, 'what came');
  if ('components' in json && !('page' in json)) {
    return { components: componentsIn(json['components'], 'components'), incidents: [], listsAllOpen: false };
  }
  const page = needObject(json['page'], 'page');
  const word = needText(page['status'], 'page.status');
  const says = Object.hasOwn(PAGE, word) ? PAGE[word]! : unreadable(`page.status is ${word.slice(0, 40)}, which Instatus does not say`);
  if (says === 'operational' && 'activeIncidents' in json) needList(json['activeIncidents'], 'activeIncidents');
  const incidents = listOrNone(json['activeIncidents'], 'activeIncidents').map((each) => summaryIncident(each, 'incident', INCIDENT, now));
  const work = listOrNone(json['activeMaintenances'], 'activeMaintenances').map((each) =>
    summaryIncident(each, 'maintenance', MAINTENANCE, now),
  );
  const components =
    isObject(json['components']) || Array.isArray(json['components']) ? componentsIn(json['components'], 'components') : [];
  return summaryReading(says, { components, incidents: [...incidents, ...work] });
}
