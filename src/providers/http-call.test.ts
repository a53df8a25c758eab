import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { createCall } from './http-call.ts';
import { collect, httpServer, rawServer, replyServer, request } from './http-call.fixtures.ts';
import type { Listening } from './http-call.fixtures.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});
function keep<Kind extends { close(): Promise<void> }>(one: Kind): Kind {
  opened.push(one);
  return one;
}
const client = () => keep(createCall({ environment: {} }));
const WHOLE = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
const CHUNKED = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';

describe('what is sent', () => {
  test('method, path, headers in order with repetitions, body and its length', async () => {
    const server = keep(
      await httpServer((incoming, response) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () =>
          response.end(
            JSON.stringify({
              method: incoming.method,
              url: incoming.url,
              raw: incoming.rawHeaders,
              body: Buffer.concat(chunks).toString(),
            }),
          ),
        );
      }),
    );
    const headers: [string, string][] = [
      ['Anthropic-Beta', 'a'],
      ['content-type', 'application/json'],
      ['Anthropic-Beta', 'b'],
    ];
    const seen = JSON.parse((await collect(client().call, request(server.origin, { headers }))).body) as {
      method: string;
      url: string;
      raw: string[];
      body: string;
    };
    expect(seen).toMatchObject({ method: 'POST', url: '/v1/messages?beta=true', body: '{"model":"m"}' });
    expect(seen.raw.join('|')).toContain('Anthropic-Beta|a|content-type|application/json|Anthropic-Beta|b');
    expect(seen.raw.join('|')).toContain('content-length|13');
  });

  test('a header that cannot be sent is an error, told after the call has returned', async () => {
    const server = keep(await replyServer((socket) => socket.write(WHOLE)));
    let returned = false;
    const symptom = await new Promise((done) => {
      client().call(request(server.origin, { headers: [['x', 'a\r\nb: c']] }), {
        headers() {},
        data() {},
        end() {},
        error: (error) => done([error.symptom, returned]),
      });
      returned = true;
    });
    expect(symptom).toEqual(['protocol', true]);
    expect(server.sockets).toHaveLength(0);
  });
});

describe('what comes back', () => {
  test.each([200, 204, 301, 400, 429, 500, 529])('status %i is an answer like any other, and not followed', async (status) => {
    const server = keep(
      await httpServer((_incoming, response) => {
        response.writeHead(status, { location: '/elsewhere', 'x-two': ['a', 'b'] });
        response.end(status === 204 ? undefined : 'body');
      }),
    );
    const outcome = await collect(client().call, request(server.origin));
    expect(outcome).toMatchObject({ status, ended: true, body: status === 204 ? '' : 'body' });
    expect(outcome.headers?.['x-two']).toBe('a, b');
  });

  test('chunks come as they arrive', async () => {
    const server = keep(
      await replyServer((socket) => {
        socket.write(`${CHUNKED}3\r\none\r\n`);
      }),
    );
    const chunks: string[] = [];
    await new Promise<void>((done) => {
      client().call(request(server.origin), {
        headers: (status) => chunks.push(String(status)),
        data(chunk) {
          chunks.push(chunk.toString());
          server.sockets[0]?.write(chunks.length < 4 ? '3\r\ntwo\r\n' : '0\r\n\r\n');
        },
        end: done,
        error: (error) => expect(error).toBeUndefined(),
      });
    });
    expect(chunks).toEqual(['200', 'one', 'two', 'two']);
  });

  test.each(['100 Continue', '102 Processing', '103 Early Hints'])('%s first is passed over, however it is cut', async (line) => {
    const wire = `HTTP/1.1 ${line}\r\nlink: </a>\r\n\r\n`;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: wire.length + 10 }), async (times, cut) => {
        const server = await replyServer((socket) => {
          const all = wire.repeat(times) + WHOLE;
          socket.write(all.slice(0, cut));
          setTimeout(() => socket.write(all.slice(cut)), 2);
        });
        const http = createCall({ environment: {} });
        expect(await collect(http.call, request(server.origin))).toMatchObject({ status: 200, body: 'ok', ended: true });
        expect(await collect(http.call, request(server.origin))).toMatchObject({ status: 200, body: 'ok', ended: true });
        expect(server.sockets).toHaveLength(1);
        await http.close();
        await server.close();
      }),
      { numRuns: 12 },
    );
  });

  test('a body that looks like a 100 is a body', async () => {
    const server = keep(
      await replyServer((socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 25\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n')),
    );
    expect((await collect(client().call, request(server.origin))).body).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  });

  test('a close-delimited body ends with FIN and fails with RST', async () => {
    const server = keep(
      await replyServer((socket, _head, number) => {
        socket.write('HTTP/1.0 200 OK\r\n\r\nwords');
        setTimeout(() => (number === 1 ? socket.end() : socket.resetAndDestroy()), 10);
      }),
    );
    const { call } = client();
    expect(await collect(call, request(server.origin))).toMatchObject({ body: 'words', ended: true });
    const cut = await collect(call, request(server.origin));
    expect(cut).toMatchObject({ body: 'words', ended: false, error: { symptom: 'reset', local: false } });
  });
});

