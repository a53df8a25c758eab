import type { Archive } from '../../archive/store/open.ts';
import type { ConversationPage, ConversationSummary } from '../../archive/store/read.ts';
import type { Terminal } from '../terminal.ts';
import { table } from '../table.ts';
import { wrapped } from '../wrap.ts';

const DAY = 24 * 60 * 60_000;
/** Columns of a terminal where nobody says how many it has. */
const USUAL = 80;
const SHORTEST_TITLE = 20;
const HEADS = ['id', 'when', 'from', 'answered', 'what'];

const ANSWERED = `
  SELECT DISTINCT model FROM messages WHERE conversation = (SELECT row FROM conversations WHERE id = ?) AND model IS NOT NULL
  ORDER BY place DESC LIMIT 3`;

/** A line for each conversation: when, where from, who answered, what about. */
export function listLines(archive: Archive, { conversations, next }: ConversationPage, now: number, terminal: Terminal): string[] {
  const { paint } = terminal;
  if (conversations.length === 0) {
    return wrapped(
      'There is no such conversation yet. Ask something through Understudy, or: understudy import, understudy protect',
      terminal.width,
      '  ',
    );
  }
  const models = archive.database.prepare(ANSWERED);
  const rows = conversations.map((each) => ({
    each,
    cells: [
      each.id.slice(0, 10),
      whenText(each.updatedAt, now),
      each.source,
      shortened(
        models
          .all(each.id)
          .map(({ model }) => String(model))
          .join(', '),
        24,
      ),
    ],
  }));
  const width = Math.min(Number.isFinite(terminal.width) ? terminal.width : 4 * USUAL, 2 * USUAL);
  const taken = HEADS.slice(0, -1).map((head, column) => Math.max(head.length, ...rows.map(({ cells }) => cells[column]!.length)));
  const room = Math.max(SHORTEST_TITLE, width - taken.reduce((sum, one) => sum + one + 2, 0));
  return [
    ...table(
      HEADS.map((title) => ({ title })),
      rows.map(({ each, cells: [id, ...cells] }) => [paint.accent(id!), ...cells, titleText(each, room, terminal)]),
    ),
    ...(next === undefined
      ? []
      : [
          '',
          ...wrapped(
            `There are more: --limit ${conversations.length * 5}, or look for words with: understudy search`,
            terminal.width,
            '  ',
          ),
        ]),
  ];
}

function titleText(each: ConversationSummary, room: number, { paint }: Terminal): string {
  const marks = [
    ...(each.status === 'complete' ? [] : [each.status]),
    ...(each.branches > 1 ? [`${each.branches} branches`] : []),
    ...(each.purpose !== undefined ? [each.purpose] : each.startedBy ? ['sub-agent'] : []),
  ];
  const mark = marks.length === 0 ? '' : ` (${marks.join(', ')})`;
  const title = shortened(each.title === '' ? 'no question' : each.title, Math.max(SHORTEST_TITLE, room - mark.length));
  return `${title}${each.status === 'complete' ? paint.dim(mark) : paint.warn(mark)}`;
}

/** `14:03` of today, `Mon 14:03` of this week, `2026-06-02` of older ones; this machine's time. */
export function whenText(at: number | undefined, now: number): string {
  if (at === undefined) return '';
  const date = new Date(at);
  const time = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  if (date.toDateString() === new Date(now).toDateString()) return time;
  if (now - at >= 0 && now - at < 6 * DAY) return `${date.toLocaleDateString('en-GB', { weekday: 'short' })} ${time}`;
  return date.toLocaleDateString('sv-SE');
}

export function shortened(text: string, most: number): string {
  const characters = Array.from(text);
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}
