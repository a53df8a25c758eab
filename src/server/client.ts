import type { ServerResponse } from 'node:http';
import type { Clock } from '../exchange/clock.ts';

/** The receiving end of one answer. */
export interface Client {
  /** False: enough for now; `drained` is called when there is room again. */
  write(chunk: Buffer | string): boolean;
  end(tail: Buffer | string): void;
  /**
   * Ends the connection so that nobody can take it for a complete answer: `frame` reaches the socket first, then the
   * connection is closed without the end of the body (no last chunk, or a reset where the body has no such mark).
   */
  breakOff(frame: string): void;
  /** Nothing more can be sent. */
  isGone(): boolean;
}

export interface ClientEvents {
  drained(): void;
  /** Once, when the client left before its answer was over, or was dropped because it took nothing for too long. */
  gone(): void;
  /** Once and last, however it ended: the connection has no more use for this answer. */
  closed(): void;
}

/** A body without chunks and length ends with the connection, so its breaking has to be a reset. The frame gets this long to arrive, in milliseconds. */
const RESET_AFTER = 100;

/** Watches over a response: room, slowness, leaving. `slowReader` in milliseconds. */
export function clientOf(response: ServerResponse, clock: Clock, slowReader: number, events: ClientEvents): Client {
  let over = false;
  let closed = false;
  let cancelSlow: (() => void) | undefined;

  function awaitDrain(): void {
    cancelSlow ??= clock.after(slowReader, () => response.destroy());
  }

  function onDrain(): void {
    cancelSlow?.();
    cancelSlow = undefined;
    if (!over) events.drained();
  }

  function onClose(): void {
    if (closed) return;
    closed = true;
    cancelSlow?.();
    response.off('drain', onDrain).off('close', onClose);
    if (!over) {
      over = true;
      events.gone();
    }
    events.closed();
  }

  response.on('drain', onDrain).on('close', onClose);
  // Writing to a connection that has just broken reports an error here; its `close` is what counts.
  response.on('error', () => response.destroy());

  return {
    write(chunk) {
      if (response.write(chunk)) return true;
      awaitDrain();
      return false;
    },
    end(tail) {
      over = true;
      response.end(tail);
      if (response.writableLength > 0) awaitDrain();
    },
    breakOff(frame) {
      over = true;
      awaitDrain();
      const close = (): void => {
        const socket = response.socket;
        if (!socket) response.destroy();
        else if (response.useChunkedEncodingByDefault) socket.destroySoon();
        else clock.after(RESET_AFTER, () => socket.resetAndDestroy());
      };
      if (frame === '') close();
      else response.write(frame, close);
    },
    isGone: () => closed,
  };
}
