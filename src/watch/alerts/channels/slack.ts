import { err, ok, type Result } from '../../../exchange/result.ts';
import type { Channel, SendProblem } from '../channel.ts';
import { jsonOf, refusal, type WebCall, type WebReply } from './web-call.ts';
import { slackText } from './slack-blocks.ts';

/** An incoming webhook (docs.slack.dev): it answers `ok`, gives no id, and can change nothing that it has posted. So each message is a new one. */
export function slackWebhook(call: WebCall, { url }: { url: string }): Channel {
  return {
    quiet: 'none',
    async send(message, _handle, signal) {
      const body = JSON.stringify({ ...slackText(message), unfurl_links: false, unfurl_media: false });
      const reply = await call({ method: 'POST', url, body }, signal);
      if (!reply.ok) return reply;
      return reply.value.status === 200 ? ok({}) : err(refusal(url, reply.value));
    },
  };
}

export interface SlackBotSettings {
  token: string;
  channel: string;
  /** `https://slack.com/api` */
  url: string;
}

/** What the Web API refuses and may take later (docs.slack.dev, methods/chat.postMessage, errors). */
const PASSING = [
  'ratelimited',
  'rate_limited',
  'message_limit_exceeded',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
];
/** The message that was to be changed is not there any more, or can't be changed. */
const GONE = ['message_not_found', 'cant_update_message', 'edit_window_closed'];

/** With a bot's token one message is brought up to date (`chat.update`), and what people should notice is also said in its thread. */
export function slackBot(call: WebCall, { token, channel, url }: SlackBotSettings): Channel {
  async function ask(method: string, fields: object, signal: AbortSignal): Promise<Result<{ ts: string; channel: string }, SlackProblem>> {
    const address = `${url.replace(/\/+$/, '')}/${method}`;
    const headers: [string, string][] = [['authorization', `Bearer ${token}`]];
    const reply = await call({ method: 'POST', url: address, headers, body: JSON.stringify(fields) }, signal);
    if (!reply.ok) return reply;
    return answerOf(address, reply.value);
  }

  return {
    quiet: 'edits',
    async send(message, handle, signal) {
      const text = { ...slackText(message), unfurl_links: false, unfurl_media: false };
      const [where = channel, ts = ''] = handle?.split(' ') ?? [];
      if (ts !== '') {
        const changed = await ask('chat.update', { channel: where, ts, text: text.text, blocks: text.blocks }, signal);
        if (!changed.ok && !GONE.includes(changed.error.code ?? '')) return changed;
        if (changed.ok && !message.loud) return ok({ handle: handle! });
        if (changed.ok) {
          const said = await ask('chat.postMessage', { channel: where, thread_ts: ts, reply_broadcast: true, text: text.text }, signal);
          return said.ok ? ok({ handle: handle! }) : said;
        }
      }
      const posted = await ask('chat.postMessage', { channel, ...text }, signal);
      return posted.ok ? ok({ handle: `${posted.value.channel} ${posted.value.ts}` }) : posted;
    },
  };
}

interface SlackProblem extends SendProblem {
  code?: string;
}

/** It answers 200 to most of what it refuses; `ok` says how it is. */
function answerOf(address: string, reply: WebReply): Result<{ ts: string; channel: string }, SlackProblem> {
  if (reply.status !== 200) return err(refusal(address, reply));
  const { ok: isOk, ts, channel, error } = jsonOf(reply.body);
  if (isOk === true && typeof ts === 'string' && typeof channel === 'string') return ok({ ts, channel });
  const code = typeof error === 'string' ? error : 'something that is no answer of Slack';
  return err({ message: `${new URL(address).host} answered: ${code.slice(0, 200)}`, code, passing: PASSING.includes(code) });
}
