import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type App, buildApp } from './app.ts';
import { configSettings } from './config/settings.ts';
import type { ExchangeDetail } from './journal/journal.ts';
import type { LocalReport } from './server/local/report.ts';
import type { LocalScript } from './sim/local/script.ts';
import { type LocalServer, startLocalService } from './sim/local/serve.ts';
import { type SimServer, startSim } from './sim/serve.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function local(script: LocalScript): Promise<LocalServer> {
  const server = await startLocalService(script);
  closing.push(server.close);
  return server;
}

async function dead(): Promise<SimServer> {
  const sim = await startSim({ faults: [{ fault: '529' }] });
  closing.push(sim.close);
  return sim;
}

/** An Understudy on a machine with these services and no others. */
async function understudy(services: Record<string, LocalServer>, settings: object = {}): Promise<App> {
  const home = mkdtempSync(join(tmpdir(), 'understudy-app-local-'));
  const there = Object.entries(services).map(([name, { url }]) => `${name}=${url}/v1`);
  const environment = { UNDERSTUDY_LOCAL: there.join(',') || 'off' };
  const built = await buildApp(
    configSettings.parse({ server: { port: 0 }, data: join(home, 'data'), watch: { enabled: 'off' }, ...settings }),
    {
      version: '0.0.0',
      findsLocal: true,
      surroundings: { environment, home, platform: 'linux', workingFolder: home },
    },
  );
  if (!built.ok) throw new Error(JSON.stringify(built.error));
  closing.push(async () => {
    await built.value.close();
    rmSync(home, { recursive: true });
  });
  return built.value;
}

async function look(app: App): Promise<LocalReport> {
  return (await (await fetch(`${app.address}/api/local/look`, { method: 'POST' })).json()) as LocalReport;
}

async function ask(app: App, more: object = {}, dialect: 'chat' | 'messages' = 'chat') {
  const path = dialect === 'chat' ? '/v1/chat/completions' : '/v1/messages';
  const response = await fetch(`${app.address}${path}`, {
    method: 'POST',
    body: JSON.stringify({ model: 'gpt-5.6', max_tokens: 50, messages: [{ role: 'user', content: 'Hello' }], ...more }),
  });
  const exchange = response.headers.get('x-understudy-exchange');
  const text = await response.text();
  const detail =
    exchange === null ? undefined : ((await (await fetch(`${app.address}/api/exchanges/${exchange}`)).json()) as ExchangeDetail);
  return { status: response.status, target: response.headers.get('x-understudy-target'), text, skipped: detail?.skipped ?? [] };
}

const TOOLS = [{ type: 'function', function: { name: 'x', parameters: { type: 'object' } } }];
const LEAD = (sim: SimServer) => ({ lead: { dialect: 'openai-chat', baseUrl: `${sim.url}/v1`, apiKey: 'k' } });

describe('with nothing configured, and no key', () => {
  it('a model on this machine answers whoever asks, and is told of everywhere', async () => {
    const ollama = await local({ kind: 'ollama', models: [{ name: 'qwen3:8b', running: 8192 }] });
    const app = await understudy({ ollama });
    const news: string[] = [];
    app.onLocal(({ text }) => news.push(text));
    expect((await look(app)).routes).toEqual([{ route: "each client's own vendor", targets: ['ollama/qwen3:8b'] }]);
    expect(await ask(app)).toMatchObject({ status: 200, target: 'ollama/qwen3:8b', text: expect.stringContaining('on this machine') });
    expect(await ask(app, { model: 'claude-opus-5-5' }, 'messages')).toMatchObject({ status: 200, target: 'ollama/qwen3:8b' });
    expect(await ask(app, { model: 'ollama/qwen3:8b' })).toMatchObject({ status: 200, target: 'ollama/qwen3:8b' });
    const long = await ask(app, { messages: [{ role: 'user', content: 'word '.repeat(9000) }] });
    expect(long).toMatchObject({ status: 400, text: expect.stringMatching(/too long for qwen3:8b.*but no key is configured/) });
    expect(app.status().local).toMatchObject({ services: [{ provider: 'ollama', models: 1 }] });
    expect(news).toEqual([expect.stringContaining('Ollama answers at')]);
    expect(JSON.stringify(await (await fetch(`${app.address}/v1/models`)).json())).toContain('ollama/qwen3:8b');
  });

  it('a plan’s login is left alone all the same, and told what can be done: its owner is well without us', async () => {
    const ollama = await local({ kind: 'ollama', models: [{ name: 'qwen3:8b', running: 8192 }] });
    const app = await understudy({ ollama });
    await look(app);
    const response = await fetch(`${app.address}/v1/messages`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk-ant-oat01-of-a-plan', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ model: 'claude-opus-5-5', max_tokens: 9, messages: [{ role: 'user', content: 'Hello' }] }),
    });
    expect([response.status, await response.text()]).toEqual([403, expect.stringContaining('understudy login claude-code')]);
    expect(ollama.requests().filter(({ path }) => path === '/v1/chat/completions')).toEqual([]);
  });

  it('nobody is looked for where that is switched off, and it is said what to do', async () => {
    const app = await understudy({});
    expect(await look(app)).toMatchObject({ off: 'local.find is off', services: [], routes: [] });
    expect(await ask(app)).toMatchObject({ status: 404, text: expect.stringContaining('no key is configured') });
  });
});

