import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as https from 'node:https';
import * as net from 'node:net';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import type { ConnectionSettings } from './http-call.ts';
import { selfSigned } from '../sim/certificate.ts';
import { createCall } from './http-call.ts';
import type { Listening } from './http-call.fixtures.ts';
import { collect, listening, rawServer, replyServer, request } from './http-call.fixtures.ts';
import { proxyFor } from './proxy-choice.ts';
import { transportError } from './transport-error.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

function keep<Kind extends { close(): Promise<void> }>(one: Kind): Kind {
  opened.push(one);
  return one;
}
const calling = (connection?: ConnectionSettings, environment = {}) => keep(createCall({ environment, connection: () => connection }));
const WHOLE = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

const DAY = 86_400_000;
const { key, cert: certificate } = selfSigned(['localhost', '127.0.0.1'], Date.now() - DAY, Date.now() + DAY);

async function tlsServer(): Promise<Listening> {
  const sockets: net.Socket[] = [];
  const server = https.createServer({ key, cert: certificate }, (_incoming, response) => response.end('ok'));
  server.on('connection', (socket: net.Socket) => sockets.push(socket));
  server.on('tlsClientError', () => undefined);
  return listening(server, sockets);
}

/** A small proxy: CONNECT opens a tunnel, everything else is answered with what was asked. */
async function proxyServer(seen: string[], authorization?: string): Promise<Listening> {
  return replyServer((socket, head) => {
    const [line = ''] = head.split('\r\n');
    seen.push(line);
    if (authorization !== undefined && !head.includes(`proxy-authorization: ${authorization}`)) {
      return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
    }
    const target = /^CONNECT ([^:]+):(\d+)/.exec(line);
    if (!target) return void socket.write(WHOLE);
    socket.removeAllListeners('data');
    const upstream = net.connect(Number(target[2]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
  });
}

describe('TLS', () => {
  test('a certificate that nobody vouches for is a tls symptom that says what to do', async () => {
    const server = keep(await tlsServer());
    const outcome = await collect(calling().call, request(`https://localhost:${server.port}`));
    expect(outcome.error).toMatchObject({ symptom: 'tls', local: false });
    expect(outcome.error?.message).toContain('NODE_EXTRA_CA_CERTS');
  });

  test('the provider’s own authority makes it right, by name and by address, again and again', async () => {
    const server = keep(await tlsServer());
    const { call } = calling({ ca: certificate });
    expect(await collect(call, request(`https://localhost:${server.port}`))).toMatchObject({ body: 'ok', ended: true });
    expect(await collect(call, request(`https://127.0.0.1:${server.port}`))).toMatchObject({ body: 'ok', ended: true });
    expect(await collect(call, request(`https://localhost:${server.port}`, { fresh: true }))).toMatchObject({ body: 'ok', ended: true });
    expect(server.sockets).toHaveLength(3);
  });

  test('the right authority for another name is not enough', async () => {
    const server = keep(await tlsServer());
    const proxy = keep(await proxyServer([]));
    const outcome = await collect(calling({ ca: certificate, proxy: proxy.origin }).call, request(`https://other.invalid:${server.port}`));
    expect(outcome.error?.symptom).toBe('tls');
  });

  test('plain HTTP on the TLS port', async () => {
    const server = keep(await rawServer((socket) => void socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))));
    expect((await collect(calling().call, request(`https://127.0.0.1:${server.port}`))).error?.symptom).toBe('tls');
  });

  test('a handshake that never ends meets the connect limit', async () => {
    const server = keep(await rawServer(() => undefined));
    const { call, sockets } = calling();
    const outcome = await collect(call, request(`https://127.0.0.1:${server.port}`, { connectTimeout: 30 }));
    expect(outcome.error).toMatchObject({ symptom: 'connect-timeout', local: false });
    expect(outcome.error?.message).toContain('30 ms');
    while (sockets() > 0) await new Promise(setImmediate);
  });

  test('the connect limit does not touch an answer that takes its time', async () => {
    const server = keep(await replyServer((socket) => void setTimeout(() => socket.write(WHOLE), 600)));
    expect(await collect(calling().call, request(server.origin, { connectTimeout: 300 }))).toMatchObject({ ended: true });
  });
});

test.runIf(process.platform === 'linux')('a listener that takes no connection any more meets the connect limit', async () => {
  // A stopped process with a full backlog: the kernel drops what comes further.
  const program =
    "const s=require('net').createServer();s.listen({port:0,host:'127.0.0.1',backlog:1},()=>process.stdout.write(String(s.address().port)))";
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(line.toString());
  child.kill('SIGSTOP');
  const fillers = Array.from({ length: 6 }, () => net.connect(port, '127.0.0.1').on('error', () => undefined));
  await once(fillers[0]!, 'connect');
  const { call, sockets } = calling();
  const outcome = await collect(call, request(`http://127.0.0.1:${port}`, { connectTimeout: 80 }));
  for (const filler of fillers) filler.destroy();
  expect(outcome.error).toMatchObject({ symptom: 'connect-timeout', local: false });
  while (sockets() > 0) await new Promise(setImmediate);
});

