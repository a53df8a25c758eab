import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type App, buildApp } from '../../src/app.ts';
import { configSettings } from '../../src/config/settings.ts';
import { type SimServer, startSim } from '../../src/sim/serve.ts';

// Slow machines are slow; what hangs is found by then.
vi.setConfig({ testTimeout: 60_000 });

const TOKENS = Object.fromEntries(['admin', 'ann', 'bob', 'cy'].map((name) => [name, `${name}-0123456789-0123456789`]));

interface House {
  app: App;
  data: string;
  ask(who: string, more?: { headers?: Record<string, string>; model?: string; stream?: boolean; words?: string }): Promise<Response>;
  get(who: string, path: string, method?: string): Promise<Response>;
  close(): Promise<void>;
}

/** Three people over one provider that takes one request at a time. */
async function open(sim: SimServer, tokens: Record<string, object>, deadlines: object = {}): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-sharing-'));
  const settings = configSettings.parse({
    server: {
      port: 0,
      closeWait: '1s',
      keepAlive: '100ms',
      token: TOKENS['admin'],
      tokens: Object.fromEntries(['ann', 'bob', 'cy'].map((name) => [name, { token: TOKENS[name], ...tokens[name] }])),
    },
    data: join(folder, 'data'),
    providers: {
      slow: {
        dialect: 'openai-chat',
        baseUrl: `${sim.url}/v1`,
        apiKey: 'k',
        concurrency: 1,
        facts: { m: { price: { input: 1, output: 1000 } } },
      },
    },
    routes: { default: ['slow/m'], 'client-*': ['slow/m'] },
    deadlines,
    // Simulated prices are no one's.
    failover: { backupSpend: '1000/day' },
  });
  const built = await buildApp(settings, {
    version: '0.0.0',
    surroundings: { environment: {}, home: folder, platform: 'linux', workingFolder: folder },
  });
  if (!built.ok) throw new Error(JSON.stringify(built.error));
  const app = built.value;
  return {
    app,
    data: join(folder, 'data'),
    ask: (who, { headers = {}, model = 'm', stream = false, words = 'words=6' } = {}) =>
      fetch(`${app.address}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKENS[who]!}`, 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: `[sim ${words}] Hello from ${who}.` }] }),
      }),
    get: (who, path, method = 'GET') => fetch(`${app.address}${path}`, { method, headers: { authorization: `Bearer ${TOKENS[who]!}` } }),
    async close() {
      await app.close();
      rmSync(folder, { recursive: true });
    },
  };
}

let sim: SimServer;
let house: House | undefined;
beforeEach(async () => {
  sim = await startSim();
});
afterEach(async () => {
  await house?.close();
  house = undefined;
  await sim.close();
});

