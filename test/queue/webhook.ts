import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Somebody who is told what became of requests: states by exchange, as often as they were told. */
export interface Webhook {
  url: string;
  told: Map<string, string[]>;
  close(): Promise<void>;
}

/** Not everything that is told is taken at the first time. */
const REFUSED = 0.1;

export async function webhook(random: () => number): Promise<Webhook> {
  const told = new Map<string, string[]>();
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      if (random() < REFUSED) return void response.writeHead(503).end();
      const { exchange, state } = JSON.parse(body) as { exchange: string; state: string };
      told.set(exchange, [...(told.get(exchange) ?? []), state]);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/told`,
    told,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
