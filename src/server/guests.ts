import { type Desk, refuse, type Visit } from './desk.ts';
import { unknownExchange } from './exchange-events.ts';
import { HEALTH, type Place } from './places.ts';
import type { Refusal } from './refusal.ts';

/** What everybody who may ask may also see: it says nothing of anybody. */
const OPEN = new Set(['/', '/api/hello', HEALTH]);
const EXCHANGE = /^\/api\/exchanges\/([^/]+)\/(?:answer|cancel)$/;

/**
 * What holders of a token of `server.tokens` are served: the dialects' endpoints, and the answers of requests of their own that were kept. All
 * else tells of others, or changes things for them.
 */
export function serveGuest(desk: Desk, place: Place, path: string, visit: Visit): void | Promise<void> {
  if (place.reader !== undefined || OPEN.has(path)) return place.serve(visit);
  const turnDown = (refusal: Refusal): void => refuse(desk.clock, visit.request, visit.response, refusal, undefined);
  const [, exchange] = EXCHANGE.exec(path) ?? [];
  if (exchange === undefined) return turnDown(notForGuests(visit.admitted.principal));
  return desk.ports.journal.recall(exchange).then((kept) => {
    if (visit.response.destroyed) return undefined;
    return kept?.opening.principal === visit.admitted.principal ? place.serve(visit) : turnDown(unknownExchange(exchange));
  });
}

function notForGuests(name: string): Refusal {
  return {
    status: 403,
    code: 'not-yours',
    message: `The token of ${name} is for asking; this is for whoever runs this server.`,
    hint: 'Use server.token of its understudy.yaml.',
  };
}
