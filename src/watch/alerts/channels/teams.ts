import { err, ok } from '../../../exchange/result.ts';
import type { Channel } from '../channel.ts';
import type { AlertMessage } from '../message.ts';
import { shortened } from '../words.ts';
import { refusal, type WebCall } from './web-call.ts';

/** A message may have about 28 KB (learn.microsoft.com, Teams limits); this is far below in any script. */
const LINE = 1500;
const LINES = 6;

const COLOURS: Record<AlertMessage['kind'], string> = {
  new: 'Attention',
  update: 'Attention',
  again: 'Attention',
  over: 'Good',
  past: 'Default',
  test: 'Accent',
};

/**
 * A workflow of the template "Send webhook alerts to a channel", which takes a message with an Adaptive Card. It can change nothing that it has
 * posted, and gives no id: each message is a new one. Office 365 connectors (webhook.office.com) are gone since May 2026.
 */
export function teamsChannel(call: WebCall, { url }: { url: string }): Channel {
  return {
    quiet: 'none',
    async send(message, _handle, signal) {
      const reply = await call({ method: 'POST', url, body: JSON.stringify(teamsBody(message)) }, signal);
      if (!reply.ok) return reply;
      // 202: the workflow has taken it, and posts it in a moment.
      const { status } = reply.value;
      return status === 202 || status === 200 ? ok({}) : err(refusal(url, reply.value));
    },
  };
}

function teamsBody({ title, lines, kind, url, question }: AlertMessage): object {
  const text = (words: string, more: object = {}): object => ({
    type: 'TextBlock',
    text: plain(shortened(words, LINE)),
    wrap: true,
    ...more,
  });
  const open = (label: string, address: string): object => ({ type: 'Action.OpenUrl', title: label, url: address });
  const actions = [
    ...(url === undefined ? [] : [open('Status page', url)]),
    ...(question ? [open('It fails for me', question.yes), open('It works for me', question.no)] : []),
  ];
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      text(title, { weight: 'Bolder', size: 'Medium', color: COLOURS[kind] }),
      ...lines.slice(0, LINES).map((line) => text(line)),
      ...(question ? [text('Is it failing for you? The answers work on the machine that runs Understudy.', { isSubtle: true })] : []),
    ],
    ...(actions.length > 0 && { actions }),
  };
  return { type: 'message', attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }] };
}

/** A TextBlock reads a part of Markdown, and `<at>` of mentions, which only an `msteams` member would bring to life. */
function plain(text: string): string {
  return text
    .replaceAll(/[\\*_[\]`~#]/g, String.raw`\$&`)
    .replaceAll('<', '‹')
    .replaceAll('>', '›');
}
