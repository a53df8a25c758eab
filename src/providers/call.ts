import type { Headers } from '../dialects/dialect.ts';
import type { Result } from '../exchange/result.ts';

/** One HTTP request to a provider, ready to go. */
export interface UpstreamRequest {
  method: 'GET' | 'POST' | 'PATCH';
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
  /** For credentials that are made anew all the time: asked just before the request goes; what it gives is added to `headers`. */
  sign?: Sign;
  /** Puts an answer that comes in frames of the service's own into those of the dialect. */
  reframe?: Reframe;
}

/** Headers that prove who asks. */
export type Sign = (request: UpstreamRequest) => Promise<Result<[name: string, value: string][], SignProblem>>;

/** No credential could be had, in words that say what to do; or whoever makes them could not be reached. */
export type SignProblem = { type: 'auth'; message: string } | { type: 'transport'; error: TransportError };

/** Stands between the connection and whoever reads. It gives the call up with `cancel` when it can't read on. */
export type Reframe = (handler: UpstreamHandler, cancel: () => void) => UpstreamHandler;

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
