import * as net from 'node:net';
import * as tls from 'node:tls';
import type { buildConnector } from 'undici';
import { swallowContinue } from './interim.ts';
import { RESET } from './transport-error.ts';
import { openTunnel } from './tunnel.ts';

/** How an origin is reached. */
export interface Way {
  /** An HTTP proxy; `undefined`: directly. */
  proxy: URL | undefined;
  /** Certificate authorities to trust, as PEM; `undefined`: Node's own. */
  ca: string[] | undefined;
}

/** State of one connection that the connector and the call share. */
export interface Line {
  /** Milliseconds until the connection has to stand. */
  connectTimeout: number;
  /** A request is out and its final status line has not come. */
  awaiting: boolean;
  /** The latest socket: while connecting, and after. */
  socket: net.Socket | undefined;
}

/** What the connections to one origin have in common. */
export interface Place {
  origin: URL;
  way: Way;
  /** The last TLS session, for a quicker handshake. */
  session: Buffer | undefined;
  opened(): void;
  closed(): void;
}

/** Makes undici's `connect` for one connection: direct, or through a proxy (CONNECT for https, absolute URLs for http). */
export function connector(place: Place, line: Line): buildConnector.connector {
  return (_options, callback) => {
    const { origin, way } = place;
    let settled = false;
    // After a stall of the event loop timers run before sockets: a connection that stands by then is not given up.
    const timer = setTimeout(() => setImmediate(giveUp), line.connectTimeout);

    function giveUp(): void {
      if (settled) return;
      const message = `${origin.host} did not take the connection within ${line.connectTimeout} ms`;
      fail(Object.assign(new Error(message), { code: 'UND_ERR_CONNECT_TIMEOUT' }));
      line.socket?.destroy();
    }
    function fail(error: Error): void {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      callback(error, null);
    }
    function stand(socket: net.Socket): void {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      swallowContinue(socket, line);
      callback(null, socket);
    }
    function track<Kind extends net.Socket>(socket: Kind): Kind {
      line.socket = socket;
      place.opened();
      socket.setNoDelay(true);
      socket.on('error', (error: NodeJS.ErrnoException) => {
        fail(error);
        if (error.code === 'ECONNRESET') error.code = RESET;
      });
      socket.once('close', () => {
        place.closed();
        fail(Object.assign(new Error('closed while connecting'), { code: RESET }));
      });
      return socket;
    }
    function dial(host: URL, then: (socket: net.Socket) => void): void {
      if (host.protocol === 'https:') {
        const socket = track(tls.connect(secureOptions(place, host, undefined)));
        if (host === origin) keepSession(place, socket);
        socket.once('secureConnect', () => then(socket));
      } else {
        const socket = track(net.connect({ host: bareHost(host), port: Number(host.port || 80) }));
        socket.once('connect', () => then(socket));
      }
    }

    const { proxy } = way;
    if (!proxy) return dial(origin, stand);
    dial(proxy, (socket) => {
      if (origin.protocol === 'http:') return stand(socket);
      openTunnel(socket, origin, proxy, fail, () => {
        const secured = tls.connect(secureOptions(place, origin, socket));
        secured.once('close', () => socket.destroy());
        keepSession(place, track(secured));
        secured.once('secureConnect', () => stand(secured));
      });
    });
  };
}

function secureOptions(place: Place, host: URL, below: net.Socket | undefined): tls.ConnectionOptions {
  const name = bareHost(host);
  return {
    host: name,
    port: Number(host.port || 443),
    ALPNProtocols: ['http/1.1'],
    ...(net.isIP(name) === 0 ? { servername: name } : {}),
    ...(place.way.ca ? { ca: place.way.ca } : {}),
    ...(host === place.origin && place.session ? { session: place.session } : {}),
    ...(below ? { socket: below } : {}),
  };
}

function keepSession(place: Place, socket: tls.TLSSocket): void {
  socket.on('session', (session) => {
    place.session = session;
  });
}

/** A URL's host as sockets take it: IPv6 addresses without brackets. */
function bareHost(url: URL): string {
  return url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
}
