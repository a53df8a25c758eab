import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ClientDialect } from '../../src/drill/wire-reader.ts';
import { DIALECTS } from '../matrix/cell.ts';
import { questionOf } from '../matrix/question.ts';
import { filesIn, findSecrets, type Place } from './canary.ts';
import { settingsOf } from './house.ts';
import { startUnderstudy } from './understudy.ts';

const KEY = 'sk-quoted-canary-2d77f0a1';

/** A service that says in its errors and headers which key it was shown. */
async function quotingServer(): Promise<{ url: string; shown: () => string; close: () => void }> {
  let last = '';
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const status = Number(/^\/(\d+)/.exec(request.url ?? '')?.[1]);
      const { authorization, 'x-api-key': anthropic, 'x-goog-api-key': google } = request.headers;
      const shown =
        [authorization, anthropic, google, new URL(request.url ?? '/', 'http://any').searchParams.get('key')].flat().find(Boolean) ?? '';
      last = shown;
      const error = { type: 'invalid_request_error', message: `Incorrect API key provided: ${shown}` };
      response.writeHead(status, { 'content-type': 'application/json', 'x-echo': shown }).end(JSON.stringify({ error }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, shown: () => last, close: () => server.close() };
}

test.each(DIALECTS)(
  'a key that its %s provider quotes reaches neither client nor journal nor log',
  { timeout: 60_000 },
  async (dialect) => {
    const quoting = await quotingServer();
    const folder = mkdtempSync(join(tmpdir(), 'understudy-quoted-'));
    const statuses = [400, 401, 403, 404, 429, 500];
    const provider = (status: number): object => settingsOf(dialect, `${quoting.url}/${status}`, KEY);
    const understudy = await startUnderstudy({
      folder,
      config: {
        providers: Object.fromEntries(statuses.map((status) => [`quoting-${status}`, provider(status)])),
        routes: Object.fromEntries(statuses.map((status) => [`m-${status}`, [`quoting-${status}/m`]])),
      },
    });
    const places: Place[] = [];
    const ask = async (path: string, question?: RequestInit): Promise<Response> => {
      const response = await fetch(understudy.address + path, question);
      places.push({ name: path, content: JSON.stringify([...response.headers]) + (await response.clone().text()) });
      return response;
    };
    for (const status of statuses) {
      const { path, headers, body } = questionOf(dialect, false, 'text', `m-${status}`);
      const response = await ask(path, { method: 'POST', headers, body: body.toString() });
      expect(response.ok).toBe(false);
      expect(quoting.shown()).toContain(KEY);
      await ask(`/api/exchanges/${response.headers.get('x-understudy-exchange')}`);
    }
    await ask('/api/status');
    await understudy.stop();
    places.push(...filesIn(understudy.data), { name: 'log', content: understudy.said() });
    expect(findSecrets(places, { KEY })).toEqual([]);
    expect(findSecrets(places, { said: 'Incorrect API key provided' }).length).toBeGreaterThan(statuses.length);
    quoting.close();
    rmSync(folder, { recursive: true });
  },
);

/** Where clients put their own key, and the vendor of whose clients they are. */
const WAYS: Record<string, { preset: string; model: string; dialect: ClientDialect; headers: Record<string, string>; query: string }> = {
  'x-api-key': { preset: 'anthropic', model: 'claude-opus-5-5', dialect: 'anthropic-messages', headers: { 'x-api-key': KEY }, query: '' },
  'authorization of chat': {
    preset: 'openai',
    model: 'gpt-5.6',
    dialect: 'openai-chat',
    headers: { authorization: `Bearer ${KEY}` },
    query: '',
  },
  'authorization of responses': {
    preset: 'openai',
    model: 'gpt-5.6',
    dialect: 'openai-responses',
    headers: { authorization: `Bearer ${KEY}` },
    query: '',
  },
  'x-goog-api-key': { preset: 'google', model: 'gemini-3.1-pro-preview', dialect: 'gemini', headers: { 'x-goog-api-key': KEY }, query: '' },
  '?key=': { preset: 'google', model: 'gemini-3.1-pro-preview', dialect: 'gemini', headers: {}, query: `key=${KEY}` },
};

test.each(Object.keys(WAYS))(
  "a client's own key in %s goes to its own vendor and stays nowhere on the way, even where the vendor quotes it",
  { timeout: 60_000 },
  async (way) => {
    const { preset, model, dialect, headers, query } = WAYS[way]!;
    const quoting = await quotingServer();
    const folder = mkdtempSync(join(tmpdir(), 'understudy-own-'));
    const baseUrl = `${quoting.url}/401${preset === 'openai' ? '/v1' : ''}`;
    const understudy = await startUnderstudy({
      folder,
      config: { providers: { [preset]: { dialect, baseUrl, auth: 'client' } }, routes: { default: [`${preset}/*`] } },
    });
    const places: Place[] = [];
    for (const stream of [false, true]) {
      const { path, body } = questionOf(dialect, stream, 'text', model);
      const address = understudy.address + path + (query === '' ? '' : `${path.includes('?') ? '&' : '?'}${query}`);
      const response = await fetch(address, { method: 'POST', headers, body: body.toString() });
      places.push({ name: 'client', content: JSON.stringify([...response.headers]) + (await response.text()) });
      expect(response.status).toBe(401);
      expect(quoting.shown()).toContain(KEY);
      const exchange = response.headers.get('x-understudy-exchange');
      for (const said of ['/api/status', `/api/exchanges/${exchange}`, `/api/exchanges/${exchange}/events`, '/metrics'])
        places.push({ name: said, content: await (await fetch(understudy.address + said)).text() });
    }
    await understudy.stop();
    places.push(...filesIn(understudy.data), { name: 'log', content: understudy.said() });
    expect(findSecrets(places, { KEY })).toEqual([]);
    expect(findSecrets(places, { said: 'Incorrect API key provided' }).length).toBeGreaterThan(0);
    quoting.close();
    rmSync(folder, { recursive: true });
  },
);
