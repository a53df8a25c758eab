import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { virtualClock } from '../exchange/virtual-clock.ts';
import type { AnswerEvent } from '../exchange/event.ts';
import type { AnswerLog } from '../journal/journal.ts';
import type { RunningServer } from './listen.ts';
import type { ServerSettings } from '../config/server-settings.ts';
import { call, chunkedBody, eventually, post, type Wire, wire } from './testing/raw-client.ts';
import {
  attempt,
  bytes,
  complete,
  failed,
  head,
  question,
  type Script,
  serve,
  type Stage,
  stage,
  type StageOptions,
  words,
} from './testing/scripted-ports.ts';

const STREAM = [
  'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1}}}\n\n',
  'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n',
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Grüße, 世界"}}\n\n',
  'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
  'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}\n\n',
  'event: message_stop\ndata: {"type":"message_stop"}\n\n',
];
const QUESTION = question('anthropic-messages', true);

let server: RunningServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function play(options: StageOptions, settings: Partial<ServerSettings> = {}): Promise<{ on: Stage; port: number }> {
  const on = stage(options);
  server = await serve(on, { closeWait: 0, ...settings });
  return { on, port: server.port };
}

/** A question whose log the test writes itself. */
async function open(
  options: StageOptions = {},
  settings: Partial<ServerSettings> = {},
): Promise<{ on: Stage; log: AnswerLog; client: Wire; port: number }> {
  let log: AnswerLog | undefined;
  const { on, port } = await play({ ...options, script: (opened) => void (log = opened) }, settings);
  const client = wire(port);
  client.write(post('/v1/messages', QUESTION));
  await eventually(() => log !== undefined);
  return { on, log: log!, client, port };
}

const native =
  (pieces: (string | Buffer)[]): Script =>
  (log) => {
    log.append(attempt());
    log.append(
      head({
        headers: [
          ['content-type', 'text/event-stream'],
          ['request-id', 'req_7'],
          ['transfer-encoding', 'chunked'],
          ['x-odd', 'a\u0000b'],
        ],
      }),
    );
    for (const piece of pieces) log.append(bytes(piece));
    log.append(bytes('', true));
    log.append(complete);
  };

