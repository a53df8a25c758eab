import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHash } from 'node:crypto';
import { err, ok, type Result } from '../../exchange/result.ts';
import { LONGEST_STATEMENT } from '../crowd/statement.ts';
import { fives } from './anonymity.ts';
import type { Hub } from './hub.ts';
import type { NetworkOf } from './network.ts';
import { indexPage, productPage } from './page.ts';
import { exported, productView, statesOf } from './published.ts';
import { type HubRefusal, REFUSALS, slowDown } from './refusals.ts';
import { rssOf } from './rss.ts';

export interface HubServer {
  /** `http://127.0.0.1:4190`. */
  address: string;
  close(): Promise<void>;
}

interface Content {
  type: string;
  body: string;
  etag: string;
}

/** Milliseconds that what is published is not made anew. */
const FRESH = 5000;
/** Answers kept, of all addresses. */
const MOST_KEPT = 200;
const DAY = 24 * 60 * 60_000;
const JSON_TYPE = 'application/json; charset=utf-8';

/** HTTP in front of a hub. `now`: UTC ms. `publicAddress`: under which others reach it, if not as it listens. */
export async function startHubServer(
  hub: Hub,
  options: { host: string; port: number; publicAddress?: string; networkOf: NetworkOf; now: () => number; trouble(error: unknown): void },
): Promise<Result<HubServer, string>> {
  const { networkOf, now } = options;
  const kept = new Map<string, { made: number; content: Content | undefined }>();
  let address = '';

  const server = createServer({ headersTimeout: 10_000, requestTimeout: 20_000, keepAliveTimeout: 15_000 }, (request, response) => {
    answer(request, response).catch((error: unknown) => {
      // Who asked has gone in the middle of it.
      if (request.errored || response.destroyed) return;
      options.trouble(error);
      if (!response.headersSent)
        refuse(response, { ...REFUSALS.full, code: 'trouble', message: 'The hub cannot take anything for the moment.' });
      else response.destroy();
    });
  });
  // Whoever opens many connections and says nothing does not take them from others for long.
  server.maxConnections = 10_000;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // The address ends here; what goes on is the keyed hash of its network.
    const network = networkOf(request);
    const wait = hub.tooMany('request', network);
    if (wait !== undefined) return refuse(response, slowDown(wait));
    if (!URL.canParse(request.url ?? '', 'http://hub')) return refuse(response, REFUSALS.notFound);
    const { pathname, searchParams } = new URL(request.url!, 'http://hub');
    const handsIn = pathname === '/api/v1/reports' ? 'report' : pathname === '/api/v1/keys' ? 'makeKnown' : undefined;
    if (handsIn) {
      if (request.method !== 'POST') return refuse(response, REFUSALS.wrongMethod);
      const text = await bodyOf(request);
      if (text === undefined) return refuse(response, REFUSALS.tooLong);
      const taken = hub[handsIn](text, network);
      return taken.ok ? send(response, 202, JSON_TYPE, JSON.stringify({ outcome: taken.value })) : refuse(response, taken.error);
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, REFUSALS.wrongMethod);
    if (pathname === '/api/v1/challenge') return send(response, 200, JSON_TYPE, JSON.stringify(hub.challenge()));
    if (pathname === '/api/v1/bins') {
      const later = hub.tooMany('export', network);
      if (later !== undefined) return refuse(response, slowDown(later));
    }
    const content = contentOf(pathname, searchParams);
    if (!content) return refuse(response, REFUSALS.notFound);
    response.setHeader('etag', content.etag);
    response.setHeader('cache-control', 'public, max-age=30');
    response.setHeader('access-control-allow-origin', '*');
    if (request.headers['if-none-match'] === content.etag) return void response.writeHead(304).end();
    send(response, 200, content.type, content.body);
  }

  function contentOf(pathname: string, query: URLSearchParams): Content | undefined {
    const name = `${pathname}?${pathname === '/api/v1/bins' ? `${query.get('from') ?? ''} ${query.get('to') ?? ''}` : ''}`;
    const found = kept.get(name);
    if (found && now() - found.made < FRESH && now() >= found.made) return found.content;
    const made = make(pathname, query);
    kept.delete(name);
    kept.set(name, {
      made: now(),
      content: made && { ...made, etag: `"${createHash('sha256').update(made.body).digest('base64url').slice(0, 22)}"` },
    });
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
    return kept.get(name)?.content;
  }

  function make(pathname: string, query: URLSearchParams): Omit<Content, 'etag'> | undefined {
    const at = now();
    const key = /^(?:\/api\/v1)?\/products\/([\w.-]+\/[\w.-]+)$/.exec(pathname)?.[1];
    const json = (value: unknown): Omit<Content, 'etag'> => ({ type: JSON_TYPE, body: JSON.stringify(value) });
    const page = (body: string): Omit<Content, 'etag'> => ({ type: 'text/html; charset=utf-8', body });
    switch (pathname) {
      case '/':
        return page(indexPage(hub, at));
      case '/healthz':
        return json({ state: 'up', ...Object.fromEntries(Object.entries(hub.figures()).map(([name, count]) => [name, fives(count)])) });
      case '/feed.rss':
        return { type: 'application/rss+xml; charset=utf-8', body: rssOf(hub, options.publicAddress ?? address) };
      case '/api/v1/states':
        return json(statesOf(hub, at));
      case '/api/v1/bins': {
        const to = Number(query.get('to') ?? at);
        const from = Number(query.get('from') ?? to - DAY);
        return Number.isFinite(from) && Number.isFinite(to) && to - from <= DAY
          ? json({ version: 1, bins: exported(hub, from, to, at) })
          : undefined;
      }
    }
    if (key === undefined) return undefined;
    if (pathname.startsWith('/api/')) {
      const view = productView(hub, key, at);
      return view && json({ version: 1, ...view });
    }
    const body = productPage(hub, key, at);
    return body === undefined ? undefined : page(body);
  }

  return new Promise((resolve) => {
    server.once('error', (error) => resolve(err(`The hub can't listen at ${options.host}:${options.port}: ${error.message}.`)));
    server.listen(options.port, options.host, () => {
      const { port } = server.address() as AddressInfo;
      address = `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`;
      resolve(
        ok({
          address,
          close: () =>
            new Promise((closed) => {
              server.close(() => closed());
              server.closeAllConnections();
            }),
        }),
      );
    });
  });
}

/** `undefined`: it is longer than anything that is taken. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request) {
    length += (piece as Buffer).length;
    if (length > LONGEST_STATEMENT) return undefined;
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
  });
  response.end(body);
}

function refuse(response: ServerResponse, { status, code, message, hint, retryAfter }: HubRefusal): void {
  if (retryAfter !== undefined) response.setHeader('retry-after', Math.ceil(retryAfter / 1000));
  // What is still coming of a body that is not wanted would be waited for.
  if (status === 413) response.setHeader('connection', 'close');
  send(response, status, JSON_TYPE, JSON.stringify({ error: { code, message, hint } }));
}
