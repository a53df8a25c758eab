import type { RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock, type Clock } from '../../exchange/clock.ts';
import { httpServer, replyServer, type Listening } from '../../providers/http-call.fixtures.ts';
import { breakHost } from '../../sim/broken-host.ts';
import type { PageState, StatusPage } from '../page.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { createPageFetcher } from './page-fetcher.ts';
import { pageOf, pagesDatabase, testAdapter } from './poller.fixtures.ts';
import { createPoller } from './poller.ts';
import { createPageStore } from './store.ts';

/** Pages as they really come: over HTTP, from servers that do what servers of pages have been seen to do. */

const MIB = 1024 * 1024;
const WELL = '{"state":"operational","open":[]}';
const ILL = '{"state":"major-outage","open":["Elevated errors"]}';

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

/** A clock on which everything takes a part of the time. */
function faster(times: number): Clock {
  const begun = systemClock.now();
  return {
    now: () => begun + (systemClock.now() - begun) * times,
    monotonic: () => systemClock.monotonic() * times,
    after: (delay, task) => systemClock.after(delay / times, task),
  };
}

async function serving(handle: RequestListener): Promise<Listening> {
  const server = await httpServer(handle);
  opened.push(server);
  return server;
}

/** Looks at a page until `enough`, and gives all that was told of it. */
async function look(page: StatusPage, enough: (told: PageState[]) => boolean, counts = { read: 0 }): Promise<PageState[]> {
  // Ten seconds for a fetch come to a fifth of one, and the five minutes between two looks to 150 ms.
  const fetcher = createPageFetcher({ clock: faster(50), environment: {}, version: '1' });
  const told: PageState[] = [];
  await new Promise<void>((done, wrong) => {
    const poller = createPoller({
      clock: faster(2000),
      random: () => 0.5,
      fetchPage: oneAtATime(fetcher.fetchPage),
      adapterOf: () => testAdapter(counts),
      store: createPageStore(pagesDatabase()),
      pages: [page],
      onState(state) {
        told.push(state);
        if (enough(told)) done();
      },
      broken: wrong,
    });
    opened.push(fetcher, poller);
  });
  return told;
}

const html: RequestListener = (_incoming, response) =>
  response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>All systems operational</h1>');
const json =
  (text: string): RequestListener =>
  (_incoming, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(text);
const status =
  (code: number): RequestListener =>
  (_incoming, response) =>
    response.writeHead(code, { 'content-type': 'application/json' }).end(WELL);
const dripping: RequestListener = (_incoming, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).write(WELL);
  const drip = setInterval(() => response.write(' '), 20);
  response.on('close', () => clearInterval(drip));
};
const flooding: RequestListener = (_incoming, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).write(WELL);
  const chunk = Buffer.alloc(MIB, 32);
  const more = (left: number): void => void (left === 0 ? response.end() : response.write(chunk, (error) => !error && more(left - 1)));
  more(50);
};
const bomb = gzipSync(Buffer.concat([Buffer.from(WELL), Buffer.alloc(50 * MIB, 32)]));

