import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../exchange/clock.ts';
import { judge } from './judge.ts';
import type { Heard } from './listen.ts';
import { ask } from './listen.ts';
import { askQuestion } from './question.ts';

const kind = { dialect: 'openai-chat' as const, model: 'm', straight: 'a/m', share: 1, stream: true, tools: false, words: 12 };
const question = askQuestion(1, kind, 'm', 1);
const words = `data: ${JSON.stringify({ choices: [{ delta: { content: question.expected.text } }] })}\n\n`;
const end = 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
const opened: (() => void)[] = [];

afterEach(() => {
  for (const close of opened.splice(0)) close();
});

/** Asks a server that plays the given handlers in turn; the last one again and again. */
async function hear(handlers: ((response: ServerResponse, request: IncomingMessage) => void)[], patience = 3000): Promise<Heard> {
  let served = 0;
  const server = createServer((request, response) => handlers[Math.min(served++, handlers.length - 1)]!(response, request));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const agent = new Agent({ keepAlive: true });
  opened.push(() => {
    agent.destroy();
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return ask(question, { origin, patience, retries: 1, agent, clock: systemClock });
}

const streamed =
  (...pieces: string[]) =>
  (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-understudy-target': 'a/m' });
    for (const piece of pieces) response.write(piece);
    response.end();
  };
const overloaded = (response: ServerResponse): void => {
  response.writeHead(529, { 'content-type': 'application/json' }).end('{"error":{"message":"Overloaded"}}');
};

describe('a drill client', () => {
  it('hears a whole answer, and who gave it', async () => {
    const heard = await hear([streamed(words, end)]);
    expect(judge(heard, question.expected)).toBe('whole');
    expect(heard).toMatchObject({ tries: 1, answeredBy: 'a/m', ending: 'ended' });
  });

  it('repeats what failed before the answer began', async () => {
    const heard = await hear([overloaded, streamed(words, end)]);
    expect(heard.tries).toBe(2);
    expect(judge(heard, question.expected)).toBe('whole');
  });

  it('gives up after its retries, with the error that it got', async () => {
    const heard = await hear([overloaded]);
    expect(heard.tries).toBe(2);
    expect(judge(heard, question.expected)).toBe('failed');
  });

  it('does not repeat an answer that was cut', async () => {
    const heard = await hear([
      (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(words, () => response.socket?.destroy());
      },
      streamed(words, end),
    ]);
    expect(heard.tries).toBe(1);
    expect(judge(heard, question.expected)).toBe('truncated');
  });

  it('loses patience with silence', async () => {
    const heard = await hear([(response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).write(words)], 150);
    expect(judge(heard, question.expected)).toBe('hung');
  });
});
