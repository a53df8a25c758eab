import type { Result } from '../../exchange/result.ts';
import type { AlertMessage } from './message.ts';

/** A way to tell people (or programs). */
export interface Channel {
  /**
   * What reaches it besides what people should notice. `edits`: it brings its message up to date in place. `all`: a program reads it, which wants all.
   * `none`: each message disturbs somebody.
   */
  quiet: 'edits' | 'all' | 'none';
  /** `handle`: what it gave when it told of this alert last. Ends soon after `signal` is aborted, and never throws. */
  send(message: AlertMessage, handle: string | undefined, signal: AbortSignal): Promise<Result<Sent, SendProblem>>;
}

export interface Sent {
  /** By which the message is found again. */
  handle?: string;
}

export interface SendProblem {
  /** Half a sentence, without secrets: `hooks.slack.com answered 404: no_service`. */
  message: string;
  /** It may go well later. */
  passing: boolean;
  /** Milliseconds that it asks to be left alone. */
  retryAfter?: number;
}