const BAD: [string, RequestListener, RegExp][] = [
  ['a web page', html, /a web page came instead of JSON/],
  ['a captive portal', (_incoming, response) => response.writeHead(511, { 'content-type': 'text/html' }).end('<form>'), /wants a login/],
  ['403', status(403), /403 Forbidden/],
  ['405', status(405), /405 Method Not Allowed/],
  ['500', status(500), /500 Internal Server Error/],
  ['304 that nobody asked for', status(304), /304/],
  ['50 MB', flooding, /more than 8 MiB/],
  ['an endless drip', dripping, /had not answered in full/],
  ['headers that never come', () => undefined, /had not answered in full/],
  ['a redirect to itself', (incoming, response) => response.writeHead(302, { location: incoming.url }).end(), /in a circle/],
  [
    'a little that becomes very much',
    (_incoming, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    /more than 8 MiB/,
  ],
  [
    'half of it',
    (_incoming, response) => void response.writeHead(200, { 'content-length': 100 }).write(WELL, () => response.destroy()),
    /./,
  ],
  ['junk', json('{"state":'), /no JSON/],
  ['nothing', json(''), /no JSON/],
];

describe('a page that cannot be read is unknown, neither well nor ill', () => {
  it.each(BAD)('%s', async (_name, handle, problem) => {
    const server = await serving(handle);
    const told = await look(pageOf('a', { url: server.origin }), (all) => all.length >= 2);
    for (const state of told) {
      expect(state).toEqual({ page: 'a', state: 'unknown', triedAt: expect.any(Number), problem: expect.stringMatching(problem) });
    }
  });

  it.each(['closed-port', 'dns', 'tls-self-signed', 'tls-expired', 'tls-wrong-host', 'never-reads', 'tls-hang'] as const)(
    '%s',
    async (refusal) => {
      const host = await breakHost(refusal, Date.now());
      if (!host.ok) throw new Error(host.error);
      opened.push(host.value);
      const told = await look(pageOf('a', { url: host.value.origin }), (all) => all.length >= 1);
      expect(told[0]).toEqual({ page: 'a', state: 'unknown', triedAt: expect.any(Number), problem: expect.any(String) });
    },
  );

  it('a socket that dies', async () => {
    const dead = await replyServer((socket) => socket.destroy());
    opened.push(dead);
    const told = await look(pageOf('a', { url: dead.origin }), (all) => all.length >= 1);
    expect(told[0]).toMatchObject({ state: 'unknown' });
  });

  it.each(BAD)('%s, after it could be read for a while', async (_name, handle) => {
    let asked = 0;
    const server = await serving((incoming, response) => (++asked <= 2 ? json(ILL) : handle)(incoming, response));
    const told = await look(
      pageOf('a', { url: server.origin }),
      (all) => all.at(-1)!.state === 'unknown' && all.at(-1)!.problem !== undefined,
    );
    expect(told.length).toBeGreaterThan(2);
    // Until it is too old, what was said last still holds; it is never said anew.
    expect(new Set(told.slice(2).map(({ readAt }) => readAt)).size).toBe(1);
    expect(told.at(-1)).toMatchObject({ state: 'unknown', problem: expect.any(String) });
  });
});

describe('a page that has not changed', () => {
  it.each(['"strong"', 'W/"weak"'])('is told by its tag %s, and is fresh without being read again', async (etag) => {
    const statuses: number[] = [];
    const server = await serving((incoming, response) => {
      const same = incoming.headers['if-none-match'] === etag;
      statuses.push(same ? 304 : 200);
      response.writeHead(same ? 304 : 200, { etag, 'content-type': 'application/json' }).end(same ? undefined : WELL);
    });
    const counts = { read: 0 };
    const told = await look(pageOf('a', { url: server.origin }), (all) => all.length >= 3, counts);
    expect(statuses.slice(0, 3)).toEqual([200, 304, 304]);
    expect(told.map(({ state }) => state)).toEqual(['fresh', 'fresh', 'fresh']);
    expect(told[2]!.readAt).toBeGreaterThan(told[0]!.readAt!);
    expect(told[2]!.reading).toBe(told[0]!.reading);
    expect(counts.read).toBe(1);
  });
});

describe('mirrors', () => {
  it('take the place of a page that turns scripts away', async () => {
    const page = await serving((_incoming, response) => response.writeHead(405, { 'x-amzn-waf-action': 'captcha' }).end('<html>'));
    const mirror = await serving(json(WELL));
    const told = await look(pageOf('a', { url: page.origin, mirrors: [mirror.origin] }), (all) => all.length >= 2);
    expect(told.map(({ state, problem }) => [state, problem])).toEqual([
      ['fresh', undefined],
      ['fresh', undefined],
    ]);
  });
});
