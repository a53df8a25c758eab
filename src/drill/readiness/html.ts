import { dollarsText } from '../../failover/turn-price.ts';
import { seconds } from './fitness-findings.ts';
import { PAGE_STYLE } from './html-style.ts';
import { endedText, RESULT_WORDS, STATE_WORDS, usualText } from './markdown.ts';
import type { Finding, ReadinessReport, RouteReport, TargetReport, Task } from './report.ts';

/** The report as one page that needs nothing else: no script, no font, no address. Prints, and is read in the dark. */
export function readinessHtml(report: ReadinessReport): string {
  const date = new Date(report.at).toISOString();
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Readiness ${report.score}: ${text(report.wish.on)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<header>
${dial(report.score, 'large')}
<div>
<h1>Readiness: ${report.score} of 100</h1>
<p class="sentence">${text(report.sentence)}</p>
<p class="facts">${[
    `<time datetime="${date}">${date.slice(0, 16).replace('T', ' ')} UTC</time>`,
    text(report.wish.on),
    ...(report.wish.lead === undefined ? [] : [`${text(report.wish.lead)} dead`]),
    `${report.requests} requests`,
    `$${report.spent.toFixed(4)} of $${report.wish.budget.toFixed(2)}`,
    seconds(report.took),
    endedText(report),
    ...(report.before ? [`before: ${report.before.score} on ${new Date(report.before.at).toISOString().slice(0, 10)}`] : []),
  ].join(' · ')}</p>
</div>
</header>
<main>
${toDo(report)}
${report.routes.map((route) => routeSection(route, report.routes.length === 1)).join('\n')}
${list('Not looked at', report.unchecked)}
</main>
<footer>Understudy, drill ${text(report.id)}. A score is the sum of what was measured, by the weights in docs/drill.md. Real requests; the lead was dead in the drill only.</footer>
</body>
</html>
`;
}

/** What is bad, with what to do, once. */
function toDo({ routes }: ReadinessReport): string {
  const seen = new Set<string>();
  const items = routes.flatMap(({ targets }) =>
    targets.flatMap(({ target, findings }) =>
      findings.flatMap(({ state, said, advice }) => {
        const key = `${target} ${advice}`;
        if (state !== 'bad' || advice === undefined || seen.has(key)) return [];
        seen.add(key);
        return [`<li><b>${text(target)}</b>: ${text(said)} <span class="advice">${text(advice)}</span></li>`];
      }),
    ),
  );
  return items.length === 0 ? '' : `<section class="todo"><h2>To do</h2><ul>${items.join('')}</ul></section>`;
}

/** `isOnly`: what it comes to stands at the top of the page. */
function routeSection(route: RouteReport, isOnly: boolean): string {
  return `<section class="route">
<div class="head">${dial(route.score, 'small')}<div><h2>Route <code>${text(route.route)}</code></h2>
${isOnly ? '' : `<p>${text(route.sentence)}</p>`}</div></div>
<p class="facts">Dead in this drill: ${text(route.dead.join(', ') || 'nobody')}. ${text(usualText(route))}</p>
${route.targets.map(targetArticle).join('\n')}
${list(
  'Not asked',
  route.leftOut.map(({ target, reason }) => `${target}: ${reason}`),
)}
</section>`;
}

function targetArticle(target: TargetReport): string {
  const { speed, usualTurn } = target;
  const facts = [
    `backup ${target.place}`,
    target.dialect,
    ...(speed.firstWords === undefined ? [] : [`first words ${seconds(speed.firstWords)}`]),
    ...(speed.tokensASecond === undefined ? [] : [`${speed.tokensASecond} tokens/s`]),
    ...(usualTurn === undefined ? [] : [`usual turn ${dollarsText(usualTurn)}`]),
  ];
  const carried: Finding = { check: 'failover', state: target.carriedOn.state, said: target.carriedOn.said };
  return `<article>
<h3><span class="score ${grade(target.score)}">${target.score}</span> ${text(target.target)}</h3>
<p class="facts">${facts.map(text).join(' · ')}</p>
<ul class="checks">${[...together(target.findings), carried].map(findingItem).join('')}</ul>
${
  target.losses.length === 0
    ? ''
    : `<details><summary>Where points were lost</summary><ul>${target.losses.map(({ points, why }) => `<li><b>${points}</b> ${text(why)}</li>`).join('')}</ul></details>`
}
${target.tasks.length === 0 ? '' : taskTable(target.tasks)}
</article>`;
}

const ACCESS = ['address', 'key', 'quota', 'model'];

/** What is well with its access takes one line. */
function together(findings: readonly Finding[]): (Omit<Finding, 'check'> & { check: string })[] {
  const access = findings.filter(({ check, state }) => ACCESS.includes(check) && state === 'good');
  if (access.length < ACCESS.length) return [...findings];
  const rest = findings.filter((finding) => !access.includes(finding));
  return [{ check: 'access', state: 'good', said: 'Address, key, quota and model are in order.' }, ...rest];
}

const SIGNS: Record<Finding['state'], string> = { good: '✓', look: '!', bad: '✗', unknown: '?' };

function findingItem({ check, state, said, advice }: Omit<Finding, 'check'> & { check: string }): string {
  const label = check === 'failover' ? 'carried on' : check;
  return `<li class="${state}"><span class="sign" title="${STATE_WORDS[state]}">${SIGNS[state]}</span><b>${text(label)}</b><span>${text(said)}${
    advice === undefined || state === 'good' ? '' : ` <span class="advice">${text(advice)}</span>`
  }</span></li>`;
}

function taskTable(tasks: readonly Task[]): string {
  const counts = (['passed', 'differs', 'worse', 'refused', 'not-asked'] as const)
    .map((result) => ({ result, count: tasks.filter((task) => task.result === result).length }))
    .filter(({ count }) => count > 0);
  const bar = counts.map(({ result, count }) => `<i class="${result}" style="flex:${count}"></i>`).join('');
  const legend = counts.map(({ result, count }) => `<span><i class="${result}"></i>${count} ${RESULT_WORDS[result]}</span>`).join('');
  const rows = tasks
    .map(
      (task) =>
        `<tr class="${task.result}"><td data-label="prompt">${text(task.title ?? task.exchange)}</td><td data-label="kind">${text(task.kinds.join(', '))}</td><td data-label="lead was">${text(task.outage)}</td><td data-label="result"><span class="result ${task.result}">${RESULT_WORDS[task.result]}</span></td><td data-label="why">${text(task.why ?? '')}</td><td data-label="took" class="number">${task.took === undefined ? '' : seconds(task.took)}</td></tr>`,
    )
    .join('');
  return `<h4>Your own prompts</h4><div class="bar" role="img" aria-label="${counts.map(({ result, count }) => `${count} ${RESULT_WORDS[result]}`).join(', ')}">${bar}</div><p class="legend">${legend}</p>
<table><thead><tr><th>prompt</th><th>kind</th><th>lead was</th><th>result</th><th>why</th><th class="number">took</th></tr></thead><tbody>${rows}</tbody></table>`;
}

/** A ring that is filled as far as the score goes. */
function dial(score: number, size: 'large' | 'small'): string {
  const length = 2 * Math.PI * 42;
  return `<svg class="dial ${size} ${grade(score)}" viewBox="0 0 100 100" role="img" aria-label="${score} of 100"><circle cx="50" cy="50" r="42"/><circle class="arc" cx="50" cy="50" r="42" stroke-dasharray="${((length * score) / 100).toFixed(1)} ${length.toFixed(1)}" transform="rotate(-90 50 50)"/><text x="50" y="50">${score}</text></svg>`;
}

function grade(score: number): 'high' | 'middle' | 'low' {
  return score >= 80 ? 'high' : score >= 50 ? 'middle' : 'low';
}

function list(title: string, items: readonly string[]): string {
  return items.length === 0
    ? ''
    : `<section class="aside"><h3>${title}</h3><ul>${items.map((item) => `<li>${text(item)}</li>`).join('')}</ul></section>`;
}

function text(plain: string): string {
  return plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
