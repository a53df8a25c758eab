import type { Headers } from '../dialects/dialect.ts';

/** One HTTP request to a provider, ready to go. */
export interface UpstreamRequest {
  method: 'GET' | 'POST';
  /** Scheme and host: `https://api.anthropic.com`. */
  origin: string;
  /** Path and query: `/v1/messages?beta=true`. */
  path: string;
  headers: [name: string, value: string][];
  body: Buffer;
  /** Milliseconds until the connection has to stand. */
  connectTimeout: number;
  /** Insist on a new connection: the last one died under us. */
  fresh: boolean;
}

export type TransportSymptom = 'refused' | 'dns' | 'tls' | 'connect-timeout' | 'reset' | 'closed' | 'protocol';

export interface TransportError {
  symptom: TransportSymptom;
  /** Nothing outside of this machine can be reached (no route, no name service). */
  local: boolean;
  message: string;
}

/** Called in order: headers once, data any number of times, then exactly one of end and error. Nothing after cancel. */
export interface UpstreamHandler {
  headers(status: number, headers: Headers): void;
  data(chunk: Buffer): void;
  end(): void;
  error(error: TransportError): void;
}

/** The port over which failover reaches providers. Returns a function that gives the call up and closes its connection. */
export type Call = (request: UpstreamRequest, handler: UpstreamHandler) => () => void;
