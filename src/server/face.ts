import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Admitted } from './access.ts';
import { broken, refuse, type Visit } from './desk.ts';
import { serveGuest } from './guests.ts';
import { alertLink } from './watch/alert-page.ts';
import { HEALTH, type PlaceOptions, placesOf } from './places.ts';
import type { Refusal } from './refusal.ts';
import { requestTarget } from './target.ts';
import { unknownPath, wrongMethod } from './unknown-path.ts';

export interface FaceOptions extends PlaceOptions {
  /** The server takes no more questions. */
  isStopping: () => boolean;
}

/** Everything that the server answers: who may ask, then by path, then by method. */
export function faceOf({ isStopping, ...options }: FaceOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const { desk } = options;
  const placeAt = placesOf(options);

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const target = requestTarget(request.url ?? '/');
    const { path, url, key } = target;
    const place = placeAt(target, request);
    const reader = place?.reader;
    const turnDown = (refusal: Refusal): void => refuse(desk.clock, request, response, refusal, reader);

    const preflight = request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
    // A browser's preflight can bear no token and is answered with permissions only; what watches over processes often knows none; a link of an alert
    // has a token of its own.
    const admitted = desk.admit(request.headers, target.authority, preflight || path === HEALTH || alertLink(path) !== undefined, key);
    if (!admitted.ok) return turnDown(admitted.error);
    allowOrigin(response, admitted.value);
    if (preflight) return answerPreflight(request, response);
    if (isStopping()) return turnDown(stopping());
    if (!place) return turnDown(unknownPath(path));
    if (!place.methods.includes(request.method ?? '')) return turnDown(wrongMethod(path, request.method, place.methods));
    const visit: Visit = { request, response, admitted: admitted.value, url };
    if (key !== undefined && !admitted.value.ownKey && WRITABLE.test(key)) visit.key = key;
    const serving = admitted.value.guest ? serveGuest(desk, place, path, visit) : place.serve(visit);
    serving?.catch((error: unknown) => broken(desk, visit, reader, error));
  }

  return (request, response) => {
    try {
      handle(request, response);
    } catch (error) {
      broken(desk, { request, response }, undefined, error);
    }
  };
}

/** What can stand in a header: where a key out of the query travels on. */
const WRITABLE = /^[\x21-\x7e]+$/;

function allowOrigin(response: ServerResponse, { crossOrigin }: Admitted): void {
  if (crossOrigin === undefined) return;
  response.setHeader('access-control-allow-origin', crossOrigin);
  response.setHeader('access-control-expose-headers', '*');
  response.setHeader('vary', 'origin');
}

/** How long browsers may remember a permission, in seconds: ten minutes, so that a changed setting shows soon. */
const PREFLIGHT_AGE = 600;

function answerPreflight(request: IncomingMessage, response: ServerResponse): void {
  const wanted = request.headers['access-control-request-headers'];
  response.setHeader('access-control-allow-methods', 'GET, HEAD, POST, DELETE');
  if (wanted !== undefined) response.setHeader('access-control-allow-headers', wanted);
  if (request.headers['access-control-request-private-network'] === 'true')
    response.setHeader('access-control-allow-private-network', 'true');
  response.setHeader('access-control-max-age', String(PREFLIGHT_AGE));
  response.writeHead(204).end();
}

/** In milliseconds: about how long a restart takes. */
const RESTART_TIME = 5000;

function stopping(): Refusal {
  return {
    status: 503,
    code: 'stopping',
    message: 'Understudy is being stopped.',
    hint: 'Try again in a moment.',
    retryAfter: RESTART_TIME,
    headers: { connection: 'close' },
  };
}
