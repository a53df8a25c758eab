import { clockFace } from '../drill/incident-time.ts';
import type { Verdict } from '../drill/judge.ts';
import type { DrillNews, DrillReport, Side } from '../drill/run.ts';
import type { Score } from '../drill/scoreboard.ts';
import type { Script, ScriptEvent } from '../drill/script.ts';
import { durationText } from './duration-text.ts';
import { table } from './table.ts';
import type { Paint, Terminal } from './terminal.ts';

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

export function legend(paint: Paint): string {
  const words: Record<Verdict, string> = {
    whole: 'whole answer',
    continued: 'carried on by another',
    failed: 'clean error',
    broken: 'no answer, no error',
    truncated: 'cut short',
    wrong: 'other words',
    hung: 'hung',
  };
  return Object.entries(SIGNS)
    .map(([verdict, { sign, paint: colour }]) => `${paint[colour](sign)} ${words[verdict as Verdict]}`)
    .join(paint.dim('   '));
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
      `  ${fit(trouble(tick.active, paint), room + 14)}`,
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
        terminal.out(headline(news, terminal.paint));
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
      if (news.type === 'headline') return terminal.out(headline(news, terminal.paint));
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

function headline(news: Extract<DrillNews, { type: 'headline' }>, paint: Paint): string {
  return `  ${paint.dim(clockFace(news.at))}  ${news.say}`;
}

function trouble(active: readonly ScriptEvent[], paint: Paint): string {
  if (active.length === 0) return paint.good('no faults');
  const words = active.map(
    (event) => `${event.who.join(', ')}: ${event.fault}${event.probability < 1 ? ` ${Math.round(event.probability * 100)} %` : ''}`,
  );
  return paint.warn(words.join('; '));
}

/** Cuts by characters, colours left whole: the board must keep its number of lines. */
function fit(text: string, width: number): string {
  // oxlint-disable-next-line no-control-regex -- the colour codes are what is looked for
  const pieces = text.split(/(\u001b\[\d+m)/);
  let left = width;
  return pieces
    .map((piece, index) => {
      if (index % 2 === 1) return piece;
      const kept = piece.slice(0, left);
      left -= kept.length;
      return kept;
    })
    .join('');
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

/** The final scoreboard and what it means. */
export function scoreboard(report: DrillReport, script: Script, paint: Paint): string[] {
  const columns = SCORE_COLUMNS.map((title, index) => ({ title, align: index === 0 ? ('left' as const) : ('right' as const) }));
  const lines = table(columns, [row('straight to the lead', report.straight, paint), row('through Understudy', report.understudy, paint)]);
  const answered = Object.entries(report.understudy.answeredBy).toSorted(([, a], [, b]) => b - a);
  if (answered.length > 0) lines.push('', `Answers came from ${answered.map(([target, count]) => `${target} (${count})`).join(', ')}.`);
  lines.push(
    paint.dim(
      `Script "${script.name}", seed ${report.seed}, ${durationText(report.took)}; clients repeat up to ${script.retries} times and wait ${durationText(script.patience)}.`,
    ),
  );
  if (report.ended === 'early') lines.push(paint.warn('It was ended early: these are the figures so far.'));
  return lines;
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
