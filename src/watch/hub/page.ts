import { SYMPTOMS, type Symptom } from '../crowd/symptoms.ts';
import type { Hub } from './hub.ts';
import { type ProductView, productView, statesOf } from './published.ts';
import { escaped, STATE_TEXTS } from './rss.ts';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.35rem .75rem .35rem 0;border-bottom:1px solid #ccc}
.likely{color:#a40000;font-weight:600}.possible{color:#7a4b00;font-weight:600}.none{color:#555}svg{width:100%;height:auto}a{color:#0b4f9e}
@media(prefers-color-scheme:dark){body{color:#e8e8e8;background:#161616}.likely{color:#ff9a8f}.possible{color:#f0c060}.none{color:#aaa}a{color:#8fc1ff}td,th{border-color:#444}}`;
const WIDTH = 864;
const HEIGHT = 160;

/** All products, those with reports first. No script, nothing from elsewhere. */
export function indexPage(hub: Hub, now: number): string {
  const { states } = statesOf(hub, now);
  const rank = { likely: 0, possible: 1, none: 2 };
  const rows = states
    .toSorted((one, other) => rank[one.state] - rank[other.state] || (one.title < other.title ? -1 : 1))
    .map(({ key, title, state, since }) => {
      const name = hub.products.has(key) ? `<a href="/products/${escaped(key)}">${escaped(title)}</a>` : escaped(title);
      return `<tr><td>${name}</td><td class="${state}">${STATE_TEXTS[state]}</td><td>${since === 0 ? '' : moment(since)}</td></tr>`;
    });
  return html(
    'What people report of AI services',
    `<table><thead><tr><th>Service</th><th>State</th><th>Since (UTC)</th></tr></thead><tbody>${rows.join('\n')}</tbody></table>`,
    now,
  );
}

/** One product: its day beside what is usual, symptoms and countries of the last hour. */
export function productPage(hub: Hub, key: string, now: number): string | undefined {
  const view = productView(hub, key, now);
  if (!view) return undefined;
  const { title, state, since, models, lastHour } = view;
  const symptoms = Object.entries(lastHour.symptoms).map(([name, count]) => [SYMPTOMS[name as Symptom], count] as const);
  return html(
    title,
    `<p class="${state}">${STATE_TEXTS[state]}${since === 0 ? '' : ` since ${moment(since)} UTC`}</p>
${models.map((each) => `<p class="${each.state}">${escaped(each.key)}: ${STATE_TEXTS[each.state]} since ${moment(each.since)} UTC</p>`).join('\n')}
<h2>24 hours</h2>${chart(view)}
<h2>The last hour</h2>
${counts('Symptom', symptoms)}
${counts('Country', Object.entries(lastHour.countries))}
<p><a href="/">All services</a> · <a href="/api/v1/products/${escaped(key)}">as JSON</a></p>`,
    now,
  );
}

function counts(head: string, rows: readonly (readonly [string, number])[]): string {
  if (rows.length === 0) return `<p>${head}: fewer than five reports of any.</p>`;
  const lines = rows.map(([name, count]) => `<tr><td>${escaped(name)}</td><td>${count} or more</td></tr>`);
  return `<table><thead><tr><th>${head}</th><th>Reports</th></tr></thead><tbody>${lines.join('')}</tbody></table>`;
}

function chart({ chart: points }: ProductView): string {
  const most = Math.max(5, ...points.map(({ reports, usual }) => Math.max(reports, usual)));
  const x = (index: number): string => ((index / points.length) * WIDTH).toFixed(1);
  const y = (value: number): number => Math.round((1 - value / most) * (HEIGHT - 10) * 10) / 10 + 5;
  const bars = points.flatMap(({ reports }, index) =>
    reports === 0
      ? []
      : [`<rect x="${x(index)}" y="${y(reports)}" width="${WIDTH / points.length}" height="${HEIGHT - 5 - y(reports)}" fill="#c0392b"/>`],
  );
  const usual = points.map((point, index) => `${x(index)},${y(point.usual)}`).join(' ');
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Reports in bins of five minutes, at most ${most}, beside what is usual"><line x1="0" y1="${HEIGHT - 5}" x2="${WIDTH}" y2="${HEIGHT - 5}" stroke="#888"/>${bars.join('')}<polyline points="${usual}" fill="none" stroke="#2d7dd2" stroke-width="1.5"/></svg>
<p>Bars: problems reported in five minutes, in fives (highest: ${most}). Line: what is usual at that time.</p>`;
}

function html(title: string, body: string, now: number): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta http-equiv="refresh" content="60">
<title>${escaped(title)}</title><link rel="alternate" type="application/rss+xml" href="/feed.rss"><style>${STYLE}</style></head>
<body><main><h1>${escaped(title)}</h1>
${body}
<p>Reports of people who run Understudy; no word of a provider's. Fewer than five are not shown. As of ${moment(now)} UTC. <a href="/feed.rss">RSS</a> · <a href="/api/v1/states">JSON</a></p>
</main></body></html>
`;
}

/** `2026-06-02 06:05`. */
function moment(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ');
}
