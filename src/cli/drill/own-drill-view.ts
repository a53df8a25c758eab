import { endedText, RESULT_WORDS } from '../../drill/readiness/markdown.ts';
import type { Finding, ReadinessPlan, ReadinessReport, TargetReport } from '../../drill/readiness/report.ts';
import { dollarsText } from '../../failover/turn-price.ts';
import { counted } from '../counted.ts';
import { durationText } from '../duration-text.ts';
import { table } from '../table.ts';
import type { Paint, Terminal } from '../terminal.ts';
import { wrapped } from '../wrap.ts';

/** What would be done: who is dead, who is asked how often, with which prompts, for how much. */
export function planLines(plan: ReadinessPlan, { paint, width }: Terminal): string[] {
  const { wish, routes, requests, dollars, unpriced, notes } = plan;
  const lines: string[] = [];
  const say = (text: string, indent = '  '): void => void lines.push(...wrapped(text, width, indent));
  say(paint.bold(`A rehearsed outage on ${wish.on}, with real requests to your backups.`));
  for (const { route, model, dead, backups, leftOut, prompts } of routes) {
    lines.push('');
    say(paint.bold(`Route ${route}`) + ` (asked for: ${model}); dead: ${dead.join(', ') || 'nobody'}`);
    if (backups.length === 0) say(paint.bad('  It has no backup to ask.'), '  ');
    for (const { target, requests: count, dollars: cost, dataUse, local } of backups) {
      const money = local && cost === undefined ? 'on this machine' : cost === undefined ? 'price not known' : `about ${dollarsText(cost)}`;
      say(`  ${target}: ${counted(count, 'request')}, ${money}`, '    ');
      if (dataUse !== undefined) say(paint.dim(`    ${dataUse}`), '    ');
    }
    for (const { target, reason } of leftOut) say(paint.dim(`  not asked: ${target}: ${reason}`), '    ');
    if (prompts.length > 0)
      say(`  ${counted(prompts.length, 'prompt')} of yours go there, to the first backup all, to others a third:`, '  ');
    for (const { title, kinds, tokens } of prompts) say(`    - ${title} ${paint.dim(`(${kinds.join(', ')}; ${tokens} tokens)`)}`, '      ');
  }
  lines.push('');
  say(
    `In all ${counted(requests, 'request')}, about ${dollarsText(dollars)} by known prices; never more than $${wish.budget.toFixed(2)} and ${durationText(wish.time)}.`,
  );
  if (wish.judge !== undefined) say(`${wish.judge} sees your prompts and both answers, as the judge.`);
  if (unpriced.length > 0) say(paint.warn(`No price is known, so the budget can not bound: ${unpriced.join(', ')}.`));
  for (const note of notes) say(paint.dim(note));
  lines.push('');
  return lines;
}

const SIGNS: Record<Finding['state'], { sign: string; paint: keyof Paint }> = {
  good: { sign: '✓', paint: 'good' },
  look: { sign: '!', paint: 'warn' },
  bad: { sign: '✗', paint: 'bad' },
  unknown: { sign: '?', paint: 'dim' },
};

export function reportLines(report: ReadinessReport, terminal: Terminal): string[] {
  const { paint, width } = terminal;
  const { score, sentence, routes, requests, spent, took, ended, before, unchecked } = report;
  const lines: string[] = ['', paint.bold(paint[colour(score)](`Readiness: ${score} of 100`))];
  const say = (text: string, indent = ''): void => void lines.push(...wrapped(text, width, indent));
  say(sentence);
  for (const route of routes) {
    lines.push('');
    say(`${paint.bold(`Route ${route.route}`)}: ${paint[colour(route.score)](String(route.score))}`);
    for (const target of route.targets) lines.push(...targetLines(target, terminal));
  }
  lines.push('');
  const last = before ? `; the drill before: ${before.score}, ${new Date(before.at).toISOString().slice(0, 10)}` : '';
  say(
    `${counted(requests, 'request')}, ${dollarsText(spent)}, ${durationText(took)}${ended === 'whole' ? '' : `, ${endedText(report)}`}${last}.`,
  );
  for (const note of unchecked) say(paint.dim(`Not looked at: ${note}`), '  ');
  return lines;
}

function targetLines({ target, score, findings, carriedOn, tasks }: TargetReport, { paint, width }: Terminal): string[] {
  const lines = ['', `  ${paint.bold(target)}: ${paint[colour(score)](String(score))}`];
  for (const { check, state, said, advice } of [...findings, { check: 'carried on', ...carriedOn, advice: undefined }]) {
    const { sign, paint: tone } = SIGNS[state];
    lines.push(...wrapped(`  ${paint[tone](sign)} ${check}: ${said}`, width, '      '));
    if (advice !== undefined && state !== 'good') lines.push(...wrapped(`      ${paint.dim(advice)}`, width, '      '));
  }
  if (tasks.length === 0) return lines;
  const rows = tasks.map(({ title, exchange, kinds, result, why }) => [
    title ?? exchange,
    kinds.join(', '),
    RESULT_WORDS[result],
    why ?? '',
  ]);
  const columns = [{ title: 'your prompt' }, { title: 'kind' }, { title: 'result' }, { title: 'why' }];
  return [...lines, '', ...table(columns, rows, width - 4).map((line) => `    ${line}`)];
}

function colour(score: number): keyof Paint {
  return score >= 80 ? 'good' : score >= 50 ? 'warn' : 'bad';
}
