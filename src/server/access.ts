import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { err, ok, type Result } from '../exchange/result.ts';
import type { Refusal } from './refusal.ts';
import type { ServerSettings } from '../config/server-settings.ts';
import type { TokenSettings } from '../config/token-settings.ts';

/** What a token of `server.tokens` allows. */
export type Guest = Omit<TokenSettings, 'token'>;

/** Someone who may ask. */
export interface Admitted {
  /** `local`, `token` for who showed the access token, the name of another one, or `anyone` for who did not have to show the one that there is. */
  principal: string;
  /** Who showed a token of `server.tokens`: its limits. The control API is not for them. */
  guest?: Guest;
  /** Headers that carried our own token: they must not travel on to a provider. */
  ownHeaders: ReadonlySet<string>;
  /** The key in the query was our own token. */
  ownKey: boolean;
  /** The other origin that asks, where it is one of `allowedOrigins`: it gets CORS headers. */
  crossOrigin?: string;
}

/** `forAnyone`: what is asked for is told without a token too. `key`: out of the query, where Google's clients may put theirs. */
export type AccessCheck = (
  headers: IncomingHttpHeaders,
  authority: string | undefined,
  forAnyone: boolean,
  key?: string,
) => Result<Admitted, Refusal>;

const TOKEN_HEADER = 'x-understudy-token';
const NONE: ReadonlySet<string> = new Set([TOKEN_HEADER]);

/** True for names and addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  // Asked three times for each request, and this is nearly always what is asked about.
  if (host === '127.0.0.1') return true;
  const name = bareHost(host);
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^127\.\d+\.\d+\.\d+$/.test(name);
}

/**
 * Who may ask, by three rules. Host: a web page can make a browser resolve its own name to 127.0.0.1 (DNS rebinding), but the
 * Host header still says that name. Origin: browsers say which page asks; only our own pages and listed ones may. Token: once
 * one is set, nothing is told without it but that the server is up (`/healthz`).
 */
export function accessCheck(settings: Pick<ServerSettings, 'host' | 'token' | 'tokens' | 'allowedHosts' | 'allowedOrigins'>): AccessCheck {
  const names = new Set([settings.host, ...settings.allowedHosts].map(bareHost));
  const origins = new Set(settings.allowedOrigins.map((origin) => origin.toLowerCase()));
  const wide = !isLoopback(settings.host);
  const keys = keysOf(settings);

  function hostAllowed(host: string): boolean {
    const name = bareHost(host);
    // An address is not looked up, so it can't be rebound; from outside it is how a wider binding is reached.
    return isLoopback(name) || names.has(name) || (wide && isIP(name) !== 0);
  }

  return (headers, authority, forAnyone, key) => {
    const host = authority ?? headers.host;
    // Browsers always send Host; what comes without one (HTTP/1.0 health checks) can't be a rebound page.
    if (host !== undefined && !hostAllowed(host)) return err(foreignHost(host));
    const origin = headers.origin?.toLowerCase();
    const foreign = origin !== undefined && origin !== `http://${host?.toLowerCase()}`;
    if (foreign && !origins.has(origin)) return err(foreignOrigin(headers.origin!));

    const admitted: Admitted = { principal: 'local', ownHeaders: NONE, ownKey: false };
    if (foreign) admitted.crossOrigin = headers.origin!;
    if (keys.length > 0) {
      const bearers = tokenHeaders(headers, keys);
      const own = key === undefined ? undefined : keyOf(key, keys);
      admitted.ownKey = own !== undefined;
      const shown = [...bearers.map(([, bearer]) => bearer), ...(own ? [own] : [])];
      if (shown.length === 0 && !forAnyone) return err(tokenMissing(headers, key));
      const used = shown.find(({ guest }) => guest === undefined) ?? shown[0];
      admitted.principal = used?.name ?? 'anyone';
      if (used?.guest) admitted.guest = used.guest;
      admitted.ownHeaders = new Set([TOKEN_HEADER, ...bearers.map(([name]) => name)]);
    }
    return ok(admitted);
  };
}

/** A token that there is. */
interface Key {
  name: string;
  digest: Buffer;
  guest?: Guest;
}

function keysOf({ token, tokens }: Pick<ServerSettings, 'token' | 'tokens'>): Key[] {
  const guests = Object.entries(tokens).map(([name, { token: secret, ...guest }]): Key => ({ name, digest: digest(secret), guest }));
  return token === undefined ? guests : [{ name: 'token', digest: digest(token) }, ...guests];
}

/** Every header in which the client showed a token of ours, and which one. */
function tokenHeaders(headers: IncomingHttpHeaders, keys: readonly Key[]): [name: string, key: Key][] {
  const shown: [name: string, value: string | string[] | undefined][] = [
    ['authorization', headers.authorization?.replace(/^bearer\s+/i, '')],
    ['x-api-key', headers['x-api-key']],
    ['x-goog-api-key', headers['x-goog-api-key']],
    [TOKEN_HEADER, headers[TOKEN_HEADER]],
  ];
  return shown.flatMap(([name, value]): [string, Key][] => {
    const key = typeof value === 'string' ? keyOf(value, keys) : undefined;
    return key ? [[name, key]] : [];
  });
}

/** Digests of equal length, compared in constant time, all of them: neither length nor a common beginning can be measured. */
function keyOf(value: string, keys: readonly Key[]): Key | undefined {
  const shown = digest(value);
  return keys.filter((key) => timingSafeEqual(shown, key.digest))[0];
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Host without port and brackets, in lower case. */
function bareHost(host: string): string {
  const lower = host.trim().toLowerCase();
  const bracketed = /^\[([^\]]*)\]/.exec(lower);
  if (bracketed) return bracketed[1]!;
  return isIP(lower) === 6 ? lower : lower.replace(/:\d*$/, '');
}

function foreignHost(host: string): Refusal {
  return {
    status: 403,
    code: 'foreign-host',
    message: `This server is not known under the name ${printable(host)}.`,
    hint: `Use 127.0.0.1 or localhost in the base URL, or add ${printable(bareHost(host))} to server.allowedHosts in understudy.yaml.`,
  };
}

function foreignOrigin(origin: string): Refusal {
  return {
    status: 403,
    code: 'foreign-origin',
    message: `Pages of ${printable(origin)} may not use this server.`,
    hint: `If you trust them, add ${printable(origin)} to server.allowedOrigins in understudy.yaml.`,
  };
}

function tokenMissing(headers: IncomingHttpHeaders, key: string | undefined): Refusal {
  const shown =
    key !== undefined || ['authorization', 'x-api-key', 'x-goog-api-key', TOKEN_HEADER].some((name) => headers[name] !== undefined);
  return {
    status: 401,
    code: shown ? 'wrong-token' : 'token-missing',
    message: shown ? 'The access token is not the one of this server.' : 'This server wants an access token.',
    hint: 'Send server.token of its understudy.yaml, or yours of server.tokens, as "Authorization: Bearer", "x-api-key", "x-goog-api-key" or "x-understudy-token".',
    headers: { 'www-authenticate': 'Bearer realm="understudy"' },
  };
}

/** What a stranger sent, short and harmless enough to be said back. */
function printable(text: string): string {
  return text.replaceAll(/[^\x21-\x7e]/g, '?').slice(0, 120);
}
