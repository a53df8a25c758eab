import { STATUS_CODES } from 'node:http';
import type { Headers } from '../../dialects/dialect.ts';
import type { TransportError, TransportSymptom } from '../../providers/call.ts';
import type { FetchProblem } from './fetch-page.ts';

/** A longer Retry-After is asked about again after this: some are wrong, and a page may be needed before. */
const LONGEST_WAIT = 24 * 3_600_000;

/** Why an answer's head already says that there is no payload; `undefined`: there may be one. `now`: UTC ms. */
export function headProblem(host: string, status: number, headers: Headers, now: number): FetchProblem | undefined {
  if (challenges(headers)) {
    return { type: 'challenge', status, message: `${host} wants to see that a human is asking (${status})`, ...retryAfter(headers, now) };
  }
  // RFC 6585, 6: sent by a network that wants a login, never by the page.
  if (status === 511) {
    return { type: 'captive-portal', status, message: `this network wants a login before it lets anything through to ${host} (511)` };
  }
  if (status === 200) return undefined;
  const words = STATUS_CODES[status];
  const message = `${host} answered ${status}${words === undefined ? '' : ` ${words}`}`;
  return { type: 'status', status, message, ...retryAfter(headers, now) };
}

/** AWS WAF and Cloudflare say in a header that what they send is a challenge, whatever its status: 202, 403 and 405 are usual. */
function challenges(headers: Headers): boolean {
  const waf = headers['x-amzn-waf-action'];
  return waf === 'challenge' || waf === 'captcha' || headers['cf-mitigated'] === 'challenge';
}

/** Seconds or an HTTP date, which is read against the answer's own clock where it states one. */
function retryAfter(headers: Headers, now: number): { retryAfter?: number } {
  const value = headers['retry-after']?.trim();
  if (value === undefined || value === '') return {};
  const clock = Date.parse(headers['date'] ?? '');
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - (Number.isNaN(clock) ? now : clock);
  return wait > 0 ? { retryAfter: Math.min(wait, LONGEST_WAIT) } : {};
}

const TYPES: Readonly<Record<TransportSymptom, FetchProblem['type']>> = {
  refused: 'connect',
  dns: 'dns',
  tls: 'tls',
  'connect-timeout': 'timeout',
  reset: 'broken',
  closed: 'broken',
  protocol: 'broken',
};

export function transportProblem(host: string, { symptom, local, message }: TransportError): FetchProblem {
  // What it advises is a setting of providers.
  const text = message.replace('set `ca` of the provider to its certificate file, or ', 'set ');
  return { type: TYPES[symptom], message: `${host}: ${text}`, ...(local && { local }) };
}
