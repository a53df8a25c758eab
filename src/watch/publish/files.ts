import type { JsonObject } from '../../exchange/json.ts';
import { badgeJson, badgeSvg } from './badge.ts';
import { atomOf, rssOf } from './feed.ts';
import { statusPage } from './page.ts';
import type { Published } from './published.ts';
import { STATUSPAGE_FILES, statuspageFile } from './statuspage-v2.ts';

/** One file of a status page, by its path below the page's own address. */
export interface PublishedFile {
  contentType: string;
  text: string;
}

/** Every file of a status page, as a folder on any web server has them. */
export function publishedPaths(published: Published): string[] {
  const badges = published.board.judgements.flatMap(({ key }) => [`badges/${key}.svg`, `badges/${key}.json`]);
  return ['index.html', 'feed.atom', 'feed.rss', ...STATUSPAGE_FILES.map((file) => `api/v2/${file}`), ...badges];
}

/** `refresh`: seconds after which a page that is served loads itself anew. `undefined`: there is no such file. */
export function publishedFile(path: string, published: Published, refresh?: number): PublishedFile | undefined {
  switch (path) {
    case '':
    case 'index.html':
      return { contentType: 'text/html; charset=utf-8', text: statusPage(published, refresh) };
    case 'feed.atom':
      return { contentType: 'application/atom+xml; charset=utf-8', text: atomOf(published) };
    case 'feed.rss':
      return { contentType: 'application/rss+xml; charset=utf-8', text: rssOf(published) };
  }
  const file = STATUSPAGE_FILES.find((name) => path === `api/v2/${name}`);
  if (file) return json(statuspageFile(file, published));
  const [, key, form] = /^badges\/(.+)\.(svg|json)$/.exec(path) ?? [];
  const judged = published.board.judgements.find((one) => one.key === key);
  if (!judged) return undefined;
  const badge = { label: judged.title, verdict: judged.verdict };
  return form === 'json' ? json(badgeJson(badge)) : { contentType: 'image/svg+xml', text: badgeSvg(badge) };
}

function json(value: JsonObject): PublishedFile {
  return { contentType: 'application/json', text: `${JSON.stringify(value)}\n` };
}
