import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../exchange/clock.ts';
import { virtualClock } from '../exchange/virtual-clock.ts';
import type { AnswerLog } from '../journal/journal.ts';
import { type RunningServer, startServer } from './listen.ts';
import { serverSettings } from '../config/server-settings.ts';
import { call, chunkedBody, eventually, post, wire } from './testing/raw-client.ts';
import { bytes, complete, head, question, serve, stage } from './testing/scripted-ports.ts';

const STREAMING = question('anthropic-messages', true);
const running: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function problem(settings: object): Promise<{ code: string; message: string; action: string } | undefined> {
  const on = stage();
  const started = await startServer({ settings: serverSettings.parse(settings), ports: on.ports, clock: systemClock, log: on.log });
  if (!started.ok) return started.error;
  running.push(started.value);
  return undefined;
}

describe('a start that fails says what to do', () => {
  test('the port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const found = await problem({ port });
    other.close();
    expect(found).toMatchObject({ code: 'port-in-use' });
    expect(found!.message).toContain(`127.0.0.1:${port}`);
    expect(found!.action).toContain(`--port ${port + 1}`);
  });

  test('the host is not of this machine', async () => {
    expect(await problem({ port: 0, host: '203.0.113.9', token: 'x'.repeat(16) })).toMatchObject({
      code: 'bad-host',
      message: expect.stringContaining('203.0.113.9') as string,
    });
  });

  test.each(['0.0.0.0', '::', 'desk.lan'])('%s without a token', async (host) => {
    expect(await problem({ port: 0, host })).toMatchObject({
      code: 'token-needed',
      action: expect.stringContaining('server.token') as string,
    });
  });

  test('wider than loopback with a token is fine', async () => {
    expect(await problem({ port: 0, host: '0.0.0.0', token: 'x'.repeat(16) })).toBeUndefined();
    expect(running[0]!.address).toBe(`http://127.0.0.1:${running[0]!.port}`);
  });
});

test('connections beyond the limit are closed, the others are not', async () => {
  const server = await serve(stage(), { maxConnections: 1 });
  running.push(server);
  const first = wire(server.port);
  first.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await first.until('"ok"');
  const second = wire(server.port);
  await second.closed();
  first.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
  await first.closed();
  expect(first.text().match(/"ok"/g)).toHaveLength(2);
  expect(second.text()).toBe('');
});

describe('close', () => {
  test('lets an answer finish, takes no new question, and says so', async () => {
    let log: AnswerLog | undefined;
    const server = await serve(stage({ script: (opened) => void (log = opened) }));
    const [client, idle] = [wire(server.port), wire(server.port)];
    client.write(post('/v1/messages', STREAMING));
    await eventually(() => log !== undefined);
    log!.append(head());
    await client.until('\r\n\r\n');
    // Behind the answer that is under way, on its connection: the only place that can still be heard.
    const closing = server.close();
    expect(server.close()).toBe(closing);
    client.write(post('/v1/messages', STREAMING));
    await expect(call(server.port, '/healthz')).rejects.toThrow('ECONNREFUSED');
    log!.append(bytes('event: message_stop\ndata: {"type":"message_stop"}\n\n', true));
    log!.append(complete);
    await client.closed();
    await idle.closed();
    await closing;
    expect(client.text()).toMatch(/message_stop[^]*\r\n0\r\n\r\nHTTP\/1\.1 503 [^]*"type":"error"[^]*being stopped/);
  });

  test('breaks what is not done in time, with an error and no clean end', async () => {
    const clock = virtualClock();
    const logs: AnswerLog[] = [];
    const on = stage({ clock, script: (opened) => void logs.push(opened) });
    const server = await serve(on);
    const [streaming, whole, events] = [wire(server.port), wire(server.port), wire(server.port)];
    streaming.write(post('/v1/messages', STREAMING));
    whole.write(post('/v1/messages', question('anthropic-messages', false)));
    await eventually(() => logs.length === 2);
    const [{ opening }] = logs as [AnswerLog, AnswerLog];
    logs.find((log) => log.opening.stream)!.append(head());
    events.write(`GET /api/exchanges/${opening.id}/events HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    await streaming.until('\r\n\r\n');
    await events.until('\r\n\r\n');
    const closing = server.close();
    await clock.advance(29_999);
    expect(streaming.text()).not.toContain('error');
    await clock.advance(1);
    await streaming.closed();
    await whole.until('being stopped');
    await clock.advance(1000);
    await closing;
    await Promise.all([whole.closed(), events.closed()]);
    expect(chunkedBody(streaming.text())).toMatchObject({ ended: false, body: expect.stringContaining('event: error') as string });
    // A reader of events comes back with its cursor: for it this is only a pause.
    expect(chunkedBody(events.text())).toMatchObject({ ended: true, body: expect.stringContaining('event: head') as string });
    expect(whole.text()).toMatch(/^HTTP\/1\.1 5\d\d [^]*"type":"error"/);
    expect(on.abandoned).toHaveLength(2);
  });
});

describe('apply', () => {
  test('who may ask, what it may send and how many may come: from the next request on, on open connections too', async () => {
    const server = await serve(stage());
    running.push(server);
    const settings = serverSettings.parse({ port: 0 });
    const open = wire(server.port);
    const ask = 'GET /api/status HTTP/1.1\r\nhost: box.lan\r\n\r\n';
    open.write(ask);
    await open.until('foreign-host');
    expect(server.apply({ ...settings, allowedHosts: ['box.lan'] }).needsRestart).toEqual([]);
    open.write(ask);
    await open.until('HTTP/1.1 200');
    server.apply({ ...settings, allowedHosts: ['box.lan'], token: 'x'.repeat(16) });
    open.write(ask);
    await open.until('token-missing');
    open.socket.destroy();

    server.apply({ ...settings, maxBody: 10 });
    expect((await call(server.port, '/v1/messages', { body: STREAMING })).status).toBe(413);
    server.apply({ ...settings, inFlight: 10 });
    expect((await call(server.port, '/v1/messages', { body: STREAMING })).status).toBe(503);
    server.apply({ ...settings, allowedOrigins: ['https://notes.example'] });
    expect((await call(server.port, '/', { headers: { origin: 'https://notes.example' } })).status).toBe(200);
  });

  test('the pace of new requests and answers', async () => {
    const clock = virtualClock();
    const server = await serve(stage({ clock, script: (log) => log.append(head()) }));
    running.push(server);
    server.apply({ ...serverSettings.parse({ port: 0 }), keepAlive: 70, bodyTimeout: 50 });
    const client = wire(server.port);
    client.write(post('/v1/messages', STREAMING));
    await client.until('\r\n\r\n');
    const slow = wire(server.port);
    slow.write('POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\nexpect: 100-continue\r\n\r\n');
    await slow.until('100 Continue');
    await clock.advance(70);
    await client.until('ping');
    await slow.until('\r\n\r\n{');
    expect(slow.text()).toContain('within 1 s');
    client.socket.destroy();
    slow.socket.destroy();
  });

  test('host and port stay until a restart, and with a wide host its token', async () => {
    const token = 'x'.repeat(16);
    const server = await serve(stage(), { host: '0.0.0.0', token });
    running.push(server);
    expect(server.apply(serverSettings.parse({ port: 4999 }))).toMatchObject({
      settings: { host: '0.0.0.0', port: 0, token },
      needsRestart: ['server.host', 'server.port', 'server.token'],
    });
    expect((await call(server.port, '/api/status')).status).toBe(401);
  });
});
