import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../exchange/clock.ts';
import type { Scene, Step } from './scene.ts';

/** Milliseconds between the last bytes and a reset, so that the peer's kernel has handed the bytes over. */
const BEFORE_RESET = 10;

/**
 * Plays a scene on a real connection: one HTTP chunk for each write. Stops when the client goes, and waits while it does not
 * read. `done` is called once: `left` says that the client went first. Returns a function that gives the scene up.
 */
export function playOnSocket(scene: Scene, response: ServerResponse, clock: Clock, done: (left: boolean) => void): () => void {
  const socket = response.socket;
  let next = 0;
  let over = false;
  let raw = false;
  let broken = false;
  let cancelWait: () => void = () => undefined;

  function finish(left: boolean): void {
    if (over) return;
    over = true;
    cancelWait();
    done(left);
  }
  response.once('close', () => finish(!broken && !response.writableFinished));
  if (!socket) {
    finish(true);
    return () => undefined;
  }
  proceed(socket);
  return () => finish(false);

  function proceed(connection: Socket): void {
    while (!over) {
      const step = scene[next++];
      if (!step) return;
      if (!perform(step, connection)) return;
    }
  }

  /** False: what follows has to wait, or nothing follows. */
  function perform(step: Step, connection: Socket): boolean {
    switch (step.type) {
      case 'wait':
        cancelWait = clock.after(step.ms, () => proceed(connection));
        return false;
      case 'informational':
        inform(response, step.status);
        return true;
      case 'head':
        raw = step.closeDelimited === true;
        if (raw) connection.write(oldHead(step.status, step.headers));
        else {
          response.writeHead(step.status, step.headers);
          response.flushHeaders();
        }
        return true;
      case 'write':
        write(step.bytes, connection, () => proceed(connection));
        return false;
      case 'garbage':
        connection.write(step.bytes, () => proceed(connection));
        return false;
      case 'repeat': {
        const again = (): void => {
          write(step.bytes, connection, () => {
            if (!over) cancelWait = clock.after(step.ms, again);
          });
        };
        again();
        return false;
      }
      case 'hang':
        return false;
      case 'end':
        response.end();
        return false;
      case 'close':
        broken = true;
        connection.end();
        return false;
      case 'reset':
        broken = true;
        connection.write('', () => {
          cancelWait = clock.after(BEFORE_RESET, () => connection.resetAndDestroy());
        });
        return false;
    }
  }

  /**
   * `then` follows when the kernel has the bytes. Only so is every write a chunk of its own (node:http joins what comes in one
   * turn), nothing is lost before a close, and a client that does not read holds up the scene instead of filling the memory.
   */
  function write(bytes: Buffer, connection: Socket, then: () => void): void {
    if (raw) connection.write(bytes, then);
    else response.write(bytes, then);
  }
}

function inform(response: ServerResponse, status: number): void {
  if (status === 100) response.writeContinue();
  else if (status === 102) response.writeProcessing();
  else response.writeEarlyHints({ link: '</simulated>; rel=preload' });
}

function oldHead(status: number, headers: Record<string, string>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.0 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}connection: close\r\n\r\n`;
}
