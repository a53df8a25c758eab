import { escaped } from './escaped.ts';
import type { Incident, IncidentSource } from '../incident.ts';
import { parseProductKey } from '../product.ts';
import type { Verdict } from '../verdict.ts';
import { type Bar, type Published, uptimeOf } from './published.ts';
import { PAGE_STYLE } from './style.ts';

type Judged = Published['board']['judgements'][number];

const WORDS: Record<Verdict, string> = { operational: 'works', degraded: 'degraded', down: 'down', unknown: 'unknown' };
const SCOPES: Record<NonNullable<Judged['scope']>, string> = {
  everyone: 'for everyone',
  model: 'one model',
  account: 'an account or a quota',
  network: 'this network',
  inconclusive: 'unclear whose fault',
};
/** Incidents that are over, shown below; the feeds and the JSON have more. */
const MOST_PAST = 30;

/**
 * A status page as one HTML file: no script, nothing loaded from anywhere. What providers' pages say in it is shown as text. Where it is served,
 * it loads itself anew each minute (`refresh`, seconds); as a file it stays as it was made, and says when that was.
 */
export function statusPage(published: Published, refresh?: number): string {
  const { title, board, incidents } = published;
  const open = incidents.filter(({ kind, phase }) => kind === 'incident' && phase !== 'resolved');
  const planned = incidents
    .filter(({ kind, phase }) => kind === 'maintenance' && phase !== 'resolved')
    .toSorted((one, other) => one.startedAt - other.startedAt);
  const past = incidents.filter(({ phase }) => phase === 'resolved').slice(0, MOST_PAST);
  const products = board.judgements.filter(({ key }) => parseProductKey(key)?.model === undefined);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
${refresh === undefined ? '' : `<meta http-equiv="refresh" content="${refresh}">\n`}<title>${escaped(title)}</title>
<link rel="alternate" type="application/atom+xml" title="Incidents" href="feed.atom">
<style>${PAGE_STYLE}</style>
</head>
<body>
<header><h1>${escaped(title)}</h1><p>As of ${moment(board.at)}. Own requests, probes, the providers’ pages and reports, weighed together; unknown is neither up nor down.</p></header>
<main>
<p class="overall ${overallOf(products)}">${escaped(overallText(products))}</p>
${refresh === undefined ? '' : section('What to do', (board.runbooks ?? []).map(runbookItem))}
${section('Open incidents', open.map(incidentItem))}
${section('Planned work', planned.map(incidentItem))}
<section><h2>Products</h2>
${products.map((judged) => productItem(judged, modelsOf(judged, board.judgements), published.bars[judged.key])).join('\n')}
${products.length === 0 ? '<p>Nothing is watched yet.</p>' : ''}</section>
${section('Past incidents', past.map(incidentItem))}
</main>
${refresh === undefined ? '' : '<p><a href="/report">It fails for me, or works for me</a></p>\n'}<footer><a href="feed.atom">Atom</a> · <a href="feed.rss">RSS</a> · <a href="api/v2/summary.json">JSON</a> · made by Understudy</footer>
</body>
</html>
`;
}

function modelsOf({ key }: Judged, all: readonly Judged[]): Judged[] {
  return all.filter((one) => one.key.startsWith(`${key}/`) && one.verdict !== 'operational' && one.verdict !== 'unknown');
}

function overallOf(products: readonly Judged[]): Verdict {
  for (const verdict of ['down', 'degraded'] as const) if (products.some((one) => one.verdict === verdict)) return verdict;
  return products.some((one) => one.verdict === 'operational') ? 'operational' : 'unknown';
}

function overallText(products: readonly Judged[]): string {
  const named = (verdict: Verdict): string =>
    products
      .filter((one) => one.verdict === verdict)
      .map(({ title }) => title)
      .join(', ');
  switch (overallOf(products)) {
    case 'down':
      return `Down: ${named('down')}`;
    case 'degraded':
      return `Degraded: ${named('degraded')}`;
    case 'operational':
      return named('unknown') === ''
        ? 'Everything that is watched works'
        : `No known trouble; nothing fresh is known of ${named('unknown')}`;
    case 'unknown':
      return 'Nothing fresh is known';
  }
}

function section(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `<section><h2>${title}</h2>\n${items.join('\n')}\n</section>`;
}

/** On this machine's own page only: it is nobody else's business what is done here. */
function runbookItem({ name, title }: { name: string; title: string }): string {
  return `<article><h3>${escaped(title)}</h3><p><code>understudy runbook show ${escaped(name)}</code></p></article>`;
}

function productItem(
  { title, verdict, scope, since, evidence }: Judged,
  models: readonly Judged[],
  bars: readonly Bar[] | undefined,
): string {
  const ill = verdict === 'down' || verdict === 'degraded';
  const about = ill ? ` since ${moment(since)}${scope === undefined ? '' : `, ${SCOPES[scope]}`}` : '';
  const reasons = ill
    ? `<ul>${evidence
        .slice(0, 5)
        .map(({ text }) => `<li>${escaped(text)}</li>`)
        .join('')}</ul>`
    : '';
  const list =
    models.length === 0
      ? ''
      : `<ul>${models.map((model) => `<li>${escaped(model.title)}: <b class="${model.verdict}">${WORDS[model.verdict]}</b></li>`).join('')}</ul>`;
  return `<article><h3>${escaped(title)} <b class="${verdict}">${WORDS[verdict]}</b><small>${escaped(about)}</small></h3>${reasons}${list}${bars === undefined ? '' : barsItem(title, bars)}</article>`;
}

/** A drawing, with its figures in words for whoever does not see it. */
function barsItem(title: string, bars: readonly Bar[]): string {
  const uptime = uptimeOf(bars);
  const figure = uptime === undefined ? 'nothing known' : `${(Math.floor(uptime * 10_000) / 100).toFixed(2)} % of the time known`;
  const cells = bars.map(({ from, state, share }, index) => {
    const hours = (share.down + share.degraded) / 3_600_000;
    const said = `${new Date(from).toISOString().slice(0, 10)}: ${state}${hours > 0 ? `, ${hours.toFixed(1)} h of trouble` : ''}`;
    return `<rect class="${state}" x="${index * 4}" width="3" height="24"><title>${said}</title></rect>`;
  });
  return `<figure><svg viewBox="0 0 ${bars.length * 4} 24" preserveAspectRatio="none" role="img" aria-label="${escaped(title)}, the last ${bars.length} days: up ${figure}">${cells.join('')}</svg><figcaption><span>${bars.length} days ago</span><span>up ${figure}</span><span>today</span></figcaption></figure>`;
}

function incidentItem(incident: Incident): string {
  const { id, title, phase, products, models, severity, startedAt, endedAt, updates, sources, kind } = incident;
  const when =
    kind === 'maintenance' || phase === 'resolved'
      ? `${moment(startedAt)}${endedAt === undefined ? '' : ` to ${moment(endedAt)}`}`
      : `since ${moment(startedAt)}`;
  const lines = updates.toReversed().map(({ at, phase: said, text, removedAt, before }) => {
    const changed =
      before === undefined || before.length === 0
        ? ''
        : ` <em>changed later; before: ${before.map((one) => escaped(one.text)).join(' / ')}</em>`;
    const gone = removedAt === undefined ? '' : ` <em>removed from the page by ${moment(removedAt)}</em>`;
    return `<li><time>${moment(at)}</time> <b>${escaped(said)}</b> ${escaped(text)}${changed}${gone}</li>`;
  });
  return `<article id="${escaped(id)}"><h3>${escaped(title)} <b class="${phase === 'resolved' ? 'operational' : kind === 'maintenance' ? 'maintenance' : severity === 'minor' ? 'degraded' : 'down'}">${escaped(phase)}</b></h3>
<p><small>${when} · ${escaped([...products, ...models].join(', '))} · ${sources.map(sourceText).join(', ')}</small></p>
${lines.length === 0 ? '' : `<ol>${lines.join('')}</ol>`}</article>`;
}

function sourceText(source: IncidentSource): string {
  switch (source.type) {
    case 'page': {
      const link = source.url !== undefined && /^https?:\/\//.test(source.url) ? source.url : undefined;
      return link === undefined ? escaped(source.page) : `<a rel="noreferrer nofollow" href="${escaped(link)}">${escaped(source.page)}</a>`;
    }
    case 'own':
      return 'seen here';
    case 'hand':
      return source.by === undefined ? 'posted by hand' : `posted by ${escaped(source.by)}`;
  }
}

/** `2026-06-02 06:05 UTC`. */
function moment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
