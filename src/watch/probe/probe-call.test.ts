import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dialectOf } from '../../dialects/all.ts';
import { systemClock } from '../../exchange/clock.ts';
import type { Provider } from '../../providers/provider.ts';
import { createCall } from '../../providers/http-call.ts';
import { resolveProviders } from '../../providers/resolve.ts';
import { providersSettings } from '../../providers/settings.ts';
import type { ProbeCall } from './outcome.ts';
import { createProbeCall } from './probe-call.ts';

let server: Server;
let asked: { path: string; headers: IncomingMessage['headers']; body: Record<string, unknown> }[];
let answer: (response: ServerResponse) => void;
let http: ReturnType<typeof createCall>;
let probe: ProbeCall;
let providers: Map<string, Provider>;

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push({ path: request.url!, headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) });
      answer(response);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = providersSettings.parse({
    chat: { dialect: 'openai-chat', baseUrl: `${origin}/v1`, apiKey: 'sk-test', facts: { 'gpt-*': { price: { input: 2, output: 10 } } } },
    responses: { dialect: 'openai-responses', baseUrl: `${origin}/v1`, apiKey: 'sk-test' },
    claude: { dialect: 'anthropic-messages', baseUrl: origin, apiKey: 'sk-ant-test' },
    anthropic: { subscription: 'pass-through' },
  });
  const resolved = resolveProviders(settings, { environment: {}, home: '/nowhere', platform: 'linux' });
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.error));
  providers = new Map(resolved.value.providers.map((provider) => [provider.name, provider]));
  http = createCall({ environment: {} });
  probe = createProbeCall({ call: http.call, clock: systemClock, dialect: dialectOf, provider: (name) => providers.get(name) });
});

afterEach(async () => {
  await http.close();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

function sse(response: ServerResponse, frames: unknown[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const frame of frames) response.write(`data: ${typeof frame === 'string' ? frame : JSON.stringify(frame)}\n\n`);
  response.end();
}

function chunk(choice: object, more: object = {}): object {
  return { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'gpt', choices: [{ index: 0, ...choice }], ...more };
}

test('a token is asked for, streamed, with the target’s own key; what it cost is told', async () => {
  answer = (response) =>
    sse(response, [
      chunk({ delta: { role: 'assistant', content: 'OK' } }),
      chunk({ delta: {}, finish_reason: 'length' }),
      { ...chunk({}), choices: [], usage: { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 } },
      '[DONE]',
    ]);
  const outcome = await probe('chat/gpt-5.6');
  expect(outcome).toMatchObject({ type: 'answered', cost: (9 * 2 + 10) / 1e6 });
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({ path: '/v1/chat/completions', headers: { authorization: 'Bearer sk-test' } });
  const { body } = asked[0]!;
  expect(body).toMatchObject({ model: 'gpt-5.6', stream: true });
  expect(body['max_tokens'] ?? body['max_completion_tokens']).toBe(1);
});

test('a token that went into thinking is an answer too', async () => {
  answer = (response) => sse(response, [chunk({ delta: { role: 'assistant' } }), chunk({ delta: {}, finish_reason: 'length' }), '[DONE]']);
  expect(await probe('chat/gpt-5.6')).toMatchObject({ type: 'answered' });
});

test('Responses are asked for the least that they take', async () => {
  answer = (response) => response.writeHead(503).end('{}');
  await probe('responses/gpt-5.6');
  expect(asked[0]!.body).toMatchObject({ max_output_tokens: 16, stream: true });
});

test('an error is told by its class and code, never in its own words; an overloaded service costs nothing', async () => {
  answer = (response) =>
    response
      .writeHead(529, { 'content-type': 'application/json' })
      .end(JSON.stringify({ type: 'error', error: { type: 'overloaded_error', message: 'secret words' } }));
  const outcome = await probe('claude/claude-opus-4-6');
  expect(outcome).toMatchObject({ type: 'failed', fault: { class: 'provider-fault', status: 529, code: 'overloaded_error' } });
  expect(JSON.stringify(outcome)).not.toContain('secret');
  expect(outcome).not.toHaveProperty('cost');
});

test('a good status without an answer is a failure', async () => {
  answer = (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>log in</html>');
  expect(await probe('chat/gpt-5.6')).toMatchObject({ type: 'failed', fault: { symptom: 'not-an-answer' } });
});

test('a plan’s login is never probed, nor what has no key, nor what is not there', async () => {
  expect(await probe('anthropic/claude-opus-4-6')).toEqual({ type: 'not-asked', reason: 'anthropic has no key of its own' });
  expect(await probe('nobody/x')).toMatchObject({ type: 'not-asked' });
  const plan: Provider = {
    ...providers.get('chat')!,
    name: 'chatgpt',
    credential: { type: 'identity', from: 'a sign-in', personal: true },
  };
  providers.set('chatgpt', plan);
  expect(await probe('chatgpt/gpt-5.6')).toMatchObject({ type: 'not-asked' });
  expect(asked).toEqual([]);
});
