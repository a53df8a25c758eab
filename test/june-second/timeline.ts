import type { Signal } from '../../src/telemetry/signal.ts';
import type { Told } from './sink.ts';
import { KEYS, LEAD } from './measure.ts';
import { MINUTE, minuteOf, POSTS } from './morning.ts';
import type { Morning } from './simulate.ts';

const NAMES: Readonly<Record<string, string>> = {
  'anthropic/api': 'Claude API',
  'anthropic/api/claude-opus-4-6': 'Opus 4.6',
  'anthropic/api/claude-sonnet-4-6': 'Sonnet 4.6',
  'anthropic/chat': 'claude.ai',
};
/** Characters of a reason. */
const LONGEST = 150;

/** A line for each minute in which something changed: what the board said at its end, what was news, and where requests for the lead went since the line before. */
export function timeline(morning: Morning): string[] {
  const lines = [
    '| UTC | Claude API | Opus 4.6 | Sonnet 4.6 | claude.ai | what was news | requests for Opus 4.6 since the line before: by Opus / by others / seams |',
    '|---|---|---|---|---|---|---|',
  ];
  let since = morning.minutes[0]?.at ?? 0;
  let before = '';
  for (const { at, judgements } of morning.minutes) {
    const cells = KEYS.map((key) => {
      const found = judgements.find((judgement) => judgement.key === key);
      return found ? found.verdict + (found.scope === undefined ? '' : ` (${found.scope})`) : '';
    });
    const news = newsOf(morning, at - MINUTE, at);
    if (news.length === 0 && cells.join('|') === before) continue;
    lines.push(`| ${minuteOf(at - 1)} | ${cells.join(' | ')} | ${news.join('<br>')} | ${routes(morning, since, at)} |`);
    before = cells.join('|');
    since = at;
  }
  return lines;
}

function newsOf({ news, alerts }: Morning, from: number, to: number): string[] {
  const within = ({ at }: { at: number }): boolean => at >= from && at < to;
  const told = (one: Told): string => (one.loud ? `**alert, ${one.kind}: ${one.title}**` : '');
  return [
    ...POSTS.filter(within).map(({ say }) => `_${say}_`),
    ...news.filter(within).map(({ signal }) => wordsOf(signal)),
    ...alerts.filter(within).map(told),
  ].filter((text) => text !== '');
}

function wordsOf(signal: Morning['news'][number]['signal']): string {
  if (signal.type === 'incident') return incidentWords(signal);
  const name = NAMES[signal.product];
  if (name === undefined || signal.to === 'unknown') return '';
  const reason = signal.summary.replace(/^.*?( UTC: | works: )/, '');
  return `${name}: ${reason.length > LONGEST ? `${reason.slice(0, LONGEST)}…` : reason}`;
}

function incidentWords({ change, title, phase, severity }: Extract<Signal, { type: 'incident' }>): string {
  return `incident ${change}: “${title}”, ${severity}, ${phase}`;
}

function routes({ requests }: Morning, from: number, to: number): string {
  const asked = requests.filter(({ at, model }) => at >= from && at < to && LEAD.endsWith(model));
  if (asked.length === 0) return '–';
  const lead = asked.filter(({ by, hops }) => by === LEAD && hops === 0).length;
  const failed = asked.filter(({ end }) => end === 'failed').length;
  const seams = asked.reduce((sum, { hops }) => sum + hops, 0);
  return `${lead} / ${asked.length - lead - failed} / ${seams}${failed > 0 ? `, ${failed} failed` : ''}`;
}
