import * as http from 'node:http';
import * as net from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Headers } from '../dialects/dialect.ts';
import type { Call, TransportError, UpstreamRequest } from './call.ts';

/** What a call came to. */
export interface Outcome {
  status?: number;
  headers?: Headers;
  body: string;
  ended: boolean;
  error?: TransportError;
  /** Names of the handler's calls in order, data runs folded into one. */
  order: string[];
}

export interface Listening {
  origin: string;
  port: number;
  /** Sockets that the server has seen. */
  sockets: net.Socket[];
  close(): Promise<void>;
}

/** A raw TCP server; `speak` gets every connection. */
export async function rawServer(speak: (socket: net.Socket, number: number) => void): Promise<Listening> {
  const sockets: net.Socket[] = [];
  const server = net.createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    speak(socket, sockets.length);
  });
  return listening(server, sockets);
}

/** Answers each request head (up to the blank line) that arrives on a connection with `reply`. */
export async function replyServer(reply: (socket: net.Socket, head: string, number: number) => void): Promise<Listening> {
  let number = 0;
  return rawServer((socket) => {
    let seen = '';
    socket.on('data', (chunk) => {
      seen += chunk.toString('latin1');
      for (let end = seen.indexOf('\r\n\r\n'); end >= 0; end = seen.indexOf('\r\n\r\n')) {
        const head = seen.slice(0, end + 4);
        const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
        if (seen.length < end + 4 + length) return;
        seen = seen.slice(end + 4 + length);
        reply(socket, head, ++number);
      }
    });
  });
}

export async function httpServer(handle: http.RequestListener): Promise<Listening> {
  const sockets: net.Socket[] = [];
  const server = http.createServer(handle);
  server.on('connection', (socket) => sockets.push(socket));
  return listening(server, sockets);
}

export async function listening(server: net.Server, sockets: net.Socket[]): Promise<Listening> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    sockets,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

export function request(origin: string, more: Partial<UpstreamRequest> = {}): UpstreamRequest {
  return {
    method: 'POST',
    origin,
    path: '/v1/messages?beta=true',
    headers: [['content-type', 'application/json']],
    body: Buffer.from('{"model":"m"}'),
    connectTimeout: 5000,
    fresh: false,
    ...more,
  };
}

/** Runs a call to its end. `watch` sees every event and may cancel. */
export function collect(call: Call, what: UpstreamRequest): Promise<Outcome> {
  return new Promise((done, wrong) => {
    const outcome: Outcome = { body: '', ended: false, order: [] };
    const note = (name: string): void => {
      if (outcome.ended || outcome.error) wrong(new Error(`${name} after the end`));
      if (outcome.order.at(-1) !== name) outcome.order.push(name);
    };
    call(what, {
      headers(status, headers) {
        note('headers');
        Object.assign(outcome, { status, headers });
      },
      data(chunk) {
        note('data');
        outcome.body += chunk.toString();
      },
      end() {
        note('end');
        outcome.ended = true;
        setImmediate(done, outcome);
      },
      error(error) {
        note('error');
        outcome.error = error;
        setImmediate(done, outcome);
      },
    });
  });
}
