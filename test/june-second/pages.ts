import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../src/exchange/clock.ts';
import { claudeIncidentsOnJuneSecond, claudeOnJuneSecond } from '../../src/watch/feeds/testing/june-second.ts';
import { openaiSummary } from '../../src/watch/feeds/testing/openai-page.ts';
import type { FetchPage } from '../../src/watch/poll/fetch-page.ts';
import { createPageFetcher } from '../../src/watch/poll/page-fetcher.ts';

/** Both status pages, over real sockets, as they would have spoken at each moment of a clock that is turned by hand. */
export interface StatusPages {
  fetchPage: FetchPage;
  /** Requests for Claude's page. */
  asked(): number;
  close(): Promise<void>;
}

/** `unreadable`: from when until when Claude's page and its origin answer what cannot be read. `calm`: they have nothing to tell. */
export async function statusPages(
  clock: Clock,
  { unreadable, calm = false }: { unreadable?: { from: number; until: number }; calm?: boolean },
): Promise<StatusPages> {
  let asked = 0;
  const server = createServer((request, response) => {
    const host = String(request.headers['x-page-host']);
    const { pathname } = new URL(request.url!, 'http://page');
    const now = clock.now();
    const isClaude = host !== 'status.openai.com';
    if (isClaude) asked++;
    if (isClaude && unreadable && now >= unreadable.from && now < unreadable.until) {
      // A CDN that wants to know whether a human is there, and an origin that is overrun (research/status.md, 0.5).
      if (host === 'status.claude.com')
        return void response.writeHead(405, { 'content-type': 'text/html', 'x-amzn-waf-action': 'captcha' }).end('<html>');
      return void response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>All Systems Operational</title>');
    }
    const said = isClaude ? claude(pathname, calm ? 0 : now) : pathname.startsWith('/proxy/') ? openaiSummary([], {}) : undefined;
    if (!said) return void response.writeHead(404).end();
    const body = JSON.stringify(said);
    const etag = `W/"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`;
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304, { etag }).end();
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', etag }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const fetcher = createPageFetcher({ clock, environment: {}, version: '0.1.0' });
  return {
    fetchPage(request, signal) {
      const { host, pathname, search } = new URL(request.url);
      return fetcher.fetchPage(
        { ...request, url: origin + pathname + search, headers: { ...request.headers, 'x-page-host': host } },
        signal,
      );
    },
    asked: () => asked,
    async close() {
      await fetcher.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function claude(path: string, now: number): Record<string, unknown> | undefined {
  if (path === '/api/v2/summary.json') return claudeOnJuneSecond(now);
  return path === '/api/v2/incidents.json' ? claudeIncidentsOnJuneSecond(now) : undefined;
}
