import { shareOf } from '../budget.ts';
import { broken, type Desk, queryOf, type Visit } from '../desk.ts';
import { deliver } from '../dialect-endpoint.ts';
import { sendJson } from '../refusal.ts';
import { inputItemPage } from './input-items.ts';
import { findResponse, type KeptResponse, outcomeOf, type ResponseDesk } from './kept-response.ts';
import { notFound, type Problem, sendProblem } from './problem.ts';
import { eventsAfter, logAgain } from './replay.ts';
import { contextOf, responseObject } from './response-object.ts';

/** Finds the response that a path names, for who may see it, or says that there is none. */
async function withResponse(room: ResponseDesk, visit: Visit, id: string, next: (kept: KeptResponse) => void): Promise<void> {
  const kept = await findResponse(room, visit.admitted.principal, id);
  if (visit.response.destroyed) return;
  if (kept) next(kept);
  else sendProblem(visit.response, notFound(id));
}

/** `GET /v1/responses/{id}`: the response as it stands, or with `stream=true` its events, from behind `starting_after` on, until its end. */
export function readResponse(desk: Desk, room: ResponseDesk, visit: Visit, id: string): Promise<void> {
  const query = queryOf(visit);
  const after = query.get('starting_after');
  if (query.get('stream') !== 'true') {
    return withResponse(room, visit, id, (kept) => sendJson(visit.response, 200, named(kept), responseObject(room, kept)));
  }
  if (after !== null && !/^\d{1,15}$/.test(after)) {
    sendProblem(visit.response, BAD_CURSOR);
    return Promise.resolve();
  }
  return withResponse(room, visit, id, (kept) => {
    // Who only listens leaves nobody's answer behind.
    const asked = { log: logAgain(room.journal, kept), abandon: () => undefined };
    const head = { ...kept.head, stream: true };
    const reframe = eventsAfter(after === null ? -1 : Number(after));
    deliver(desk, visit, { ask: { dialect: room.dialect, head }, asked, request: contextOf(kept).request!, reframe }, shareOf(desk.budget));
  });
}

/** `GET /v1/responses/{id}/input_items`. */
export function readInputItems(room: ResponseDesk, visit: Visit, id: string): Promise<void> {
  return withResponse(room, visit, id, (kept) => sendJson(visit.response, 200, named(kept), inputItemPage(kept, queryOf(visit))));
}

/** `POST /v1/responses/{id}/cancel`: stops an answer that is under way; of one that has ended it tells how it ended. */
export function cancelResponse(desk: Desk, room: ResponseDesk, visit: Visit, id: string): Promise<void> {
  return withResponse(room, visit, id, (kept) => {
    const outcome = outcomeOf(kept);
    if (outcome?.type === 'deferred' && kept.state === 'deferred') return withdraw(desk, room, visit, kept);
    if (outcome) return sendJson(visit.response, 200, named(kept), responseObject(room, kept));
    desk.ports.cancel(kept.source);
    // Its end may be on its way to disk; what it will be is known.
    sendJson(visit.response, 200, named(kept), { ...responseObject(room, kept), status: 'cancelled' });
  });
}

/** One that waits to be asked again waits no longer. */
function withdraw(desk: Desk, room: ResponseDesk, visit: Visit, kept: KeptResponse): void {
  desk.ports.withdraw(kept.opening.id).then(
    () => sendJson(visit.response, 200, named(kept), responseObject(room, { ...kept, state: 'cancelled' })),
    (error: unknown) => broken(desk, visit, room.dialect, error),
  );
}

/** `DELETE /v1/responses/{id}`. */
export function deleteResponse(room: ResponseDesk, visit: Visit, id: string): Promise<void> {
  return withResponse(room, visit, id, () => sendProblem(visit.response, NO_DELETION));
}

function named({ opening }: KeptResponse): Record<string, string> {
  return { 'x-understudy-exchange': opening.id };
}

const BAD_CURSOR: Problem = {
  status: 400,
  message: 'starting_after is not a number: send the sequence_number of the last event that you have.',
  code: 'invalid_value',
  param: 'starting_after',
};

const NO_DELETION: Problem = {
  status: 501,
  message:
    'Nothing has been deleted: single exchanges cannot be taken out of the journal yet. To keep none, ask with store: false through a route with save: off.',
  code: 'not_implemented',
};