describe('pass-through', () => {
  test('bytes and headers arrive as they came', async () => {
    const { on, port } = await play({ script: native(STREAM) });
    const reply = await call(port, '/v1/messages?beta=true', { body: QUESTION, headers: { 'anthropic-beta': 'x' } });
    expect(reply).toMatchObject({ status: 200, text: STREAM.join(''), complete: true });
    expect(reply.headers).toMatchObject({ 'content-type': 'text/event-stream', 'request-id': 'req_7', 'x-understudy-target': 'wall/m' });
    expect(reply.headers['x-understudy-exchange']).toMatch(/^x_/);
    expect(reply.headers).not.toHaveProperty('x-odd');
    expect(reply.headers).not.toHaveProperty('x-understudy-journal');
    expect(on.asks[0]).toMatchObject({ path: '/v1/messages?beta=true', principal: 'local' });
    expect(on.asks[0]!.headers).toContainEqual(['anthropic-beta', 'x']);
    expect(on.abandoned).toEqual([]);
  });

  test('wherever the bytes are cut', async () => {
    const whole = Buffer.from(STREAM.join(''));
    let pieces: Buffer[] = [];
    const { port } = await play({ script: (log, ask) => native(pieces)(log, ask) });
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: whole.length - 1 }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        const edges = [0, ...places.sort((a, b) => a - b), whole.length];
        pieces = edges.slice(1).map((edge, index) => whole.subarray(edges[index], edge));
        const reply = await call(port, '/v1/messages', { body: QUESTION });
        expect(reply.body.equals(whole)).toBe(true);
        expect(reply.complete).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  test('a missing terminator is mended', async () => {
    const { port } = await play({
      script: (log) => {
        log.append(head());
        log.append({ type: 'events', attempt: 0, events: words('Hi').slice(0, -1) });
        log.append({ type: 'events', attempt: 0, events: words('Hi').slice(-1) });
        log.append(complete);
      },
    });
    const reply = await call(port, '/v1/messages', { body: QUESTION });
    expect(reply.complete).toBe(true);
    expect(reply.text).toContain('Hi');
    expect(reply.text.trimEnd().endsWith('data: {"type":"message_stop"}')).toBe(true);
    expect(reply.text.match(/event: message_stop/g)).toHaveLength(1);
  });

  test('a degraded journal and a switch show in the headers', async () => {
    const { port } = await play({
      state: { type: 'degraded', since: 1, reason: 'disk full', action: 'free some' },
      script: (log) => {
        log.append(attempt(0, 'lead'));
        log.append(attempt(1, 'backup'));
        log.append(head({ target: 'backup/m' }));
        log.append(complete);
      },
    });
    const reply = await call(port, '/v1/messages', { body: QUESTION });
    expect(reply.headers).toMatchObject({
      'x-understudy-journal': 'degraded',
      'x-understudy-target': 'backup/m',
      'x-understudy-asked': 'lead/m, backup/m',
    });
  });
});

describe('a broken end', () => {
  test('after the first bytes: the error frame, then a cut connection', async () => {
    const { log, client, on } = await open();
    log.append(head());
    log.append(bytes(STREAM.slice(0, 3).join('')));
    log.append(failed(true));
    await client.closed();
    const { body, ended } = chunkedBody(client.text());
    expect(ended).toBe(false);
    expect(body).toContain(Buffer.from(STREAM.slice(0, 3).join('')).toString('latin1'));
    expect(body).toMatch(/event: error\ndata: \{"type":"error".*wall\/m broke off.*\}\n\n$/);
    expect(body).not.toContain('message_stop');
    expect(on.abandoned).toEqual([]);
  });

  test('Node’s own client sees an aborted body', async () => {
    const { port } = await play({
      script: (log) => {
        log.append(head());
        log.append(bytes(STREAM[0]!));
        log.append(failed(true));
      },
    });
    const reply = await call(port, '/v1/messages', { body: QUESTION });
    expect(reply.complete).toBe(false);
    expect(reply.text).toContain('event: error');
  });

  test('without chunks the connection is reset', async () => {
    let log: AnswerLog | undefined;
    const { port } = await play({ script: (opened) => void (log = opened) });
    const client = wire(port);
    let failure = '';
    client.socket.on('error', (error) => (failure = (error as NodeJS.ErrnoException).code ?? ''));
    client.write(post('/v1/messages', QUESTION).replace('HTTP/1.1', 'HTTP/1.0'));
    await eventually(() => log !== undefined);
    log!.append(head());
    log!.append(bytes(STREAM[0]!));
    log!.append(failed(true));
    await client.closed();
    expect(client.text()).toContain('event: error');
    expect(failure).toBe('ECONNRESET');
  });

  test('when headers went out before anything was known', async () => {
    const { log, client } = await open();
    log.append({ type: 'head', status: 200, headers: [] });
    await client.until('\r\n\r\n');
    expect(client.text()).not.toContain('x-understudy-target');
    log.append(failed(false));
    await client.closed();
    expect(chunkedBody(client.text())).toMatchObject({ ended: false, body: expect.stringContaining('event: error') as string });
  });

  test('where nobody could answer, the request is kept, and the headers are out', async () => {
    const { log, client } = await open();
    log.append({ type: 'head', status: 200, headers: [] });
    await client.until('\r\n\r\n');
    log.append({
      type: 'end',
      outcome: { type: 'deferred', fault: { class: 'provider-fault', symptom: 'status', message: 'all are down' } },
    });
    await client.closed();
    const { body, ended } = chunkedBody(client.text());
    expect(ended).toBe(false);
    expect(body).toContain('event: error');
    expect(body).toContain(`kept as ${log.opening.id}`);
    expect(body).toContain('all are down');
  });

  test('a response in the background that is kept is not told to have failed: its client comes back for it', async () => {
    const background = JSON.stringify({ model: 'm', input: 'hi', stream: true, background: true });
    const { port } = await play({
      script: (log) => {
        log.append({ type: 'head', status: 200, headers: [] });
        log.append({ type: 'end', outcome: { type: 'deferred', fault: { class: 'provider-fault', symptom: 'status', message: 'down' } } });
      },
    });
    const reply = await call(port, '/v1/responses', { body: background });
    expect(reply).toMatchObject({ status: 200, complete: false });
    expect(reply.text).not.toContain('fail');
  });

  test('of the house itself: an encoder that throws', async () => {
    const { log, client, on } = await open();
    const unreadable: AnswerEvent = {
      type: 'usage',
      get usage(): never {
        throw new Error('unreadable');
      },
    };
    log.append(head());
    log.append({ type: 'events', attempt: 0, events: [unreadable] });
    await client.closed();
    expect(chunkedBody(client.text())).toMatchObject({ ended: false, body: expect.stringContaining('event: error') as string });
    expect(on.logged[0]?.message).toBe('writing an answer failed');
    expect(on.abandoned).toHaveLength(1);
  });
});

describe('an answer that failed before its first byte is an HTTP error', () => {
  test('in the dialect’s words', async () => {
    const { port } = await play({ script: (log) => log.append(failed(false, { fault: { message: 'all targets are down' } })) });
    const reply = await call(port, '/v1/messages', { body: QUESTION });
    expect(reply.status).toBeGreaterThanOrEqual(500);
    expect(JSON.parse(reply.text)).toMatchObject({
      type: 'error',
      error: { message: expect.stringContaining('all targets are down') as string },
    });
    expect(reply.headers['x-understudy-exchange']).toMatch(/^x_/);
    expect(reply.complete).toBe(true);
  });

  test('in the provider’s own, with its status and headers', async () => {
    const body = '{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: too many"},"odd":1}';
    const { port } = await play({
      script: (log) => {
        log.append(
          head({
            status: 400,
            headers: [
              ['content-type', 'application/json'],
              ['request-id', 'req_9'],
              ['content-length', '3'],
            ],
          }),
        );
        log.append(failed(false, { fault: { class: 'bad-request', status: 400 }, body }));
      },
    });
    const reply = await call(port, '/v1/messages', { body: QUESTION });
    expect(reply).toMatchObject({ status: 400, text: body, complete: true });
    expect(reply.headers).toMatchObject({ 'request-id': 'req_9', 'content-length': String(body.length) });
  });

  test('a question that is refused before it becomes an exchange', async () => {
    const { port } = await play({
      script: () => ({ class: 'model-not-found', symptom: 'skipped', message: 'no route for m', status: 404 }),
    });
    const reply = await call(port, '/v1/messages', { body: QUESTION });
    expect(reply.status).toBe(404);
    expect(reply.text).toContain('no route for m');
  });

  test('the connection is good for the next question', async () => {
    let turn = 0;
    const { port } = await play({ script: (log, ask) => (turn++ === 0 ? log.append(failed(false)) : native(STREAM)(log, ask)) });
    const client = wire(port);
    client.write(post('/v1/messages', QUESTION));
    await client.until('wall/m broke off');
    client.write(post('/v1/messages', QUESTION, { connection: 'close' }));
    await client.closed();
    expect(client.text()).toContain('message_stop');
  });
});

describe('keep-alives', () => {
  test('come after ten quiet seconds, between frames, and not after the terminator', async () => {
    const clock = virtualClock();
    const { log, client } = await open({ clock });
    await clock.advance(60_000);
    expect(client.text()).toBe('');
    log.append({ type: 'head', status: 200, headers: [] });
    await client.until('\r\n\r\n');
    await clock.advance(9999);
    log.append(bytes(STREAM[0]!));
    await client.until('message_start');
    await clock.advance(9999);
    expect(client.text()).not.toContain('ping');
    await clock.advance(1);
    await client.until('event: ping');
    log.append(bytes('event: half'));
    await client.until('event: half');
    await clock.advance(30_000);
    log.append(bytes('\ndata: {}\n\n'));
    await client.until('data: {}\n\n');
    await clock.advance(10_000);
    await eventually(() => client.text().split('event: ping').length === 3);
    log.append(bytes(STREAM[5]!, true));
    await client.until('message_stop');
    await clock.advance(60_000);
    log.append(complete);
    await client.until('\r\n0\r\n\r\n');
    const { body } = chunkedBody(client.text());
    expect(body.split('event: ping')).toHaveLength(3);
    expect(body).toContain('event: half\ndata: {}\n\n');
    expect(body.endsWith(STREAM[5]!)).toBe(true);
  });
});

describe('clients that do not take', { timeout: 30_000 }, () => {
  const kept = 64 * 1024 ** 2;
  const LARGE = Buffer.alloc(256 * 1024, 'x');

  test('pause their own answer only, and get all of it in the end', async () => {
    const { log, client, port } = await open({ kept });
    client.socket.pause();
    log.append(head());
    let given = 0;
    const piece = bytes(LARGE);
    const follower = log.follow(
      -1,
      ({ entry }) => (entry.type === 'bytes' && given++, true),
      () => undefined,
    );
    for (let count = 0; count < 60; count++) log.append(piece);
    await eventually(() => given === 60);
    follower.stop();
    // Another client is served meanwhile.
    expect((await call(port, '/healthz')).status).toBe(200);
    client.socket.resume();
    log.append(bytes('', true));
    log.append(complete);
    await client.until('\r\n0\r\n\r\n');
    expect(chunkedBody(client.text()).body).toHaveLength(60 * LARGE.length);
  });

  test('are dropped after minutes, and upstream is told', async () => {
    const clock = virtualClock();
    const { log, client, on } = await open({ clock, kept });
    client.socket.pause();
    log.append(head());
    for (let count = 0; count < 60; count++) log.append(bytes(LARGE));
    let drained = false;
    void (async () => {
      while (!drained) {
        await clock.advance(60_000);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    await eventually(() => on.abandoned.length === 1);
    drained = true;
    client.socket.resume();
    await client.closed();
    const { body, ended } = chunkedBody(client.text());
    expect(ended).toBe(false);
    expect(body).not.toContain('error');
  });

  test('a reader that fell behind what is kept is told so and cut', async () => {
    const { log, client, on } = await open();
    client.socket.pause();
    log.append(head());
    for (let count = 0; count < 80; count++) log.append(bytes(LARGE));
    await eventually(() => on.abandoned.length === 1 || client.socket.isPaused());
    client.socket.resume();
    await client.closed();
    const { body, ended } = chunkedBody(client.text());
    expect(ended).toBe(false);
    expect(body).toContain('could not be read back from the journal');
    expect(on.abandoned).toHaveLength(1);
  });
});
