import { createHmac } from 'node:crypto';
import { ok } from '../../../exchange/result.ts';
import type { Channel } from '../channel.ts';
import type { AlertMessage } from '../message.ts';
import { refusal, type WebCall } from './web-call.ts';

/** Standard Webhooks (standardwebhooks.com, specification 1.0.0): a program reads it, knows doubles by `webhook-id`, and may check who sent it. */
export function webhookChannel(call: WebCall, { url, secret }: { url: string; secret?: string | undefined }): Channel {
  return {
    quiet: 'all',
    async send(message, _handle, signal) {
      const id = `${message.alert}.${message.revision}.${message.kind}`;
      const timestamp = String(Math.floor(message.at / 1000));
      const body = JSON.stringify(webhookBody(message));
      const signed = secret === undefined ? [] : [['webhook-signature', signature(secret, id, timestamp, body)] as [string, string]];
      const headers: [string, string][] = [['webhook-id', id], ['webhook-timestamp', timestamp], ...signed];
      const reply = await call({ method: 'POST', url, headers, body }, signal);
      if (!reply.ok) return reply;
      const { status } = reply.value;
      return status >= 200 && status < 300 ? ok({}) : { ok: false, error: refusal(url, reply.value) };
    },
  };
}

/** Its `type`, `timestamp` and `data` are those that the specification advises. */
function webhookBody({ alert, kind, at, ...data }: AlertMessage): object {
  const { began, ended, ...rest } = data;
  return {
    type: `alert.${kind}`,
    timestamp: new Date(at).toISOString(),
    data: {
      id: alert,
      ...rest,
      began: new Date(began).toISOString(),
      ...(ended !== undefined && { ended: new Date(ended).toISOString() }),
    },
  };
}

/** `v1,` and the HMAC-SHA256 of id, timestamp and body, in base64; the key is what follows `whsec_`. */
function signature(secret: string, id: string, timestamp: string, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}
