import { randomFillSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { filesIn, findSecrets } from '../test/sockets/canary.ts';
import { type App, buildApp } from './app.ts';
import { configSettings } from './config/settings.ts';
import { systemClock } from './exchange/clock.ts';
import { createCall } from './providers/http-call.ts';
import { simulateIdentity, type SimulatedIdentity } from './providers/sign-in/identity-server.fixtures.ts';
import { openSignIn } from './providers/sign-in/open-sign-in.ts';
import { signIn } from './providers/sign-in/sign-in.ts';

let home: string;
let world: SimulatedIdentity;
let app: App;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'understudy-chatgpt-'));
  world = await simulateIdentity();
  const settings = configSettings.parse({
    server: { port: 0 },
    data: join(home, 'data'),
    providers: { chatgpt: {} },
    routes: { default: ['chatgpt/gpt-5.6'] },
  });
  const surroundings = { environment: {}, home, platform: 'linux' as const, workingFolder: home };
  const built = await buildApp(settings, { version: '0.0.0', identity: world.identity, surroundings });
  if (!built.ok) throw new Error(JSON.stringify(built.error));
  app = built.value;
});
afterEach(async () => {
  await app.close();
  await world.close();
  rmSync(home, { recursive: true, force: true });
});

const folder = (): string => join(home, '.config', 'understudy');

async function login(): Promise<void> {
  const http = createCall({ environment: {} });
  const parts = await openSignIn({ folder: folder(), platform: 'linux', identity: world.identity, call: http.call, clock: systemClock });
  const done = await signIn({ ...parts, random: (bytes) => randomFillSync(bytes), port: 0, openPage: (url) => void world.browse(url) });
  await http.close();
  if (!done.ok) throw new Error(done.error);
}

async function ask(
  path: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string; target: string | null }> {
  const answer = await fetch(app.address + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text(), target: answer.headers.get('x-understudy-target') };
}

const messages = [{ role: 'user', content: 'Hello' }];
const QUESTIONS: [name: string, path: string, body: object][] = [
  ['Responses, streaming', '/v1/responses', { model: 'm', input: 'Hello', stream: true, store: true }],
  ['Responses, whole', '/v1/responses', { model: 'm', input: 'Hello' }],
  ['chat, streaming', '/v1/chat/completions', { model: 'm', messages, stream: true }],
  ['chat, whole', '/v1/chat/completions', { model: 'm', messages }],
  ['Claude, whole', '/v1/messages', { model: 'm', max_tokens: 90, messages }],
  ['Gemini, whole', '/v1beta/models/m:generateContent', { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] }],
];

test('clients of all dialects are answered by the plan: streamed, nothing kept at OpenAI, the client’s own key dropped', async () => {
  await login();
  for (const [name, path, body] of QUESTIONS) {
    const answer = await ask(path, body, { authorization: 'Bearer sk-of-the-client' });
    expect([name, answer.status, answer.target]).toEqual([name, 200, 'chatgpt/gpt-5.6']);
    expect(answer.text).toContain('simul');
  }
  expect(world.requests.map(({ body }) => [body['store'], body['stream'], body['model']])).toEqual(
    QUESTIONS.map(() => [false, true, 'gpt-5.6']),
  );
  expect(new Set(world.requests.map(({ authorization }) => authorization)).size).toBe(1);
  expect(JSON.stringify(world.requests)).not.toContain('sk-of-the-client');
});

test('a conversation goes on by id: what came before is told in full', async () => {
  await login();
  const first = JSON.parse((await ask('/v1/responses', { model: 'm', input: 'My name is Ada.' })).text) as { id: string };
  const next = await ask('/v1/responses', { model: 'm', input: 'And now?', previous_response_id: first.id });
  expect(next.status).toBe(200);
  const { body } = world.requests.at(-1)!;
  expect(JSON.stringify(body['input'])).toContain('My name is Ada.');
  expect(body['previous_response_id'] ?? null).toBe(null);
});

test('before a login the client is told what to do, and nobody is asked', async () => {
  const answer = await ask('/v1/chat/completions', { model: 'm', messages });
  expect(answer.status).toBe(401);
  expect(answer.text).toContain('understudy login chatgpt');
  expect(world.requests).toEqual([]);
});

test('a request that may be somebody else’s does not get it', async () => {
  await login();
  const answer = await ask('/v1/chat/completions', { model: 'm', messages }, { 'x-forwarded-for': '203.0.113.9' });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.text).toContain('for you alone');
  expect(world.requests).toEqual([]);
});

test('the tokens are found nowhere but in their own file, also when they are refused and quoted', async () => {
  await login();
  await ask('/v1/responses', { model: 'm', input: 'Hello', stream: true });
  const file = join(folder(), 'sign-in-chatgpt.json');
  const kept = JSON.parse(readFileSync(file, 'utf8')) as { account: { tokens: { access: string; refresh: string } } };
  const { access, refresh } = kept.account.tokens;
  // One that the server does not know: its refusal quotes it.
  const wrong = 'plan-access-wrong-canary-0123456789';
  writeFileSync(file, JSON.stringify({ ...kept, account: { ...kept.account, tokens: { ...kept.account.tokens, access: wrong } } }), {
    mode: 0o600,
  });
  const refused = await ask('/v1/responses', { model: 'm', input: 'Hello', stream: true });
  expect(refused.status).toBe(401);
  const told = await Promise.all(
    ['/api/status', '/api/config', '/api/exchanges?limit=50', '/metrics'].map(async (path) => ({
      name: path,
      content: await (await fetch(app.address + path)).text(),
    })),
  );
  const places = [{ name: 'client', content: refused.text }, ...told, ...filesIn(join(home, 'data'))];
  expect(findSecrets(places, { access, refresh, wrong })).toEqual([]);
  expect(findSecrets(filesIn(home), { wrong })).toEqual(['.config/understudy/sign-in-chatgpt.json: wrong']);
});
