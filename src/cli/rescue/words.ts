import type { LastState } from '../../archive/rescue/last-state.ts';
import type { ConversationSummary } from '../../archive/store/read.ts';
import { callInShort } from '../../archive/handoff/work-done.ts';
import { dollarsText } from '../../failover/turn-price.ts';
import type { Board } from '../../watch/questions.ts';
import { durationText } from '../duration-text.ts';
import type { Terminal } from '../terminal.ts';
import { wrapped } from '../wrap.ts';
import type { StandIn, Way } from './ways.ts';

const STATES: Record<LastState['type'], string> = {
  answered: 'its last answer is whole',
  asked: 'its last question has no answer',
  'in-tools': 'it stopped between a tool and the answer to it',
  cut: 'its last answer was cut off',
  empty: 'nothing was said in it yet',
};
/** Calls and errors that are shown. */
const MOST = 3;

/** What was found, for somebody who has just lost their assistant. */
export function foundLines(
  session: ConversationSummary,
  title: string,
  state: LastState,
  now: number,
  { paint, width }: Terminal,
): string[] {
  const ago = session.updatedAt === undefined ? '' : `, last word ${durationText(Math.max(0, now - session.updatedAt))} ago`;
  const model = state.producer?.model === undefined ? '' : ` with ${state.producer.model}`;
  const lines = [
    `${paint.bold(title)}${model}: “${session.title || 'untitled'}”, ${session.messages} messages${ago}.`,
    `It is kept (${session.id}), and ${STATES[state.type]}.`,
    ...state.pending.slice(0, MOST).map((call) => `  no result: ${callInShort(call)}`),
    ...(state.pending.length > MOST ? [`  and ${state.pending.length - MOST} more`] : []),
  ];
  return lines.flatMap((line) => wrapped(line, width, '  '));
}

/** What is known of the outage, each with who says it. Nothing known is said so. */
export function outageLines(
  state: LastState,
  running: readonly { target: string; verdict: string; reasons: readonly string[] }[] | undefined,
  official: Board | undefined,
  { paint, width }: Terminal,
): string[] {
  const lines: string[] = [];
  const last = state.errors.at(-1);
  if (last !== undefined)
    lines.push(`The session itself: ${last}${state.errors.length > 1 ? ` (${state.errors.length} errors since your question)` : ''}`);
  for (const { target, verdict, reasons } of (running ?? [])
    .filter((each) => each.verdict !== 'operational' && each.verdict !== 'unknown')
    .slice(0, MOST))
    lines.push(`Your Understudy: ${target} is ${verdict}${reasons[0] === undefined ? '' : ` (${reasons[0]})`}`);
  lines.push(...officialLines(official));
  if (lines.length === 0) lines.push('Nothing is known of an outage.');
  return lines.flatMap((line) => wrapped(`  ${line}`, width, '    ').map((each) => paint.dim(each)));
}

/** By one look at the vendor's page. A page that can't be read says nothing: neither that all is well nor that it is not. */
function officialLines(board: Board | undefined): string[] {
  if (!board || board.pages.length === 0) return [];
  if (board.pages.every(({ state }) => state === 'unknown'))
    return [`The vendor’s status page says nothing now (${board.pages[0]!.problem ?? 'it could not be read'}).`];
  const said = board.judgements.filter(({ key, verdict }) => key.split('/').length === 2 && verdict !== 'unknown');
  const titles = board.incidents.filter(({ kind }) => kind === 'incident').map(({ title }) => title);
  const incidents = titles.length === 0 ? '' : ` (${titles.slice(0, MOST).join('; ')})`;
  const verdicts = said.map(({ title, verdict }) => `${title} is ${verdict}`).join(', ');
  return [`The vendor’s status page: ${verdicts}${incidents}. Such pages have trailed behind by 20 to 40 minutes.`];
}

/** A way in one line. */
export function wayText(way: Way, tokens: number): string {
  switch (way.type) {
    case 'resume':
      return `Go on in ${way.client.title}, the same session: ${standInsText(way.standIns)}`;
    case 'hand-over':
      return `Hand over to ${way.client.title}, with ${way.login}`;
    case 'chat':
      return `Hand over to ${way.to}: about ${Math.min(tokens, 7000)} tokens on the clipboard, and the page is opened`;
  }
}

export function standInsText(standIns: readonly StandIn[]): string {
  return standIns
    .map(
      ({ target, dollars }) =>
        `${target}${dollars === undefined ? '' : dollars === 0 ? ' (free)' : ` (about ${dollarsText(dollars)} a turn)`}`,
    )
    .join(', then ');
}

/** Who would receive the whole conversation, before anybody does. */
export function receiversText(standIns: readonly StandIn[]): string {
  return `Each turn sends the whole conversation to the one that answers: ${[...new Set(standIns.map(({ receiver }) => receiver))].join(', ')}.`;
}
