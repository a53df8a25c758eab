import { getCACertificates } from 'node:tls';
import type { Dispatcher } from 'undici';
import type { Headers } from '../dialects/dialect.ts';
import type { Call, TransportError, UpstreamHandler, UpstreamRequest } from './call.ts';
import type { Connection, ConnectionPool } from './connection-pool.ts';
import { connectionPool } from './connection-pool.ts';
import type { Way } from './connector.ts';
import { hideCredential } from './hide-credential.ts';
import type { Inflater } from './inflate.ts';
import { inflater } from './inflate.ts';
import type { Environment } from './proxy-choice.ts';
import { proxyFor } from './proxy-choice.ts';
import { signed } from './signed-call.ts';
import { transportError } from './transport-error.ts';
import { proxyAuthorization } from './tunnel.ts';

/** What the configuration says about reaching an origin, besides the environment. */
export interface ConnectionSettings {
  /** URL of an HTTP proxy; `off`: none, whatever the environment says. */
  proxy?: string;
  /** Certificate authorities to trust beside the usual ones, as PEM text. */
  ca?: string;
}

export interface CallOptions {
  /** Where HTTPS_PROXY, HTTP_PROXY and NO_PROXY are looked up. */
  environment: Environment;
  /** Asked once for each origin. */
  connection?: (origin: string) => ConnectionSettings | undefined;
}

export interface HttpCall {
  call: Call;
  /** Ends what is under way (as `closed`) and closes all connections. */
  close(): Promise<void>;
  /** How many sockets are open or being opened. */
  sockets(): number;
}

/**
 * The HTTP client of the house: keep-alive pools per origin over undici, no retries, no redirects, no time limits but the
 * connection's. What goes wrong is told once, as a `TransportError`; nothing is thrown. A response is never paused: whoever
 * listens has to bound what it keeps.
 */
export function createCall(options: CallOptions): HttpCall {
  const pools = new Map<string, ConnectionPool>();
  let open = 0;
  let over = false;

  function poolOf(origin: string): ConnectionPool {
    const known = pools.get(origin);
    if (known) return known;
    const url = new URL(origin);
    const pool = connectionPool({
      origin: url,
      way: wayTo(url, options),
      session: undefined,
      opened: () => void open++,
      closed: () => void open--,
    });
    pools.set(origin, pool);
    return pool;
  }

  return {
    call(request, handler) {
      let pool: ConnectionPool;
      try {
        if (over) throw new Error('this client has been closed');
        pool = poolOf(request.origin);
      } catch (cause) {
        return failLater(handler, { symptom: 'protocol', local: false, message: cause instanceof Error ? cause.message : String(cause) });
      }
      if (request.sign) return signed(request, request.sign, handler, () => begin(pool, request, handler));
      return begin(pool, request, handler);
    },
    async close() {
      over = true;
      const closing = [...pools.values()].map((pool) => pool.close());
      pools.clear();
      await Promise.all(closing);
    },
    sockets: () => open,
  };
}

function begin(pool: ConnectionPool, request: UpstreamRequest, handler: UpstreamHandler): () => void {
  const shown = hideCredential(request, handler);
  // What reads may give up before the call has returned.
  const line = { cancel: (): void => void (line.cancelled = true), cancelled: false };
  line.cancel = run(pool, pool.take(request.fresh), request, request.reframe?.(shown, () => line.cancel()) ?? shown);
  if (line.cancelled) line.cancel();
  return () => line.cancel();
}

/** One call on one connection. */
function run(pool: ConnectionPool, connection: Connection, request: UpstreamRequest, handler: UpstreamHandler): () => void {
  const { client, line } = connection;
  let over = false;
  let connected = false;
  let dispatched = false;
  let returned = false;
  let inflating: Inflater | undefined;

  function give(): void {
    over = true;
    if (!returned) pool.drop(connection);
  }
  function fail(error: TransportError): void {
    if (over) return;
    give();
    inflating?.stop();
    handler.error(error);
  }

  const events: Dispatcher.DispatchHandler = {
    onRequestStart() {
      connected = true;
      line.awaiting = true;
    },
    onResponseStart(_controller, status, headers) {
      if (status < 200 || over) return;
      line.awaiting = false;
      const encoding = headers['content-encoding'];
      if (encoding === undefined || encoding === '' || encoding === 'identity') return handler.headers(status, flat(headers));
      inflating = inflater(String(encoding).trim().toLowerCase(), handler, give);
      const { 'content-encoding': _encoding, 'content-length': _length, ...others } = headers;
      handler.headers(status, flat(others));
      if (!inflating)
        fail({ symptom: 'protocol', local: false, message: `the body is encoded as «${String(encoding)}», which was not asked for` });
    },
    onResponseData(_controller, chunk) {
      if (over) return;
      if (inflating) inflating.push(chunk);
      else handler.data(chunk);
    },
    onResponseEnd() {
      if (over) return;
      returned = true;
      if (inflating) {
        inflating.end();
      } else {
        over = true;
        handler.end();
      }
      pool.release(connection);
    },
    onResponseError(_controller, cause) {
      const error = transportError(cause, connected);
      if (dispatched) fail(error);
      else setImmediate(fail, error);
    },
  };

  line.connectTimeout = request.connectTimeout;
  const { proxy } = pool.place.way;
  const forwarded = proxy !== undefined && pool.place.origin.protocol === 'http:';
  client.dispatch(
    {
      method: request.method,
      path: forwarded ? request.origin + request.path : request.path,
      headers: pairs(request.headers, forwarded ? proxyAuthorization(proxy) : undefined),
      body: request.body.length === 0 ? null : request.body,
    },
    events,
  );
  dispatched = true;

  return () => {
    if (over) return;
    give();
    inflating?.stop();
  };
}

function wayTo(origin: URL, options: CallOptions): Way {
  const settings = options.connection?.(origin.origin);
  const proxy = settings?.proxy === 'off' ? undefined : (settings?.proxy ?? proxyFor(origin, options.environment));
  return {
    proxy: proxy === undefined ? undefined : new URL(proxy),
    ca: settings?.ca === undefined ? undefined : [...getCACertificates('default'), settings.ca],
  };
}

/** undici takes headers as a flat list, in order and with repetitions. */
function pairs(headers: [name: string, value: string][], proxyAuthorization: string | undefined): string[] {
  const list: string[] = [];
  for (const [name, value] of headers) list.push(name, value);
  if (proxyAuthorization !== undefined) list.push('proxy-authorization', proxyAuthorization);
  return list;
}

function flat(headers: Record<string, string | string[] | undefined>): Headers {
  for (const name in headers) {
    const value = headers[name];
    if (Array.isArray(value)) headers[name] = value.join(', ');
  }
  return headers as Headers;
}

/** Errors come after the call has returned, so that nobody is called back before it has its cancel function. */
function failLater(handler: UpstreamHandler, error: TransportError): () => void {
  const immediate = setImmediate(() => handler.error(error));
  return () => clearImmediate(immediate);
}
