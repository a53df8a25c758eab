import type { Result } from '../../exchange/result.ts';
import type { FeedRequest } from '../page.ts';
import type { Payload } from '../page-reading.ts';

/** The port over which the watch reads the outside world. It never throws, and it keeps its own time limit. */
export type FetchPage = (request: PageRequest, signal: AbortSignal) => Promise<Result<Fetched, FetchProblem>>;

/** One address to ask. Mirrors are up to whoever asks. */
export interface PageRequest extends Pick<FeedRequest, 'url' | 'method' | 'headers' | 'body'> {
  /** Of the payload that is known already. */
  validators?: Validators;
}

/** What a server calls a version of what it sends, as it wrote it. */
export interface Validators {
  etag?: string;
  lastModified?: string;
}

export type Fetched =
  | { type: 'payload'; payload: Payload; validators: Validators }
  /** It is still what its validators name. */
  | { type: 'unchanged' };

/** Why nothing was read: what it would have said is unknown. */
export interface FetchProblem {
  /**
   * `dns`, `connect`, `tls`, `timeout`, `broken` (cut off, no proper HTTP): the way there. `status`: any but 200 and a 304 that was asked for.
   * `challenge`: a page that wants to know whether a human is there. `captive-portal`: the network answers in the page's place.
   * `cancelled`: whoever asked gave it up.
   */
  type:
    | 'dns'
    | 'connect'
    | 'tls'
    | 'timeout'
    | 'broken'
    | 'status'
    | 'challenge'
    | 'captive-portal'
    | 'too-big'
    | 'redirects'
    | 'address'
    | 'cancelled';
  /** One sentence without a full stop, with the host: `status.x.ai answered 403 Forbidden`. */
  message: string;
  /** Nothing outside of this machine can be reached. */
  local?: true;
  status?: number;
  /** Milliseconds that the server asks to be left alone. */
  retryAfter?: number;
}
