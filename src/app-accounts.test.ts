import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type App, buildApp } from './app.ts';
import { configSettings } from './config/settings.ts';
import type { AccountRoom } from './health/health.ts';
import { type SimServer, startSim } from './sim/serve.ts';

const KEYS = ['first-key-of-the-wall', 'second-key-of-the-wall'];
const DIALECTS = [
  ['openai-chat', '/v1', 'authorization'],
  ['anthropic-messages', '', 'x-api-key'],
  ['gemini', '', 'x-goog-api-key'],
] as const;

let open: { app: App; sim: SimServer; home: string } | undefined;

afterEach(async () => {
  await open?.app.close();
  await open?.sim.close();
  if (open) rmSync(open.home, { recursive: true });
  open = undefined;
});

async function house(dialect: (typeof DIALECTS)[number][0], base: string): Promise<NonNullable<typeof open>> {
  const home = mkdtempSync(join(tmpdir(), 'understudy-accounts-'));
  // Two requests an hour for each key: none comes back while the test runs.
  const sim = await startSim({ limit: { requests: 2, window: 3_600_000 } });
  const wall = { dialect, baseUrl: `${sim.url}${base}`, apiKeys: KEYS, concurrency: 3 };
  const settings = configSettings.parse({
    server: { port: 0 },
    data: join(home, 'data'),
    providers: { wall },
    routes: { default: ['wall/m'] },
  });
  const surroundings = { environment: {}, home, platform: 'linux' as const, workingFolder: home };
  const built = await buildApp(settings, { version: '0.0.0', surroundings });
  if (!built.ok) throw new Error(JSON.stringify(built.error));
  return (open = { app: built.value, sim, home });
}

async function ask(app: App): Promise<Response> {
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hi. [sim words=5]' }] });
  return fetch(`${app.address}/v1/chat/completions`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
}

function textsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'));
}

describe('several keys at a provider with limits, over HTTP', () => {
  it.each(DIALECTS)('%s: one key after the other, without a refusal where the headers tell beforehand', async (dialect, base, header) => {
    const { app, sim, home } = await house(dialect, base);
    for (let turn = 0; turn < 4; turn++) {
      const answer = await ask(app);
      expect(answer.status).toBe(200);
      await answer.text();
    }
    const keys = sim.requests().map(({ headers }) => KEYS.findIndex((key) => headers[header]?.endsWith(key)));
    // Google tells of a limit only when it has been reached.
    expect(keys).toEqual(dialect === 'gemini' ? [0, 0, 0, 1, 1] : [0, 0, 1, 1]);

    const fifth = await ask(app);
    expect([429, 503]).toContain(fifth.status);
    expect(Number(fifth.headers.get('retry-after'))).toBeGreaterThan(600);
    const said = await fifth.text();
    const before = sim.requests().length;
    expect([429, 503]).toContain((await ask(app)).status);
    expect(sim.requests()).toHaveLength(before);

    const status = await (await fetch(`${app.address}/api/status`)).text();
    const [target] = JSON.parse(status).targets;
    expect(target).toMatchObject({ target: 'wall/m', breaker: { type: 'closed' }, mark: expect.anything() });
    const rooms: AccountRoom[] = target.rooms;
    expect(rooms.filter(({ kind }) => kind === 'requests').map(({ account, remaining }) => [account, remaining])).toEqual([
      ['key 1', 0],
      ['key 2', 0],
    ]);
    const config = await (await fetch(`${app.address}/api/config`)).text();
    expect(JSON.parse(config).providers.wall.apiKeys).toEqual(['[secret]', '[secret]']);
    const everything = [said, status, config, ...textsIn(home)].join('\n');
    for (const key of KEYS) expect(everything).not.toContain(key);
  });
});
