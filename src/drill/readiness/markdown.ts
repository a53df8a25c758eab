import { dollarsText } from '../../failover/turn-price.ts';
import { seconds, thousands } from './fitness-findings.ts';
import type { ReadinessReport, RouteReport, TargetReport, Task } from './report.ts';

/** The report as a text: for a terminal's `less`, a wiki, a repository. */
export function readinessMarkdown(report: ReadinessReport): string {
  const lines = [
    `# Readiness: ${report.score} of 100`,
    '',
    report.sentence,
    '',
    `- drill: ${report.id}, ${new Date(report.at).toISOString()}`,
    `- on: ${report.wish.on}${report.wish.lead === undefined ? '' : `, with ${report.wish.lead} dead`}`,
    `- ${report.requests} requests, $${report.spent.toFixed(4)} by known prices, ${seconds(report.took)}; ${endedText(report)}`,
    ...(report.before ? [`- the drill before: ${report.before.score} (${new Date(report.before.at).toISOString().slice(0, 10)})`] : []),
    ...report.routes.flatMap(routeLines),
    ...(report.unchecked.length === 0 ? [] : ['', '## Not looked at', '', ...report.unchecked.map((each) => `- ${each}`)]),
  ];
  return `${lines.join('\n')}\n`;
}

export function endedText({ ended }: Pick<ReadinessReport, 'ended'>): string {
  switch (ended) {
    case 'whole':
      return 'all was done';
    case 'budget':
      return 'ended by its budget';
    case 'time':
      return 'ended by its time';
    case 'stopped':
      return 'stopped before its end';
  }
}

/** Of all who read a report, most want to know what to do. */
export const STATE_WORDS = { good: 'good', look: 'worth a look', bad: 'bad', unknown: 'not known' } as const;

export const RESULT_WORDS: Record<Task['result'], string> = {
  passed: 'as good',
  differs: 'differs',
  worse: 'worse',
  refused: 'no answer',
  'not-asked': 'not tried',
};

function routeLines(route: RouteReport): string[] {
  const dead = route.dead.length > 0 ? route.dead.join(', ') : 'nobody';
  return [
    '',
    `## Route ${route.route}: ${route.score}`,
    '',
    `${route.sentence}`,
    '',
    `Dead in this drill: ${dead}. ${usualText(route)}`,
    ...route.targets.flatMap(targetLines),
    ...(route.leftOut.length === 0 ? [] : ['', 'Not asked:', '', ...route.leftOut.map(({ target, reason }) => `- ${target}: ${reason}`)]),
  ];
}

export function usualText({ usual, model }: Pick<RouteReport, 'usual' | 'model'>): string {
  const { exchanges, inputP50, inputP95, outputP50 } = usual;
  if (exchanges === 0 || inputP50 === undefined || inputP95 === undefined) return `Asked for: ${model}; nothing in the last thirty days.`;
  const answer = outputP50 === undefined ? '' : `, an answer ${thousands(outputP50)}`;
  return `Asked for: ${model}; ${exchanges} exchanges in thirty days. A usual question has ${thousands(inputP50)} tokens (one of twenty more than ${thousands(inputP95)})${answer}.`;
}

function targetLines(target: TargetReport): string[] {
  return [
    '',
    `### ${target.place}. ${target.target}: ${target.score}`,
    '',
    '| check | state | |',
    '| --- | --- | --- |',
    ...target.findings.map(({ check, state, said, advice }) =>
      row([check, STATE_WORDS[state], advice === undefined ? said : `${said} **${advice}**`]),
    ),
    row(['carried on', STATE_WORDS[target.carriedOn.state], target.carriedOn.said]),
    ...(target.losses.length === 0 ? [] : ['', 'Points lost:', '', ...target.losses.map(({ points, why }) => `- ${points}: ${why}`)]),
    ...(target.tasks.length === 0
      ? []
      : [
          '',
          '| your prompt | kind | lead was | result | why |',
          '| --- | --- | --- | --- | --- |',
          ...target.tasks.map((task) =>
            row([task.title ?? task.exchange, task.kinds.join(', '), task.outage, RESULT_WORDS[task.result], task.why ?? '']),
          ),
        ]),
    ...(target.usualTurn === undefined ? [] : ['', `A usual turn costs about ${dollarsText(target.usualTurn)} here.`]),
  ];
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').replaceAll('<', '&lt;')).join(' | ')} |`;
}
