import { afterEach, describe, expect, test } from 'vitest';
import { virtualClock } from '../exchange/virtual-clock.ts';
import type { Entry } from '../journal/entry.ts';
import type { AnswerLog } from '../journal/journal.ts';
import type { RunningServer } from './listen.ts';
import type { ServerSettings } from '../config/server-settings.ts';
import { call, chunkedBody, eventually, wire } from './testing/raw-client.ts';
import { attempt, bytes, complete, head, serve, stage, type StageOptions, words } from './testing/scripted-ports.ts';

const ID = 'x_01m81ebw5fxf6r5gs1tw1wbqtj';
const HISTORY: Entry[] = [
  attempt(),
  head(),
  bytes('data: "Grüße"\n\n', false, words('Grüße').slice(0, 3)),
  {
    type: 'attempt-end',
    ordinal: 0,
    outcome: { type: 'failed', fault: { class: 'provider-fault', symptom: 'reset', message: 'm' } },
    took: 9,
  },
  attempt(1, 'backup'),
  { type: 'seam', from: 'wall/m', to: 'backup/m', delivered: 5, join: 'anchor' },
  { type: 'events', attempt: 1, events: words('!').slice(2) },
  complete,
];

interface Message {
  id: string;
  event: string;
  data: Record<string, unknown>;
}

function messages(text: string): Message[] {
  return text
    .split('\n\n')
    .filter((block) => block.startsWith('id: '))
    .map((block) => {
      const [id, event, data] = block.split('\n').map((line) => line.slice(line.indexOf(': ') + 2));
      return { id: id!, event: event!, data: JSON.parse(data!) as Record<string, unknown> };
    });
}

let server: RunningServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function play(options: StageOptions = {}, settings: Partial<ServerSettings> = {}): Promise<{ log: AnswerLog; port: number }> {
  const on = stage(options);
  server = await serve(on, { closeWait: 0, ...settings });
  const log = on.journal.open(
    {
      id: ID,
      at: on.clock.now(),
      dialect: 'anthropic-messages',
      model: 'm',
      route: 'default',
      stream: true,
      principal: 'local',
      save: true,
    },
    Buffer.from('{}'),
  );
  return { log, port: server.port };
}

const path = `/api/exchanges/${ID}/events`;

describe.each(['running', 'ended', 'read from the record'])('an exchange that is %s', (state) => {
  test('is resumed at every cursor', async () => {
    const later = HISTORY.map((entry, seq) => ({ seq, at: 1, entry }));
    const { log, port } = await play();
    if (state === 'ended') for (const entry of HISTORY) log.append(entry);
    if (state === 'read from the record') {
      const on = stage();
      await server!.close();
      server = await serve(stage({ ports: { journal: { ...on.journal, live: () => undefined, entries: () => Promise.resolve(later) } } }), {
        closeWait: 0,
      });
    }
    for (let cursor = -1; cursor < HISTORY.length - 1; cursor++) {
      for (const [query, headers] of [
        [`?cursor=${cursor}`, {}],
        ['?cursor=0', { 'last-event-id': String(cursor) }],
      ] as const) {
        const reading = call(server!.port, path + query, { headers });
        if (state === 'running' && cursor === -1 && query !== '?cursor=0') for (const entry of HISTORY) log.append(entry);
        const reply = await reading;
        expect(reply).toMatchObject({ status: 200, complete: true });
        expect(reply.headers['content-type']).toContain('text/event-stream');
        const got = messages(reply.text);
        expect(got.map(({ id }) => Number(id))).toEqual(HISTORY.map((_, seq) => seq).slice(cursor + 1));
        expect(got.map(({ event }) => event)).toEqual(HISTORY.map(({ type }) => type).slice(cursor + 1));
      }
    }
    expect(port).toBeGreaterThan(0);
  });
});

