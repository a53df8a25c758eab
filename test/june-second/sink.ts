import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../src/exchange/clock.ts';

/** What a webhook was told, with the virtual time. */
export interface Told {
  at: number;
  /** `new`, `update`, `over` … */
  kind: string;
  id: string;
  title: string;
  lines: string[];
  /** It disturbs somebody. */
  loud: boolean;
}

export interface Sink {
  url: string;
  told: Told[];
  close(): Promise<void>;
}

/** Where alerts go: a program that takes webhooks. */
export async function alertSink(clock: Clock): Promise<Sink> {
  const told: Told[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (piece: Buffer) => (text += piece.toString()));
    request.on('end', () => {
      const { type, data } = JSON.parse(text) as { type: string; data: Omit<Told, 'at' | 'kind'> };
      const { id, title, lines, loud } = data;
      told.push({ at: clock.now(), kind: type.replace('alert.', ''), id, title, lines, loud });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`,
    told,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
