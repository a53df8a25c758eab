import type { Socket } from 'node:net';

/** Longest answer to a CONNECT that is read before the proxy is given up. */
const HEAD_LIMIT = 16_384;

/** Asks an HTTP proxy for a connection to `origin` (RFC 9110, 9.3.6). Exactly one of `fail` and `ready` is called. */
export function openTunnel(socket: Socket, origin: URL, proxy: URL, fail: (error: Error) => void, ready: () => void): void {
  const authority = `${origin.hostname}:${origin.port || 443}`;
  const authorization = proxyAuthorization(proxy);
  let head = '';
  const read = (chunk: Buffer): void => {
    head += chunk.toString('latin1');
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) {
      if (head.length > HEAD_LIMIT) refuse('answered too much to CONNECT');
      return;
    }
    socket.off('data', read);
    socket.pause();
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1];
    if (status?.startsWith('2') !== true) {
      const hint = status === '407' ? ': set user and password in the proxy URL' : '';
      return refuse(`answered ${status ?? 'something that is not HTTP'} to CONNECT ${authority}${hint}`);
    }
    ready();
  };
  function refuse(what: string): void {
    fail(Object.assign(new Error(`the proxy ${proxy.host} ${what}`), { code: 'ECONNREFUSED' }));
    socket.destroy();
  }
  socket.on('data', read);
  socket.write(
    `CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${authorization === undefined ? '' : `proxy-authorization: ${authorization}\r\n`}\r\n`,
  );
}

/** `proxy-authorization` from the user and password of a proxy's URL. */
export function proxyAuthorization(proxy: URL): string | undefined {
  if (proxy.username === '') return undefined;
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}
