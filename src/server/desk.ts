import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerSettings } from '../config/server-settings.ts';
import type { Clock } from '../exchange/clock.ts';
import { isTooDeep, TOO_DEEP } from '../exchange/too-deep.ts';
import type { AccessCheck, Admitted } from './access.ts';
import type { Attachments } from './attach/attachments.ts';
import { discardBody } from './body.ts';
import type { Budget } from './budget.ts';
import type { OpenAnswers } from './open-answers.ts';
import type { Log, ServerPorts } from './ports.ts';
import { type ErrorReader, type Refusal, sendRefusal } from './refusal.ts';
import type { TokenLimits } from './token-limits.ts';

/** What every endpoint works with. */
export interface Desk {
  /** Those in force; a reload puts others in their place. */
  settings: ServerSettings;
  /** Who may ask, by the settings in force. */
  admit: AccessCheck;
  ports: ServerPorts;
  clock: Clock;
  log: Log;
  budget: Budget;
  /** Which requests are repetitions, and of what. */
  attachments: Attachments;
  /** What holders of further access tokens may still ask. */
  limits: TokenLimits;
  /** How to end what is under way when the server stops. */
  open: OpenAnswers;
  /** The same for readers of feeds, who wait for nothing that would be finished: they are let go of at once. */
  feeds: OpenAnswers;
}

export interface Visit {
  request: IncomingMessage;
  response: ServerResponse;
  admitted: Admitted;
  /** Path and query, in origin form and without `key`. */
  url: string;
  /** A credential that came in the query, as Google's clients may send it; never our own token. */
  key?: string;
}

export function queryOf({ url }: Pick<Visit, 'url'>): URLSearchParams {
  return new URLSearchParams(url.split('?')[1] ?? '');
}

/** Turns a request down so that its client can hear it: what is left of the body is read first. */
export function refuse(clock: Clock, request: IncomingMessage, response: ServerResponse, refusal: Refusal, reader: ErrorReader): void {
  // Who was too slow to send its body is not waited for again.
  if (refusal.status === 408) return sendAndClose();
  discardBody(request, clock, (whole) => {
    if (response.destroyed) return;
    if (whole) sendRefusal(response, refusal, reader);
    else sendAndClose();
  });
  function sendAndClose(): void {
    sendRefusal(response, { ...refusal, headers: { ...refusal.headers, connection: 'close' } }, reader);
  }
}

/** An error of ours that nobody foresaw: logged, and said to the client as far as that still works. */
export function broken(desk: Pick<Desk, 'log'>, visit: Pick<Visit, 'request' | 'response'>, reader: ErrorReader, error: unknown): void {
  if (isTooDeep(error) && !visit.response.headersSent) return sendRefusal(visit.response, TOO_NESTED, reader);
  desk.log.error({ err: error, method: visit.request.method }, 'a request failed inside Understudy');
  if (visit.response.headersSent) {
    visit.response.destroy();
    return;
  }
  const refusal: Refusal = {
    status: 500,
    code: 'internal',
    message: 'Understudy failed on this request.',
    hint: 'Try again; if it stays so, report it with what its log says.',
  };
  sendRefusal(visit.response, refusal, reader);
}

const TOO_NESTED: Refusal = {
  status: 400,
  code: 'too-deep',
  message: `${TOO_DEEP.charAt(0).toUpperCase()}${TOO_DEEP.slice(1)}.`,
  hint: 'Send a flatter one.',
};
