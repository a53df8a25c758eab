import { err, ok, type Result } from '../../exchange/result.ts';

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
/** Bytes of the longest answer that is read: states of all products and models are a tenth of it. */
const LONGEST = 2 * 1024 * 1024;

/** By the platform's own `fetch`: some requests an hour. Nothing of this machine but Understudy's name goes along, and no redirect is followed. */
export function hubCall(version: string): HubCall {
  return async ({ url, body, etag }) => {
    try {
      const response = await fetch(url, {
        redirect: 'error',
        signal: AbortSignal.timeout(PATIENCE),
        headers: {
          'user-agent': `understudy/${version}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(etag !== undefined && { 'if-none-match': etag }),
        },
        ...(body !== undefined && { method: 'POST', body }),
      });
      const text = await limited(response);
      if (text === undefined) return err('it answered with more than it should');
      const found = response.headers.get('etag');
      const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
      return ok({
        status: response.status,
        body: text,
        ...(found !== null && { etag: found }),
        ...(Number.isFinite(seconds) && { retryAfter: seconds * 1000 }),
      });
    } catch (error) {
      return err(error instanceof Error && error.name === 'TimeoutError' ? 'it did not answer within 10 s' : 'it cannot be reached');
    }
  };
}

async function limited(response: Response): Promise<string | undefined> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of response.body ?? []) {
    const bytes = piece as Uint8Array;
    length += bytes.length;
    if (length > LONGEST) return undefined;
    pieces.push(bytes);
  }
  return Buffer.concat(pieces).toString('utf8');
}
