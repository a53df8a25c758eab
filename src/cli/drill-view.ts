import { clockFace } from '../drill/incident-time.ts';
import type { Verdict } from '../drill/judge.ts';
import type { DrillNews, DrillReport, Side } from '../drill/run.ts';
import type { Score } from '../drill/scoreboard.ts';
import { hasWhole } from '../drill/scoreboard.ts';
import type { Script, ScriptEvent } from '../drill/script.ts';
import { durationText } from './duration-text.ts';
import { table } from './table.ts';
import type { Paint, Terminal } from './terminal.ts';
import { flowed, shown, wrapped } from './wrap.ts';

const SIGNS: Record<Verdict, { sign: string; paint: keyof Paint }> = {
  whole: { sign: '•', paint: 'good' },
  continued: { sign: '+', paint: 'accent' },
  failed: { sign: 'e', paint: 'warn' },
  broken: { sign: 'x', paint: 'bad' },
  truncated: { sign: 't', paint: 'bad' },
  wrong: { sign: 'w', paint: 'bad' },
  hung: { sign: 'h', paint: 'bad' },
};

export interface DrillView {
  show(news: DrillNews): void;
  /** Leaves what is on the screen and draws no more. */
  stop(): void;
}

/** On a screen: a board that is redrawn. Elsewhere: headlines, and a line for every tenth of the script. */
export function drillView(terminal: Terminal): DrillView {
  return terminal.screen ? board(terminal) : log(terminal);
}

export function legend(paint: Paint, width: number): string[] {
  const words: Record<Verdict, string> = {
    whole: 'whole answer',
    continued: 'carried on by another',
    failed: 'clean error',
    broken: 'no answer, no error',
    truncated: 'cut short',
    wrong: 'other words',
    hung: 'hung',
  };
  const entries = Object.entries(SIGNS).map(([verdict, { sign, paint: colour }]) => `${paint[colour](sign)} ${words[verdict as Verdict]}`);
  return flowed([`  ${entries[0]}`, ...entries.slice(1)], '   ', width, '  ');
}

function board(terminal: Terminal): DrillView {
  const room = Math.min(terminal.width, 120) - 16;
  const trails: Record<Side, string[]> = { straight: [], understudy: [] };
  let tick: Extract<DrillNews, { type: 'tick' }> | undefined;
  let drawn = 0;

  function erase(): void {
    if (drawn > 0) terminal.raw(`\u001b[${drawn}A\u001b[0J`);
    drawn = 0;
  }
  function draw(): void {
    if (!tick) return;
    const { paint } = terminal;
    const filled = Math.round(tick.share * 30);
    const lines = [
      `  ${paint.bold(clockFace(tick.at))} UTC  ${paint.accent('━'.repeat(filled))}${paint.dim('─'.repeat(30 - filled))}`,
      ...trouble(tick.active, paint, terminal.width),
      '',
      `  straight      ${trails.straight.join('')}`,
      `  Understudy    ${trails.understudy.join('')}`,
    ];
    erase();
    terminal.raw(`${lines.join('\n')}\n`);
    drawn = lines.length;
  }

  return {
    show(news) {
      if (news.type === 'headline') {
        erase();
        for (const line of headline(news, terminal)) terminal.out(line);
      } else if (news.type === 'judged') {
        const { sign, paint } = SIGNS[news.verdict];
        const trail = trails[news.side];
        trail.push(terminal.paint[paint](sign));
        if (trail.length > room) trail.shift();
      } else {
        tick = news;
      }
      draw();
    },
    stop() {
      draw();
      drawn = 0;
    },
  };
}

function log(terminal: Terminal): DrillView {
  const trails: Record<Side, string> = { straight: '', understudy: '' };
  let nextShare = 0.1;
  return {
    show(news) {
      if (news.type === 'headline') {
        for (const line of headline(news, terminal)) terminal.out(line);
        return;
      }
      if (news.type === 'judged') {
        trails[news.side] += SIGNS[news.verdict].sign;
        return;
      }
      if (news.share < nextShare) return;
      nextShare = Math.floor(news.share * 10) / 10 + 0.1;
      terminal.out(`  ${clockFace(news.at)}  straight    ${trails.straight}`);
      terminal.out(`            Understudy  ${trails.understudy}`);
      trails.straight = '';
      trails.understudy = '';
    },
    stop() {},
  };
}

function headline(news: Extract<DrillNews, { type: 'headline' }>, { paint, width }: Terminal): string[] {
  return wrapped(`  ${paint.dim(clockFace(news.at))}  ${news.say}`, width, ' '.repeat(12));
}

