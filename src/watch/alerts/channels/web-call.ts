import type { Clock } from '../../../exchange/clock.ts';
import { isObject, type JsonObject } from '../../../exchange/json.ts';
import { err, ok, type Result } from '../../../exchange/result.ts';
import type { Call } from '../../../providers/call.ts';
import type { SendProblem } from '../channel.ts';

export interface WebRequest {
  method: 'POST' | 'PATCH';
  url: string;
  headers?: readonly [name: string, value: string][];
  /** JSON. */
  body: string;
}

export interface WebReply {
  status: number;
  body: string;
  /** Milliseconds. */
  retryAfter?: number;
}

/** Sends one request. No redirect is followed: what is sent is meant for that address only. */
export type WebCall = (request: WebRequest, signal: AbortSignal) => Promise<Result<WebReply, SendProblem>>;

const CONNECT_TIMEOUT = 5000;
/** Bytes; answers are a few hundred. */
const LONGEST = 256 * 1024;

/** Over the house's HTTP client, with its proxies. */
export function webCall(call: Call, clock: Pick<Clock, 'now'>, version: string): WebCall {
  return ({ method, url, headers = [], body }, signal) => {
    const { origin, host, pathname, search } = new URL(url);
    return new Promise((resolve) => {
      const pieces: Buffer[] = [];
      let length = 0;
      let status = 0;
      let retryAfter: string | undefined;
      const lost = (why: string): void => {
        cancel();
        resolve(err({ message: `${host} ${why}`, passing: true }));
      };
      const cancel = call(
        {
          method,
          origin,
          path: pathname + search,
          headers: [['content-type', 'application/json'], ['user-agent', `understudy/${version}`], ['accept', '*/*'], ...headers],
          body: Buffer.from(body),
          connectTimeout: CONNECT_TIMEOUT,
          fresh: false,
        },
        {
          headers(given, { 'retry-after': after }) {
            status = given;
            retryAfter = after;
          },
          data(piece) {
            length += piece.length;
            if (length > LONGEST) lost('answers with more than it should');
            else pieces.push(piece);
          },
          end() {
            const pause = retryAfter === undefined ? undefined : pauseOf(retryAfter, clock.now());
            const text = Buffer.concat(pieces).toString('utf8');
            resolve(ok({ status, body: text, ...(pause !== undefined && { retryAfter: pause }) }));
          },
          error: ({ message }) => resolve(err({ message: `${host} cannot be reached: ${message}`, passing: true })),
        },
      );
      signal.addEventListener('abort', () => lost('did not answer in time'), { once: true });
    });
  };
}

/** Seconds or a date (RFC 9110, 10.2.3). */
function pauseOf(text: string, now: number): number | undefined {
  const seconds = Number(text);
  const pause = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(text) - now;
  return Number.isFinite(pause) && pause >= 0 ? pause : undefined;
}

/** Statuses that say that it may go well later. All other refusals come back the same. */
const PASSING = [408, 409, 425, 429];

/** What a refusal means: `hooks.slack.com answered 404: no_service`. */
export function refusal(url: string, { status, body, retryAfter }: WebReply, why = reasonIn(body)): SendProblem {
  const message = `${new URL(url).host} answered ${status}${why === '' ? '' : `: ${why}`}`;
  const asked = retryAfter ?? retryAfterIn(body);
  return {
    message,
    passing: status >= 500 || PASSING.includes(status),
    ...(status === 429 && asked !== undefined && { retryAfter: asked }),
  };
}

/** As JSON; what is none is an empty object. */
export function jsonOf(body: string): JsonObject {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value as never) ? (value as JsonObject) : {};
  } catch {
    return {};
  }
}

function reasonIn(body: string): string {
  const { message, error } = jsonOf(body);
  if (typeof message === 'string') return message.slice(0, 200);
  if (typeof error === 'string') return error.slice(0, 200);
  return body.trimStart().startsWith('<') ? '' : body.replaceAll(/\s+/g, ' ').trim().slice(0, 200);
}

/** Discord says it in the body, in seconds (docs.discord.com, rate limits). */
function retryAfterIn(body: string): number | undefined {
  const { retry_after: seconds } = jsonOf(body);
  return typeof seconds === 'number' && seconds >= 0 ? seconds * 1000 : undefined;
}
