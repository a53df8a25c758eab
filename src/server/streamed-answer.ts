import type { Head } from '../journal/entry.ts';
import { answerHeaders, placeText } from './answer-head.ts';
import { isDeferred } from './deferred/fault.ts';
import { type Delivery, encoderContext, errorAnswer, type Stop } from './delivery.ts';
import { followAnswer } from './follow-answer.ts';

/**
 * Writes an answer to a streaming client: raw bytes as they are, events in the client's dialect. A complete answer gets its
 * proper end; one that failed before its first byte becomes an HTTP error; one that failed later gets the dialect's in-band
 * error and a broken connection, never a clean end.
 */
export function streamedAnswer(delivery: Delivery): Stop {
  const { response, dialect, asked, clock, reframe } = delivery;
  const exchange = asked.log.opening.id;
  const encoder = dialect.encoder(encoderContext(delivery));

  return followAnswer(delivery, (client, attempts) => {
    /** A head that is not 200 waits for its `end`: the body comes with the outcome. */
    let heldHead: Head | undefined;
    let opened = false;
    let terminated = false;
    let lastWrite = 0;
    let lastBytes: Buffer | undefined;
    let cancelKeepAlive: (() => void) | undefined;

    function open(head: Head | undefined): void {
      opened = true;
      const headers = answerHeaders(
        {
          exchange,
          journal: delivery.journal(),
          head: reframe && head ? untyped(head) : head,
          attempts,
          attached: delivery.attached === true,
          place: asked.place?.(),
        },
        reframe?.contentType ?? 'text/event-stream; charset=utf-8',
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
        if (!terminated && !response.writableNeedDrain && endsFrame(lastBytes)) write(inLine() + dialect.keepAlive);
        armKeepAlive(delivery.keepAlive);
      });
    }

    /** A comment, which no client shows and whoever looks at the wire sees: what is waited for. */
    function inLine(): string {
      const place = asked.place?.();
      return place && !reframe ? `: in line, place ${placeText(place).replaceAll(/[^\x20-\x7e]/g, '?')}\n\n` : '';
    }

    function write(chunk: Buffer | string): boolean {
      lastWrite = clock.monotonic();
      return client.write(chunk);
    }

    function writeText(sse: string): boolean {
      const text = reframe ? reframe.push(sse) : sse;
      if (text === '') return true;
      if (!opened) open(heldHead);
      lastBytes = undefined;
      return write(text);
    }

    return {
      bytes(entry) {
        encoder.observe(entry.events, entry.bytes);
        if (entry.terminated) terminated = true;
        if (reframe) return writeText(entry.bytes.toString('utf8'));
        if (!opened) open(heldHead);
        lastBytes = entry.bytes;
        return write(entry.bytes);
      },
      events: (entry) => writeText(encoder.encode(entry.events)),
      seam: (entry) => writeText(encoder.seam(entry.from, entry.to)),
      head(head) {
        // There is one head an exchange; what has gone out can't be taken back.
        if (opened) return;
        if (head.status === 200) open(head);
        else heldHead = head;
      },
      complete() {
        const rest = encoder.end(terminated);
        const tail = reframe ? reframe.push(rest) + reframe.end() : rest;
        if (!opened) open(heldHead);
        client.end(tail);
      },
      failed(fault, provider) {
        if (!opened) {
          const { status, headers, body } = errorAnswer(delivery, fault, heldHead, attempts, provider);
          response.writeHead(status, headers);
          client.end(body);
          return;
        }
        // After its terminator a stream bears no more frames; the answer is there, and only the connection is given up. Who asked for a
        // response in the background comes back for it: that it failed would not be true.
        const frame = terminated || (isDeferred(fault) && delivery.head.background === true) ? '' : encoder.error(fault);
        client.breakOff(reframe ? reframe.push(frame) : frame);
      },
      over: () => cancelKeepAlive?.(),
    };
  });
}

/** The provider's stream had a type of its own. */
function untyped(head: Head): Head {
  return { ...head, headers: head.headers.filter(([name]) => name.toLowerCase() !== 'content-type') };
}

/** Whether bytes end with a blank line, so that something may be put behind them. */
function endsFrame(bytes: Buffer | undefined): boolean {
  if (bytes === undefined) return true;
  const tail = bytes.toString('latin1', Math.max(0, bytes.length - 4));
  return tail.endsWith('\n\n') || tail.endsWith('\r\n\r\n') || tail.endsWith('\r\r');
}
