import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { err, ok, type Result } from '../exchange/result.ts';
import { selfSigned } from './certificate.ts';
import type { Refusal } from './faults/fault.ts';

/** A place that cannot be connected to, in one particular way. */
export interface BrokenHost {
  origin: string;
  /** PEM of the certificate, to be trusted by a client so that only the intended thing is wrong with it. */
  certificate?: string;
  close(): Promise<void>;
}

const DAY = 86_400_000;

/**
 * Makes a connection fault for real. The error says what this machine lacks: packets can only be dropped, and a
 * name service silenced, with rights over the network that a test has not got; those two exist in process only.
 */
export async function breakHost(refusal: Refusal, now: number): Promise<Result<BrokenHost, string>> {
  switch (refusal) {
    case 'closed-port': {
      const host = await listen(createServer(), 'http');
      await host.close();
      return ok({ ...host, close: () => Promise.resolve() });
    }
    case 'dns':
      return ok({ origin: 'http://nope.invalid', close: () => Promise.resolve() });
    case 'never-reads':
      return ok(await listen(createServer({ pauseOnConnect: true }, keep), 'http'));
    case 'tls-hang':
      return ok(await listen(createServer({ pauseOnConnect: true }, keep), 'https'));
    case 'plain-http-on-tls':
      return ok(
        await listen(
          createHttpServer((_request, response) => response.end('simulated')),
          'https',
        ),
      );
    case 'tls-self-signed':
      return ok(await listenTls('127.0.0.1', now - DAY, now + DAY));
    case 'tls-expired':
      return ok(await listenTls('127.0.0.1', now - 2 * DAY, now - DAY));
    case 'tls-wrong-host':
      return ok(await listenTls('elsewhere.invalid', now - DAY, now + DAY));
    case 'dns-timeout':
      return err('a silent name service needs rights over the resolver; use simCall');
    case 'syn-dropped':
      return err('dropped packets need a firewall rule in a network namespace; use simCall');
  }
}

/** The socket is held and nothing is read from it; its errors are the client's business. */
function keep(socket: Socket): void {
  socket.on('error', () => socket.destroy());
}

async function listenTls(host: string, from: number, until: number): Promise<BrokenHost> {
  const { key, cert } = selfSigned([host], from, until);
  const server = createTlsServer({ key, cert }, (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
  // A client that breaks the handshake off does what it should.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return { ...(await listen(server, 'https')), certificate: cert };
}

async function listen(server: Server, scheme: 'http' | 'https'): Promise<BrokenHost> {
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `${scheme}://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
