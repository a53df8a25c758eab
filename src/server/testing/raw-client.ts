import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  text: string;
  /** The body came to its proper end. */
  complete: boolean;
}

/** One HTTP request over a connection of its own. */
export function call(
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      path,
      method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
      headers: options.headers ?? {},
      agent: false,
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => undefined);
      response.on('close', () => {
        const body = Buffer.concat(chunks);
        resolve({ status: response.statusCode!, headers: response.headers, body, text: body.toString(), complete: response.complete });
      });
    });
    request.end(options.body);
  });
}

/** A bare connection: what is written and read is exactly what goes over the wire. */
export interface Wire {
  socket: Socket;
  write(text: string): void;
  text(): string;
  /** Waits until what was received contains `piece`; fails if the connection closes before. */
  until(piece: string): Promise<void>;
  /** Waits until the connection is closed. */
  closed(): Promise<void>;
}

export function wire(port: number): Wire {
  const socket = connect(port, '127.0.0.1');
  const chunks: string[] = [];
  let isClosed = false;
  const waiting = new Set<(chunk: string) => void>();
  const wake = (chunk: string): void => {
    for (const task of waiting) task(chunk);
  };
  const text = (): string => chunks.join('');
  socket.setEncoding('latin1');
  socket.on('data', (chunk) => {
    chunks.push(String(chunk));
    wake(String(chunk));
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    isClosed = true;
    wake('');
  });

  return {
    socket,
    write: (piece) => void socket.write(piece),
    text,
    until(piece) {
      // Only the newest text is searched: answers of many megabytes come in thousands of chunks.
      let window = text();
      return new Promise((resolve, reject) => {
        const look = (chunk: string): void => {
          window += chunk;
          const found = window.includes(piece);
          window = window.slice(-piece.length);
          if (!found && !isClosed) return;
          waiting.delete(look);
          if (found) resolve();
          else reject(new Error(`the connection closed before ${JSON.stringify(piece)}, after: … ${text().slice(-600)}`));
        };
        waiting.add(look);
        look('');
      });
    },
    closed() {
      return new Promise((resolve) => {
        const look = (): void => {
          if (!isClosed) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      });
    },
  };
}

/** A request with a body, as text for a bare connection. */
export function post(path: string, body: string, headers: Record<string, string> = {}): string {
  const lines = Object.entries({ host: '127.0.0.1', 'content-length': String(Buffer.byteLength(body)), ...headers });
  return `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;
}

/** The body of a chunked response on a bare connection; `ended`: its last chunk is there. */
export function chunkedBody(text: string): { body: string; ended: boolean } {
  let at = text.indexOf('\r\n\r\n') + 4;
  const pieces: string[] = [];
  for (;;) {
    const line = text.indexOf('\r\n', at);
    if (line < 0) return { body: pieces.join(''), ended: false };
    const size = Number.parseInt(text.slice(at, line), 16);
    if (size === 0) return { body: pieces.join(''), ended: true };
    pieces.push(text.slice(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}

/** Waits until something that happens on its own has happened. */
export async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}
