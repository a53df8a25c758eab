import type { FeedAdapter } from '../page.ts';
import type { ComponentState, PageReading } from '../page-reading.ts';
import { needObject, needText, objectOf, listOrNone, reading, unreadable } from './json-payload.ts';
import { componentsIn, summaryIncident, summaryReading } from './page-summary.ts';

const INCIDENT = { title: 'title', startedAt: ['started', 'created_at'], impact: 'impact' };
const WORK = { title: 'title', startedAt: ['scheduled_for', 'starts_at', 'start', 'started', 'created_at'], impact: 'impact' };
/** Where OnlineOrNot keeps the summaries of all its pages, by subdomain or by domain (as read by several public programs, June to September 2026). */
const SUMMARIES = 'https://api.onlineornot.com/v1/status_pages';

/** OnlineOrNot (OpenRouter's page): what is open and how components are; entries have neither words nor phases. */
export const onlineornot: FeedAdapter = {
  family: 'onlineornot',
  requests: ({ url, pageId, feeds }) => {
    const [first, ...others] = feeds ?? [`${SUMMARIES}/${encodeURIComponent(pageId ?? new URL(url).hostname)}/summary`];
    return [{ url: first!, mirrors: others, required: true }];
  },
  read(payload, _page, now) {
    const json = objectOf(payload);
    if (!json.ok) return json;
    return reading((): PageReading => {
      if (json.value['success'] !== true) return unreadable('success is not true');
      const result = needObject(json.value['result'], 'result');
      needText(needObject(result['status_page'], 'result.status_page')['name'], 'result.status_page.name');
      const components = componentsIn(result['components'], 'result.components');
      const incidents = listOrNone(result['active_incidents'], 'result.active_incidents').map((each) =>
        summaryIncident(each, 'incident', INCIDENT, now),
      );
      const work = listOrNone(result['scheduled_maintenance'], 'result.scheduled_maintenance').map((each) =>
        summaryIncident(each, 'maintenance', WORK, now),
      );
      const description = needText(needObject(result['status'], 'result.status')['description'], 'result.status.description');
      const says: ComponentState = /^all (?:systems|services) operational$/i.test(description) ? 'operational' : 'unknown';
      const whole = summaryReading(says, { components, incidents: [...incidents, ...work] });
      return { ...whole, listsAllOpen: whole.listsAllOpen && Array.isArray(result['active_incidents']) };
    });
  },
};
