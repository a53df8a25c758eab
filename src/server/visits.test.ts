import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import type { AnswerLog } from '../journal/journal.ts';
import type { RunningServer } from './listen.ts';
import type { ServerSettings } from '../config/server-settings.ts';
import { call, eventually, post, wire } from './testing/raw-client.ts';
import { bytes, complete, head, question, serve, speak, type Stage, stage, type StageOptions } from './testing/scripted-ports.ts';

const QUESTION = question('anthropic-messages', false);

let server: RunningServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function play(settings: Partial<ServerSettings> = {}, options: StageOptions = {}): Promise<{ on: Stage; port: number }> {
  const on = stage(options);
  server = await serve(on, { closeWait: 0, ...settings });
  return { on, port: server.port };
}

async function gauge(port: number, name: string): Promise<number> {
  const { text } = await call(port, '/metrics');
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

describe('bodies', () => {
  test.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ] as const)('%s is unpacked', async (encoding, pack) => {
    const { on, port } = await play();
    const reply = await call(port, '/v1/messages', { body: pack(Buffer.from(QUESTION)), headers: { 'content-encoding': encoding } });
    expect(reply.status).toBe(200);
    expect(on.asks[0]!.body.toString()).toBe(QUESTION);
    expect(on.asks[0]!.headers.map(([name]) => name)).not.toContain('content-encoding');
  });

  test('any content type and chunked uploads are taken', async () => {
    const { on, port } = await play();
    const client = wire(port);
    client.write(
      'POST /v1/messages/?x=1 HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n',
    );
    for (const piece of [QUESTION.slice(0, 9), QUESTION.slice(9)]) client.write(`${piece.length.toString(16)}\r\n${piece}\r\n`);
    client.write('0\r\n\r\n');
    await client.closed();
    expect(client.text()).toMatch(/^HTTP\/1\.1 200 /);
    expect(on.asks[0]!.body.toString()).toBe(QUESTION);
  });

  test.each([
    ['by its declared length', (body: string) => ({ body })],
    ['by what arrives', (body: string) => ({ body, headers: { 'transfer-encoding': 'chunked' } })],
    ['by what comes out of it', (body: string) => ({ body: gzipSync(body), headers: { 'content-encoding': 'gzip' } })],
  ])('too large %s: 413 in the dialect’s words', async (_, send) => {
    const { on, port } = await play({ maxBody: 64 * 1024 });
    const reply = await call(port, '/v1/messages', { method: 'POST', ...send('x'.repeat(3 * 1024 ** 2)) });
    expect(reply.status).toBe(413);
    expect(JSON.parse(reply.text)).toMatchObject({
      type: 'error',
      error: { message: expect.stringContaining('server.maxBody') as string },
    });
    expect(on.asks).toHaveLength(0);
    expect(await gauge(port, 'understudy_in_flight_bytes')).toBe(0);
  });

  test.each([
    ['gzip', 400],
    ['rot13', 415],
  ])('a body that is not the %s that it says: %i', async (encoding, status) => {
    const { port } = await play();
    const reply = await call(port, '/v1/messages', { body: QUESTION, headers: { 'content-encoding': encoding } });
    expect(reply.status).toBe(status);
    expect(reply.text).toContain('content-encoding');
  });

  test.each(['/v1/messages', '/v1/chat/completions'])('invalid JSON on %s is told by line and column', async (path) => {
    const { port } = await play();
    const reply = await call(port, path, { body: '{\n  "model": "m",\n  oops\n}' });
    expect(reply.status).toBe(400);
    expect((JSON.parse(reply.text) as { error: { message: string } }).error.message).toMatch(/line 3.*column 3/);
  });

  test('an empty body is an error of the client', async () => {
    const { port } = await play();
    expect((await call(port, '/v1/messages', { method: 'POST' })).status).toBe(400);
  });

  test('one that drips for ever is cut with 408 in the dialect’s words', async () => {
    const { on, port } = await play({ bodyTimeout: 80 });
    const client = wire(port);
    client.write('POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n');
    const drip = setInterval(() => client.write(' '), 10);
    await client.closed();
    clearInterval(drip);
    expect(client.text()).toMatch(/^HTTP\/1\.1 408 [^]*"type":"error"[^]*server\.bodyTimeout/);
    expect(on.asks).toHaveLength(0);
  });

  test('headers that drip for ever are cut with 408', async () => {
    const { port } = await play({ headersTimeout: 100 });
    const [client, silent] = [wire(port), wire(port)];
    client.write('POST /v1/messages HTTP/1.1\r\nhost: localhost\r\n');
    const drip = setInterval(() => client.write('x-a: b\r\n'), 10);
    await Promise.all([client.closed(), silent.closed()]);
    clearInterval(drip);
    expect(client.text()).toMatch(/^HTTP\/1\.1 408 [^]*too-slow/);
  });

  test('an upload that breaks off asks nobody and leaves nothing behind', async () => {
    const { on, port } = await play();
    const client = wire(port);
    client.write('POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n{"model"');
    while ((await gauge(port, 'understudy_in_flight_bytes')) === 0);
    client.socket.destroy();
    while ((await gauge(port, 'understudy_in_flight_bytes')) > 0);
    expect(on.asks).toHaveLength(0);
  });

  test('no HTTP at all gets an answer in words', async () => {
    const { port } = await play();
    const client = wire(port);
    client.write('\u0016\u0003\u0001 hello\r\n\r\n');
    await client.closed();
    expect(client.text()).toMatch(/^HTTP\/1\.1 400 [^]*http:\/\/, not https/);
  });
});

