import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** What is known of where a request is from: one name for a /24 (IPv4) or /48 (IPv6), good for as long as this process lives. */
export type NetworkOf = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string;

/**
 * The address itself goes no further than this function. `secret`: random, in memory only; without it nobody can try out which network a name is.
 * `proxies`: addresses whose X-Forwarded-For is believed.
 */
export function networksBy(secret: Uint8Array, proxies: readonly string[]): NetworkOf {
  const believed = new Set(proxies.map(plain));
  return ({ headers, socket }) => {
    const from = plain(socket.remoteAddress ?? '');
    const address = believed.has(from) ? (forwarded(headers['x-forwarded-for'], believed) ?? from) : from;
    return createHmac('sha256', secret).update(networkText(address)).digest('base64url').slice(0, 12);
  };
}

/** The last one that no proxy of ours has: what is before it may be made up. */
function forwarded(header: string | string[] | undefined, believed: ReadonlySet<string>): string | undefined {
  const addresses = [header ?? []].flat().flatMap((line) => line.split(',').map((part) => plain(part.trim())));
  const last = addresses.findLast((address) => !believed.has(address));
  return last !== undefined && isIP(last) !== 0 ? last : undefined;
}

/** `::ffff:192.0.2.1` is `192.0.2.1`; a zone is left out. */
function plain(address: string): string {
  const text = address.toLowerCase().replace(/%.*$/, '');
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1] ?? text;
}

/**
 * `192.0.2.0/24`, `2001:db8:1::/48`. Addresses that carry one of IPv4 in them count as that: 6to4 (RFC 3056) would give each of a /24 a /48 of its own. What is
 * no address is one network.
 */
export function networkText(address: string): string {
  if (isIP(address) === 4) return `${address.split('.').slice(0, 3).join('.')}.0/24`;
  if (isIP(address) !== 6) return 'unknown';
  const [first, second, third] = groupsOf(address) as [number, number, number];
  if (first === 0x2002) return `${second >> 8}.${second & 255}.${third >> 8}.0/24`;
  // Teredo (RFC 4380) likewise, of whoever asks for one.
  if (first === 0x2001 && second === 0) return '2001::/32';
  return `${[first, second, third].map((group) => group.toString(16)).join(':')}::/48`;
}

/** The first three of an IPv6 address's eight groups. */
function groupsOf(address: string): number[] {
  const [head = '', rest] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const behind = rest === undefined || rest === '' ? [] : rest.split(':');
  // An IPv4 address at the end stands for two groups.
  const length = behind.reduce((count, group) => count + (group.includes('.') ? 2 : 1), 0);
  const zeros = Array.from({ length: rest === undefined ? 0 : 8 - groups.length - length }, () => '0');
  return [...groups, ...zeros, ...behind].slice(0, 3).map((group) => Number.parseInt(group, 16));
}
