import type { DialectName } from '../../src/exchange/dialect-name.ts';
import type { Client } from '../sdks/clients/client.ts';
import { questionOf } from '../matrix/question.ts';

/** How a stream of each dialect ends that is whole. */
const ENDS: Record<DialectName, RegExp> = {
  'anthropic-messages': /event: message_stop\n/,
  'openai-chat': /data: \[DONE\]\n/,
  'openai-responses': /event: response\.completed\n/,
  gemini: /"finishReason"/,
};

/** A client that retries nothing and reads what is on the wire. */
export function rawClient(dialect: DialectName): Client {
  return async ({ address, model, stream }) => {
    const { path, headers, body } = questionOf(dialect, stream, 'text', model);
    const response = await fetch(new URL(path, address), { method: 'POST', headers, body: new Uint8Array(body) });
    let text = '';
    const decoder = new TextDecoder();
    try {
      for await (const piece of response.body ?? []) text += decoder.decode(piece, { stream: true });
    } catch {
      throw new Error(`broken off after: ${text}`);
    }
    if (response.status !== 200) throw new Error(`status ${response.status}: ${text}`);
    if (stream && !ENDS[dialect].test(text)) throw new Error(`no end: ${text}`);
    return { text, stop: undefined };
  };
}
