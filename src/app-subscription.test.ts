import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { filesIn, findSecrets } from '../test/sockets/canary.ts';
import { type App, type AppOptions, buildApp } from './app.ts';
import { configSettings } from './config/settings.ts';
import { isObject, type JsonObject, parseObject } from './exchange/json.ts';
import { startSim, type SimServer } from './sim/serve.ts';

const PLAN_TOKEN = 'sk-ant-oat01-canary-5f0a9d3e7b21c4';
const CLAUDE_CODE = 'claude-cli/2.1.330 (external, cli)';
const BACKUP_KEY = 'sk-backup-canary-77aa01';

let home: string;
let lead: SimServer;
let backup: SimServer;
let app: App | undefined;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'understudy-plan-'));
  lead = await startSim({ name: 'claude', key: PLAN_TOKEN, strict: true });
  backup = await startSim({ name: 'backup', key: BACKUP_KEY, strict: true });
});
afterEach(async () => {
  await app?.close();
  app = undefined;
  await lead.close();
  await backup.close();
  rmSync(home, { recursive: true, force: true });
});

async function start(config: object, options: Partial<AppOptions> = {}): Promise<App> {
  const settings = configSettings.parse({ server: { port: 0 }, data: join(home, 'data'), ...config });
  const surroundings = { environment: {}, home, platform: 'linux' as const, workingFolder: home };
  const built = await buildApp(settings, { version: '0.0.0', claudeApi: lead.url, surroundings, ...options });
  if (!built.ok) throw new Error(JSON.stringify(built.error));
  app = built.value;
  return app;
}

/** The user has agreed; the backup speaks another dialect and thinks aloud. */
const agreed = (dialect = 'openai-responses'): JsonObject => ({
  providers: {
    anthropic: { baseUrl: lead.url, subscription: 'pass-through' },
    other: {
      dialect,
      baseUrl: dialect === 'gemini' ? backup.url : `${backup.url}/v1`,
      apiKey: BACKUP_KEY,
      facts: { '*': { reasoning: 'effort' } },
    },
  },
  routes: { default: ['anthropic/*', 'other/gpt-5.6'] },
});

interface Answer {
  status: number;
  target: string | null;
  text: string;
  content: JsonObject[];
}

