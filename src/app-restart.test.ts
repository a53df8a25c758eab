/** What an Understudy knows of its targets' health outlives it; what is damaged or from long ago does not stop it. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type App, buildApp } from './app.ts';
import { configSettings } from './config/settings.ts';
import type { TargetStatus } from './health/health.ts';
import { call } from './server/testing/raw-client.ts';

// Slow machines are slow; what hangs is found by then.
vi.setConfig({ testTimeout: 60_000 });

const ANSWER = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [{ type: 'text', text: 'Here.' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 1 },
};
const OVERLOADED = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };

let home: string;
let state: string;
let services: Server[];
/** Requests by service. */
let asked: Record<string, number>;
let down: Set<string>;
/** Begin an answer, and never say anything. */
let silent: Set<string>;
let app: App | undefined;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'understudy-restart-'));
  state = join(home, 'data', 'state.json');
  services = [];
  asked = {};
  down = new Set();
  silent = new Set();
});
afterEach(async () => {
  await stop();
  await Promise.all(services.map((server) => new Promise((done) => server.close(done))));
  rmSync(home, { recursive: true });
});

async function stop(): Promise<void> {
  const running = app;
  app = undefined;
  await running?.close();
}

async function service(name: string): Promise<string> {
  const server = createServer((request, response) => {
    asked[name] = (asked[name] ?? 0) + 1;
    request.resume();
    request.on('end', () => {
      if (silent.has(name)) {
        response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
        return;
      }
      response.writeHead(down.has(name) ? 529 : 200, { 'content-type': 'application/json', connection: 'close' });
      response.end(JSON.stringify(down.has(name) ? OVERLOADED : ANSWER));
    });
  });
  services.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An Understudy on this data folder, with a lead and a backup that come back at the same addresses. */
async function start(urls: Record<string, string>, route: object = {}): Promise<App> {
  await stop();
  const settings = configSettings.parse({
    server: { port: 0 },
    data: join(home, 'data'),
    providers: Object.fromEntries(
      Object.entries(urls).map(([name, baseUrl]) => [name, { dialect: 'anthropic-messages', baseUrl, apiKey: `key-of-${name}` }]),
    ),
    routes: { default: { targets: Object.keys(urls).map((name) => `${name}/m`), ...route } },
  });
  const surroundings = { environment: {}, home, platform: 'linux' as const, workingFolder: home };
  const built = await buildApp(settings, { version: '0.0.0', surroundings });
  if (!built.ok) throw new Error(JSON.stringify(built.error));
  app = built.value;
  return app;
}

test('once it is being stopped nothing new is begun, also for a client that is still there', async () => {
  const urls = { lead: await service('lead'), backup: await service('backup') };
  let fail: (() => void) | undefined;
  services[0]!.removeAllListeners('request');
  services[0]!.on('request', (request, response) => {
    asked['lead'] = (asked['lead'] ?? 0) + 1;
    request.resume();
    fail = () => response.writeHead(529, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(OVERLOADED));
  });
  const running = await start(urls);
  const body = JSON.stringify({ model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'Still there?' }] });
  const answer = call(Number(new URL(running.address).port), '/v1/messages', { body });
  await vi.waitFor(() => expect(fail).toBeDefined());
  const stopped = stop();
  fail!();
  const told = await answer;
  expect(told.status).toBe(529);
  expect(told.text).toContain('Understudy is being stopped');
  await stopped;
  expect(asked).toEqual({ lead: 1 });
});

const RESULT = [
  { role: 'user', content: 'Mend the build.' },
  { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'run', input: {} }] },
  { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'done' }] },
];

async function ask(
  { address }: App,
  messages: unknown[] = [{ role: 'user', content: `Question ${Math.random()}` }],
  signal?: AbortSignal,
): Promise<void> {
  const body = JSON.stringify({ model: 'm', max_tokens: 9, messages });
  const answer = await fetch(`${address}/v1/messages`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
    ...(signal && { signal }),
  });
  expect(answer.status).toBe(200);
  await answer.text();
}

function statusOf(running: App, target: string): TargetStatus | undefined {
  return running.status().targets.find((each) => each.target === target);
}

test('a lead that is down is not asked anew by everybody after a restart; what was learned is known', async () => {
  const urls = { lead: await service('lead'), backup: await service('backup') };
  down.add('lead');
  const first = await start(urls);
  for (let index = 0; index < 4; index++) await ask(first);
  expect(asked).toEqual({ lead: 3, backup: 4 });
  const before = statusOf(first, 'lead/m');
  expect(before?.breaker.type).toBe('open');

  const second = await start(urls);
  expect(statusOf(second, 'lead/m')?.breaker).toEqual(before?.breaker);
  expect(statusOf(second, 'backup/m')).toMatchObject({ successes: 4, failures: 0, verdict: 'operational' });
  await ask(second);
  expect(asked).toEqual({ lead: 3, backup: 5 });
});

