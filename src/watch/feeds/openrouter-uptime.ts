import type { FeedAdapter } from '../page.ts';
import type { PageReading, UptimeReading } from '../page-reading.ts';
import { needList, needObject, needText, objectOf, reading, text } from './json-payload.ts';

/**
 * What share of OpenRouter's requests each host of a model has answered: `GET /api/v1/models/{author}/{slug}/endpoints` (openrouter.ai/docs, "List all
 * endpoints for a model"). Needs no key. It is no page: it has neither components nor incidents, and says nothing about OpenRouter itself.
 */
export const openrouterUptime: FeedAdapter = {
  family: 'openrouter-uptime',
  // Models come and go: one that is gone must not hide the others.
  requests: ({ url, feeds }) => (feeds ?? [url]).map((each) => ({ url: each, mirrors: [], required: false })),
  read(payload) {
    const json = objectOf(payload);
    if (!json.ok) return json;
    return reading((): PageReading => {
      const data = needObject(json.value['data'], 'data');
      const model = needText(data['id'], 'data.id');
      const uptimes = needList(data['endpoints'], 'data.endpoints').map((endpoint, index): UptimeReading => {
        const last5Minutes = percent(endpoint['uptime_last_5m']);
        const last30Minutes = percent(endpoint['uptime_last_30m']);
        const lastDay = percent(endpoint['uptime_last_1d']);
        return {
          host: needText(endpoint['provider_name'], `data.endpoints[${index}].provider_name`),
          model: text(endpoint['model_id']) ?? model,
          ...(last5Minutes !== undefined && { last5Minutes }),
          ...(last30Minutes !== undefined && { last30Minutes }),
          ...(lastDay !== undefined && { lastDay }),
        };
      });
      return { components: [], incidents: [], listsAllOpen: false, uptimes };
    });
  },
};

/** `null`: too few requests. */
function percent(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= 100 ? value : undefined;
}
