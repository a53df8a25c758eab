import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type App, buildApp } from './app.ts';
import { configSettings } from './config/settings.ts';
import { type SimServer, startSim } from './sim/serve.ts';

// Slow machines are slow; what hangs is found by then.
vi.setConfig({ testTimeout: 60_000 });

const home = mkdtempSync(join(tmpdir(), 'understudy-gemini-'));
const CLOSING = 'That is the end of the simulated answer.';
const TOKEN = 'a-token-of-some-length';
/** As it may stand in a query. */
const SECRET = 'AIza-client-secret';
let native: SimServer;
let foreign: SimServer;
let app: App;
let closing: Promise<void> | undefined;
const closeApp = (): Promise<void> => (closing ??= app.close());

const settings = (token?: string): ReturnType<typeof configSettings.parse> =>
  configSettings.parse({
    server: { port: 0, closeWait: '1s', ...(token !== undefined && { token }) },
    data: join(home, 'data'),
    providers: {
      native: { dialect: 'gemini', baseUrl: native.url, apiKey: 'k' },
      foreign: { dialect: 'anthropic-messages', baseUrl: foreign.url, apiKey: 'k' },
    },
    routes: { 'gemini-x': ['native/gemini-x', 'foreign/claude-x'], 'far-x': ['foreign/claude-x'], 'team/with-slash': ['native/gemini-y'] },
  });

beforeAll(async () => {
  [native, foreign] = await Promise.all([startSim(), startSim()]);
  const built = await buildApp(settings(), {
    version: '0.0.0',
    surroundings: { environment: {}, home, platform: 'linux', workingFolder: home },
  });
  if (!built.ok) throw new Error(JSON.stringify(built.error));
  app = built.value;
});
afterAll(async () => {
  await closeApp();
  await Promise.all([native.close(), foreign.close()]);
  rmSync(home, { recursive: true });
});

const ask = (model: string): { model: string; contents: string } => ({ model, contents: 'hello' });

// The newest SDK asks under /v1, those before under /v1beta.
describe.each(['v1', 'v1beta'])('43: @google/genai at /%s', (apiVersion) => {
  const client = (): GoogleGenAI => new GoogleGenAI({ apiKey: SECRET, apiVersion, httpOptions: { baseUrl: app.address } });

  test.each(['gemini-x', 'far-x', 'team/with-slash'])('generateContent, streamed and whole: %s', async (model) => {
    const whole = await client().models.generateContent(ask(model));
    expect(whole.text).toContain(CLOSING);
    expect(whole.usageMetadata?.candidatesTokenCount).toBeGreaterThan(10);
    let text = '';
    for await (const chunk of await client().models.generateContentStream(ask(model))) text += chunk.text ?? '';
    expect(text).toBe(whole.text);
  });

  test('41: countTokens, and that an estimate is one', async () => {
    expect((await client().models.countTokens({ model: 'gemini-x', contents: 'hello '.repeat(100) })).totalTokens).toBeGreaterThan(10);
    const estimate = await fetch(`${app.address}/${apiVersion}/models/far-x:countTokens`, {
      method: 'POST',
      body: JSON.stringify({ generateContentRequest: { model: 'models/far-x', contents: [{ parts: [{ text: 'hello '.repeat(100) }] }] } }),
    });
    expect(await estimate.json()).toMatchObject({ totalTokens: expect.any(Number) as number, understudy_estimate: true });
    expect(estimate.headers.get('x-understudy-estimate')).toBe('true');
  });

  test('models.list and models.get', async () => {
    const names: unknown[] = [];
    for await (const model of await client().models.list({ config: { pageSize: 2 } })) names.push(model.name);
    expect(names).toEqual(expect.arrayContaining(['models/gemini-x', 'models/far-x', 'models/team/with-slash']));
    expect(await client().models.get({ model: 'gemini-x' })).toMatchObject({
      name: 'models/gemini-x',
      supportedActions: ['generateContent', 'countTokens'],
    });
    await expect(client().models.get({ model: 'none' })).rejects.toMatchObject({ status: 404 });
  });
});

test('a lead that fails is not noticed', async () => {
  native.setFaults([{ fault: '500', schedule: { type: 'ever' } }]);
  const client = new GoogleGenAI({ apiKey: SECRET, httpOptions: { baseUrl: app.address } });
  expect((await client.models.generateContent(ask('gemini-x'))).text).toContain(CLOSING);
  native.setFaults([]);
});

describe('43: a stream without alt=sse is one JSON array', () => {
  test.each(['gemini-x', 'far-x'])('%s', async (model) => {
    const answer = await fetch(`${app.address}/v1beta/models/${model}:streamGenerateContent?key=${SECRET}`, {
      method: 'POST',
      body: JSON.stringify({ contents: [{ parts: [{ text: 'hello' }] }] }),
    });
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    const chunks = (await answer.json()) as { candidates?: { content?: { parts?: { text?: string }[] } }[] }[];
    const text = chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []).map((part) => part.text ?? '');
    expect(text.join('')).toContain(CLOSING);
  });

  test('one that breaks off is no array', async () => {
    for (const sim of [native, foreign]) {
      expect(sim.setFaults([{ fault: 'cut-inside', position: 'text-middle', schedule: { type: 'ever' } }])).toMatchObject({ ok: true });
    }
    const answer = await fetch(`${app.address}/v1beta/models/gemini-x:streamGenerateContent`, {
      method: 'POST',
      body: JSON.stringify({ contents: [{ parts: [{ text: 'hello' }] }] }),
    });
    await expect(answer.json()).rejects.toThrow();
    for (const sim of [native, foreign]) sim.setFaults([]);
  });
});

describe('a key in the query', () => {
  test('opens the server where it is its token, and is shown to nobody', async () => {
    expect(app.reload(settings(TOKEN))).toMatchObject({ ok: true });
    const url = (key: string): string => `${app.address}/v1beta/models/gemini-x:generateContent?key=${key}`;
    const body = JSON.stringify({ contents: [{ parts: [{ text: 'hello' }] }] });
    expect((await fetch(url('wrong'), { method: 'POST', body })).status).toBe(401);
    expect((await fetch(url(TOKEN), { method: 'POST', body })).status).toBe(200);
    const header = { 'x-goog-api-key': TOKEN };
    expect((await fetch(url(SECRET), { method: 'POST', body, headers: header })).status).toBe(200);
    expect(app.reload(settings())).toMatchObject({ ok: true });
    for (const sim of [native, foreign]) {
      const sent = JSON.stringify(sim.requests().map(({ headers, path, body: bytes }) => [headers, path, bytes.toString()]));
      expect(sent).not.toContain(SECRET);
      expect(sent).not.toContain(TOKEN);
    }
  });

  test('is nowhere on disk', async () => {
    await closeApp();
    const files = readdirSync(join(home, 'data'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) {
      const bytes = readFileSync(join(file.parentPath, file.name));
      expect(bytes.includes(SECRET) || bytes.includes(TOKEN)).toBe(false);
    }
  });
});