describe('the budget', () => {
  test('is full: 503 with Retry-After in the dialect’s words, until room is given back', async () => {
    let held: AnswerLog | undefined;
    const { port } = await play({ inFlight: 400 * 1024 }, { script: (log, ask) => (held ? speak('ok')(log, ask) : void (held = log)) });
    const first = call(port, '/v1/messages', { body: QUESTION });
    await eventually(() => held !== undefined);
    const refused = await call(port, '/v1/messages', { body: QUESTION });
    expect(refused.status).toBe(503);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(JSON.parse(refused.text)).toMatchObject({ type: 'error' });
    held!.append(head());
    held!.append(bytes('{}', true));
    held!.append(complete);
    expect((await first).status).toBe(200);
    expect((await call(port, '/v1/messages', { body: QUESTION })).status).toBe(200);
    expect(await gauge(port, 'understudy_in_flight_bytes')).toBe(0);
  });
});

describe('clients that go away', () => {
  test('are noticed at once, a thousand times, and leave nothing behind', { timeout: 60_000 }, async () => {
    const { on, port } = await play({}, { script: (log) => log.append(head()) });
    const streaming = post('/v1/messages', question('anthropic-messages', true));
    for (let round = 0; round < 40; round++) {
      const clients = Array.from({ length: 25 }, () => wire(port));
      for (const client of clients) client.write(streaming);
      await Promise.all(clients.map((client) => client.until('\r\n\r\n')));
      for (const [index, client] of clients.entries()) {
        if (index % 3 === 0) client.socket.resetAndDestroy();
        else if (index % 3 === 1) client.socket.end();
        else client.socket.destroy();
      }
      await eventually(() => on.abandoned.length === 25 * (round + 1));
    }
    expect(new Set(on.abandoned).size).toBe(1000);
    expect(await gauge(port, 'understudy_in_flight_bytes')).toBe(0);
    expect(await gauge(port, 'understudy_connections')).toBe(1);
  });

  test('also while waiting for a whole answer, and before the head of a stream', async () => {
    const { on, port } = await play({}, { script: () => undefined });
    for (const stream of [true, false]) {
      const client = wire(port);
      client.write(post('/v1/chat/completions', question('openai-chat', stream)));
      const before = on.abandoned.length;
      await eventually(() => on.asks.length === before + 1);
      client.socket.destroy();
      await eventually(() => on.abandoned.length === before + 1);
    }
    expect(new Set(on.abandoned).size).toBe(2);
  });

  test('also with a second question waiting behind the first', async () => {
    const { on, port } = await play({}, { script: (log) => log.append(head()) });
    const client = wire(port);
    const streaming = post('/v1/messages', question('anthropic-messages', true));
    client.write(streaming + streaming);
    await eventually(() => on.asks.length === 2);
    client.socket.destroy();
    await eventually(() => on.abandoned.length === 2);
    expect(new Set(on.abandoned).size).toBe(2);
    while ((await gauge(port, 'understudy_in_flight_bytes')) > 0);
  });

  test('pipelined questions are answered in order', async () => {
    const logs: AnswerLog[] = [];
    const { port } = await play({}, { script: (log) => void logs.push(log) });
    const client = wire(port);
    client.write(post('/v1/messages', QUESTION) + post('/v1/messages', question('anthropic-messages', true), { connection: 'close' }));
    await eventually(() => logs.length === 2);
    for (const [index, log] of logs.toReversed().entries()) {
      log.append(head());
      log.append(bytes(index === 0 ? 'event: second\ndata: {}\n\n' : '{"first":1}', true));
      log.append(complete);
    }
    await client.closed();
    expect(client.text()).toMatch(/\{"first":1\}[^]*event: second[^]*0\r\n\r\n$/);
  });
});

describe('our own token', () => {
  const token = 'correct-horse-battery-staple';

  test('is wanted everywhere and travels no further', async () => {
    const { on, port } = await play({ token });
    for (const path of ['/', '/metrics', '/v1/models', '/api/status', '/api/exchanges/x/events', '/nowhere']) {
      expect((await call(port, path)).status).toBe(401);
    }
    const wrong = await call(port, '/v1/messages', { body: QUESTION, headers: { authorization: 'Bearer nope' } });
    expect(wrong.status).toBe(401);
    expect(JSON.parse(wrong.text)).toMatchObject({ type: 'error' });
    const headers = {
      authorization: `Bearer ${token}`,
      'x-api-key': 'sk-vendor',
      'x-understudy-token': token,
      'x-understudy-route': 'night',
    };
    expect((await call(port, '/v1/messages', { body: QUESTION, headers })).status).toBe(200);
    expect(on.asks[0]).toMatchObject({ principal: 'token', route: 'night' });
    expect(on.asks[0]!.headers).toContainEqual(['x-api-key', 'sk-vendor']);
    expect(JSON.stringify(on.asks[0]!.headers)).not.toContain(token);
  });

  test('a refused upload is heard even when it is large', async () => {
    const { port } = await play({ token });
    const reply = await call(port, '/v1/messages', { body: 'x'.repeat(8 * 1024 ** 2) });
    expect(reply.status).toBe(401);
  });

  test('a refusal waits for the rest of the upload, or the closing connection would swallow it', async () => {
    const { port } = await play({ token });
    const client = wire(port);
    const [before, after] = ['x'.repeat(10), 'x'.repeat(990)];
    client.write(`POST /v1/messages HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 1000\r\n\r\n${before}`);
    for (let round = 0; round < 5; round++) await call(port, '/healthz');
    expect(client.text()).toBe('');
    client.write(after);
    await client.closed();
    expect(client.text()).toMatch(/^HTTP\/1\.1 401 /);
  });
});
