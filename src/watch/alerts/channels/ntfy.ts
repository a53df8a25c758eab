import { err, ok } from '../../../exchange/result.ts';
import type { Channel } from '../channel.ts';
import type { AlertMessage } from '../message.ts';
import { refusal, type WebCall } from './web-call.ts';

/** Bytes of a message; what is longer becomes an attachment (docs.ntfy.sh/publish). */
const MESSAGE = 4096;
/** Bytes, well below its own limit. */
const TITLE = 250;

export interface NtfySettings {
  url: string;
  topic: string;
  token?: string | undefined;
}

/**
 * Publishes JSON at the server's root. `sequence_id` lets apps replace the notification of before (ntfy 2.16 and newer; older servers leave it out and
 * show a new one).
 */
export function ntfyChannel(call: WebCall, { url, topic, token }: NtfySettings): Channel {
  return {
    quiet: 'none',
    async send(message, _handle, signal) {
      const headers: [string, string][] = token === undefined ? [] : [['authorization', `Bearer ${token}`]];
      const reply = await call({ method: 'POST', url, headers, body: JSON.stringify(ntfyBody(topic, message)) }, signal);
      if (!reply.ok) return reply;
      return reply.value.status === 200 ? ok({}) : err(refusal(url, reply.value));
    },
  };
}

function ntfyBody(topic: string, { alert, title, lines, kind, severity, url, question, loud }: AlertMessage): object {
  const tag = kind === 'over' || kind === 'past' ? 'white_check_mark' : kind === 'test' ? 'test_tube' : 'rotating_light';
  const isOver = kind === 'over' || kind === 'past';
  const view = (label: string, address: string): object => ({ action: 'view', label, url: address });
  return {
    topic,
    title: bytesOf(title, TITLE),
    message: bytesOf(lines.join('\n') || title, MESSAGE),
    // 1 to 5; 3 is the default.
    priority: !loud ? 2 : isOver || kind === 'test' ? 3 : severity === 'critical' ? 5 : 4,
    tags: [tag],
    sequence_id: alert,
    ...(url !== undefined && { click: url }),
    ...(question && { actions: [view('It fails for me', question.yes), view('It works for me', question.no)] }),
  };
}

/** At most so many bytes of UTF-8, and no half characters. */
function bytesOf(text: string, most: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= most) return text;
  return `${new TextDecoder().decode(bytes.subarray(0, most - 3), { stream: true })}…`;
}
