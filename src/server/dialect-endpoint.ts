import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dialect, RequestProblem } from '../dialects/dialect.ts';
import type { Clock } from '../exchange/clock.ts';
import type { AccessCheck, Admitted } from './access.ts';
import { busy, discardBody, type Gone, readBody } from './body.ts';
import { type Budget, type Share, shareOf } from './budget.ts';
import type { Delivery, Stop } from './delivery.ts';
import type { OpenAnswers } from './open-answers.ts';
import type { Ask, Log, ServerPorts } from './ports.ts';
import { type ErrorReader, type Refusal, sendFault, sendRefusal } from './refusal.ts';
import type { ServerSettings } from '../config/server-settings.ts';
import { streamedAnswer } from './streamed-answer.ts';
import { wholeAnswer } from './whole-answer.ts';

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
  /** How to end what is under way when the server stops. */
  open: OpenAnswers;
}

export interface Visit {
  request: IncomingMessage;
  response: ServerResponse;
  admitted: Admitted;
  /** Path and query, in origin form. */
  url: string;
}

/** What an exchange takes in memory besides its body: state, socket buffers and most of what answers usually leave in the ring. */
const EXCHANGE_COST = 256 * 1024;

/** `POST` of a question: inspect, ask, follow the answer. */
export function answerEndpoint(desk: Desk, dialect: Dialect, visit: Visit): void {
  receive(desk, dialect, visit, (ask, share) => {
    const asked = desk.ports.ask(ask);
    if (!asked.ok) {
      share.release();
      return sendFault(visit.response, asked.error, dialect);
    }
    const delivery: Delivery = {
      response: visit.response,
      dialect,
      head: ask.head,
      asked: asked.value,
      journal: () => desk.ports.journal.state(),
      clock: desk.clock,
      log: desk.log,
      keepAlive: desk.settings.keepAlive,
      slowReader: desk.settings.slowReader,
      closed() {
        share.release();
        leave();
      },
    };
    const stop: Stop = ask.head.stream ? streamedAnswer(delivery) : wholeAnswer(delivery);
    const leave = desk.open.add(stop);
  });
}

/** `POST /v1/messages/count_tokens`. */
export function countEndpoint(desk: Desk, dialect: Dialect, visit: Visit): void {
  receive(desk, dialect, visit, (ask, share) => {
    const { response } = visit;
    response.once('close', () => share.release());
    desk.ports.countTokens(ask).then(
      ({ status, headers, body }) => {
        if (response.destroyed) return;
        response.writeHead(status, { 'content-type': 'application/json', ...headers, 'content-length': String(body.length) });
        response.end(body);
      },
      (error: unknown) => broken(desk, visit, dialect, error),
    );
  });
}

/** Reads and inspects a request's body; whatever is wrong with it goes back as the dialect's own error. */
function receive(desk: Desk, dialect: Dialect, visit: Visit, next: (ask: Ask, share: Share) => void): void {
  const { request, response } = visit;
  const share = shareOf(desk.budget);
  const done = (refusal: Refusal | Gone): void => {
    share.release();
    if (refusal !== 'gone') refuse(desk.clock, request, response, refusal, dialect);
  };
  if (!share.grow(EXCHANGE_COST)) return refuse(desk.clock, request, response, busy(), dialect);
  readBody(request, desk.settings, share, desk.clock, (body) => {
    if (!body.ok) return done(body.error);
    // Left while its body was being unpacked.
    if (request.socket.destroyed) return done('gone');
    try {
      const head = dialect.inspect(body.value, visit.url);
      if (!head.ok) {
        share.release();
        return sendFault(
          response,
          {
            class: 'bad-request',
            symptom: 'status',
            status: 400,
            message: problemText(head.error),
          },
          dialect,
        );
      }
      const ask: Ask = {
        dialect,
        head: head.value,
        body: body.value,
        path: visit.url,
        headers: askHeaders(request, visit.admitted),
        principal: visit.admitted.principal,
      };
      const route = request.headers['x-understudy-route'];
      if (typeof route === 'string' && route !== '') ask.route = route;
      next(ask, share);
    } catch (error) {
      share.release();
      broken(desk, visit, dialect, error);
    }
  });
}

/** Field and message; some messages name the field themselves. */
function problemText({ field, message }: RequestProblem): string {
  return field === '' || message.startsWith(`${field} `) ? message : `${field}: ${message}`;
}

/** Names in lower case, as they came; without our own token and without what described the body's compression. */
function askHeaders(request: IncomingMessage, admitted: Admitted): [name: string, value: string][] {
  const raw = request.rawHeaders;
  const headers: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index]!.toLowerCase();
    if (name === 'content-encoding' || name === 'content-length' || admitted.ownHeaders.has(name)) continue;
    headers.push([name, raw[index + 1]!]);
  }
  return headers;
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
