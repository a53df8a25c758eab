import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, buildApp } from './app.ts';
import { configSettings, type Settings } from './config/settings.ts';

const home = mkdtempSync(join(tmpdir(), 'understudy-app-'));
const settings = (more: object = {}): Settings => configSettings.parse({ server: { port: 0 }, data: join(home, 'data'), ...more });
let app: App;

beforeAll(async () => {
  const built = await buildApp(settings(), {
    version: '0.0.0',
    surroundings: { environment: {}, home, platform: 'linux', workingFolder: home },
  });
  if (!built.ok) throw new Error(JSON.stringify(built.error));
  app = built.value;
});
afterAll(async () => {
  await app.close();
  rmSync(home, { recursive: true });
});

async function status(headers: Record<string, string> = {}): Promise<number> {
  return (await fetch(`${app.address}/api/status`, { headers })).status;
}

describe('reload', () => {
  test('a token that is added closes the server at once, and one that is taken out opens it', async () => {
    const token = 'a-token-of-some-length';
    expect(await status()).toBe(200);
    expect(app.reload(settings({ server: { port: 0, token } }))).toEqual({ ok: true, value: { needsRestart: [] } });
    expect(await status()).toBe(401);
    expect(await status({ 'x-api-key': token })).toBe(200);
    expect(app.reload(settings())).toMatchObject({ ok: true });
    expect(await status()).toBe(200);
  });

  test('what needs a restart is named, told in the status, and stays as it was in what is said to be in force', async () => {
    const wanted = settings({ server: { port: 4999, maxBody: '1MiB' }, data: join(home, 'elsewhere'), journal: { durability: 'power' } });
    expect(app.reload(wanted)).toEqual({ ok: true, value: { needsRestart: ['server.port', 'data', 'journal.durability'] } });
    expect(app.status().notices.join('\n')).toContain('only after a restart: server.port, data, journal.durability.');
    const inForce = await (await fetch(`${app.address}/api/config`)).json();
    expect(inForce).toMatchObject({ server: { port: 0 }, data: join(home, 'data'), journal: { durability: 'process' } });
    expect(app.reload(settings())).toEqual({ ok: true, value: { needsRestart: [] } });
    expect(app.status().notices.join('\n')).not.toContain('restart');
  });
});

describe('a simulated assistant that is not there', () => {
  test('is told with those that are', async () => {
    const body = JSON.stringify({ model: 'sim/none', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] });
    const answer = await fetch(`${app.address}/v1/messages`, { method: 'POST', body });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({
      error: { message: "There is no 'sim/none'. The simulated assistants are sim/claude, sim/chatgpt and sim/gemini." },
    });
  });
});

describe('a request that cannot be read', () => {
  test.each([
    ['/v1/messages', '[]', 'the body is not a JSON object'],
    ['/v1/chat/completions', '{"messages":[]}', 'model is missing: name the model that should answer'],
    ['/v1/messages', '{"model":"m"}', 'messages: is missing; it must be an array of messages'],
  ])('%s %s', async (path, body, message) => {
    const answer = await fetch(`${app.address}${path}`, { method: 'POST', body });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { message } });
  });
});
