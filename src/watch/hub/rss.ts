import type { CrowdState } from '../crowd/hub-answers.ts';
import type { Hub } from './hub.ts';
import { titleOf } from './published.ts';

/** Changes in the feed. */
const MOST = 50;

export const STATE_TEXTS: Record<CrowdState, string> = {
  none: 'no unusual reports',
  possible: 'possible problems',
  likely: 'problems are likely',
};

/** RSS 2.0: every change of a state, newest first. `address`: where this hub is reached. */
export function rssOf(hub: Hub, address: string): string {
  const items = hub.store.changes(MOST).map(({ id, at, key, was, state }) => {
    const title = `${titleOf(hub, key)}: ${STATE_TEXTS[state]}`;
    return `<item><title>${escaped(title)}</title><guid isPermaLink="false">${escaped(`${address}/changes/${id}-${at}`)}</guid><pubDate>${new Date(at).toUTCString()}</pubDate><description>${escaped(`${STATE_TEXTS[was]} before`)}</description><link>${escaped(address)}/</link></item>`;
  });
  return `<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>What people report of AI services</title><link>${escaped(address)}/</link><description>States out of reports of many installations of Understudy.</description>
${items.join('\n')}
</channel></rss>
`;
}

/** For text and attributes of XML and HTML. */
export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
