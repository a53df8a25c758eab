import type { ServerResponse } from 'node:http';
import type { Dialect } from '../dialects/dialect.ts';
import type { Fault } from '../exchange/fault.ts';

/** A request that this server itself turns down, before any provider is asked. */
export interface Refusal {
  status: number;
  /** For programs: `body-too-large`. */
  code: string;
  /** What is wrong, as one sentence. */
  message: string;
  /** What to do about it, as one sentence. */
  hint: string;
  headers?: Record<string, string>;
  /** Milliseconds after which another try makes sense. */
  retryAfter?: number;
  /** What there is instead; only told to readers without a dialect. */
  endpoints?: string[];
}

/** Who has to be able to read an error: an SDK of a dialect, or anyone else. */
export type ErrorReader = Dialect | undefined;

/** Writes a refusal as the reader's own kind of error: its dialect's, else `{error: {code, message, hint}}`. Ends the response. */
export function sendRefusal(response: ServerResponse, refusal: Refusal, reader: ErrorReader): void {
  const headers: Record<string, string> = { ...refusal.headers };
  if (refusal.retryAfter !== undefined) headers['retry-after'] = String(Math.ceil(refusal.retryAfter / 1000));
  if (!reader) {
    const { code, message, hint, endpoints } = refusal;
    sendJson(response, refusal.status, headers, { error: { code, message, hint }, endpoints });
    return;
  }
  sendFault(response, faultOf(refusal), reader, { status: refusal.status, headers });
}

/** Writes a fault of a request that never became an exchange, in its dialect's words. Ends the response. */
export function sendFault(
  response: ServerResponse,
  fault: Fault,
  reader: Dialect,
  over: { status?: number; headers?: Record<string, string> } = {},
): void {
  const encoded = reader.encodeError(fault, NO_EXCHANGE);
  const headers = Object.entries(encoded.headers).filter(([, value]) => value !== NO_EXCHANGE);
  const fields = Object.entries(encoded.body).filter(([, value]) => value !== NO_EXCHANGE);
  sendJson(response, over.status ?? encoded.status, { ...Object.fromEntries(headers), ...over.headers }, Object.fromEntries(fields));
}

/** Dialects repeat the exchange's id as a request id; where there is none, the client is shown none. */
const NO_EXCHANGE = '';

/** Sends a whole JSON answer with its length and ends the response. */
export function sendJson(response: ServerResponse, status: number, headers: Record<string, string>, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers, 'content-length': String(body.length) });
  response.end(body);
}

function faultOf(refusal: Refusal): Fault {
  const fault: Fault = {
    ...kindOf(refusal.status),
    message: `${refusal.message} ${refusal.hint}`,
    status: refusal.status,
    code: refusal.code,
  };
  if (refusal.retryAfter !== undefined) fault.retryAfter = refusal.retryAfter;
  return fault;
}

function kindOf(status: number): Pick<Fault, 'class' | 'symptom'> {
  if (status === 401 || status === 403) return { class: 'auth', symptom: 'status' };
  if (status === 404) return { class: 'model-not-found', symptom: 'status' };
  if (status === 413) return { class: 'bad-request', symptom: 'too-large' };
  if (status >= 500) return { class: 'provider-fault', symptom: 'status' };
  return { class: 'bad-request', symptom: 'status' };
}
