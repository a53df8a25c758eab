import { afterEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../exchange/clock.ts';
import { virtualClock } from '../exchange/virtual-clock.ts';
import { createFeed, type Feed } from '../telemetry/feed.ts';
import type { Signal } from '../telemetry/signal.ts';
import type { RunningServer } from './listen.ts';
import { call, type Wire, wire } from './testing/raw-client.ts';
import { serve, stage, type StageOptions } from './testing/scripted-ports.ts';

let server: RunningServer;
const wires: Wire[] = [];
afterEach(async () => {
  for (const one of wires.splice(0)) one.socket.destroy();
  await server.close();
});

async function play(capacity = 100, options: StageOptions = {}): Promise<Feed> {
  const feed = createFeed(
    options.clock ?? systemClock,
    (error) => {
      throw error;
    },
    capacity,
  );
  server = await serve(stage({ ...options, ports: { feed } }), { closeWait: 0 });
  return feed;
}

function read(query = '', headers = ''): Wire {
  const reader = wire(server.port);
  wires.push(reader);
  reader.write(`GET /api/events${query} HTTP/1.1\r\nhost: 127.0.0.1\r\n${headers}\r\n`);
  return reader;
}

function say(feed: Feed, ...words: string[]): void {
  for (const message of words) feed.publish({ type: 'notice', level: 'info', message });
}

/** The messages of a wire's text, in order; chunk sizes stand on lines of their own. */
function events(reader: Wire): { id: string; event: string; data: Signal & { message?: string; reason?: string } }[] {
  return [...reader.text().matchAll(/id: (\S+)\nevent: (\S+)\ndata: (.+)\n/g)].map(([, id, event, data]) => ({
    id: id!,
    event: event!,
    data: JSON.parse(data!) as Signal,
  }));
}

const words = (reader: Wire): (string | undefined)[] => events(reader).map(({ data }) => data.message ?? data.reason);

describe('a reader', () => {
  test('without a cursor hears what happens from now on, and knows its cursor at once', async () => {
    const feed = await play();
    say(feed, 'before');
    const reader = read();
    await reader.until(`id: ${feed.epoch}.0\n\n`);
    say(feed, 'one', 'two');
    await reader.until('"two"');
    expect(events(reader)).toEqual([
      {
        id: `${feed.epoch}.1`,
        event: 'notice',
        data: { version: 1, at: expect.any(Number) as number, type: 'notice', level: 'info', message: 'one' },
      },
      { id: `${feed.epoch}.2`, event: 'notice', data: expect.objectContaining({ message: 'two' }) as Signal },
    ]);
  });

  test('comes back with its cursor, in header or query, and misses nothing', async () => {
    const feed = await play();
    say(feed, 'one', 'two', 'three');
    for (const reader of [read(`?after=${feed.epoch}.0`), read('?after=zzz.9', `last-event-id: ${feed.epoch}.0\r\n`)]) {
      await reader.until('"three"');
      expect(words(reader)).toEqual(['two', 'three']);
    }
    const all = read(`?after=${feed.epoch}.-1`);
    await all.until('"three"');
    expect(words(all)).toEqual(['one', 'two', 'three']);
  });

  test('is told where what came next is gone, and gets all that is kept', async () => {
    const feed = await play(2);
    say(feed, 'one', 'two', 'three', 'four');
    const late = read(`?after=${feed.epoch}.0`);
    await late.until('"four"');
    expect(words(late)).toEqual(['too-old', 'three', 'four']);
    const foreign = read('?after=other.0');
    await foreign.until('"four"');
    expect(events(foreign)[0]).toMatchObject({ event: 'reset', data: { version: 1, type: 'reset', reason: 'restarted' } });
    expect(words(foreign).slice(1)).toEqual(['three', 'four']);
    const ahead = read(`?after=${feed.epoch}.99`);
    await ahead.until('"four"');
    expect(words(ahead)).toEqual(['restarted', 'three', 'four']);
  });

  test('gets the types that it asks for', async () => {
    const feed = await play();
    const reader = read('?types=switch,verdict');
    await reader.until('\n\n');
    say(feed, 'unwanted');
    feed.publish({ type: 'switch', exchange: 'x', model: 'm', from: 'a/m', to: 'b/m', when: 'before-first-words' });
    await reader.until('"switch"');
    expect(events(reader).map(({ event }) => event)).toEqual(['switch']);
  });

  test.each([
    ['?after=nonsense', 'bad-cursor'],
    ['?types=switch,odd', 'bad-query'],
  ])('is refused in words: %s', async (query, code) => {
    await play();
    const reply = await call(server.port, `/api/events${query}`);
    expect(reply.status).toBe(400);
    expect(JSON.parse(reply.text)).toMatchObject({ error: { code, hint: expect.any(String) as string } });
  });

  test('of nothing gets a sign of life, with a cursor that has moved past what it did not want', async () => {
    const clock = virtualClock();
    const feed = await play(100, { clock });
    const reader = read('?types=switch');
    await reader.until('\n\n');
    say(feed, 'unwanted', 'unwanted');
    await clock.advance(25_000);
    await reader.until(`: keep-alive\nid: ${feed.epoch}.1\n\n`);
    expect(events(reader)).toEqual([]);
  });

  test('that does not read is dropped when the ring has overtaken it, and holds up nobody', async () => {
    const feed = await play(4096);
    const slow = read();
    await slow.until('\n\n');
    slow.socket.pause();
    const quick = read();
    await quick.until('\n\n');
    const long = 'x'.repeat(350);
    let sent = 0;
    feed.subscribe(({ signal }) => (sent += JSON.stringify(signal).length));
    // More than the buffers of a loopback connection hold: it stalls, and then falls out of the ring.
    for (let round = 0; round < 60; round++) {
      say(feed, ...Array.from({ length: 500 }, (_, index) => `${round}.${index} ${long}`));
      await vi.waitFor(() => expect(quick.socket.bytesRead).toBeGreaterThan(sent));
    }
    const before = slow.text().length;
    slow.socket.resume();
    await slow.closed();
    expect(slow.text().length).toBeGreaterThan(before);
    expect(slow.text()).not.toContain('"59.499 ');
    expect(quick.socket.destroyed).toBe(false);
  });
});

test('the end of the server ends the feed', async () => {
  await play();
  const reader = read();
  await reader.until('\n\n');
  await server.close();
  await reader.closed();
  expect(reader.text()).toMatch(/0\r\n\r\n$/);
});
