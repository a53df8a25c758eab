import type { AlertMessage } from '../message.ts';
import { shortened } from '../words.ts';

/** Characters: a header's text 150, a section's 3000, an alt text none here (docs.slack.dev, Block Kit). Entities count as they are written. */
const HEADER = 150;
const SECTION = 3000;

const MARKS: Record<AlertMessage['kind'], string> = { new: '🔴', update: '🔴', again: '🔴', over: '🟢', past: '⚪', test: '🔵' };

export interface SlackText {
  /** For notices and for readers of screens. */
  text: string;
  blocks: object[];
}

/** A message in Slack's blocks. What pages say can neither mention anybody nor make links: `&`, `<` and `>` are all that mrkdwn makes them of. */
export function slackText(message: AlertMessage): SlackText {
  const { title, lines, kind, question, url } = message;
  const links = [
    ...(url === undefined ? [] : [`<${linked(url)}|Status page>`]),
    ...(question
      ? [`Is it failing for you? <${linked(question.yes)}|Yes> · <${linked(question.no)}|No> (on the machine that runs Understudy)`]
      : []),
  ];
  const body = lines.map(escaped).join('\n');
  return {
    text: cut(escaped(`${MARKS[kind]} ${title}`), SECTION),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: shortened(`${MARKS[kind]} ${title}`, HEADER), emoji: false } },
      ...(body === '' ? [] : [section(cut(body, SECTION))]),
      ...(links.length === 0 ? [] : [section(links.join('\n'))]),
    ],
  };
}

function section(text: string): object {
  return { type: 'section', text: { type: 'mrkdwn', text, verbatim: true } };
}

/** https://docs.slack.dev/messaging/formatting-message-text: these three, and no others. Formatting marks get a joiner that is not seen. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[*_~`]/g, (mark) => `\u200b${mark}`);
}

/** In a link neither `|` nor `>` may stand. */
function linked(url: string): string {
  return new URL(url).href.replaceAll('|', '%7C').replaceAll('>', '%3E').replaceAll('<', '%3C').replaceAll('&', '&amp;');
}

/** Shortened so that no entity is cut in two. */
function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/&[a-z]*$/, '')}…`;
}
