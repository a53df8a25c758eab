import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningServer } from './listen.ts';
import { call } from './testing/raw-client.ts';
import { question, serve, type Stage, stage } from './testing/scripted-ports.ts';

let server: RunningServer;
let on: Stage;
beforeAll(async () => {
  on = stage();
  server = await serve(on);
});
afterAll(() => server.close());

const MESSAGES = question('anthropic-messages', false);
const PLACES = [
  ['/v1/messages', MESSAGES, 'type', 'invalid_request_error'],
  ['/v1/messages/count_tokens', MESSAGES, 'type', 'invalid_request_error'],
  ['/v1/chat/completions', question('openai-chat', false), 'type', 'invalid_request_error'],
  ['/v1/responses', '{"model":"m","input":"hi"}', 'type', 'invalid_request_error'],
  ['/v1beta/models/gemini-x:generateContent', '{"contents":[{"parts":[{"text":"hi"}]}]}', 'status', 'INVALID_ARGUMENT'],
] as const;

test.each(PLACES)('%s: a wish that is not understood is told so, and nobody is asked', async (path, body, field, type) => {
  for (const value of ['yes', 'true', 'alow', 'allow, deny', 'wait=', 'wait=soon', 'wait=0', 'wait=48h', 'off']) {
    const before = on.asks.length;
    const reply = await call(server.port, path, { body, headers: { 'x-understudy-queue': value } });
    expect(reply.status).toBe(400);
    const { error } = JSON.parse(reply.text) as { error: Record<string, string> };
    expect(error[field]).toBe(type);
    expect(error['message']).toContain(`x-understudy-queue: can only be 'allow'`);
    expect(on.asks.length).toBe(before);
  }
});

test.each(PLACES)('%s: a priority that there is not is told so', async (path, body) => {
  const before = on.asks.length;
  const reply = await call(server.port, path, { body, headers: { 'x-understudy-priority': 'urgent' } });
  expect(reply.status).toBe(400);
  expect(reply.text).toContain("x-understudy-priority: can be 'interactive'");
  expect(on.asks.length).toBe(before);
});

test('what is understood is a wish, and what is empty is none', async () => {
  const asked = async (headers: Record<string, string>): Promise<unknown> => {
    expect((await call(server.port, '/v1/messages', { body: question('anthropic-messages', false), headers })).status).toBe(200);
    const { queue, route, priority } = on.asks.at(-1)!;
    return { queue, route, ...(priority !== undefined && { priority }) };
  };
  expect(await asked({ 'x-understudy-queue': 'allow', 'x-understudy-route': 'work' })).toEqual({ queue: 'allow', route: 'work' });
  expect(await asked({ 'x-understudy-queue': 'wait' })).toEqual({ queue: { wait: 600_000 }, route: undefined });
  expect(await asked({ 'x-understudy-queue': 'Wait=90s' })).toEqual({ queue: { wait: 90_000 }, route: undefined });
  expect(await asked({ 'x-understudy-priority': 'Batch' })).toEqual({ queue: undefined, route: undefined, priority: 'batch' });
  expect(await asked({ 'x-understudy-queue': 'Allow' })).toEqual({ queue: 'allow', route: undefined });
  expect(await asked({ 'x-understudy-queue': '', 'x-understudy-route': '' })).toEqual({ queue: undefined, route: undefined });
});

test.each([
  ['x-understudy-rout', 'route'],
  ['x-understudy-Ruote', 'route'],
  ['x-understudy-queued', 'queue'],
  ['X-Understudy-Que', 'queue'],
  ['x-understudy-tokens', 'token'],
  ['understudy-route', 'route'],
  ['x_understudy_route', 'route'],
  ['x-understudi-queue', 'queue'],
])('%s is nearly a header of ours: it is told which, and nobody is asked', async (name, meant) => {
  const before = on.asks.length;
  for (const [path, body, field, type] of PLACES) {
    const reply = await call(server.port, path, { body, headers: { [name]: 'allow' } });
    expect(reply.status).toBe(400);
    const { error } = JSON.parse(reply.text) as { error: Record<string, string> };
    expect(error[field]).toBe(type);
    expect(error['message']).toContain(
      `${name.toLowerCase()}: is no header that Understudy knows; 'x-understudy-${meant}' is probably meant`,
    );
  }
  expect(on.asks.length).toBe(before);
});

test('what answers say, and what is like nothing of ours, is let be', async () => {
  for (const name of ['exchange', 'target', 'asked', 'attached', 'estimate', 'journal', 'losses', 'note', 'x', ''])
    expect((await call(server.port, '/v1/messages', { body: MESSAGES, headers: { [`x-understudy-${name}`]: 'true' } })).status).toBe(200);
  expect((await call(server.port, '/v1/messages', { body: MESSAGES, headers: { 'x-understood': 'true' } })).status).toBe(200);
});