test('a conversation stays with the backup that has its cache, is counted, and outlives a restart', async () => {
  const urls = { lead: await service('lead'), backup: await service('backup') };
  down.add('lead');
  const first = await start(urls);
  await ask(first, RESULT.slice(0, 1));
  expect(first.status().away).toEqual({ 'backup/m': 1 });
  down.clear();
  await ask(first, RESULT);
  expect(asked).toEqual({ lead: 1, backup: 2 });
  const second = await start(urls);
  expect(second.status().away).toEqual({ 'backup/m': 1 });
  await ask(second, RESULT);
  expect(asked).toEqual({ lead: 1, backup: 3 });
});

test('an answer that goes on without its client is interrupted by the end of Understudy, which is not held against its provider', async () => {
  const urls = { lead: await service('lead') };
  const first = await start(urls, { whenClientLeaves: 'finish' });
  await ask(first);
  silent.add('lead');
  const client = new AbortController();
  const asking = ask(first, undefined, client.signal).catch(() => undefined);
  await vi.waitFor(() => expect(asked).toEqual({ lead: 2 }));
  client.abort();
  await asking;
  await stop();
  expect(statusOf(first, 'lead/m')).toMatchObject({ successes: 1, failures: 0 });
  const second = await start(urls);
  expect(statusOf(second, 'lead/m')).toMatchObject({ successes: 1, failures: 0 });
  const { exchanges } = (await (await fetch(`${second.address}/api/exchanges`)).json()) as { exchanges: { state: string }[] };
  expect(exchanges.map(({ state }) => state)).toEqual(['interrupted', 'complete']);
  expect(asked).toEqual({ lead: 2 });
});

test('a target that is no longer configured is forgotten', async () => {
  const urls = { lead: await service('lead'), backup: await service('backup') };
  down.add('lead');
  await ask(await start(urls));
  const second = await start({ backup: urls.backup });
  expect(second.status().targets.map(({ target }) => target)).toEqual(['backup/m']);
});

test('a refused key is not held against one that may have been put in its place', async () => {
  const urls = { lead: await service('lead'), backup: await service('backup') };
  const first = await start(urls);
  await ask(first);
  await stop();
  const saved = JSON.parse(readFileSync(state, 'utf8')) as { health: { marks: unknown[] } };
  const now = Date.now();
  saved.health.marks = [
    ['auth\nlead\nkey', { kind: 'auth', reason: 'lead: 401', since: now, until: now + 300_000, backOff: 300_000 }],
    ['rate-limited\nbackup/m#key', { kind: 'rate-limited', reason: 'backup: 429', since: now, until: now + 300_000, backOff: 20_000 }],
  ];
  writeFileSync(state, JSON.stringify(saved));
  const second = await start(urls);
  expect(statusOf(second, 'lead/m')?.mark).toBeUndefined();
  await ask(second);
  expect(asked).toEqual({ lead: 2 });
  expect(statusOf(second, 'lead/m')?.verdict).toBe('operational');
});

test('an outage of last night is none this morning; habits of last month are none today', async () => {
  const urls = { lead: await service('lead'), backup: await service('backup') };
  down.add('lead');
  const first = await start(urls);
  for (let index = 0; index < 3; index++) await ask(first);
  await stop();
  const saved = JSON.parse(readFileSync(state, 'utf8')) as { health: { records: { target: { provider: string }; heardAt: number }[] } };
  for (const record of saved.health.records) {
    record.heardAt -= record.target.provider === 'lead' ? 8 * 3_600_000 : 40 * 24 * 3_600_000;
  }
  writeFileSync(state, JSON.stringify(saved));
  down.clear();
  const second = await start(urls);
  expect(second.status().targets.map(({ target, breaker, verdict }) => [target, breaker.type, verdict])).toEqual([
    ['lead/m', 'closed', 'unknown'],
  ]);
  await ask(second);
  expect(asked).toEqual({ lead: 4, backup: 3 });
});

test.each([
  ['nothing', '', false],
  ['half of a file', '{"health":{"version":1,"rec', false],
  ['a list', '[1,2]', false],
  ['another version', '{"health":{"version":0,"records":[],"marks":[]}}', true],
  ['nonsense in the right place', '{"health":{"version":1,"records":[{"target":"x"}],"marks":7}}', true],
])('a state file that is %s never stops a start', async (_name, text, told) => {
  const urls = { lead: await service('lead') };
  await start(urls);
  await stop();
  writeFileSync(state, text);
  const again = await start(urls);
  await ask(again);
  expect(again.status().notices.some((notice) => notice.includes('stored health'))).toBe(told);
  await stop();
  expect(JSON.parse(readFileSync(state, 'utf8'))).toMatchObject({ health: { version: 1 } });
});
