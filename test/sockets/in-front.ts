import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { selfSigned } from '../../src/sim/certificate.ts';

/** For a provider's settings: its own address, reached through a proxy that leads elsewhere. */
export interface InFront {
  /** URL of the proxy. */
  proxy: string;
  /** File with the certificate to trust. */
  ca: string;
  close(): void;
}

const YEAR = 365 * 24 * 60 * 60 * 1000;

/**
 * A server on this machine in a vendor's place: `host` over TLS through a proxy, as a firm's gateway would do it. What is known of a
 * vendor's own address alone is so met on real sockets.
 */
export async function putInFront(host: string, port: number): Promise<InFront> {
  const { key, cert } = selfSigned([host], Date.now() - YEAR, Date.now() + YEAR);
  const folder = mkdtempSync(join(tmpdir(), 'understudy-in-front-'));
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, cert);
  const open = new Set<Socket>();

  const tls = createTlsServer({ key, cert }, (secured) => tie(secured, connect(port, '127.0.0.1'), open));
  await listening(tls);
  const proxy = createServer((_request, response) => response.writeHead(405).end());
  proxy.on('connect', (_request, client: Socket) => {
    const there = connect((tls.address() as AddressInfo).port, '127.0.0.1', () =>
      client.write('HTTP/1.1 200 Connection established\r\n\r\n'),
    );
    tie(client, there, open);
  });
  await listening(proxy);
  return {
    proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    ca,
    close() {
      for (const socket of open) socket.destroy();
      tls.close();
      proxy.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One connection out of two: what either says the other hears, and both end together. */
function tie(one: Socket, other: Socket, open: Set<Socket>): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    open.add(from);
    from.pipe(to);
    // A connection with TLS cannot be reset: a broken one just ends, without TLS's farewell.
    from.on('error', () => to.destroy());
    from.on('close', () => {
      open.delete(from);
      to.destroy();
    });
  }
}

function listening(server: { listen(port: number, host: string, done: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
}
