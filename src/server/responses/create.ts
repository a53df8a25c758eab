import { TOO_DEEP } from '../../exchange/too-deep.ts';
import { answerHeaders } from '../answer-head.ts';
import { askOnce } from '../attach/ask-once.ts';
import type { Share } from '../budget.ts';
import { broken, type Desk, type Visit } from '../desk.ts';
import { count, deliver, inspectCount, parsedOnce, statusOf } from '../dialect-endpoint.ts';
import type { Ask, KeptLog } from '../ports.ts';
import { receive } from '../receive.ts';
import { sendFault } from '../refusal.ts';
import { goOn, leansOnThePast } from './go-on.ts';
import type { ResponseDesk } from './kept-response.ts';
import { type Problem, sendProblem } from './problem.ts';
import { isRepeatedTooDeep } from './repeated-depth.ts';
import { responseObject } from './response-object.ts';

/** `POST /v1/responses`. */
export function createResponse(desk: Desk, { dialect, journal }: ResponseDesk, visit: Visit): void {
  const inspect = (body: Buffer): ReturnType<typeof dialect.inspect> =>
    dialect.inspect(body, visit.url, desk.ports.translates(dialect.name));
  receive(desk, dialect, visit, inspect, (asked, share) => {
    if (asked.head.background && !asked.head.stored) return turnDown(visit, share, UNSTORED);
    if (isRepeatedTooDeep(asked)) return turnDown(visit, share, UNREPEATABLE);
    withHistory(desk, { dialect, journal }, visit, asked, share, (ask) => begin(desk, visit, ask, asked.body, share));
  });
}

/** `POST /v1/responses/input_tokens`. */
export function countResponse(desk: Desk, { dialect, journal }: ResponseDesk, visit: Visit): void {
  receive(
    desk,
    dialect,
    visit,
    (body) => inspectCount(dialect, body, visit.url),
    (asked, share) => withHistory(desk, { dialect, journal }, visit, asked, share, (ask) => count(desk, visit, ask, share)),
  );
}

/** Puts in what the question leans on, and then goes on with it. */
export function withHistory(desk: Desk, room: ResponseDesk, visit: Visit, asked: Ask, share: Share, proceed: (ask: Ask) => void): void {
  // Nothing to look up: no turn of the event loop is given away.
  if (!leansOnThePast(asked)) return proceed(asked);
  goOn(room, asked)
    .then((ask) => {
      if (visit.response.destroyed) return share.release();
      if (ask.ok) return proceed(ask.value);
      share.release();
      sendFault(visit.response, ask.error, asked.dialect);
    })
    .catch((error: unknown) => {
      share.release();
      broken(desk, visit, asked.dialect, error);
    });
}

/** Asks, and lets the client have the answer as it wants it. `client`: the body as the client sent it. */
export function begin(desk: Desk, visit: Visit, ask: Ask, client: Buffer, share: Share): void {
  const request = parsedOnce(client, ask.head);
  askOnce(desk, visit, ask, client, share, (asking) => {
    if (!asking.ok) {
      const { previousResponse } = ask.head;
      // Nobody of the route knows it, as the reasons say; OpenAI's word for that is one that clients understand.
      if (previousResponse !== undefined && asking.error.message.includes(previousResponse))
        return turnDown(visit, share, noPrevious(previousResponse, asking.error.message));
      share.release();
      return sendFault(visit.response, asking.error, ask.dialect, statusOf(asking.error));
    }
    if (!ask.head.background) return deliver(desk, visit, { ask, ...asking.value, request }, share);
    const { asked, attached } = asking.value;
    if (!asked.log.opening.save) {
      asked.cancel();
      return turnDown(visit, share, UNSAVED);
    }
    releaseAtEnd(asked.log, share);
    if (ask.head.stream) return deliver(desk, visit, { ask, ...asking.value, request }, NO_SHARE);
    tellQueued(desk, visit, ask, asked.log, attached, client);
  });
}

/** The exchange goes on without its client, and its body stays in memory as long. */
function releaseAtEnd(log: KeptLog, share: Share): void {
  log.follow(
    -1,
    ({ entry }) => {
      if (entry.type === 'end') share.release();
      return true;
    },
    () => share.release(),
  );
}

const NO_SHARE: Share = { grow: () => false, release: () => undefined };

/** The response as it stands at its beginning; the client asks for the rest by its id. */
function tellQueued(desk: Desk, { response }: Visit, { dialect, head }: Ask, log: KeptLog, attached: boolean, request: Buffer): void {
  const object = responseObject(
    { dialect },
    { opening: log.opening, request, head, state: 'running', entries: [], source: log.opening.id },
  );
  const body = Buffer.from(JSON.stringify(object));
  const headers = answerHeaders(
    { exchange: log.opening.id, journal: desk.ports.journal.state(), head: undefined, attempts: [], attached },
    'application/json; charset=utf-8',
  );
  response.writeHead(200, [...headers, 'content-length', String(body.length)]);
  response.end(body);
}

function turnDown({ response }: Visit, share: Share, problem: Problem): void {
  share.release();
  sendProblem(response, problem);
}

function noPrevious(id: string, reasons: string): Problem {
  return {
    status: 400,
    message: `Previous response with id '${id}' not found. ${reasons}`,
    code: 'previous_response_not_found',
    param: 'previous_response_id',
  };
}

const UNREPEATABLE: Problem = { status: 400, message: `${TOO_DEEP}.`, code: 'invalid_value' };

const UNSTORED: Problem = {
  status: 400,
  message: 'A response in the background has to be stored: leave store out or set it to true.',
  code: 'invalid_value',
  param: 'store',
};

const UNSAVED: Problem = {
  status: 400,
  message: 'No response in the background here: this route keeps nothing (save: off), so it could not be asked for later.',
  code: 'invalid_value',
  param: 'background',
};
