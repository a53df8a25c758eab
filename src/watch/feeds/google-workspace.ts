import type { FeedAdapter } from '../page.ts';
import { googleReading } from './google-incidents.ts';
import { jsonOf, reading } from './json-payload.ts';

/** Google Workspace Status Dashboard: the Gemini app is one of its products. Written like Google Cloud's. */
export const googleWorkspace: FeedAdapter = {
  family: 'google-workspace',
  requests: ({ url, mirrors = [] }) => [
    { url: `${url}/incidents.json`, mirrors: mirrors.map((mirror) => `${mirror}/incidents.json`), required: true },
  ],
  read(payload, page) {
    const json = jsonOf(payload);
    return json.ok ? reading(() => googleReading(json.value, page, { unnamed: 'An incident of Google Workspace', site: page.url })) : json;
  },
};
