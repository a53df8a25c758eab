import type { IncomingMessage } from 'node:http';
import type { Dialect } from '../dialects/dialect.ts';
import type { DialectName } from '../exchange/dialect-name.ts';
import { controlListener } from './control-api.ts';
import { exchangeAnswer } from './deferred/exchange-answer.ts';
import { type Desk, queryOf, refuse, type Visit } from './desk.ts';
import { answerEndpoint, countEndpoint } from './dialect-endpoint.ts';
import { eventFeed } from './event-feed.ts';
import { exchangeEvents } from './exchange-events.ts';
import type { Metrics } from './metrics.ts';
import { listModels, listShape, type ListShape, oneModel, unknownModel } from './model-list.ts';
import { type ErrorReader, sendJson } from './refusal.ts';
import type { RequestTarget } from './target.ts';
import { responsePlaces } from './responses/places.ts';
import { alertLink, serveAlertLink } from './watch/alert-page.ts';
import { REPORT_PAGE, serveReportPage } from './watch/report-page.ts';
import { serveStatusPage, serveStatusRoot, STATUS_PAGE } from './watch/status-page.ts';
import { welcome } from './welcome.ts';

/** A path that is there. */
export interface Place {
  methods: readonly string[];
  /** In whose words errors are told. */
  reader: ErrorReader;
  serve(visit: Visit): void | Promise<void>;
}

export type Dialects = Readonly<Record<DialectName, Dialect>>;

export interface PlaceOptions {
  desk: Desk;
  dialects: Dialects;
  metrics: Metrics;
}

/** Answered even to who shows no token. */
export const HEALTH = '/healthz';

const READ = ['GET', 'HEAD'];
const ASK = ['POST'];

/** Google has its API under several versions, and Vertex puts a project before the model: the dialect reads it, a native target gets its own. */
const GEMINI_CALL = /^\/v\d[a-z\d]*\/(?:.+\/)?(?:models|tunedModels)\/.+:(generateContent|streamGenerateContent|countTokens)$/;
const MODELS = /^\/(v1|v1beta|v1alpha|v1beta1)\/models(?:\/(.+))?$/;

/** Everything that the server answers, by path. */
export function placesOf({
  desk,
  dialects,
  metrics,
}: PlaceOptions): (target: RequestTarget, request: IncomingMessage) => Place | undefined {
  const control = controlListener(desk, dialects);
  const { 'anthropic-messages': anthropic, 'openai-chat': chat, gemini } = dialects;
  const responsePlace = responsePlaces(desk, dialects['openai-responses']);
  const readers: Record<ListShape, Dialect> = { anthropic, openai: chat, gemini };

  const answers = (dialect: Dialect): Place => ({
    methods: ASK,
    reader: dialect,
    serve: (visit) => answerEndpoint(desk, dialect, visit),
  });
  const counts = (dialect: Dialect): Place => ({
    methods: ASK,
    reader: dialect,
    serve: (visit) => countEndpoint(desk, dialect, visit),
  });
  const tells = (contentType: string, body: (visit: Visit) => string | Promise<string>): Place => ({
    methods: READ,
    reader: undefined,
    serve: async (visit) => text(visit, contentType, await body(visit)),
  });

  const fixed = new Map<string, Place>([
    ['/v1/messages', answers(anthropic)],
    ['/v1/messages/count_tokens', counts(anthropic)],
    ['/v1/chat/completions', answers(chat)],
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
    ['/api/hello', tells('text/plain; charset=utf-8', () => 'hello\n')],
    [
      HEALTH,
      tells('application/json; charset=utf-8', ({ admitted }) =>
        JSON.stringify({ status: 'ok', ...(admitted.principal === 'anyone' ? {} : { journal: desk.ports.journal.state().type }) }),
      ),
    ],
    [
      '/api/events',
      {
        methods: ['GET'],
        reader: undefined,
        serve: (visit) => eventFeed(desk, visit.request, visit.response, queryOf(visit)),
      },
    ],
    ['/metrics', tells(metrics.contentType, () => metrics.render())],
  ]);

  function models(shape: ListShape, id: string | undefined): Place {
    return {
      methods: READ,
      reader: readers[shape],
      serve(visit) {
        const listing = desk.ports.models();
        if (id === undefined) return sendJson(visit.response, 200, {}, listModels(shape, listing, queryOf(visit)));
        const found = listing.find((listed) => listed.id === id);
        if (!found) return refuse(desk.clock, visit.request, visit.response, unknownModel(id), readers[shape]);
        sendJson(visit.response, 200, {}, oneModel(shape, found));
      },
    };
  }

  return ({ path, key }, request) => {
    const place = fixed.get(path);
    if (place) return place;
    const kept = responsePlace(path, request);
    if (kept) return kept;
    const call = GEMINI_CALL.exec(path);
    if (call) return call[1] === 'countTokens' ? counts(gemini) : answers(gemini);
    const listed = MODELS.exec(path);
    if (listed && request.method !== 'POST') {
      const shape = listed[1] === 'v1' ? listShape(request.headers, key) : 'gemini';
      return models(shape, listed[2] === undefined ? undefined : decode(listed[2]));
    }
    const events = /^\/api\/exchanges\/([^/]+)\/events$/.exec(path);
    if (events) {
      return {
        methods: ['GET'],
        reader: undefined,
        serve: (visit) => exchangeEvents(desk, visit.request, visit.response, decode(events[1]!), queryOf(visit)),
      };
    }
    const answer = /^\/api\/exchanges\/([^/]+)\/answer$/.exec(path);
    if (answer) {
      return { methods: ['GET'], reader: undefined, serve: (visit) => exchangeAnswer(desk, dialects, visit, decode(answer[1]!)) };
    }
    if (path === '/status') return { methods: READ, reader: undefined, serve: (visit) => serveStatusRoot(desk, visit) };
    if (path.startsWith(STATUS_PAGE)) {
      return { methods: READ, reader: undefined, serve: (visit) => serveStatusPage(desk, visit, decode(path.slice(STATUS_PAGE.length))) };
    }
    if (path === REPORT_PAGE) return { methods: [...READ, ...ASK], reader: undefined, serve: (visit) => serveReportPage(desk, visit) };
    const link = alertLink(path);
    if (link) return { methods: [...READ, 'POST'], reader: undefined, serve: (visit) => serveAlertLink(desk, visit, link) };
    if (path.startsWith('/api/') || path === '/mcp')
      return { methods: [request.method ?? 'GET'], reader: undefined, serve: (visit) => control(visit.request, visit.response) };
    return undefined;
  };
}

function text({ request, response }: Visit, contentType: string, body: string): void {
  const bytes = Buffer.from(body);
  response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store', 'content-length': String(bytes.length) });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
