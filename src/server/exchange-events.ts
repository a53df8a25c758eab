import type { IncomingMessage, ServerResponse } from 'node:http';
import { err, ok, type Result } from '../exchange/result.ts';
import type { Follower, LoggedEntry } from '../journal/journal.ts';
import { clientOf } from './client.ts';
import { broken, type Desk, refuse } from './desk.ts';
import type { Stop } from './delivery.ts';
import type { Refusal } from './refusal.ts';

/** Anything that hands over the entries after a cursor: a log under way, or one that has ended. */
type Follow = (cursor: number, take: (logged: LoggedEntry) => boolean, lost: (reason: string) => void) => Follower;

/**
 * `GET /api/exchanges/{id}/events`: an exchange's entries as server-sent events, each with its place as id, from
 * `Last-Event-ID` or `?cursor=` on, until its `end`. Every reader has its own cursor and waits for nobody else.
 */
export function exchangeEvents(desk: Desk, request: IncomingMessage, response: ServerResponse, id: string, query: URLSearchParams): void {
  const cursor = readCursor(request.headers['last-event-id'], query.get('cursor'));
  if (!cursor.ok) return refuse(desk.clock, request, response, cursor.error, undefined);
  const live = desk.ports.journal.live(id);
  if (live) return sendEvents(desk, response, cursor.value, (after, take, lost) => live.follow(after, take, lost));
  desk.ports.journal.entries(id).then(
    (entries) => {
      if (response.destroyed) return;
      if (!entries) return refuse(desk.clock, request, response, unknownExchange(id), undefined);
      // A browser's EventSource reconnects after every end; 204 is how it is told that there is no more.
      const last = entries.at(-1);
      if (last && cursor.value >= last.seq) {
        response.writeHead(204).end();
        return;
      }
      sendEvents(desk, response, cursor.value, (after, take) => followEnded(entries, after, take));
    },
    (error: unknown) => broken(desk, { request, response }, undefined, error),
  );
}

function sendEvents(desk: Desk, response: ServerResponse, cursor: number, follow: Follow): void {
  let follower: Follower | undefined = undefined;
  let over = false;
  let lastWrite = desk.clock.monotonic();
  let cancelKeepAlive: () => void = () => undefined;

  const client = clientOf(response, desk.clock, desk.settings.slowReader, {
    drained: () => follower?.resume(),
    gone: leave,
    closed: () => forget(),
  });

  function leave(): void {
    over = true;
    follower?.stop();
    cancelKeepAlive();
  }

  function finish(tail: string): void {
    if (over) return;
    leave();
    client.end(tail);
  }

  function armKeepAlive(delay: number): void {
    cancelKeepAlive = desk.clock.after(delay, () => {
      const quiet = desk.clock.monotonic() - lastWrite;
      if (quiet < desk.settings.keepAlive) return armKeepAlive(desk.settings.keepAlive - quiet);
      if (!response.writableNeedDrain) write(': keep-alive\n\n');
      armKeepAlive(desk.settings.keepAlive);
    });
  }

  function write(text: string): boolean {
    lastWrite = desk.clock.monotonic();
    return client.write(text);
  }

  function take(logged: LoggedEntry): boolean {
    if (over) return false;
    const message = eventMessage(logged);
    if (logged.entry.type !== 'end') return write(message);
    finish(message);
    return false;
  }

  // A reader comes back with Last-Event-ID, so the end of the server is only a pause for it.
  const stop: Stop = () => finish('');
  const forget = desk.open.add(stop);
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  response.flushHeaders();
  armKeepAlive(desk.settings.keepAlive);
  follower = follow(cursor, take, (reason) => finish(`event: lost\ndata: ${JSON.stringify({ reason })}\n\n`));
  if (over) follower.stop();
}

/** The entries of an exchange that has ended, at the reader's own pace. */
export function followEnded(entries: readonly LoggedEntry[], cursor: number, take: (logged: LoggedEntry) => boolean): Follower {
  let next = entries.findIndex(({ seq }) => seq > cursor);
  let stopped = next < 0;
  function resume(): void {
    while (!stopped && next < entries.length) if (!take(entries[next++]!)) return;
  }
  resume();
  return {
    resume,
    stop() {
      stopped = true;
    },
  };
}

/** One entry as one message. Raw bytes are given as their text. */
export function eventMessage({ seq, at, entry }: LoggedEntry): string {
  const data =
    entry.type === 'bytes'
      ? {
          seq,
          at,
          type: entry.type,
          attempt: entry.attempt,
          events: entry.events,
          text: entry.bytes.toString('utf8'),
          terminated: entry.terminated,
        }
      : { seq, at, ...entry };
  return `id: ${seq}\nevent: ${entry.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** The place of the last entry that the reader has; -1 for none. The header wins: it is what a reconnecting reader sends. */
function readCursor(header: string | string[] | undefined, query: string | null): Result<number, Refusal> {
  const text = typeof header === 'string' && header !== '' ? header : query;
  if (text === null || text === '') return ok(-1);
  if (/^(-1|\d{1,15})$/.test(text)) return ok(Number(text));
  return err({
    status: 400,
    code: 'bad-cursor',
    message: 'The cursor is not a number.',
    hint: 'Send the id of the last event that you have, in Last-Event-ID or ?cursor=, or -1 for all of them.',
  });
}

export function unknownExchange(id: string): Refusal {
  return {
    status: 404,
    code: 'unknown-exchange',
    message: `There is no exchange ${id.slice(0, 80)}.`,
    hint: 'GET /api/exchanges lists them; an id is what x-understudy-exchange said.',
  };
}
