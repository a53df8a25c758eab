import type { IncomingMessage } from 'node:http';
import type { Dialect } from '../../dialects/dialect.ts';
import { type Desk, refuse, type Visit } from '../desk.ts';
import type { Place } from '../places.ts';
import { webSocketRefused } from '../unknown-path.ts';
import { compactResponse } from './compact.ts';
import { countResponse, createResponse } from './create.ts';
import type { ResponseDesk } from './kept-response.ts';
import { cancelResponse, deleteResponse, readInputItems, readResponse } from './read.ts';

const BASE = '/v1/responses';
const NAMED = /^\/v1\/responses\/([^/]+)(?:\/(cancel|input_items))?$/;

/** What is under `/v1/responses`. */
export function responsePlaces(desk: Desk, dialect: Dialect): (path: string, request: IncomingMessage) => Place | undefined {
  const room: ResponseDesk = { dialect, journal: desk.ports.journal };
  const place = (methods: readonly string[], serve: (visit: Visit) => void | Promise<void>): Place => ({ methods, reader: dialect, serve });
  const create = place(['POST'], (visit) => createResponse(desk, room, visit));
  const counting = place(['POST'], (visit) => countResponse(desk, room, visit));
  const compact = place(['POST'], (visit) => compactResponse(desk, room, visit));
  const socket = place(['GET'], ({ request, response }) => refuse(desk.clock, request, response, webSocketRefused(), dialect));

  function byId(id: string, method: string | undefined): Place {
    return place(['GET', 'DELETE'], (visit) =>
      method === 'DELETE' ? deleteResponse(room, visit, id) : readResponse(desk, room, visit, id),
    );
  }

  return (path, { method, headers }) => {
    if (path === BASE) return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' ? socket : create;
    if (path === `${BASE}/input_tokens`) return counting;
    if (path === `${BASE}/compact`) return compact;
    const [, id, what] = NAMED.exec(path) ?? [];
    if (id === undefined) return undefined;
    if (what === 'cancel') return place(['POST'], (visit) => cancelResponse(desk, room, visit, id));
    if (what === 'input_items') return place(['GET'], (visit) => readInputItems(room, visit, id));
    return byId(id, method);
  };
}
