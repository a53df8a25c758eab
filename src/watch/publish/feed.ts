import { escaped } from './escaped.ts';
import type { Incident } from '../incident.ts';
import type { Published } from './published.ts';

/** Entries in a feed: readers ask often, and keep what they have read. */
const MOST = 50;

/** Incidents as Atom (RFC 4287): an entry each, changed with each update. */
export function atomOf({ title, address, board, incidents }: Published): string {
  const entries = incidents.slice(0, MOST).map(
    (incident) => `  <entry>
    <id>urn:understudy:incident:${escaped(incident.id)}</id>
    <title>${escaped(titleOf(incident))}</title>
    <updated>${time(changedAt(incident))}</updated>
    <published>${time(incident.startedAt)}</published>
    <link rel="alternate" href="${escaped(`${address}#${incident.id}`)}"/>
    <content type="text">${escaped(bodyOf(incident))}</content>
  </entry>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <id>urn:understudy:status</id>
  <title>${escaped(title)}</title>
  <updated>${time(Math.max(0, ...incidents.map(changedAt)) || board.at)}</updated>
  <author><name>Understudy</name></author>
  <link rel="self" href="${escaped(`${address}feed.atom`)}"/>
  <link rel="alternate" href="${escaped(address)}"/>
${entries.join('\n')}
</feed>
`;
}

/** The same as RSS 2.0. */
export function rssOf({ title, address, incidents }: Published): string {
  const items = incidents.slice(0, MOST).map(
    (incident) => `    <item>
      <title>${escaped(titleOf(incident))}</title>
      <link>${escaped(`${address}#${incident.id}`)}</link>
      <guid isPermaLink="false">${escaped(incident.id)}</guid>
      <pubDate>${new Date(changedAt(incident)).toUTCString()}</pubDate>
      <description>${escaped(bodyOf(incident))}</description>
    </item>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0">
  <channel>
    <title>${escaped(title)}</title>
    <link>${escaped(address)}</link>
    <description>Incidents and planned work</description>
${items.join('\n')}
  </channel>
</rss>
`;
}

function titleOf({ title, phase }: Incident): string {
  return `[${phase}] ${title}`;
}

function changedAt({ startedAt, firstSeenAt, updates, kind }: Incident): number {
  return Math.max(kind === 'maintenance' ? firstSeenAt : startedAt, ...updates.map(({ at }) => at));
}

function bodyOf({ products, models, updates }: Incident): string {
  const whom = [...products, ...models].join(', ');
  const lines = updates
    .filter(({ removedAt }) => removedAt === undefined)
    .toReversed()
    .map(({ at, phase, text: said }) => `${time(at)} ${phase}: ${said}`);
  return [...(whom === '' ? [] : [`Affected: ${whom}`]), ...lines].join('\n');
}

function time(at: number): string {
  return new Date(at).toISOString();
}
