import { isIP } from 'node:net';

/** `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in either case; the lower one wins, as in curl. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that the environment names for an origin. `NO_PROXY` is a list of host names (a leading dot or `*.` means
 * subdomains, which a bare name includes), addresses, `host:port`, or `*`. This machine itself is never reached through one.
 */
export function proxyFor(origin: URL, environment: Environment): string | undefined {
  const host = origin.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (isLoopback(host)) return undefined;
  const named = origin.protocol === 'https:' ? value(environment, 'https_proxy') : value(environment, 'http_proxy');
  const proxy = named ?? value(environment, 'all_proxy');
  if (proxy === undefined) return undefined;
  const port = origin.port || (origin.protocol === 'https:' ? '443' : '80');
  const excluded = (value(environment, 'no_proxy') ?? '').split(/[\s,]+/).some((entry) => covers(entry.toLowerCase(), host, port));
  return excluded ? undefined : /^[a-z]+:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
}

function value(environment: Environment, name: string): string | undefined {
  const found = environment[name] || environment[name.toUpperCase()];
  return found === undefined || found === '' ? undefined : found;
}

function covers(entry: string, host: string, port: string): boolean {
  if (entry === '') return false;
  if (entry === '*') return true;
  const [, name = '', onlyPort] = /^(.*?)(?::(\d+))?$/.exec(isIP(entry) === 6 ? `${entry}` : entry) ?? [];
  if (isIP(entry) === 6) return entry === host;
  if (onlyPort !== undefined && onlyPort !== port) return false;
  const plain = name.replace(/^\*?\./, '');
  return host === plain || (isIP(host) === 0 && host.endsWith(`.${plain}`));
}

/** `localhost` and loopback addresses. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** The host of a base URL, an IPv6 address without its brackets. */
export function hostOf(baseUrl: string): string {
  return new URL(baseUrl).hostname.replace(/^\[|\]$/g, '');
}
