import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesIn, findSecrets, type Place } from './canary.ts';
import { startUnderstudy } from './understudy.ts';

const KEY = 'sk-quoted-canary-2d77f0a1';

/** A service that says in its errors and headers which key it was shown. */
async function quotingServer(): Promise<{ url: string; shown: () => string; close: () => void }> {
  let last = '';
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const status = Number(/^\/(\d+)/.exec(request.url ?? '')?.[1]);
      const shown = request.headers.authorization ?? '';
      last = shown;
      const error = { type: 'invalid_request_error', message: `Incorrect API key provided: ${shown}` };
      response.writeHead(status, { 'content-type': 'application/json', 'x-echo': shown }).end(JSON.stringify({ error }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, shown: () => last, close: () => server.close() };
}

test('a key that its provider quotes reaches neither client nor journal nor log', { timeout: 60_000 }, async () => {
  const quoting = await quotingServer();
  const folder = mkdtempSync(join(tmpdir(), 'understudy-quoted-'));
  const statuses = [400, 401, 403, 404, 429, 500];
  const provider = (status: number): object => ({ dialect: 'openai-chat', baseUrl: `${quoting.url}/${status}/v1`, apiKey: KEY });
  const understudy = await startUnderstudy({
    folder,
    config: {
      providers: Object.fromEntries(statuses.map((status) => [`quoting-${status}`, provider(status)])),
      routes: Object.fromEntries(statuses.map((status) => [`m-${status}`, [`quoting-${status}/m`]])),
    },
  });
  const places: Place[] = [];
  const ask = async (path: string, body?: string): Promise<Response> => {
    const response = await fetch(understudy.address + path, body === undefined ? {} : { method: 'POST', body });
    places.push({ name: path, content: JSON.stringify([...response.headers]) + (await response.clone().text()) });
    return response;
  };
  for (const status of statuses) {
    const body = JSON.stringify({ model: `m-${status}`, messages: [{ role: 'user', content: 'hi' }] });
    const response = await ask('/v1/chat/completions', body);
    expect(response.ok).toBe(false);
    await ask(`/api/exchanges/${response.headers.get('x-understudy-exchange')}`);
  }
  await ask('/api/status');
  await understudy.stop();
  places.push(...filesIn(understudy.data), { name: 'log', content: understudy.said() });
  expect(findSecrets(places, { KEY })).toEqual([]);
  expect(findSecrets(places, { said: 'Incorrect API key provided' }).length).toBeGreaterThan(statuses.length);
  quoting.close();
  rmSync(folder, { recursive: true });
});

test(
  "a client's own key goes to its own vendor and stays nowhere on the way, even where the vendor quotes it",
  { timeout: 60_000 },
  async () => {
    const quoting = await quotingServer();
    const folder = mkdtempSync(join(tmpdir(), 'understudy-own-'));
    const understudy = await startUnderstudy({
      folder,
      config: { providers: { openai: { baseUrl: `${quoting.url}/401/v1`, auth: 'client' } }, routes: { default: ['openai/*'] } },
    });
    const response = await fetch(`${understudy.address}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}` },
      body: JSON.stringify({ model: 'gpt-5.6', messages: [{ role: 'user', content: 'hi' }] }),
    });
    const places: Place[] = [{ name: 'client', content: JSON.stringify([...response.headers]) + (await response.text()) }];
    expect(response.status).toBe(401);
    expect(quoting.shown()).toBe(`Bearer ${KEY}`);
    const exchange = response.headers.get('x-understudy-exchange');
    for (const path of ['/api/status', `/api/exchanges/${exchange}`, '/metrics'])
      places.push({ name: path, content: await (await fetch(understudy.address + path)).text() });
    await understudy.stop();
    places.push(...filesIn(understudy.data), { name: 'log', content: understudy.said() });
    expect(findSecrets(places, { KEY })).toEqual([]);
    quoting.close();
    rmSync(folder, { recursive: true });
  },
);