describe('one server, several people', () => {
  test('take turns at a provider that takes one request at a time, whoever asks more; what is less pressing comes last', async () => {
    house = await open(sim, {});
    const order: string[] = [];
    const ask = async (who: string, headers = {}): Promise<void> => {
      const response = await house!.ask(who, { headers, words: 'words=6 pace=20ms' });
      expect(response.status).toBe(200);
      await response.text();
      order.push(headers === BATCH ? `${who} batch` : who);
    };
    const BATCH = { 'x-understudy-priority': 'batch' };
    await (await house.ask('admin')).text();
    const first = ask('ann');
    await until(() => house!.app.status().targets.some(({ concurrency }) => concurrency?.now === 1));
    const all = [first];
    for (let number = 0; number < 3; number++) all.push(ask('cy', BATCH));
    for (let number = 0; number < 9; number++) all.push(ask('ann'));
    await until(() => house!.app.status().targets[0]?.concurrency?.waiting === 12);
    for (let number = 0; number < 3; number++) all.push(ask('bob'));
    await until(() => house!.app.status().targets[0]?.concurrency?.waiting === 15);
    const { line } = house.app.status().targets[0]!.concurrency!;
    expect(line!.filter(({ priority }) => priority === 'interactive')).toHaveLength(12);
    await Promise.all(all);
    const bobs = order.flatMap((who, place) => (who === 'bob' ? [place] : []));
    // Three of the first seven or so, though nine of ann's came before them; batch comes in between once at the most.
    expect(bobs.at(-1)).toBeLessThanOrEqual(8);
    expect(order.indexOf('cy batch')).toBeGreaterThan(bobs.at(-1)!);
    expect(order).toHaveLength(16);
  });

  test('are told their place while they wait, in the headers and on the wire', async () => {
    house = await open(sim, {}, { headerHold: '200ms' });
    await (await house.ask('admin')).text();
    const long = house.ask('ann', { stream: true, words: 'words=40 pace=60ms' });
    await until(() => house!.app.status().targets.some(({ concurrency }) => concurrency?.now === 1));
    const waiting = await house.ask('bob', { stream: true });
    expect(waiting.headers.get('x-understudy-place')).toBe('1 of 1 at slow/m');
    const text = await waiting.text();
    expect(text).toContain(': in line, place 1 of 1 at slow/m\n\n');
    expect(text).toContain('data: [DONE]');
    expect(await (await long).text()).not.toContain('in line');
  });

  test('ask only as often, as many at once, and along such routes as their tokens say', async () => {
    house = await open(sim, { ann: { requests: '2/hour' }, bob: { concurrency: 1 }, cy: { routes: ['client-*'] } });
    expect([(await house.ask('ann')).status, (await house.ask('ann')).status]).toEqual([200, 200]);
    const third = await house.ask('ann');
    expect(third.status).toBe(429);
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(3500);
    expect(await third.json()).toMatchObject({
      error: { message: expect.stringContaining('server.tokens.ann.requests: 2/hour') as string },
    });

    const one = house.ask('bob', { words: 'words=40 pace=50ms' });
    await until(() => house!.app.status().running === 1);
    expect((await house.ask('bob')).status).toBe(429);
    expect((await one).status).toBe(200);
    await (await one).text();
    expect((await house.ask('bob')).status).toBe(200);

    const elsewhere = await house.ask('cy');
    expect(elsewhere.status).toBe(403);
    expect(await elsewhere.text()).toContain("may not use the route 'default'");
    expect((await house.ask('cy', { model: 'client-x' })).status).toBe(200);
    expect((await house.ask('admin')).status).toBe(200);
  });

  test('spend no more than their tokens say, each their own', async () => {
    house = await open(sim, { ann: { spend: '0.001/day' }, bob: { spend: '500/day' } });
    const refused = await house.ask('ann');
    expect(refused.status).toBe(429);
    expect(await refused.text()).toMatch(/server\.tokens\.ann\.spend in understudy\.yaml, or wait until /);
    expect((await house.ask('bob')).status).toBe(200);
    const caps = house.app.status().spend;
    expect(caps.find(({ setting }) => setting === 'server.tokens.bob.spend')!.spent).toBeGreaterThan(0);
    expect(caps.find(({ setting }) => setting === 'server.tokens.ann.spend')!.spent).toBe(0);
  });

  test('see nothing of each other, and the control API is for whoever runs the server', async () => {
    house = await open(sim, {});
    for (const path of ['/api/status', '/api/exchanges', '/api/config', '/api/conversations', '/api/events', '/metrics', '/api/queue'])
      expect([path, (await house.get('ann', path)).status]).toEqual([path, 403]);
    for (const path of ['/', '/healthz', '/v1/models']) expect([path, (await house.get('ann', path)).status]).toEqual([path, 200]);
    const answer = await house.ask('ann');
    const id = answer.headers.get('x-understudy-exchange')!;
    const told = await answer.text();
    const read = async (who: string): Promise<[number, boolean]> => {
      const response = await house!.get(who, `/api/exchanges/${id}/answer`);
      return [response.status, (await response.text()) === told];
    };
    expect([await read('ann'), await read('bob'), await read('admin')]).toEqual([
      [200, true],
      [404, false],
      [200, true],
    ]);
    expect((await house.get('bob', `/api/exchanges/${id}/cancel`, 'POST')).status).toBe(404);
    expect((await fetch(`${house.app.address}/v1/models`)).status).toBe(401);
  });

  test('have tokens that are told to nobody: not in the configuration, not on disk, not to the provider', async () => {
    house = await open(sim, {});
    await (await house.ask('ann')).text();
    const config = await (await house.get('admin', '/api/config')).text();
    const exchange = (await (await house.get('admin', '/api/exchanges')).json()) as { exchanges: { id: string }[] };
    expect(exchange.exchanges).toHaveLength(1);
    const upstream = JSON.stringify(sim.requests());
    const files = readdirSync(house.data, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
    expect(files.length).toBeGreaterThan(1);
    for (const secret of Object.values(TOKENS)) {
      expect(config).not.toContain(secret);
      expect(upstream).not.toContain(secret);
      for (const file of files) expect(readFileSync(join(file.parentPath, file.name)).includes(secret)).toBe(false);
    }
    expect(config).toContain('"ann"');
  });
});

test('tokens have names of their own, need the server’s, and are not the same', () => {
  const parse = (server: object): boolean => configSettings.safeParse({ server }).success;
  const token = TOKENS['admin'];
  expect(parse({ token, tokens: { ann: { token: TOKENS['ann'] } } })).toBe(true);
  expect(parse({ tokens: { ann: { token: TOKENS['ann'] } } })).toBe(false);
  expect(parse({ token, tokens: { ann: { token } } })).toBe(false);
  expect(parse({ token, tokens: { local: { token: TOKENS['ann'] } } })).toBe(false);
  expect(parse({ token, tokens: { ann: { token: TOKENS['ann'], requests: 'many' } } })).toBe(false);
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