async function ask(body: JsonObject | string, headers: Record<string, string> = {}, path = '/v1/messages?beta=true'): Promise<Answer> {
  const answer = await fetch(`${app!.address}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${PLAN_TOKEN}`,
      'user-agent': CLAUDE_CODE,
      'anthropic-beta': 'claude-code-20250219,oauth-2025-04-20',
      'content-type': 'application/json',
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await answer.text();
  const parsed = parseObject(text);
  const content = Array.isArray(parsed?.['content']) ? parsed['content'].filter(isObject) : [];
  return { status: answer.status, target: answer.headers.get('x-understudy-target'), text, content };
}

const TOOLS = [{ name: 'look_up', description: 'Looks up.', input_schema: { type: 'object', properties: { topic: { type: 'string' } } } }];
const question = (text: string, more: JsonObject = {}): JsonObject => ({
  model: 'claude-opus-5-5',
  max_tokens: 900,
  messages: [{ role: 'user', content: text }],
  ...more,
});
function fail(fault?: string): void {
  const set = lead.setFaults(fault === undefined ? [] : [{ fault, schedule: { type: 'ever' } }]);
  if (!set.ok) throw new Error(set.error);
}

const asked = (server: SimServer): string[] => server.requests().flatMap(({ method, body }) => (method === 'POST' ? [body] : []));

describe('by default the login of a subscription is left alone', () => {
  test.each([
    ['without any configuration', {}],
    ['with a provider that has no key', { providers: { anthropic: {} }, routes: { default: ['anthropic/*'] } }],
  ])('%s', async (_name, config) => {
    await start(config);
    const answer = await ask(question('Hello'));
    expect(answer.status).toBe(403);
    expect(parseObject(answer.text)).toMatchObject({ type: 'error', error: { type: 'permission_error' } });
    for (const way of ['ANTHROPIC_API_KEY', 'understudy run --direct claude', 'understudy login claude-code', 'legal-and-compliance'])
      expect(answer.text).toContain(way);
    expect(answer.text).not.toContain('canary');
  });

  test.each([
    ['/v1/responses', { model: 'gpt-5.6', input: 'Hello' }],
    ['/v1/chat/completions', { model: 'gpt-5.6', messages: [{ role: 'user', content: 'Hello' }] }],
  ])('a ChatGPT plan at %s', async (path, body) => {
    await start({});
    const token = `Bearer eyJhbGciOiJSUzI1NiJ9.${Buffer.from('{"sub":"x"}').toString('base64url')}.c2lnbmF0dXJl`;
    const answer = await ask(body, { authorization: token, 'chatgpt-account-id': 'acc-1' }, path);
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('understudy login chatgpt');
  });

  test('a key that is configured is used, and the login goes nowhere', async () => {
    await lead.close();
    lead = await startSim({ name: 'claude', key: 'sk-ant-api03-own', strict: true });
    const anthropic = { baseUrl: lead.url, apiKey: 'sk-ant-api03-own' };
    await start({ providers: { anthropic }, routes: { default: ['anthropic/*'] } });
    expect((await ask(question('Hello'))).status).toBe(200);
    expect(findSecrets([{ name: 'lead', content: JSON.stringify(lead.requests()) }], { token: PLAN_TOKEN })).toEqual([]);
  });

  test('somebody else on the route answers', async () => {
    const { providers, routes } = agreed();
    await start({ providers: { ...(providers as JsonObject), anthropic: {} }, routes: routes! });
    expect(await ask(question('Hello'))).toMatchObject({ status: 200, target: 'other/gpt-5.6' });
    expect(asked(lead)).toEqual([]);
  });
});

describe('where its user has agreed', () => {
  test('it goes along with bytes and headers as they came, streaming and not', async () => {
    await start(agreed());
    for (const stream of [true, false]) {
      const body = `{ "model":"claude-opus-5-5",  "max_tokens":90, "stream":${stream},"x_unknown":1.0, "messages":[{"role":"user","content":"Hello"}]}`;
      expect(await ask(body)).toMatchObject({ status: 200, target: 'anthropic/claude-opus-5-5' });
      const last = lead.requests().at(-1)!;
      expect(last).toMatchObject({ path: '/v1/messages?beta=true', body });
      expect(last.headers).toMatchObject({
        authorization: `Bearer ${PLAN_TOKEN}`,
        'user-agent': CLAUDE_CODE,
        'anthropic-beta': 'claude-code-20250219,oauth-2025-04-20',
      });
    }
    expect((await ask(question('Hello'), {}, '/v1/messages/count_tokens')).status).toBe(200);
  });

  test.each([
    ['another client', { 'user-agent': 'opencode/1.18.33' }, 'Claude Code itself'],
    [
      'a program of somebody else’s with Claude Code inside',
      { 'user-agent': 'claude-cli/2.1.330 (external, sdk-ts, agent-sdk/0.3.330)' },
      'itself',
    ],
    ['somebody behind a proxy', { 'x-forwarded-for': '203.0.113.9' }, 'from this machine'],
  ])('not for %s', async (_name, headers, said) => {
    const { providers } = agreed();
    await start({ providers: providers!, routes: { default: ['anthropic/*'] } });
    const answer = await ask(question('Hello'), headers);
    expect(answer.status).toBe(403);
    expect(answer.text).toContain(said);
    expect(asked(lead)).toEqual([]);
  });

  test('not at a server that others can reach', async () => {
    const { providers } = agreed();
    const token = 'a-token-of-some-length';
    await start({ server: { host: '0.0.0.0', port: 0, token }, providers: providers!, routes: { default: ['anthropic/*'] } });
    const here = app!.address.replace('0.0.0.0', '127.0.0.1');
    const answer = await fetch(`${here}/v1/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${PLAN_TOKEN}`, 'user-agent': CLAUDE_CODE, 'x-understudy-token': token },
      body: JSON.stringify(question('Hello')),
    });
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('server.host: 127.0.0.1');
    expect(asked(lead)).toEqual([]);
  });

  test('not to any other address than the vendor’s own', async () => {
    const { providers } = agreed();
    await start({ providers: providers!, routes: { default: ['anthropic/*'] } }, { claudeApi: 'https://api.anthropic.com' });
    expect(await ask(question('Hello'))).toMatchObject({
      status: 403,
      text: expect.stringContaining('only to https://api.anthropic.com') as string,
    });
    expect(asked(lead)).toEqual([]);
  });

  test('not where anything would have to be changed: another model’s name', async () => {
    const { providers } = agreed();
    await start({ providers: providers!, routes: { default: ['anthropic/claude-sonnet-5-5', 'other/gpt-5.6'] } });
    expect(await ask(question('Hello'))).toMatchObject({ status: 200, target: 'other/gpt-5.6' });
    expect(asked(lead)).toEqual([]);
  });

  test('not where anything would have to be changed: reasoning of others in the history', async () => {
    await start({ providers: agreed()['providers']!, routes: { solo: ['other/gpt-5.6'], default: ['anthropic/*', 'other/gpt-5.6'] } });
    const thinking = { type: 'enabled', budget_tokens: 1024 };
    // Another route, without a subscription in it, has shown what others thought.
    const first = question('Think. [sim thinking]', { thinking, max_tokens: 4000, model: 'solo' });
    const answer = await ask(first);
    expect(answer.content.map(({ type }) => type)).toContain('thinking');
    const messages = [
      ...(first['messages'] as JsonObject[]),
      { role: 'assistant', content: answer.content },
      { role: 'user', content: 'And?' },
    ];
    expect(await ask({ ...first, model: 'claude-opus-5-5', messages })).toMatchObject({ status: 200, target: 'other/gpt-5.6' });
    expect(asked(lead)).toEqual([]);
  });

  const dialects = ['openai-responses', 'openai-chat', 'gemini'];
  test.each(dialects.flatMap((dialect) => [false, true].map((stream) => ({ dialect, stream }))))(
    'after another has stood in, the client comes back with nothing of ours: $dialect, streaming: $stream',
    async ({ dialect, stream }) => {
      // Otherwise the turn would end with whoever stood in.
      await start({ ...agreed(dialect), failover: { sticky: 'off' } });
      fail('529');
      const thinking = { type: 'enabled', budget_tokens: 1024 };
      const first = question('Think, then look it up. [sim thinking tools=1]', { thinking, max_tokens: 4000, tools: TOOLS, stream });
      const answer = await ask(first);
      expect(answer).toMatchObject({ status: 200, target: 'other/gpt-5.6' });
      expect(JSON.stringify(backup.requests().at(-1))).not.toContain('canary-5f0a');
      expect(answer.text).toContain('tool_use');
      expect(answer.text).not.toContain('understudy.v1.');
      expect(answer.text).not.toContain('"type":"thinking"');
      if (stream) return;

      fail();
      const call = answer.content.find(({ type }) => type === 'tool_use')!;
      const result = { type: 'tool_result', tool_use_id: call['id']!, content: 'Found.' };
      const messages = [
        ...(first['messages'] as JsonObject[]),
        { role: 'assistant', content: answer.content },
        { role: 'user', content: [result] },
      ];
      // With adaptive thinking, as Claude Code has it, nothing about this turn has to be switched off.
      const body = JSON.stringify({ ...first, thinking: { type: 'adaptive' }, messages });
      expect(await ask(body)).toMatchObject({ status: 200, target: 'anthropic/claude-opus-5-5' });
      expect(asked(lead).at(-1)).toBe(body);
    },
  );

  test('an answer that breaks off is carried on by others, never with the login', async () => {
    await start(agreed());
    fail('cut-edge');
    const answer = await ask(question('Tell me. [sim words=80]', { stream: true }));
    expect(answer).toMatchObject({ status: 200, target: 'anthropic/claude-opus-5-5' });
    expect(answer.text).toContain('message_stop');
    expect(asked(lead).length).toBe(1);
    expect(asked(backup).length).toBe(1);
  });

  test('the login is found nowhere: not on disk, not in what the server tells, not in an error', async () => {
    const { address } = await start(agreed());
    await ask(question('Hello', { stream: true }));
    await ask(question('Hello'), { 'user-agent': 'other/1' });
    fail('401');
    await ask(question('Hello'));
    const told = await Promise.all(
      ['/api/status', '/api/config', '/api/exchanges?limit=50', '/metrics'].map(async (path) => ({
        name: path,
        content: await (await fetch(`${address}${path}`)).text(),
      })),
    );
    const running = filesIn(join(home, 'data'));
    await app!.close();
    app = undefined;
    const places = [...told, ...running, ...filesIn(home)];
    expect(places.length).toBeGreaterThan(8);
    expect(findSecrets(places, { token: PLAN_TOKEN })).toEqual([]);
    expect(findSecrets([{ name: 'lead', content: JSON.stringify(lead.requests()) }], { token: PLAN_TOKEN })).toEqual(['lead: token']);
  });
});
