import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { systemClock } from '../../exchange/clock.ts';
import { virtualClock } from '../../exchange/virtual-clock.ts';
import { createCall } from '../../providers/http-call.ts';
import { hubCall } from './hub-call.ts';

const http = createCall({ environment: {} });
let server: Server;

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function serving(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('says no more than it has to, and gives what came back', async () => {
  let heard: unknown;
  const url = await serving((request, response) => {
    heard = {
      method: request.method,
      url: request.url,
      headers: Object.keys(request.headers).toSorted((one, other) => (one < other ? -1 : 1)),
    };
    response.writeHead(429, { 'retry-after': '7', etag: '"x"' }).end('{}');
  });
  const reply = await hubCall(http.call, systemClock, '1.2.3')({ url: `${url}/api/v1/states`, etag: '"w"' });
  expect(reply).toEqual({ ok: true, value: { status: 429, body: '{}', etag: '"x"', retryAfter: 7000 } });
  expect(heard).toEqual({ method: 'GET', url: '/api/v1/states', headers: ['accept', 'connection', 'host', 'if-none-match', 'user-agent'] });
});

it('follows no redirect', async () => {
  const asked: (string | undefined)[] = [];
  const url = await serving((request, response) => {
    asked.push(request.url);
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  const reply = await hubCall(http.call, systemClock, '1')({ url: `${url}/api/v1/reports`, body: '{}' });
  expect(reply).toMatchObject({ ok: true, value: { status: 302 } });
  expect(asked).toEqual(['/api/v1/reports']);
});

it('reads no answer without end', async () => {
  const url = await serving((_, response) => {
    const piece = 'x'.repeat(65_536);
    const go = (): void => {
      while (!response.destroyed && response.write(piece));
    };
    response.on('drain', go);
    go();
  });
  expect(await hubCall(http.call, systemClock, '1')({ url })).toEqual({ ok: false, error: 'it answered with more than it should' });
});

it('does not wait without end', async () => {
  const url = await serving(() => {});
  const clock = virtualClock();
  const reply = hubCall(http.call, clock, '1')({ url });
  await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(10_000);
  expect(await reply).toEqual({ ok: false, error: 'it did not answer within 10 s' });
});