describe('proxies', () => {
  test('CONNECT for https, and its connection is kept', async () => {
    const seen: string[] = [];
    const server = keep(await tlsServer());
    const proxy = keep(await proxyServer(seen));
    const { call, sockets, close } = calling({ ca: certificate, proxy: proxy.origin });
    for (let turn = 0; turn < 2; turn++)
      expect(await collect(call, request(`https://localhost:${server.port}`))).toMatchObject({ body: 'ok', ended: true });
    expect(seen).toEqual([`CONNECT localhost:${server.port} HTTP/1.1`]);
    await close();
    while (sockets() > 0) await new Promise(setImmediate);
  });

  test('whole URLs for http', async () => {
    const seen: string[] = [];
    const proxy = keep(await proxyServer(seen));
    expect(await collect(calling({ proxy: proxy.origin }).call, request('http://provider.invalid'))).toMatchObject({
      body: 'ok',
      ended: true,
    });
    expect(seen).toEqual(['POST http://provider.invalid/v1/messages?beta=true HTTP/1.1']);
  });

  test('user and password out of the proxy’s URL', async () => {
    const proxy = keep(await proxyServer([], `Basic ${Buffer.from('ada:p@ss').toString('base64')}`));
    const server = keep(await tlsServer());
    const origin = `https://localhost:${server.port}`;
    const withoutPassword = calling({ ca: certificate, proxy: proxy.origin });
    expect((await collect(withoutPassword.call, request('http://provider.invalid'))).status).toBe(407);
    expect((await collect(withoutPassword.call, request(origin))).error?.message).toContain('answered 407');
    const withPassword = calling({ ca: certificate, proxy: proxy.origin.replace('//', '//ada:p%40ss@') });
    expect((await collect(withPassword.call, request('http://provider.invalid'))).status).toBe(200);
    expect((await collect(withPassword.call, request(origin))).body).toBe('ok');
  });

  test('a proxy that is not there, or says no', async () => {
    const gone = await rawServer(() => undefined);
    await gone.close();
    expect((await collect(calling({ proxy: gone.origin }).call, request('https://provider.invalid'))).error?.symptom).toBe('refused');
    const grumpy = keep(await replyServer((socket) => void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')));
    const { error } = await collect(calling({ proxy: grumpy.origin }).call, request('https://provider.invalid'));
    expect(error).toMatchObject({ symptom: 'refused', local: false });
    expect(error?.message).toContain('answered 403 to CONNECT provider.invalid:443');
  });

  test('out of the environment; off and loopback go directly', async () => {
    const seen: string[] = [];
    const proxy = keep(await proxyServer(seen));
    const server = keep(await replyServer((socket) => void socket.write(WHOLE)));
    const environment = { HTTP_PROXY: proxy.origin };
    await collect(calling(undefined, environment).call, request('http://provider.invalid'));
    expect(seen).toHaveLength(1);
    await collect(calling(undefined, environment).call, request(server.origin));
    expect((await collect(calling({ proxy: 'off' }, environment).call, request('http://provider.invalid'))).error?.symptom).toBe('dns');
    expect(seen).toHaveLength(1);
  });

  test.each([
    ['https://api.x', { HTTPS_PROXY: 'http://p:1' }, 'http://p:1'],
    ['https://api.x', { HTTP_PROXY: 'http://p:1' }, undefined],
    ['http://api.x', { http_proxy: 'p:1', HTTP_PROXY: 'http://q:1' }, 'http://p:1'],
    ['https://api.x', { ALL_PROXY: 'http://p:1' }, 'http://p:1'],
    ['https://api.x', { HTTPS_PROXY: '' }, undefined],
    ['https://api.x', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'a, x' }, undefined],
    ['https://api.x', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '.x' }, undefined],
    ['https://api.x', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '*.x' }, undefined],
    ['https://apix', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'x' }, 'http://p:1'],
    ['https://api.x:8443', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'api.x:443' }, 'http://p:1'],
    ['https://api.x', { HTTPS_PROXY: 'http://p:1', no_proxy: 'api.x:443' }, undefined],
    ['https://api.x', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '*' }, undefined],
    ['https://127.0.0.1', { HTTPS_PROXY: 'http://p:1' }, undefined],
    ['https://[::1]', { HTTPS_PROXY: 'http://p:1' }, undefined],
    ['https://localhost', { HTTPS_PROXY: 'http://p:1' }, undefined],
    ['https://[2001:db8::1]', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '2001:db8::1' }, undefined],
  ])('%s with %j: %s', (origin, environment, proxy) => {
    expect(proxyFor(new URL(origin), environment)).toBe(proxy);
  });
});

describe('what an error of the system means', () => {
  const failing = (code: string): Error => Object.assign(new Error('x'), { code });
  test.each([
    ['ENETUNREACH', 'refused', true],
    ['EHOSTUNREACH', 'refused', true],
    ['ENETDOWN', 'refused', true],
    ['EAI_AGAIN', 'dns', true],
    ['ENOTFOUND', 'dns', false],
    ['ECONNREFUSED', 'refused', false],
    ['ETIMEDOUT', 'connect-timeout', false],
    ['CERT_HAS_EXPIRED', 'tls', false],
    ['SOMETHING_NEW', 'refused', false],
  ])('%s while connecting: %s, local %s', (code, symptom, local) => {
    expect(transportError(failing(code), false)).toMatchObject({ symptom, local });
  });

  test('after the connection stood nothing is local', () => {
    expect(transportError(failing('ENETUNREACH'), true).local).toBe(false);
    expect(transportError(failing('ETIMEDOUT'), true).symptom).toBe('reset');
    expect(transportError(failing('EPIPE'), true).symptom).toBe('reset');
  });

  test('of several addresses the one that got somewhere counts', () => {
    const both = new AggregateError([failing('ENETUNREACH'), failing('ECONNREFUSED')]);
    expect(transportError(both, false)).toMatchObject({ symptom: 'refused', local: false });
    expect(transportError(new AggregateError([failing('ENETUNREACH')]), false).local).toBe(true);
  });
});
