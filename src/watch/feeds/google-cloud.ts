import type { FeedAdapter } from '../page.ts';
import { googleReading } from './google-incidents.ts';
import { jsonOf, reading } from './json-payload.ts';

/** Google Cloud Service Health. The one file has what is open and the history of a year, so that there is nothing else to ask. */
export const googleCloud: FeedAdapter = {
  family: 'google-cloud',
  requests: ({ url, mirrors = [] }) => [
    { url: `${url}/incidents.json`, mirrors: mirrors.map((mirror) => `${mirror}/incidents.json`), required: true },
  ],
  read(payload, page) {
    const json = jsonOf(payload);
    return json.ok ? reading(() => googleReading(json.value, page, { unnamed: 'An incident of Google Cloud', site: page.url })) : json;
  },
};
