import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a provider saw, in order. */
export interface Seen {
  job: string;
  /** Milliseconds, monotonic. */
  at: number;
  /** It was answered whole, as far as the provider knows. */
  whole: boolean;
}

/**
 * A service in the chat dialect that is down and up as told, and that sometimes dies when all has been said and nothing acknowledged. The question's first word is
 * the job's name, and comes back in the answer.
 */
export interface MortalProvider {
  url: string;
  seen: Seen[];
  /** Most requests at once since the last `up`. */
  most(): number;
  up(): void;
  down(): void;
  close(): Promise<void>;
}

/** Of answers that are given: so many are cut before their end, and so many right behind it. */
const CUT = 0.12;
const CUT_BEHIND = 0.12;
/** Milliseconds that an answer takes. */
const TAKES = 25;

export async function mortalProvider(random: () => number): Promise<MortalProvider> {
  const seen: Seen[] = [];
  let isUp = false;
  let now = 0;
  let most = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      const { messages, stream } = JSON.parse(body) as { messages: { content: string }[]; stream?: boolean };
      const job = messages.at(-1)!.content.split(' ')[0]!;
      const entry: Seen = { job, at: performance.now(), whole: false };
      seen.push(entry);
      if (!isUp) return void response.destroy();
      now += 1;
      most = Math.max(most, now);
      response.on('close', () => (now -= 1));
      setTimeout(() => answer(response, job, stream === true, entry), TAKES);
    });
  });

  function answer(response: ServerResponse, job: string, stream: boolean, entry: Seen): void {
    const fate = random();
    const text = `the answer to ${job}`;
    const base = { id: `chat-${job}`, created: 1, model: 'm' };
    const body = stream
      ? [
          `data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta: { role: 'assistant', content: text }, finish_reason: null }] })}\n\n`,
          `data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`,
        ]
      : [
          JSON.stringify({
            ...base,
            object: 'chat.completion',
            choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
            usage: { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 },
          }),
          '',
        ];
    response.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' });
    if (fate < CUT) {
      // All of the words, and no end.
      response.write(stream ? body[0]! : body[0]!.slice(0, -20));
      return void setTimeout(() => response.destroy(), 2);
    }
    response.write(body.join(''));
    entry.whole = true;
    if (fate < CUT + CUT_BEHIND) return void setTimeout(() => response.destroy(), 2);
    response.end();
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    seen,
    most: () => most,
    up() {
      most = now;
      isUp = true;
    },
    down() {
      isUp = false;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