describe('as the last target', () => {
  it('answers when all others have failed, with a model that can take the request; others are passed over with the reason', async () => {
    const ollama = await local({
      kind: 'ollama',
      models: [
        { name: 'chatty', running: 65_536, longest: 131_072, parameters: '70B', capabilities: ['completion'] },
        { name: 'handy', running: 8192, parameters: '8B' },
        { name: 'narrow', running: 2048, parameters: '1B' },
      ],
    });
    const sim = await dead();
    const app = await understudy({ ollama }, { providers: LEAD(sim), routes: { default: ['lead/*'] } });
    await look(app);
    expect(await ask(app)).toMatchObject({ target: 'ollama/chatty' });
    const withTools = await ask(app, { tools: TOOLS });
    expect(withTools).toMatchObject({ target: 'ollama/handy', skipped: [{ target: 'ollama/chatty', reason: 'chatty has no tools' }] });
    const long = await ask(app, { tools: TOOLS, messages: [{ role: 'user', content: 'word '.repeat(9000) }] });
    expect(long.status).toBeGreaterThanOrEqual(500);
    expect(long.skipped.map(({ reason }) => reason).join('; ')).toMatch(
      /too long for handy: about \d+ tokens, and what does not fit into its 8192/,
    );
    // Another client's name for a model leads to that very one.
    expect(await ask(app, { model: 'narrow' })).toMatchObject({ target: 'ollama/narrow' });
  });

  it('of the default route alone, unless a route names local, and never where that is forbidden', async () => {
    const [ollama, vllm, sim] = [
      await local({ kind: 'ollama', models: [{ name: 'a', running: 8192 }] }),
      await local({ kind: 'vllm', models: [{ name: 'b', running: 8192 }] }),
      await dead(),
    ];
    const routes = {
      default: { targets: ['lead/*'], never: ['vllm'] },
      'closed-*': ['lead/*'],
      'open-*': ['lead/*', 'local'],
      'allowed-*': { targets: ['lead/*', 'local'], allow: ['lead'] },
    };
    const app = await understudy({ ollama, vllm }, { providers: LEAD(sim), routes });
    expect((await look(app)).routes).toEqual([
      { route: 'default', targets: ['ollama/a'] },
      { route: 'open-*', targets: ['ollama/a', 'vllm/b'] },
    ]);
    expect(await ask(app)).toMatchObject({ target: 'ollama/a' });
    expect((await ask(app, { model: 'closed-1' })).status).toBeGreaterThanOrEqual(500);
    expect((await ask(app, { model: 'allowed-1' })).status).toBeGreaterThanOrEqual(500);
    expect(await ask(app, { model: 'open-1' })).toMatchObject({ target: 'ollama/a' });
    expect(vllm.requests().filter(({ method }) => method === 'POST')).toEqual([]);
  });

  it('works on one request at a time, whichever of its models that is; others wait in line', async () => {
    const models = [
      { name: 'chatty', running: 8192, parameters: '70B', capabilities: ['completion'] },
      { name: 'handy', running: 8192, parameters: '8B' },
    ];
    const ollama = await local({ kind: 'ollama', models, reading: 150 });
    const app = await understudy({ ollama }, { routes: { default: ['local'] } });
    await look(app);
    const answers = await Promise.all([ask(app), ask(app, { tools: TOOLS }), ask(app), ask(app, { tools: TOOLS })]);
    expect(answers.map(({ target }) => target)).toEqual(['ollama/chatty', 'ollama/handy', 'ollama/chatty', 'ollama/handy']);
    expect(ollama.busiest()).toBe(1);
  });

  it('may be all that a route has, and be first', async () => {
    const [ollama, sim] = [await startLocalService({ kind: 'ollama', models: [{ name: 'a', running: 8192 }] }), await dead()];
    const app = await understudy({ ollama }, { providers: LEAD(sim), routes: { 'mine-*': ['local'], 'first-*': ['local', 'lead/*'] } });
    await look(app);
    expect(await ask(app, { model: 'mine-1' })).toMatchObject({ target: 'ollama/a' });
    expect(await ask(app, { model: 'first-1' })).toMatchObject({ target: 'ollama/a' });
    expect(sim.requests()).toEqual([]);
    expect(app.status().routes).toContainEqual(expect.objectContaining({ pattern: 'first-*', targets: ['local', 'lead/*'] }));
    await ollama.close();
    await look(app);
    expect(await ask(app, { model: 'mine-1' })).toMatchObject({ status: 503, text: expect.stringContaining('none answers here now') });
  });

  it('one that is configured goes by its name there, with what was found out about it', async () => {
    const ollama = await local({ kind: 'ollama', models: [{ name: 'a', running: 2048 }] });
    const providers = { mine: { preset: 'ollama', baseUrl: `${ollama.url.replace('127.0.0.1', 'localhost')}/v1` } };
    const app = await understudy({ ollama }, { providers, routes: { default: ['mine/a'] } });
    expect(await look(app)).toMatchObject({ services: [{ configured: 'mine' }], routes: [{ route: 'default', targets: ['mine/a'] }] });
    expect(await ask(app)).toMatchObject({ target: 'mine/a' });
    expect((await ask(app, { messages: [{ role: 'user', content: 'word '.repeat(3000) }] })).text).toContain('too long for a');
  });

  it('may go and come back', async () => {
    const sim = await dead();
    const ollama = await startLocalService({ kind: 'ollama', models: [{ name: 'a', running: 8192 }] });
    const app = await understudy({ ollama }, { providers: LEAD(sim), routes: { default: ['lead/*'] } });
    const news: string[] = [];
    app.onLocal(({ change }) => news.push(change));
    await look(app);
    await ollama.close();
    expect((await look(app)).services).toEqual([]);
    expect((await ask(app)).status).toBeGreaterThanOrEqual(500);
    const again = await startLocalService({ kind: 'ollama', models: [{ name: 'a', running: 8192 }] }, ollama.port);
    closing.push(again.close);
    await look(app);
    expect(await ask(app)).toMatchObject({ target: 'ollama/a' });
    expect(news).toEqual(['found', 'gone', 'found']);
  });
});

