import { Client } from 'undici';
import type { Line, Place } from './connector.ts';
import { connector } from './connector.ts';

/** One connection to an origin, for one call at a time. undici's `Client` makes its socket anew when it has closed. */
export interface Connection {
  client: Client;
  line: Line;
}

/** Connections to one origin. */
export interface ConnectionPool {
  place: Place;
  /** A connection that nobody uses: one that stands, or a new one. `fresh`: a new one. */
  take(fresh: boolean): Connection;
  /** Gives it back for the next call. */
  release(connection: Connection): void;
  /** Closes it for good. */
  drop(connection: Connection): void;
  close(): Promise<void>;
}

/**
 * How long an idle connection is kept, in milliseconds, where the server does not say (`keep-alive: timeout=…`). Below the
 * shortest usual limit on the other side: 60 s at AWS's load balancers, 75 s in nginx; node:http's 5 s is announced.
 */
const IDLE = 30_000;

/** HTTP/1.1, one request at a time on each connection, latest used first. Not undici's Pool: that searches all of its clients for a free one. */
export function connectionPool(place: Place): ConnectionPool {
  const idle: Connection[] = [];
  const all = new Set<Connection>();

  function make(): Connection {
    const line: Line = { connectTimeout: 0, awaiting: false, socket: undefined };
    const client = new Client(place.origin, {
      connect: connector(place, line),
      pipelining: 1,
      allowH2: false,
      // The engine has the clocks.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: IDLE,
    });
    const connection = { client, line };
    all.add(connection);
    client.on('disconnect', () => {
      const index = idle.indexOf(connection);
      if (index < 0) return;
      idle.splice(index, 1);
      drop(connection);
    });
    return connection;
  }

  function drop(connection: Connection): void {
    all.delete(connection);
    connection.line.socket?.destroy();
    void connection.client.destroy();
  }

  return {
    place,
    take(fresh) {
      while (!fresh) {
        const connection = idle.pop();
        if (!connection) break;
        if (connection.line.socket?.destroyed === false) return connection;
        drop(connection);
      }
      return make();
    },
    release(connection) {
      if (!all.has(connection)) return;
      if (connection.line.socket?.destroyed === false) idle.push(connection);
      else drop(connection);
    },
    drop,
    async close() {
      idle.length = 0;
      const closing = [...all].map(({ client, line }) => {
        const closed = client.destroy();
        // A connection that is still being made is not the client's yet.
        line.socket?.destroy();
        return closed;
      });
      all.clear();
      await Promise.all(closing);
    },
  };
}
