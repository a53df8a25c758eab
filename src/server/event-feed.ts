import type { IncomingMessage, ServerResponse } from 'node:http';
import { err, ok, type Result } from '../exchange/result.ts';
import type { Feed, Placed } from '../telemetry/feed.ts';
import { SIGNAL_TYPES } from '../telemetry/signal.ts';
import { clientOf } from './client.ts';
import { type Desk, refuse } from './desk.ts';
import type { Refusal } from './refusal.ts';

/** What a reader wants: events after a place, of some types. */
interface Wish {
  /** Place of the first event that the reader has not seen; `undefined`: from now on. */
  from: number | undefined;
  /** Why the reader has to ask anew how things stand. */
  reset: 'too-old' | 'restarted' | undefined;
  types: ReadonlySet<string>;
}

/**
 * `GET /api/events`: what happens, as server-sent events, each with its cursor as id. Without a cursor from now on; with one
 * (`Last-Event-ID`, `?after=`) from the next event on. Where what came next is gone, or the cursor is another process's, `reset` says so
 * and all that is kept follows. Nothing is buffered for anybody: a reader that the ring overtakes is dropped, and told at its next visit.
 */
export function eventFeed(desk: Desk, request: IncomingMessage, response: ServerResponse, query: URLSearchParams): void {
  const { feed } = desk.ports;
  const wish = readWish(feed, request.headers['last-event-id'], query);
  if (!wish.ok) return refuse(desk.clock, request, response, wish.error, undefined);
  const { types, reset } = wish.value;
  let place = wish.value.from ?? feed.next();
  let over = false;
  let lastWrite = desk.clock.monotonic();
  let cancelKeepAlive: () => void = () => undefined;

  const client = clientOf(response, desk.clock, desk.settings.slowReader, {
    drained: pump,
    gone: leave,
    closed: () => forget(),
  });

  function leave(): void {
    over = true;
    cancelKeepAlive();
    unsubscribe();
  }

  function write(text: string): boolean {
    lastWrite = desk.clock.monotonic();
    return client.write(text);
  }

  /** Hands over what the reader has not seen, as long as its connection takes it. */
  function pump(): void {
    if (over) return;
    // What is next for it is gone: it comes back with a cursor that is too old, and hears so.
    if (place < feed.oldest()) {
      leave();
      response.destroy();
      return;
    }
    for (let next = feed.from(place); next && !over && !response.writableNeedDrain; next = feed.from(place)) {
      place = next.place + 1;
      if (types.has(next.signal.type)) write(eventMessage(feed.epoch, next));
    }
  }

  /** With the cursor, so that what was passed over by `types` is not looked through again after a pause. */
  function armKeepAlive(delay: number): void {
    cancelKeepAlive = desk.clock.after(delay, () => {
      const quiet = desk.clock.monotonic() - lastWrite;
      if (quiet < desk.settings.keepAlive) return armKeepAlive(desk.settings.keepAlive - quiet);
      if (!response.writableNeedDrain) write(`: keep-alive\nid: ${cursorOf(feed.epoch, place - 1)}\n\n`);
      armKeepAlive(desk.settings.keepAlive);
    });
  }

  const unsubscribe = feed.subscribe(pump);
  const forget = desk.feeds.add(() => {
    if (over) return;
    leave();
    client.end('');
  });
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  response.flushHeaders();
  const cursor = cursorOf(feed.epoch, place - 1);
  // The cursor is known from the start: who is cut off before the first event misses nothing.
  if (reset === undefined) write(`id: ${cursor}\n\n`);
  else write(`id: ${cursor}\nevent: reset\ndata: ${JSON.stringify({ version: 1, type: 'reset', reason: reset })}\n\n`);
  armKeepAlive(desk.settings.keepAlive);
  pump();
}

function eventMessage(epoch: string, { place, signal }: Placed): string {
  return `id: ${cursorOf(epoch, place)}\nevent: ${signal.type}\ndata: ${JSON.stringify(signal)}\n\n`;
}

/** Names an event for good: a place, and the process whose place it is. */
function cursorOf(epoch: string, place: number): string {
  return `${epoch}.${place}`;
}

const CURSOR = /^([0-9a-z]{1,12})\.(-1|\d{1,15})$/;

/** The header wins over `?after=`: it is what a reconnecting reader sends. */
function readWish(feed: Feed, header: string | string[] | undefined, query: URLSearchParams): Result<Wish, Refusal> {
  const types = readTypes(query.get('types'));
  if (!types.ok) return types;
  const text = typeof header === 'string' && header !== '' ? header : query.get('after');
  if (text === null || text === '') return ok({ from: undefined, reset: undefined, types: types.value });
  const [, epoch, place] = CURSOR.exec(text) ?? [];
  if (epoch === undefined) {
    return err({
      status: 400,
      code: 'bad-cursor',
      message: 'The cursor is none of ours.',
      hint: 'Send the id of the last event that you have, in Last-Event-ID or ?after=; leave it out to begin now.',
    });
  }
  const from = Number(place) + 1;
  if (epoch !== feed.epoch || from > feed.next()) return ok({ from: feed.oldest(), reset: 'restarted', types: types.value });
  if (from < feed.oldest()) return ok({ from: feed.oldest(), reset: 'too-old', types: types.value });
  return ok({ from, reset: undefined, types: types.value });
}

function readTypes(text: string | null): Result<ReadonlySet<string>, Refusal> {
  if (text === null || text === '') return ok(new Set(SIGNAL_TYPES));
  const wanted = text.split(',').map((type) => type.trim());
  const unknown = wanted.find((type) => !SIGNAL_TYPES.some((known) => known === type));
  if (unknown === undefined) return ok(new Set(wanted));
  return err({
    status: 400,
    code: 'bad-query',
    message: `There is no event «${unknown.slice(0, 40)}».`,
    hint: `There are: ${SIGNAL_TYPES.join(', ')}.`,
  });
}
