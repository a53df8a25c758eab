import { escaped } from '../../watch/publish/escaped.ts';
import { FAILING, type Replay } from './replay.ts';

const DAY = 86_400_000;
const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --lost: light-dark(#b3261e, #ff7b72); --kept: light-dark(#1a7f37, #4ac26b); --use: light-dark(#8c959f, #6e7681); }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: break-word; }
h1 { font-size: 1.5rem; margin-bottom: 0.2rem; } h2 { font-size: 1.1rem; margin: 2rem 0 0.5rem; }
.sum { border-inline-start: 6px solid var(--kept); padding: 0.6rem 0.9rem; background: var(--soft); font-weight: 600; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; min-width: 44rem; font-size: 0.9rem; }
th, td { text-align: start; padding: 0.35rem 0.6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.n, th.n, time { white-space: nowrap; } td.n, th.n { text-align: end; font-variant-numeric: tabular-nums; }
figure { margin: 1rem 0; } svg { width: 100%; height: 11rem; display: block; } .ends { display: flex; justify-content: space-between; font-size: 0.85rem; }
.ways { display: grid; grid-template-columns: fit-content(45%) 1fr; gap: 0.35rem 0.8rem; align-items: center; margin: 0; } .ways dt { text-align: end; } .ways dd { margin: 0; display: flex; align-items: center; gap: 0.5rem; font-variant-numeric: tabular-nums; }
.bar { height: 1rem; min-width: 1px; background: var(--kept); } .bar.worst { background: var(--lost); }
.lost { fill: var(--lost); } .kept { fill: var(--kept); } .use { fill: var(--use); } .axis { stroke: var(--line); }
figcaption, small, footer { font-size: 0.85rem; opacity: 0.85; } figcaption b { font-weight: 600; } .key { display: inline-block; width: 0.8em; height: 0.8em; vertical-align: -0.05em; margin-inline-end: 0.3em; }
`;

/** A replay as one HTML file: no script, nothing loaded from anywhere. */
export function replayPage(replay: Replay, said: readonly string[]): string {
  const { outages, from, to, plus } = replay;
  const ways = waysOf(replay);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<title>What outages cost, ${dayText(from)} to ${dayText(to)}</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>What outages cost you</h1><p>${dayText(from)} to ${dayText(to)}, UTC: the providers’ published outages, laid over your own hours.</p></header>
<main>
<p class="sum">${said.map((line) => escaped(line)).join('<br>')}</p>
<section><h2>Day by day</h2>
${dayChart(replay)}</section>
<section><h2>Who would have helped</h2>
${wayChart(ways)}
<p><small>Requests without an answer. ${plus.length > 0 ? 'Each further one stands at the end of your routes as they are. ' : ''}Web chats are lost in each: no route reaches there.</small></p></section>
<section><h2>Outages that hit what you use</h2>
<div class="wide"><table><thead><tr><th>From (UTC)</th><th class="n">Lasted</th><th>What</th><th>You asked</th><th class="n">Usual requests</th><th class="n">Lost without</th><th class="n">With your routes</th></tr></thead><tbody>
${outages.map(({ outage, asked, atRisk, without, withRoutes }) => `<tr><td><time>${momentText(outage.from)}</time></td><td class="n">${lengthText(outage.to - outage.from)}</td><td>${escaped(outage.title)} <small>${weightText(outage.severity)}</small></td><td>${escaped(asked)}</td><td class="n">${number(atRisk)}</td><td class="n">${number(without)}</td><td class="n">${number(withRoutes)}</td></tr>`).join('\n')}
${outages.length === 0 ? '<tr><td colspan="7">None.</td></tr>' : ''}</tbody></table></div></section>
</main>
<footer><p>${ASSUMED} An estimate, and no measurement.</p><p>Made by Understudy.</p></footer>
</body>
</html>
`;
}

/** What the numbers stand on, in one sentence each. */
export const ASSUMED =
  `Assumed to fail while an outage is posted: ${Object.entries(FAILING)
    .map(([severity, share]) => `${severity} ${Math.round(share * 100)} %`)
    .join(', ')}. ` +
  'Where an outage kept you from asking, what is usual at that hour of the week counts. Providers fail independently, the products of one together. Posts begin late.';

/** Further providers that are told of. */
const TOLD = 3;

/** Ways to stand there: nothing, the routes, the most useful further targets, a model on this machine. */
export function waysOf({ without, withRoutes, plus }: Replay): { title: string; lost: number }[] {
  const shown = [...plus.filter(({ local }) => !local).slice(0, TOLD), ...plus.filter(({ local }) => local)];
  return [
    { title: 'nobody else', lost: without },
    { title: 'your routes', lost: withRoutes },
    ...shown.map(({ title, lost }) => ({ title: `and ${title}`, lost })),
  ];
}

function wayChart(ways: readonly { title: string; lost: number }[]): string {
  const most = Math.max(1, ...ways.map(({ lost }) => lost));
  const bars = ways.map(
    ({ title, lost }, index) =>
      `<dt>${escaped(title)}</dt><dd><span class="bar${index === 0 ? ' worst' : ''}" style="width: ${((lost / most) * 85).toFixed(1)}%"></span>${number(lost)}</dd>`,
  );
  return `<dl class="ways">${bars.join('')}</dl>`;
}

/** Upwards the answers of each day, downwards what its outages would have taken. */
function dayChart({ byDay, from, to }: Replay): string {
  const days = Math.max(1, Math.ceil((to - from) / DAY));
  const step = 640 / days;
  const most = Math.max(1, ...byDay.map(({ answers }) => answers));
  const worst = Math.max(1, ...byDay.map(({ without }) => without));
  const first = Math.floor(from / DAY) * DAY;
  const bars = byDay.map(({ day, answers, without, withRoutes }) => {
    const x = (((day - first) / DAY) * step).toFixed(1);
    const width = Math.max(1, step * 0.8).toFixed(1);
    const up = (answers / most) * 90;
    const down = (without / worst) * 60;
    const left = (withRoutes / worst) * 60;
    const said = `${dayText(day)}: ${answers} answers, ${number(without)} lost without, ${number(withRoutes)} with your routes`;
    return `<g><title>${said}</title><rect class="use" x="${x}" y="${(100 - up).toFixed(1)}" width="${width}" height="${up.toFixed(1)}"/><rect class="kept" x="${x}" y="101" width="${width}" height="${down.toFixed(1)}"/><rect class="lost" x="${x}" y="101" width="${width}" height="${left.toFixed(1)}"/></g>`;
  });
  return `<figure><svg viewBox="0 0 640 164" preserveAspectRatio="none" role="img" aria-label="Answers of each day, and what outages would have taken of them"><line class="axis" x1="0" x2="640" y1="100.5" y2="100.5"/>${bars.join('')}</svg>
<div class="ends"><span>${dayText(from)}</span><span>${dayText(to)}</span></div>
<figcaption><span><i class="key" style="background:var(--use)"></i>answers you got (at most ${most} a day)</span> · <span><i class="key" style="background:var(--kept)"></i>would be lost without, carried by your routes (at most ${number(worst)} a day)</span> · <span><i class="key" style="background:var(--lost)"></i>lost all the same</span></figcaption></figure>`;
}

/** Expected requests: tenths where they are few. */
export function number(value: number): string {
  return value > 0 && value < 10 ? value.toFixed(1) : String(Math.round(value));
}

function weightText(severity: Replay['outages'][number]['outage']['severity']): string {
  return severity === 'unknown' ? '(no weight told)' : `(${severity})`;
}

export function dayText(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function momentText(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ');
}

export function lengthText(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')}`;
}