describe('readers', { timeout: 30_000 }, () => {
  test('get the events and the text of raw bytes', async () => {
    const { log, port } = await play();
    for (const entry of HISTORY) log.append(entry);
    const got = messages((await call(port, path)).text);
    expect(got[2]!.data).toMatchObject({ seq: 2, type: 'bytes', attempt: 0, text: 'data: "Grüße"\n\n', terminated: false });
    expect(got[2]!.data['events']).toEqual(words('Grüße').slice(0, 3));
    expect(got[2]!.data).not.toHaveProperty('bytes');
    expect(got[7]!.data).toMatchObject({ type: 'end', outcome: { type: 'complete' } });
  });

  test('come and go as they like, several at once, and none waits for another', async () => {
    const { log, port } = await play({ kept: 64 * 1024 ** 2 });
    const [stuck, early, leaving] = [wire(port), wire(port), wire(port)];
    for (const client of [stuck, early, leaving]) client.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    for (const client of [stuck, early, leaving]) await client.until('\r\n\r\n');
    stuck.socket.pause();
    leaving.socket.destroy();
    const large = bytes(Buffer.alloc(256 * 1024, 'x'));
    for (let count = 0; count < 40; count++) log.append(large);
    await early.until('id: 39\n');
    const late = wire(port);
    late.write(`GET ${path}?cursor=38 HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    await late.until('id: 39\n');
    log.append(complete);
    await Promise.all([early.until('event: end'), late.until('event: end')]);
    expect(messages(chunkedBody(late.text()).body).map(({ id }) => id)).toEqual(['39', '40']);
    stuck.socket.resume();
    await stuck.until('event: end');
    expect(messages(chunkedBody(stuck.text()).body)).toHaveLength(41);
    for (const client of [stuck, early, late]) client.socket.destroy();
  });

  test('hear something while nothing happens', async () => {
    const clock = virtualClock();
    const { log, port } = await play({ clock });
    const client = wire(port);
    client.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    await client.until('\r\n\r\n');
    await clock.advance(10_000);
    await client.until(': keep-alive\n\n');
    log.append(complete);
    await client.until('\r\n0\r\n\r\n');
    expect(messages(chunkedBody(client.text()).body).map(({ event }) => event)).toEqual(['end']);
    client.socket.destroy();
  });

  test('that took nothing for minutes are dropped', async () => {
    const clock = virtualClock();
    const { log, port } = await play({ clock, kept: 64 * 1024 ** 2 });
    const client = wire(port);
    client.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    await client.until('\r\n\r\n');
    client.socket.pause();
    for (let count = 0; count < 60; count++) log.append(bytes(Buffer.alloc(256 * 1024, 'x')));
    const connections = async (): Promise<number> =>
      Number(/^understudy_connections (\d+)$/m.exec((await call(port, '/metrics')).text)?.[1]);
    expect(await connections()).toBe(2);
    while ((await connections()) > 1) await clock.advance(60_000);
    client.socket.resume();
    await client.closed();
    expect(chunkedBody(client.text()).ended).toBe(false);
  });

  test('that fell behind what is kept are told that they lost some', async () => {
    const { log, port } = await play();
    for (let count = 0; count < 60; count++) log.append(bytes(Buffer.alloc(256 * 1024, 'x')));
    const reply = await call(port, path);
    expect(reply.text).toMatch(/event: lost\ndata: \{"reason":"/);
    expect(reply.text).not.toContain('event: end');
  });
});

describe('errors', () => {
  test('an unknown exchange', async () => {
    const { port } = await play();
    const reply = await call(port, '/api/exchanges/x_nope/events');
    expect(reply.status).toBe(404);
    expect(JSON.parse(reply.text)).toMatchObject({
      error: { code: 'unknown-exchange', hint: expect.stringContaining('/api/exchanges') as string },
    });
  });

  test.each(['x', '-2', '1.5', '99999999999999999999'])('cursor %s', async (cursor) => {
    const { port } = await play();
    expect((await call(port, `${path}?cursor=${cursor}`)).status).toBe(400);
  });

  test('nothing left to read: 204, so that a browser does not come back', async () => {
    const on = stage();
    server = await serve(
      stage({
        ports: { journal: { ...on.journal, live: () => undefined, entries: () => Promise.resolve([{ seq: 0, at: 1, entry: complete }]) } },
      }),
    );
    expect((await call(server.port, path, { headers: { 'last-event-id': '0' } })).status).toBe(204);
  });

  test('a journal that fails', async () => {
    const on = stage();
    server = await serve(
      stage({ ports: { journal: { ...on.journal, live: () => undefined, entries: () => Promise.reject(new Error('disk')) } } }),
    );
    const reply = await call(server.port, path);
    expect(reply.status).toBe(500);
    expect(JSON.parse(reply.text)).toMatchObject({ error: { code: 'internal' } });
    await eventually(() => true);
  });
});