describe('what goes wrong', () => {
  const faults: [name: string, symptom: string, body: string, act: (socket: Listening['sockets'][number]) => void][] = [
    ['close before headers', 'closed', '', (socket) => socket.end()],
    ['reset before headers', 'reset', '', (socket) => socket.resetAndDestroy()],
    ['half a head, then close', 'closed', '', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-')],
    ['garbage', 'protocol', '', (socket) => socket.end('\u0000\u0001SSH-2.0-OpenSSH\r\n\r\n')],
    ['text that is not HTTP', 'protocol', '', (socket) => socket.end('<html>hello</html>\r\n\r\n')],
    ['content-length longer than the body', 'closed', 'part', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\npart')],
    [
      'the same with connection: close',
      'closed',
      'part',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 10\r\n\r\npart'),
    ],
    ['chunked body without its end', 'closed', 'part', (socket) => socket.end(`${CHUNKED}4\r\npart\r\n`)],
    ['chunk cut in half', 'closed', 'pa', (socket) => socket.end(`${CHUNKED}4\r\npa`)],
    [
      'the same with connection: close',
      'closed',
      'pa',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n4\r\npa'),
    ],
    ['a bad chunk size', 'protocol', '', (socket) => socket.end(`${CHUNKED}zz\r\npart\r\n`)],
  ];
  test.each(faults)('%s: %s', async (_name, symptom, body, act) => {
    const server = keep(await replyServer(act));
    const outcome = await collect(client().call, request(server.origin));
    expect(outcome.ended).toBe(false);
    expect(outcome.body).toBe(body);
    expect(outcome.error).toMatchObject({ symptom, local: false });
    expect(outcome.error?.message).not.toBe('');
  });

  test.each([CHUNKED, 'HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n'])('reset in the body', async (head) => {
    const server = keep(
      await replyServer((socket) => {
        socket.write(`${head}4\r\npart\r\n`);
        setTimeout(() => socket.resetAndDestroy(), 10);
      }),
    );
    expect(await collect(client().call, request(server.origin))).toMatchObject({ body: 'part', ended: false, error: { symptom: 'reset' } });
  });

  test('nobody listens', async () => {
    const server = await rawServer(() => undefined);
    await server.close();
    expect((await collect(client().call, request(server.origin))).error).toMatchObject({ symptom: 'refused', local: false });
  });

  test('a name that does not exist', async () => {
    expect((await collect(client().call, request('http://nope.invalid'))).error?.symptom).toBe('dns');
  });

  test('a keep-alive connection that dies as it is used again is an error, and a fresh one works', async () => {
    const server = keep(
      await replyServer((socket, _head, number) => {
        if (number === 2) socket.resetAndDestroy();
        else socket.write(WHOLE);
      }),
    );
    const { call } = client();
    expect((await collect(call, request(server.origin))).ended).toBe(true);
    expect((await collect(call, request(server.origin))).error?.symptom).toBe('reset');
    expect((await collect(call, request(server.origin, { fresh: true }))).ended).toBe(true);
    expect(server.sockets).toHaveLength(2);
  });

  test('a connection that the server closed while idle is not used again', async () => {
    const server = keep(await replyServer((socket) => socket.write(WHOLE)));
    const { call, sockets } = client();
    await collect(call, request(server.origin));
    server.sockets[0]?.end();
    while (sockets() > 0) await new Promise(setImmediate);
    expect((await collect(call, request(server.origin))).ended).toBe(true);
    expect(server.sockets).toHaveLength(2);
  });
});

describe('connections', () => {
  test('are kept and used again, one call at a time; fresh makes a new one', async () => {
    const server = keep(await replyServer((socket) => socket.write(WHOLE)));
    const { call, sockets } = client();
    for (let turn = 0; turn < 3; turn++) await collect(call, request(server.origin));
    expect(server.sockets).toHaveLength(1);
    await collect(call, request(server.origin, { fresh: true }));
    expect(server.sockets).toHaveLength(2);
    await Promise.all([1, 2, 3, 4].map(() => collect(call, request(server.origin))));
    expect(server.sockets).toHaveLength(4);
    expect(sockets()).toBe(4);
  });

  test('close ends what is under way and leaves no socket', async () => {
    const server = keep(await replyServer(() => undefined));
    const http = createCall({ environment: {} });
    const outcome = collect(http.call, request(server.origin));
    while (server.sockets.length === 0) await new Promise(setImmediate);
    await http.close();
    expect((await outcome).error?.symptom).toBe('closed');
    while (http.sockets() > 0) await new Promise(setImmediate);
    expect((await collect(http.call, request(server.origin))).error?.message).toContain('closed');
  });
});

describe('cancel', () => {
  const silent = { headers() {}, data() {}, end: () => expect.unreachable(), error: () => expect.unreachable() };

  test('before headers closes the connection, and nothing is called any more', async () => {
    const server = keep(await replyServer(() => undefined));
    const { call, sockets } = client();
    const cancel = call(request(server.origin), silent);
    while (server.sockets.length === 0) await new Promise(setImmediate);
    const closed = once(server.sockets[0]!, 'close');
    cancel();
    cancel();
    await closed;
    while (sockets() > 0) await new Promise(setImmediate);
    expect(sockets()).toBe(0);
  });

  test('in the body closes the connection', async () => {
    const server = keep(await replyServer((socket) => socket.write(`${CHUNKED}4\r\npart\r\n`)));
    const { call, sockets } = client();
    await new Promise<void>((done) => {
      const cancel = call(request(server.origin), {
        ...silent,
        data() {
          cancel();
          done();
        },
      });
    });
    if (!server.sockets[0]!.closed) await once(server.sockets[0]!, 'close');
    while (sockets() > 0) await new Promise(setImmediate);
    expect(server.sockets[0]!.closed).toBe(true);
  });

  test('in the headers, also of a compressed body, is the last that is heard of it', async () => {
    const server = keep(
      await httpServer((_incoming, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('words'))),
    );
    const { call, sockets } = client();
    const heard: string[] = [];
    await new Promise<void>((done) => {
      const cancel = call(request(server.origin), {
        headers() {
          heard.push('headers');
          cancel();
          setTimeout(done, 20);
        },
        data: () => heard.push('data'),
        end: () => heard.push('end'),
        error: () => heard.push('error'),
      });
    });
    expect(heard).toEqual(['headers']);
    while (sockets() > 0) await new Promise(setImmediate);
  });

  test('while connecting gives the connection up', async () => {
    const server = keep(await rawServer(() => undefined));
    const { call, sockets } = client();
    call(request(server.origin), silent)();
    while (sockets() > 0) await new Promise(setImmediate);
    await new Promise((done) => setTimeout(done, 20));
    expect(sockets()).toBe(0);
  });

  test('after the end does nothing to the connection that somebody else may be using', async () => {
    const server = keep(await replyServer((socket) => socket.write(WHOLE)));
    const { call } = client();
    let cancel = (): void => undefined;
    await new Promise<void>((done) => {
      cancel = call(request(server.origin), { headers() {}, data() {}, end: done, error: () => expect.unreachable() });
    });
    const next = collect(call, request(server.origin));
    cancel();
    expect((await next).ended).toBe(true);
    expect(server.sockets).toHaveLength(1);
  });

  test('a hundred clients that vanish leave no socket behind', async () => {
    const server = keep(await replyServer((socket) => socket.write(`${CHUNKED}4\r\npart\r\n`)));
    const { call, sockets } = client();
    for (let turn = 0; turn < 100; turn++) {
      await new Promise<void>((done) => {
        const cancel = call(request(server.origin), {
          ...silent,
          data() {
            cancel();
            done();
          },
        });
      });
    }
    while (sockets() > 0) await new Promise(setImmediate);
    expect(sockets()).toBe(0);
  });
});

describe('compression that was not asked for', () => {
  const text = 'data: {"text":"words"}\n\n'.repeat(50);
  const packed = gzipSync(text);

  test('is undone', async () => {
    const server = keep(
      await httpServer((_incoming, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length });
        response.write(packed.subarray(0, 20));
        setTimeout(() => response.end(packed.subarray(20)), 5);
      }),
    );
    const outcome = await collect(client().call, request(server.origin));
    expect(outcome).toMatchObject({ body: text, ended: true });
    expect(outcome.headers).not.toHaveProperty('content-encoding');
    expect(outcome.headers).not.toHaveProperty('content-length');
  });

  test.each([
    ['cut short', packed.subarray(0, packed.length - 12), 'closed'],
    ['damaged', Buffer.from('this is not gzip'), 'protocol'],
  ])('%s it is an error', async (_name, body, symptom) => {
    const server = keep(await httpServer((_incoming, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(body)));
    const outcome = await collect(client().call, request(server.origin));
    expect(outcome.ended).toBe(false);
    expect(outcome.error?.symptom).toBe(symptom);
  });

  test('of an unknown kind is an error', async () => {
    const server = keep(await httpServer((_incoming, response) => void response.writeHead(200, { 'content-encoding': 'lzma' }).end('x')));
    expect((await collect(client().call, request(server.origin))).error).toMatchObject({ symptom: 'protocol' });
  });
});
