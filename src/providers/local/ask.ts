import type { Headers } from '../../dialects/dialect.ts';
import type { Clock } from '../../exchange/clock.ts';
import { type JsonObject, parseObject } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { Call } from '../call.ts';

/** `nobody`: no connection. `silent`: somebody took it, and did not answer in time. */
export type NoAnswer = 'nobody' | 'silent' | 'too-large' | 'cut-off';

export interface LocalAnswer {
  status: number;
  headers: Headers;
  /** Absent: it was no JSON object. */
  json: JsonObject | undefined;
}

/** GET, or POST of `body` as JSON. `patience`: milliseconds. */
export type AskLocal = (url: string, body?: JsonObject, patience?: number) => Promise<Result<LocalAnswer, NoAnswer>>;

/** Milliseconds. Nobody there is known at once; a machine that is busy with a model is slow to say which it has. */
const PATIENCE = 2000;
const CONNECT_TIMEOUT = 1000;
/** A list of models is some kilobytes; a description with licence and template some tens. */
const LARGEST = 1024 * 1024;

/** Small questions to services on this machine. Redirections are not followed: they might lead away from it. */
export function localAsker(call: Call, clock: Clock): AskLocal {
  return (url, body, patience = PATIENCE) =>
    new Promise((resolve) => {
      const { origin, pathname, search } = new URL(url);
      const chunks: Buffer[] = [];
      let [status, size] = [0, 0];
      let headers: Headers = {};
      const done = (result: Result<LocalAnswer, NoAnswer>): void => {
        stop();
        resolve(result);
      };
      const stop = clock.after(patience, () => {
        cancel();
        resolve(err('silent'));
      });
      const cancel = call(
        {
          method: body ? 'POST' : 'GET',
          origin,
          path: pathname + search,
          headers: [
            ['accept', 'application/json'],
            ['user-agent', 'understudy'],
            ...(body ? [['content-type', 'application/json'] as [string, string]] : []),
          ],
          body: Buffer.from(body ? JSON.stringify(body) : ''),
          connectTimeout: CONNECT_TIMEOUT,
          fresh: false,
        },
        {
          headers(code, received) {
            status = code;
            headers = received;
          },
          data(chunk) {
            size += chunk.length;
            if (size <= LARGEST) return void chunks.push(chunk);
            cancel();
            done(err('too-large'));
          },
          end: () => done(ok({ status, headers, json: parseObject(Buffer.concat(chunks).toString('utf8')) })),
          error: ({ symptom }) => done(err(symptom === 'refused' ? 'nobody' : symptom === 'connect-timeout' ? 'silent' : 'cut-off')),
        },
      );
    });
}
