/**
 * 2 June 2026 end to end: simulated providers, pages, crowd; minute by minute what the board says, when the alert goes out, when routes move and return.
 *   node test/june-second/run.ts [--seed N] [--seeds N] [--report]
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { PEOPLE } from './crowd.ts';
import { changesOf, type Figures, figuresOf, KEYS, minutesBetween } from './measure.ts';
import { FIRST_POST, minuteOf, moment, RESOLVED, WELL_AGAIN } from './morning.ts';
import { type Morning, type MorningOptions, simulate, USUAL } from './simulate.ts';
import { timeline } from './timeline.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, seeds: { type: 'string', default: '6' }, report: { type: 'boolean', default: false } },
});
const seed = Number(values.seed);

const ROW = '| | not green | alert | before the post, min | all-clear | loud messages | changes (Claude API) | unanswered |';
const lines: string[] = [];
const say = (...text: string[]): void => {
  lines.push(...text);
  process.stdout.write(`${text.join('\n')}\n`);
};

const main = await simulate({ ...USUAL, seed });
say('## Figures', '', ...figureLines(main), '', '## With less to go by', '', ...(await variants()), '');
say('## When it begins', '', ...(await beginnings()), '', '## A calm day', '', ...(await calmDays()), '', '## Minute by minute', '');
say(...timeline(main));
if (values.report) writeReport();

function at(time: number | undefined): string {
  return time === undefined ? 'never' : minuteOf(time);
}

function figureLines(morning: Morning): string[] {
  const { impact } = morning.options;
  const figures = figuresOf(morning);
  const changes = KEYS.map((key) => `${key} ${changesOf(morning, key).length}`).join(', ');
  return [
    '| | |',
    '|---|---|',
    `| requests begin to fail | ${minuteOf(impact)} (assumed) |`,
    `| first post of the page | ${minuteOf(FIRST_POST)}, ${minutesBetween(impact, FIRST_POST)} min after |`,
    `| the board is no longer green | ${at(figures.firstIll)}, ${minutesBetween(impact, figures.firstIll)} min after |`,
    `| something is called down | ${at(figures.firstDown)} |`,
    `| the alert | ${at(figures.firstAlert)}: ${minutesBetween(figures.firstAlert ?? Infinity, FIRST_POST)} min before the post |`,
    `| messages about it | ${figures.messages}, ${figures.loud} of them disturb; the others change the first in place |`,
    `| alerts before anything failed | ${figures.falseAlerts} |`,
    `| the first request for Opus that does not begin with it | ${at(figures.left)} |`,
    `| nine of ten requests for Opus are answered by it again, from | ${at(figures.back)} (the weather is over at ${minuteOf(WELL_AGAIN)}) |`,
    `| the page says resolved | ${minuteOf(RESOLVED)} |`,
    `| the last all-clear | ${at(figures.allClear)} |`,
    `| requests without an answer | ${figures.failed} of ${figures.requests}; ${figures.hops} answers carried on by another |`,
    `| probes, page requests | ${morning.probes}, ${morning.pageRequests} |`,
    `| changes of verdict | ${changes} |`,
  ];
}

function row(name: string, { firstIll, firstAlert, allClear, loud, changes, failed, requests }: Figures): string {
  const lead = firstAlert === undefined ? '–' : minutesBetween(firstAlert, FIRST_POST);
  return `| ${name} | ${at(firstIll)} | ${at(firstAlert)} | ${lead} | ${at(allClear)} | ${loud} | ${changes} | ${failed} of ${requests} |`;
}

async function variants(): Promise<string[]> {
  const some: [string, Partial<MorningOptions>][] = [
    ['no crowd', { crowd: false }],
    ['the page cannot be read from 06:00 to 09:00', { unreadable: { from: moment('06:00'), until: moment('09:00') } }],
    ['nobody asks: page and crowd', { hourly: 0 }],
    ['nobody asks, no crowd: the page alone', { hourly: 0, crowd: false }],
  ];
  const rows = [row('all of it', figuresOf(main))];
  for (const [name, options] of some) rows.push(row(name, figuresOf(await simulate({ ...USUAL, ...options, seed }))));
  return [ROW, '|---|---|---|---|---|---|---|---|', ...rows];
}

async function beginnings(): Promise<string[]> {
  const rows: string[] = [];
  for (const impact of ['05:25', '05:35', '05:45', '05:55'].map(moment)) {
    const all: Figures[] = [];
    for (let each = 1; each <= Number(values.seeds); each++)
      all.push(figuresOf(await simulate({ ...USUAL, impact, seed: each, until: moment('07:00') })));
    const delays = all.map(({ firstIll = Infinity }) => (firstIll - impact) / 60_000).toSorted((one, other) => one - other);
    const alerts = all.map(({ firstAlert = Infinity }) => (firstAlert - impact) / 60_000).toSorted((one, other) => one - other);
    const early = all.filter(({ firstAlert = Infinity }) => firstAlert < FIRST_POST).length;
    const spread = (sorted: readonly number[]): string =>
      [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)].map((each) => each!.toFixed(1)).join(' / ');
    rows.push(`| ${minuteOf(impact)} | ${spread(delays)} | ${spread(alerts)} | ${early} of ${all.length} |`);
  }
  return [
    '| requests begin to fail | not green after, min: least / median / most | alert after, min | alert before the post |',
    '|---|---|---|---|',
    ...rows,
  ];
}

async function calmDays(): Promise<string[]> {
  const all: Morning[] = [];
  for (let each = 1; each <= Number(values.seeds); each++) all.push(await simulate({ ...USUAL, calm: true, seed: each }));
  const ill = all.reduce((sum, morning) => sum + KEYS.reduce((more, key) => more + changesOf(morning, key).length, 0), 0);
  const first = all.length * (KEYS.length + 0);
  const sum = (of: (morning: Morning) => number): number => all.reduce((total, morning) => total + of(morning), 0);
  return [
    `${all.length} days of ten and a half hours in which one request in a hundred fails: ${sum(({ alerts }) => alerts.length)} alerts, ` +
      `${ill - first} changes of verdict beyond the first of each key, ${sum(({ probes }) => probes)} probes.`,
  ];
}

function writeReport(): void {
  const date = new Date().toISOString().slice(0, 10);
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const text = `# 2 June 2026, end to end

${date}, commit ${commit}, Node ${process.version}. \`npm run test:june\` (seed ${seed}, ${values.seeds} seeds for ranges). Held by \`test/june-second/june-second.test.ts\`.

The watch, health and the failover engine as the product has them, from 04:30 to 15:00 UTC on a clock that is turned by hand. Real sockets between them and Claude's page, OpenAI's
page, the hub and the webhook that alerts go to.

**Facts** (the page): times, phases, first title, components of the posts. **Assumed**: when requests began to fail: ${minuteOf(USUAL.impact)}, half an hour before the post (the median of what Anthropic has
stated for other incidents is 39 min); the drill's weather (\`src/drill/scripts/2026-06-02.yaml\`), whose shares of failures nobody has published: seven in ten requests for Opus until 06:40, then more,
Sonnet from 07:10, one in four after "monitoring", one in six after "resolved" until 13:20. One user with ${USUAL.hourly} requests an hour, seven of ten for Opus 4.6, on the route
Opus 4.6 → Sonnet 4.6 → gpt-5.6. ${PEOPLE} installations that report to a hub, 45 to 60 reports an hour while it lasts, two in three with failures of their own. Default settings; one webhook.

- **not green**: Claude API or Opus 4.6 is degraded or down. **loud**: a message that disturbs somebody.
- After "resolved" one request in six goes on failing in this weather, by fits: the board goes on saying it, as an incident of its own, and the alert may come back.
- "The page alone" is with probes of the one model that the route names. Nobody is alerted by a page's "major" alone: it makes a product degraded, and the default rule waits for down.
- What crosses real sockets arrives in an order of its own: minutes differ from run to run, and so may what is said after "resolved".
- Until commit 073ecb0 the same morning (seeds 1 to 4) made 35, 40, 34 and 40 messages, 7, 8, 7 and 8 of them loud, and 9, 9, 9 and 11 changes of claude.ai's verdict. Since then what
  people report makes nothing down and degraded by turns while its page says the same, an alert that comes back soon is opened again quietly, and the all-clear of a long outage waits.

${lines.join('\n')}
`;
  const file = path.join(import.meta.dirname, '..', '..', 'docs', 'reports', `${date}-june-second.md`);
  writeFileSync(file, text);
  process.stdout.write(`\nwritten to ${path.relative(process.cwd(), file)}\n`);
}
