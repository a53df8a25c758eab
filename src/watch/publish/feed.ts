import type { Incident } from '../incident.ts';
import type { Published } from './published.ts';

/** Entries in a feed: readers ask often, and keep what they have read. */
const MOST = 50;

/** Incidents as Atom (RFC 4287): an entry each, changed with each update. */
export function atomOf({ title, address, board, incidents }: Published): string {
  const entries = incidents.slice(0, MOST).map(
    (incident) => `  <entry>
    <id>urn:understudy:incident:${text(incident.id)}</id>
    <title>${text(titleOf(incident))}</title>
    <updated>${time(changedAt(incident))}</updated>
    <published>${time(incident.startedAt)}</published>
    <link rel="alternate" href="${text(`${address}#${incident.id}`)}"/>
    <content type="text">${text(bodyOf(incident))}</content>
  </entry>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <id>urn:understudy:status</id>
  <title>${text(title)}</title>
  <updated>${time(Math.max(0, ...incidents.map(changedAt)) || board.at)}</updated>
  <author><name>Understudy</name></author>
  <link rel="self" href="${text(`${address}feed.atom`)}"/>
  <link rel="alternate" href="${text(address)}"/>
${entries.join('\n')}
</feed>
`;
}

/** The same as RSS 2.0. */
export function rssOf({ title, address, incidents }: Published): string {
  const items = incidents.slice(0, MOST).map(
    (incident) => `    <item>
      <title>${text(titleOf(incident))}</title>
      <link>${text(`${address}#${incident.id}`)}</link>
      <guid isPermaLink="false">${text(incident.id)}</guid>
      <pubDate>${new Date(changedAt(incident)).toUTCString()}</pubDate>
      <description>${text(bodyOf(incident))}</description>
    </item>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0">
  <channel>
    <title>${text(title)}</title>
    <link>${text(address)}</link>
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

/** In XML: its own characters escaped, and those that no XML 1.0 document may have left out (https://www.w3.org/TR/xml/#charsets). */
function text(raw: string): string {
  return (
    raw
      .toWellFormed()
      // oxlint-disable-next-line no-control-regex -- these are what is looked for
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}
