import type { Clock } from '../../exchange/clock.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { Headers } from '../../dialects/dialect.ts';
import type { Call } from '../../providers/call.ts';

export interface HubRequest {
  url: string;
  /** JSON; its presence makes it a POST. */
  body?: string;
  /** Of the answer that is there already: 304 where it still holds. */
  etag?: string;
}

export interface HubReply {
  status: number;
  body: string;
  etag?: string;
  /** Milliseconds. */
  retryAfter?: number;
}

/** Asks a hub. The error is why nothing came back, in half a sentence. */
export type HubCall = (request: HubRequest) => Promise<Result<HubReply, string>>;

const PATIENCE = 10_000;
const CONNECT_TIMEOUT = 5000;
/** Bytes of the longest answer that is read: states of all products and models are a tenth of it. */
const LONGEST = 2 * 1024 * 1024;

/**
 * Over the house's HTTP client, with its proxies. Nothing of this machine but Understudy's name and version goes along, and no redirect is followed: it might
 * lead elsewhere.
 */
export function hubCall(call: Call, clock: Pick<Clock, 'after'>, version: string): HubCall {
  return ({ url, body, etag }) => {
    const { origin, pathname, search } = new URL(url);
    const headers: [string, string][] = [
      ['user-agent', `understudy/${version}`],
      ['accept', 'application/json'],
      ...(body === undefined ? [] : ([['content-type', 'application/json']] as [string, string][])),
      ...(etag === undefined ? [] : ([['if-none-match', etag]] as [string, string][])),
    ];
    return new Promise((resolve) => {
      const pieces: Buffer[] = [];
      let length = 0;
      let head: { status: number; headers: Headers } | undefined;
      const settle = (result: Result<HubReply, string>): void => {
        stopClock();
        if (!result.ok) cancel();
        resolve(result);
      };
      const stopClock = clock.after(PATIENCE, () => settle(err(`it did not answer within ${PATIENCE / 1000} s`)));
      const cancel = call(
        {
          method: body === undefined ? 'GET' : 'POST',
          origin,
          path: pathname + search,
          headers,
          body: Buffer.from(body ?? ''),
          connectTimeout: CONNECT_TIMEOUT,
          fresh: false,
        },
        {
          headers: (status, given) => (head = { status, headers: given }),
          data(piece) {
            length += piece.length;
            if (length > LONGEST) settle(err('it answered with more than it should'));
            else pieces.push(piece);
          },
          end: () => settle(ok(replyOf(head!.status, head!.headers, Buffer.concat(pieces).toString('utf8')))),
          error: () => settle(err('it cannot be reached')),
        },
      );
    });
  };
}

function replyOf(status: number, headers: Headers, body: string): HubReply {
  const { etag, 'retry-after': retryAfter } = headers;
  const seconds = Number(retryAfter ?? Number.NaN);
  return { status, body, ...(etag !== undefined && { etag }), ...(Number.isFinite(seconds) && { retryAfter: seconds * 1000 }) };
}
