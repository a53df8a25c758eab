import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dialect } from '../dialects/dialect.ts';
import type { Admitted } from './access.ts';
import { controlListener } from './control-api.ts';
import { broken, type Desk, refuse, type Visit } from './desk.ts';
import { answerEndpoint, countEndpoint } from './dialect-endpoint.ts';
import { exchangeEvents } from './exchange-events.ts';
import type { Metrics } from './metrics.ts';
import { anthropicModel, anthropicModels, openaiModel, openaiModels, unknownModel, wantsAnthropic } from './model-list.ts';
import { type ErrorReader, type Refusal, sendJson } from './refusal.ts';
import { unknownPath, wrongMethod } from './unknown-path.ts';
import { welcome } from './welcome.ts';

export interface FaceOptions {
  desk: Desk;
  anthropic: Dialect;
  chat: Dialect;
  metrics: Metrics;
  /** The server takes no more questions. */
  isStopping: () => boolean;
}

/** A path that is there. */
interface Place {
  methods: readonly string[];
  /** In whose words errors are told. */
  reader: ErrorReader;
  serve(visit: Visit): void | Promise<void>;
}

const READ = ['GET', 'HEAD'];
const ASK = ['POST'];
const HEALTH = '/healthz';

/** Everything that the server answers: who may ask, then by path, then by method. */
export function faceOf({
  desk,
  anthropic,
  chat,
  metrics,
  isStopping,
}: FaceOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const control = controlListener(desk.ports, desk.log);

  function text(visit: Visit, contentType: string, body: string): void {
    const bytes = Buffer.from(body);
    visit.response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store', 'content-length': String(bytes.length) });
    visit.response.end(visit.request.method === 'HEAD' ? undefined : bytes);
  }

  const fixed = new Map<string, Place>([
    ['/v1/messages', { methods: ASK, reader: anthropic, serve: (visit) => answerEndpoint(desk, anthropic, visit) }],
    ['/v1/messages/count_tokens', { methods: ASK, reader: anthropic, serve: (visit) => countEndpoint(desk, anthropic, visit) }],
    ['/v1/chat/completions', { methods: ASK, reader: chat, serve: (visit) => answerEndpoint(desk, chat, visit) }],
    [
      '/',
      {
        methods: READ,
        reader: undefined,
        serve(visit) {
          const { contentType, body } = welcome(visit.request.headers, desk.ports.status());
          text(visit, contentType, body);
        },
      },
    ],
    // Claude Code's question whether anybody is there, before its first request.
    ['/api/hello', { methods: READ, reader: undefined, serve: (visit) => text(visit, 'text/plain; charset=utf-8', 'hello\n') }],
    [
      HEALTH,
      {
        methods: READ,
        reader: undefined,
        serve(visit) {
          const more = visit.admitted.principal === 'anyone' ? {} : { journal: desk.ports.journal.state().type };
          text(visit, 'application/json; charset=utf-8', JSON.stringify({ status: 'ok', ...more }));
        },
      },
    ],
    [
      '/metrics',
      {
        methods: READ,
        reader: undefined,
        async serve(visit) {
          text(visit, metrics.contentType, await metrics.render());
        },
      },
    ],
  ]);

  function modelReader(request: IncomingMessage): Dialect {
    return wantsAnthropic(request.headers) ? anthropic : chat;
  }

  function models({ request, response, url }: Visit): void {
    const listing = desk.ports.models();
    const query = new URLSearchParams(url.split('?')[1] ?? '');
    sendJson(response, 200, {}, wantsAnthropic(request.headers) ? anthropicModels(listing, query) : openaiModels(listing));
  }

  function model({ request, response }: Visit, id: string): void {
    const found = desk.ports.models().find((listing) => listing.id === id);
    if (!found) return refuse(desk.clock, request, response, unknownModel(id), modelReader(request));
    sendJson(response, 200, {}, wantsAnthropic(request.headers) ? anthropicModel(found) : openaiModel(found));
  }

  function placeAt(path: string, request: IncomingMessage): Place | undefined {
    const place = fixed.get(path);
    if (place) return place;
    if (path === '/v1/models') return { methods: READ, reader: modelReader(request), serve: models };
    const named = /^\/v1\/models\/(.+)$/.exec(path);
    if (named && request.method !== 'POST') {
      return { methods: READ, reader: modelReader(request), serve: (visit) => model(visit, decode(named[1]!)) };
    }
    const events = /^\/api\/exchanges\/([^/]+)\/events$/.exec(path);
    if (events) {
      return {
        methods: ['GET'],
        reader: undefined,
        serve: (visit) =>
          exchangeEvents(desk, visit.request, visit.response, decode(events[1]!), new URLSearchParams(visit.url.split('?')[1] ?? '')),
      };
    }
    if (path.startsWith('/api/'))
      return { methods: [request.method ?? 'GET'], reader: undefined, serve: (visit) => control(visit.request, visit.response) };
    return undefined;
  }

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const { authority, url } = target(request.url ?? '/');
    const path = cleanPath(url);
    const place = placeAt(path, request);
    const reader = place?.reader;
    const turnDown = (refusal: Refusal): void => refuse(desk.clock, request, response, refusal, reader);

    const preflight = request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
    // A browser's preflight can bear no token and is answered with permissions only; what watches over processes often knows none.
    const admitted = desk.admit(request.headers, authority, preflight || path === HEALTH);
    if (!admitted.ok) return turnDown(admitted.error);
    allowOrigin(response, admitted.value);
    if (preflight) return answerPreflight(request, response);
    if (isStopping()) return turnDown(stopping());
    if (!place) return turnDown(unknownPath(path, request));
    if (!place.methods.includes(request.method ?? '')) return turnDown(wrongMethod(path, request.method, place.methods));
    const serving = place.serve({ request, response, admitted: admitted.value, url });
    serving?.catch((error: unknown) => broken(desk, { request, response }, reader, error));
  }

  return (request, response) => {
    try {
      handle(request, response);
    } catch (error) {
      broken(desk, { request, response }, undefined, error);
    }
  };
}

/** The request's target as path and query. Clients that take us for a proxy send a whole URL; its host then stands for the Host header (RFC 9112 section 3.2.2). */
function target(raw: string): { authority: string | undefined; url: string } {
  const absolute = /^https?:\/\/([^/?#]*)(.*)$/i.exec(raw);
  if (!absolute) return { authority: undefined, url: raw };
  return { authority: absolute[1]!, url: absolute[2]!.startsWith('/') ? absolute[2]! : `/${absolute[2]!}` };
}

/** Without query, doubled slashes (a base URL that ended with one) and a slash at the end. */
function cleanPath(url: string): string {
  const path = (/^[^?#]*/.exec(url)?.[0] ?? '').replaceAll(/\/{2,}/g, '/');
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

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
  response.setHeader('access-control-allow-methods', 'GET, HEAD, POST');
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
