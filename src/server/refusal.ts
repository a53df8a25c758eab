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
  const encoded = reader.encodeError(faultOf(refusal), '');
  sendJson(response, refusal.status, { ...encoded.headers, ...headers }, encoded.body);
}

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
  };
  if (refusal.retryAfter !== undefined) fault.retryAfter = refusal.retryAfter;
  return fault;
}

function kindOf(status: number): Pick<Fault, 'class' | 'symptom'> {
  if (status === 401 || status === 403) return { class: 'auth', symptom: 'status' };
  if (status === 413) return { class: 'too-long', symptom: 'too-large' };
  if (status >= 500) return { class: 'provider-fault', symptom: 'status' };
  return { class: 'bad-request', symptom: 'status' };
}