/** What strikes whom at the moment: `claude/claude-opus-*: 529 (50 %), hang (20 %)`, a line for each. */
function trouble(active: readonly ScriptEvent[], paint: Paint, width: number): string[] {
  if (active.length === 0) return [`  ${paint.good('no faults')}`];
  const byWho = new Map<string, string[]>();
  for (const { who, fault, probability } of active) {
    const faults = byWho.get(who.join(', ')) ?? [];
    faults.push(probability < 1 ? `${fault} (${Math.round(probability * 100)} %)` : fault);
    byWho.set(who.join(', '), faults);
  }
  return [...byWho].flatMap(([who, faults]) =>
    flowed([`  ${who}: ${faults[0]}`, ...faults.slice(1)], ', ', width - 1, '    ').map(paint.warn),
  );
}

const SCORE_COLUMNS = [
  '',
  'asked',
  'whole',
  'continued',
  'failed cleanly',
  'broken',
  'truncated',
  'wrong',
  'hung',
  'added wait p50',
  'p99',
];

/** The final scoreboard and what it means; a row for each side, or a column where `width` has no room for that. */
export function scoreboard(report: DrillReport, script: Script, paint: Paint, width = Number.POSITIVE_INFINITY): string[] {
  const right = 'right' as const;
  const straight = row('straight to the lead', report.straight, paint);
  const through = row('through Understudy', report.understudy, paint);
  const wide = table(
    SCORE_COLUMNS.map((title, index) => (index === 0 ? { title } : { title, align: right })),
    [straight, through],
  );
  const narrow = (): string[] =>
    table(
      [{ title: '' }, { title: straight[0]!, align: right }, { title: through[0]!, align: right }],
      SCORE_COLUMNS.slice(1).map((title, index) => [title === 'p99' ? 'added wait p99' : title, straight[index + 1]!, through[index + 1]!]),
    );
  const lines = shown(wide[0]!) <= width ? wide : narrow();
  const say = (text: string, colour: keyof Paint): number => lines.push(...wrapped(text, width, '  ').map(paint[colour]));
  const { understudy } = report;
  const answered = Object.entries(understudy.answeredBy).toSorted(([, a], [, b]) => b - a);
  if (answered.length > 0) {
    lines.push('', ...wrapped(`Answers came from ${answered.map(([target, count]) => `${target} (${count})`).join(', ')}.`, width, '  '));
  }
  lines.push(...errorLines(understudy, width));
  if (!hasWhole(understudy)) {
    lines.push('');
    say('NOT ONE ANSWER CAME WHOLE through Understudy. That is no rehearsal that went well: see the errors above.', 'bad');
  }
  const clients = `clients repeat up to ${script.retries} times and wait ${durationText(script.patience)}.`;
  say(`Script "${script.name}", seed ${report.seed}, ${durationText(report.took)}; ${clients}`, 'dim');
  if (report.ended === 'early') say('It was ended early: these are the figures so far.', 'warn');
  return lines;
}

/** The commonest few are enough to know what went wrong. */
const MOST_ERRORS = 3;

/** What clean errors through Understudy said, commonest first. */
export function errorLines({ errors }: Pick<Score, 'errors'>, width: number): string[] {
  const sorted = Object.entries(errors).toSorted(([, a], [, b]) => b - a);
  if (sorted.length === 0) return [];
  const rest = sorted.length - MOST_ERRORS;
  return [
    '',
    `Errors through Understudy${rest > 0 ? `, the commonest (${rest} more)` : ''}:`,
    ...sorted.slice(0, MOST_ERRORS).flatMap(([said, count]) => wrapped(`  ${count} x ${said.replaceAll(/\s+/g, ' ')}`, width, '      ')),
  ];
}

function row(title: string, score: Score, paint: Paint): string[] {
  const bad = (count: number): string => (count > 0 ? paint.bad(String(count)) : '0');
  return [
    title,
    String(score.asked),
    paint.good(String(score.whole)),
    score.continued > 0 ? paint.accent(String(score.continued)) : '0',
    score.failed > 0 ? paint.warn(String(score.failed)) : '0',
    bad(score.broken),
    bad(score.truncated),
    bad(score.wrong),
    bad(score.hung),
    score.addedWait ? durationText(score.addedWait.p50) : '-',
    score.addedWait ? durationText(score.addedWait.p99) : '-',
  ];
}
