import type { Clock } from '../../exchange/clock.ts';
import { type JsonObject, parseObject } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { Call, TransportError } from '../call.ts';

/** A small question to an identity server: GET, or POST of a form. */
export interface SmallRequest {
  url: string;
  form?: Readonly<Record<string, string>>;
}

export type AskJson = (request: SmallRequest) => Promise<Result<{ status: number; json: JsonObject | undefined }, TransportError>>;

/** Milliseconds for the whole of it. */
const PATIENCE = 15_000;
const CONNECT_TIMEOUT = 5000;
/** Tokens and keys are a few kilobytes. */
const LIMIT = 256 * 1024;

/** Asks over the same connections, proxies and certificates as requests to providers. */
export function jsonAsker(call: Call, clock: Clock): AskJson {
  return ({ url, form }) =>
    new Promise((resolve) => {
      const { origin, pathname, search } = new URL(url);
      const chunks: Buffer[] = [];
      let status = 0;
      let size = 0;
      const fail = (error: TransportError): void => {
        stop();
        resolve(err({ ...error, message: `${origin}: ${error.message}` }));
      };
      const cancel = call(
        {
          method: form ? 'POST' : 'GET',
          origin,
          path: pathname + search,
          headers: [
            ['accept', 'application/json'],
            ['user-agent', 'understudy'],
            ...(form ? [['content-type', 'application/x-www-form-urlencoded'] as [string, string]] : []),
          ],
          body: Buffer.from(form ? new URLSearchParams(form).toString() : ''),
          connectTimeout: CONNECT_TIMEOUT,
          fresh: false,
        },
        {
          headers(code) {
            status = code;
          },
          data(chunk) {
            size += chunk.length;
            if (size <= LIMIT) return void chunks.push(chunk);
            cancel();
            fail({ symptom: 'protocol', local: false, message: 'answered with far more than was asked for' });
          },
          end() {
            stop();
            resolve(ok({ status, json: parseObject(Buffer.concat(chunks).toString('utf8')) }));
          },
          error: fail,
        },
      );
      const stop = clock.after(PATIENCE, () => {
        cancel();
        fail({ symptom: 'connect-timeout', local: false, message: `no answer within ${PATIENCE / 1000} s` });
      });
    });
}
