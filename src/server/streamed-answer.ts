import type { Fault } from '../exchange/fault.ts';
import { targetName } from '../exchange/target.ts';
import type { End, Entry, Head } from '../journal/entry.ts';
import type { Follower, LoggedEntry } from '../journal/journal.ts';
import { answerHeaders } from './answer-head.ts';
import { clientOf } from './client.ts';
import { brokenFault, type Delivery, errorAnswer, faultOf, lostFault, type Stop } from './delivery.ts';

/**
 * Follows an answer log and writes what it says to a streaming client: raw bytes as they are, events in the client's dialect.
 * A complete answer gets its proper end; one that failed before its first byte becomes an HTTP error; one that failed later
 * gets the dialect's in-band error and a broken connection, never a clean end.
 */
export function streamedAnswer(delivery: Delivery): Stop {
  const { response, dialect, asked, clock } = delivery;
  const { opening } = asked.log;
  const encoder = dialect.encoder({ exchange: opening.id, head: delivery.head, created: Math.floor(opening.at / 1000) });
  const targets: string[] = [];
  /** A head that is not 200 waits for its `end`: the body comes with the outcome. */
  let heldHead: Head | undefined;
  let opened = false;
  let over = false;
  let terminated = false;
  let follower: Follower | undefined = undefined;
  let lastWrite = 0;
  let lastBytes: Buffer | undefined;
  let cancelKeepAlive: (() => void) | undefined;

  const client = clientOf(response, clock, delivery.slowReader, {
    drained: () => follower?.resume(),
    gone() {
      leave();
      asked.abandon();
    },
    closed: delivery.closed,
  });

  function leave(): void {
    over = true;
    follower?.stop();
    cancelKeepAlive?.();
  }

  function open(head: Head | undefined): void {
    opened = true;
    const headers = answerHeaders(
      { exchange: opening.id, journal: delivery.journal(), head, asked: targets },
      'text/event-stream; charset=utf-8',
    );
    response.writeHead(head?.status ?? 200, headers);
    // Without this the headers would wait for the first chunk, and a client for its headers.
    response.flushHeaders();
    lastWrite = clock.monotonic();
    if (dialect.keepAlive !== '') armKeepAlive(delivery.keepAlive);
  }

  function armKeepAlive(delay: number): void {
    cancelKeepAlive = clock.after(delay, () => {
      const quiet = clock.monotonic() - lastWrite;
      if (quiet < delivery.keepAlive) return armKeepAlive(delivery.keepAlive - quiet);
      if (!terminated && !response.writableNeedDrain && endsFrame(lastBytes)) write(dialect.keepAlive);
      armKeepAlive(delivery.keepAlive);
    });
  }

  function write(chunk: Buffer | string): boolean {
    lastWrite = clock.monotonic();
    return client.write(chunk);
  }

  function writeText(text: string): boolean {
    if (text === '') return true;
    if (!opened) open(heldHead);
    lastBytes = undefined;
    return write(text);
  }

  function take({ entry }: LoggedEntry): boolean {
    if (over) return false;
    try {
      return writeEntry(entry);
    } catch (error) {
      giveUp(brokenFault(delivery, error));
      return false;
    }
  }

  function writeEntry(entry: Entry): boolean {
    switch (entry.type) {
      case 'bytes':
        encoder.observe(entry.events);
        if (entry.terminated) terminated = true;
        if (!opened) open(heldHead);
        lastBytes = entry.bytes;
        return write(entry.bytes);
      case 'events':
        return writeText(encoder.encode(entry.events));
      case 'seam':
        return writeText(encoder.seam(entry.from, entry.to));
      case 'head':
        // There is one head an exchange; what has gone out can't be taken back.
        if (opened) return true;
        if (entry.status === 200) open(entry);
        else heldHead = entry;
        return true;
      case 'attempt': {
        const target = targetName(entry.target);
        if (!opened && !targets.includes(target)) targets.push(target);
        return true;
      }
      case 'attempt-end':
        return true;
      case 'end':
        end(entry);
        return false;
    }
  }

  function end({ outcome }: End): void {
    if (outcome.type !== 'complete') return fail(faultOf(outcome), outcome.type === 'failed' ? outcome.body : undefined);
    const tail = encoder.end(terminated);
    if (!opened) open(heldHead);
    leave();
    client.end(tail);
  }

  function fail(fault: Fault, provider: string | undefined): void {
    leave();
    if (!opened) {
      const { status, headers, body } = errorAnswer(delivery, fault, heldHead, targets, provider);
      response.writeHead(status, headers);
      client.end(body);
      return;
    }
    // After its terminator a stream bears no more frames; the answer is there, and only the connection is given up.
    client.breakOff(terminated ? '' : encoder.error(fault));
  }

  function giveUp(fault: Fault): void {
    if (over) return;
    fail(fault, undefined);
    asked.abandon();
  }

  follower = asked.log.follow(-1, take, (reason) => giveUp(lostFault(reason)));
  if (over) follower.stop();
  return giveUp;
}

/** Whether bytes end with a blank line, so that something may be put behind them. */
function endsFrame(bytes: Buffer | undefined): boolean {
  if (bytes === undefined) return true;
  const tail = bytes.toString('latin1', Math.max(0, bytes.length - 4));
  return tail.endsWith('\n\n') || tail.endsWith('\r\n\r\n') || tail.endsWith('\r\r');
}