describe('while a lead fails', () => {
  it('a service that comes up then is made ready, too', async () => {
    const sim = await dead();
    const ollama = await startLocalService({ kind: 'ollama', models: [{ name: 'a', numCtx: 4096, bytes: 1e6 }] });
    const app = await understudy({ ollama }, { providers: LEAD(sim), routes: { default: ['local'], 'only-*': ['lead/*'] } });
    await ollama.close();
    await look(app);
    for (let request = 0; request < 3; request += 1) await ask(app, { model: 'only-0' });
    const told = new Promise<string>((resolve) => app.onLocal(({ change, text }) => change === 'loaded' && resolve(text)));
    const again = await startLocalService(ollama.script, ollama.port);
    closing.push(again.close);
    await look(app);
    expect(await told).toContain('ollama/a was loaded ahead');
  });

  it('the model that would stand in is loaded ahead, and that is told', async () => {
    const ollama = await local({ kind: 'ollama', models: [{ name: 'a', numCtx: 4096, bytes: 1e6 }] });
    const vllm = await local({ kind: 'vllm', models: [] });
    const sim = await dead();
    const app = await understudy({ ollama, vllm }, { providers: LEAD(sim), routes: { default: ['lead/*'], 'only-*': ['lead/*'] } });
    await look(app);
    const told = new Promise<string>((resolve) => app.onLocal(({ change, text }) => change === 'loaded' && resolve(text)));
    for (let request = 0; request < 3; request += 1) await ask(app, { model: 'only-0' });
    expect(await told).toContain('ollama/a was loaded ahead');
    expect(ollama.requests().filter(({ path }) => path === '/api/generate')).toMatchObject([{ body: { model: 'a', keep_alive: '15m' } }]);
    expect((await look(app)).ahead?.text).toContain('ollama/a');
    expect(await look(app)).toMatchObject({ services: [{ models: [{ loaded: true, context: 4096, contextFrom: 'running' }] }, {}] });
  });
});
