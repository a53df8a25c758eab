import type * as http from 'node:http';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock, type Clock } from '../../exchange/clock.ts';
import { httpServer, rawServer, replyServer, type Listening } from '../../providers/http-call.fixtures.ts';
import { breakHost } from '../../sim/broken-host.ts';
import type { Fetched, PageRequest } from './fetch-page.ts';
import { createPageFetcher, type PageFetcher } from './page-fetcher.ts';

const MIB = 1024 * 1024;
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

function keep<Kind extends { close(): Promise<void> }>(one: Kind): Kind {
  opened.push(one);
  return one;
}

/** Ten seconds are a fifth of one. */
const hasty: Clock = { ...systemClock, after: (delay, task) => systemClock.after(delay / 50, task) };

const fetching = (environment = {}, clock = systemClock): PageFetcher => keep(createPageFetcher({ clock, environment, version: '1.2.3' }));
const serving = async (handle: http.RequestListener): Promise<Listening> => keep(await httpServer(handle));

async function fetched(request: PageRequest, environment = {}, clock = systemClock): Promise<Fetched> {
  const result = await fetching(environment, clock).fetchPage(request, new AbortController().signal);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

async function problem(request: PageRequest, environment = {}, clock = systemClock): Promise<unknown> {
  const result = await fetching(environment, clock).fetchPage(request, new AbortController().signal);
  return result.ok ? 'it was read' : result.error;
}

function textOf(answer: Fetched): string {
  return answer.type === 'payload' ? Buffer.from(answer.payload.bytes).toString() : answer.type;
}

describe('what is read', () => {
  it('has its address, its type and its validators', async () => {
    const server = await serving((_incoming, response) => {
      response.writeHead(200, {
        'content-type': 'Application/JSON; charset=utf-8',
        etag: 'W/"a"',
        'last-modified': 'Tue, 02 Jun 2026 06:05:00 GMT',
      });
      response.end('{"a":1}');
    });
    expect(await fetched({ url: `${server.origin}/summary.json#top` })).toEqual({
      type: 'payload',
      payload: { url: `${server.origin}/summary.json`, contentType: 'application/json', bytes: Buffer.from('{"a":1}') },
      validators: { etag: 'W/"a"', lastModified: 'Tue, 02 Jun 2026 06:05:00 GMT' },
    });
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ] as const)('may be compressed: %s', async (encoding, compress) => {
    const server = await serving((incoming, response) => {
      expect(incoming.headers['accept-encoding']).toContain(encoding);
      response.writeHead(200, { 'content-encoding': encoding }).end(compress(Buffer.from('{"a":1}')));
    });
    expect(textOf(await fetched({ url: server.origin }))).toBe('{"a":1}');
  });

  it.each(['"strong"', 'W/"weak"'])('is unchanged while its tag is %s', async (etag) => {
    const server = await serving((incoming, response) => {
      if (incoming.headers['if-none-match'] === etag) return void response.writeHead(304, { etag }).end();
      response.writeHead(200, { etag }).end('old');
    });
    const first = await fetched({ url: server.origin });
    expect(textOf(first)).toBe('old');
    expect(await fetched({ url: server.origin, validators: first.type === 'payload' ? first.validators : {} })).toEqual({
      type: 'unchanged',
    });
    expect(textOf(await fetched({ url: server.origin, validators: { etag: '"another"' } }))).toBe('old');
  });

  it('is unchanged since its date', async () => {
    const lastModified = 'Tue, 02 Jun 2026 06:05:00 GMT';
    const server = await serving((incoming, response) =>
      response.writeHead(incoming.headers['if-modified-since'] === lastModified ? 304 : 200).end(),
    );
    expect(await fetched({ url: server.origin, validators: { lastModified } })).toEqual({ type: 'unchanged' });
  });

  it('may be asked for with POST and headers of its own', async () => {
    const server = await serving((incoming, response) => {
      let body = '';
      incoming.on('data', (chunk) => (body += String(chunk)));
      incoming.on('end', () =>
        response.end(JSON.stringify([incoming.method, body, incoming.headers['x-goog-api-key'], incoming.headers['content-type']])),
      );
    });
    const answer = await fetched({
      url: server.origin,
      method: 'POST',
      body: '[]',
      headers: { 'Content-Type': 'application/json+protobuf', 'X-Goog-Api-Key': 'public' },
    });
    expect(JSON.parse(textOf(answer))).toEqual(['POST', '[]', 'public', 'application/json+protobuf']);
  });

  it('is asked for under a name of our own, without credentials or cookies', async () => {
    const seen: http.IncomingHttpHeaders[] = [];
    const server = await serving((incoming, response) => {
      seen.push(incoming.headers);
      if (incoming.url === '/a') return void response.writeHead(302, { location: '/b', 'set-cookie': 'session=1' }).end();
      response.end();
    });
    const url = `${server.origin.replace('http://', 'http://user:secret@')}/a`;
    await fetched({ url, headers: { Authorization: 'Bearer x', cookie: 'a=b', 'User-Agent': 'Mozilla' } });
    expect(seen).toHaveLength(2);
    for (const headers of seen) {
      expect(headers['user-agent']).toBe('understudy/1.2.3 (reads status pages)');
      expect(Object.keys(headers)).not.toContain('authorization');
      expect(Object.keys(headers)).not.toContain('cookie');
    }
  });
});

describe('redirects', () => {
  it('are followed, and what is meant for one host stays there', async () => {
    const elsewhere = await serving((incoming, response) =>
      response.end(JSON.stringify([incoming.method, incoming.headers['x-own'] ?? 'none'])),
    );
    const server = await serving((_incoming, response) => response.writeHead(302, { location: `${elsewhere.origin}/there` }).end());
    const answer = await fetched({ url: server.origin, method: 'POST', body: '[]', headers: { 'x-own': 'here' } });
    expect(textOf(answer)).toBe('["GET","none"]');
    expect(answer).toMatchObject({ payload: { url: `${elsewhere.origin}/there` } });
  });

  it('are five at most', async () => {
    let asked = 0;
    const server = await serving((incoming, response) => {
      asked++;
      response.writeHead(301, { location: `/${Number(incoming.url!.slice(1)) - 1}` });
      response.end();
      if (incoming.url === '/0') throw new Error('a sixth redirect was followed');
    });
    expect(await problem({ url: `${server.origin}/6` })).toEqual({
      type: 'redirects',
      message: `${server.origin.slice(7)} leads on and on: 5 redirects`,
    });
    expect(asked).toBe(6);
  });

  it('in a circle are left at once', async () => {
    let asked = 0;
    const server = await serving((incoming, response) => {
      asked++;
      response.writeHead(302, { location: incoming.url === '/a' ? '/b' : '/a' }).end();
    });
    expect(await problem({ url: `${server.origin}/a` })).toMatchObject({
      type: 'redirects',
      message: expect.stringContaining('in a circle'),
    });
    expect(asked).toBe(2);
  });

  it.each(['file:///etc/passwd', 'javascript:1', ''])('to «%s» are not followed', async (location) => {
    const server = await serving((_incoming, response) => response.writeHead(302, { location }).end());
    expect(await problem({ url: server.origin })).toMatchObject({ type: 'redirects' });
  });

  it.each(['http://192.168.1.1/login', 'http://127.0.0.1/', 'http://[fd00::1]/', 'http://localhost:4141/api/status', 'http://100.64.0.1/'])(
    'from the web into this network (%s) are a captive portal, and not followed',
    async (location) => {
      const seen: string[] = [];
      const proxy = await serving((incoming, response) => {
        seen.push(incoming.url!);
        response.writeHead(302, { location }).end();
      });
      expect(await problem({ url: 'http://status.example/summary.json' }, { http_proxy: proxy.origin })).toMatchObject({
        type: 'captive-portal',
      });
      expect(seen).toEqual(['http://status.example/summary.json']);
    },
  );
});

describe('what says nothing', () => {
  it.each([
    [403, 'Forbidden'],
    [405, 'Method Not Allowed'],
    [404, 'Not Found'],
    [503, 'Service Unavailable'],
    [204, 'No Content'],
    [304, 'Not Modified'],
  ])('status %i', async (status, words) => {
    const server = await serving((_incoming, response) => response.writeHead(status).end());
    expect(await problem({ url: server.origin })).toEqual({
      type: 'status',
      status,
      message: `${server.origin.slice(7)} answered ${status} ${words}`,
    });
  });

  it('304 where nothing was named that could be the same', async () => {
    const server = await serving((_incoming, response) => response.writeHead(304).end());
    expect(await problem({ url: server.origin, validators: {} })).toMatchObject({ type: 'status', status: 304 });
  });

  it('a refusal may say when to come back: in seconds, or by its own clock', async () => {
    const headers = [{ 'retry-after': '120' }, { 'retry-after': 'Tue, 02 Jun 2026 06:07:00 GMT', date: 'Tue, 02 Jun 2026 06:05:00 GMT' }];
    const server = await serving((_incoming, response) => response.writeHead(429, headers.shift()).end());
    for (const retryAfter of [120_000, 120_000]) expect(await problem({ url: server.origin })).toMatchObject({ status: 429, retryAfter });
  });

  it.each([
    [202, { 'x-amzn-waf-action': 'challenge' }],
    [405, { 'x-amzn-waf-action': 'captcha' }],
    [403, { 'cf-mitigated': 'challenge' }],
  ])('a challenge (%i)', async (status, headers) => {
    const server = await serving((_incoming, response) => response.writeHead(status, headers).end('<html>'));
    expect(await problem({ url: server.origin })).toMatchObject({ type: 'challenge', status });
  });

  it('a network that wants a login: by its status, or by a page of its own', async () => {
    const login = await serving((_incoming, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<form>'));
    const server = await serving((incoming, response) => {
      if (incoming.url === '/511') return void response.writeHead(511).end();
      response.writeHead(302, { location: login.origin }).end();
    });
    expect(await problem({ url: `${server.origin}/511` })).toMatchObject({ type: 'captive-portal', status: 511 });
    expect(await problem({ url: `${server.origin}/api/v2/summary.json` })).toMatchObject({ type: 'captive-portal' });
  });

  it('50 MB, announced or not', async () => {
    const server = await serving((incoming, response) => {
      if (incoming.url === '/announced') response.setHeader('content-length', 50 * MIB);
      const chunk = Buffer.alloc(MIB, 32);
      const more = (left: number): void => void (left === 0 ? response.end() : response.write(chunk, (error) => !error && more(left - 1)));
      more(50);
    });
    for (const path of ['/announced', '/unannounced']) {
      expect(await problem({ url: server.origin + path })).toEqual({
        type: 'too-big',
        message: `${server.origin.slice(7)} sent more than 8 MiB`,
      });
    }
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ] as const)('a little %s that becomes very much', async (encoding, compress) => {
    const bomb = compress(Buffer.alloc(20 * MIB));
    expect(bomb.length).toBeLessThan(MIB);
    const server = await serving((_incoming, response) => response.writeHead(200, { 'content-encoding': encoding }).end(bomb));
    expect(await problem({ url: server.origin })).toMatchObject({ type: 'too-big' });
  });

  it('an endless drip, and headers that never come', async () => {
    const server = await serving((incoming, response) => {
      if (incoming.url === '/silent') return;
      const drip = setInterval(() => response.write(' '), 10);
      response.on('close', () => clearInterval(drip));
    });
    for (const path of ['/drip', '/silent']) {
      expect(await problem({ url: server.origin + path }, {}, hasty)).toEqual({
        type: 'timeout',
        message: `${server.origin.slice(7)} had not answered in full after 10 s`,
      });
    }
  });

  it('a drip after a refusal is not waited for', async () => {
    const server = await serving((_incoming, response) => void response.writeHead(403).write('<html>'));
    expect(await problem({ url: server.origin })).toMatchObject({ status: 403 });
  });

  it('many redirects share one time limit', async () => {
    const server = await serving((incoming, response) => {
      setTimeout(() => response.writeHead(302, { location: `${incoming.url}x` }).end(), 80);
    });
    expect(await problem({ url: server.origin }, {}, { ...hasty, monotonic: () => systemClock.monotonic() * 50 })).toMatchObject({
      type: 'timeout',
    });
  });

  it('a socket that takes the request and dies', async () => {
    const dead = keep(await replyServer((socket) => socket.destroy()));
    expect(await problem({ url: dead.origin })).toMatchObject({ type: 'broken' });
    const half = keep(await replyServer((socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"a":')));
    expect(await problem({ url: half.origin })).toMatchObject({ type: 'broken' });
    const other = keep(await rawServer((socket) => void socket.end('220 smtp ready\r\n')));
    expect(await problem({ url: other.origin })).toMatchObject({ type: 'broken' });
  });

  it.each(['closed-port', 'dns', 'tls-self-signed', 'tls-expired', 'tls-wrong-host', 'plain-http-on-tls'] as const)(
    '%s',
    async (refusal) => {
      const host = await breakHost(refusal, Date.now());
      if (!host.ok) throw new Error(host.error);
      keep(host.value);
      const type = refusal === 'closed-port' ? 'connect' : refusal === 'dns' ? 'dns' : 'tls';
      const found = await problem({ url: host.value.origin });
      expect(found).toMatchObject({ type, message: expect.stringContaining(new URL(host.value.origin).host) });
      expect(JSON.stringify(found)).not.toContain('provider');
    },
  );

  it('broken compression', async () => {
    const server = await serving((_incoming, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('not gzip'));
    expect(await problem({ url: server.origin })).toMatchObject({ type: 'broken' });
  });

  it.each(['ftp://status.example/', 'status.example', ''])('an address that is none: «%s»', async (url) => {
    expect(await problem({ url })).toMatchObject({ type: 'address' });
  });

  it('a fetch that was given up, before or while', async () => {
    const server = await serving(() => undefined);
    const { fetchPage } = fetching();
    const giving = new AbortController();
    const waiting = fetchPage({ url: server.origin }, giving.signal);
    giving.abort();
    expect(await waiting).toMatchObject({ ok: false, error: { type: 'cancelled' } });
    expect(await fetchPage({ url: server.origin }, giving.signal)).toMatchObject({ ok: false, error: { type: 'cancelled' } });
  });
});
