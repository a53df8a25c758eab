import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../exchange/clock.ts';
import { createPageFetcher } from '../poll/page-fetcher.ts';
import { detectFamily } from './detect-family.ts';
import { claudeOnJuneSecond } from './testing/june-second.ts';
import { OPEN } from './testing/google-page.ts';
import { LOGIN_OF_CHATGPT, LOGOUTS, openaiCompat, openaiSummary } from './testing/openai-page.ts';
import { DEEPSEEK_ATOM, STATUSPAGE_ATOM } from './testing/feeds.ts';
import { BETTER_STACK_INDEX, CHECKLY_SUMMARY, INSTATUS_SUMMARY, OPENROUTER_ENDPOINTS } from './testing/smaller-pages.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

type Answers = Record<string, unknown>;

/** A server that answers these paths, and anything else by `otherwise`. A function of the host where the path has it. */
async function serve(
  answers: (host: string) => Answers,
  otherwise: { status: number; body: string } = { status: 404, body: 'not found' },
): Promise<string> {
  const server: Server = createServer((request, response) => {
    const known = answers(String(request.headers.host))[String(request.url)];
    if (known === undefined) {
      response.writeHead(otherwise.status, { 'content-type': 'text/html' }).end(otherwise.body);
      return;
    }
    const text = typeof known === 'string' ? known : JSON.stringify(known);
    const type = text.startsWith('<!') ? 'text/html' : text.startsWith('<') ? 'application/xml' : 'application/json';
    response.writeHead(200, { 'content-type': type }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({ close: () => new Promise((resolve) => server.close(() => resolve())) });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function detect(address: string): ReturnType<typeof detectFamily> {
  const fetcher = createPageFetcher({ clock: systemClock, environment: {}, version: '0.0.0' });
  try {
    return await detectFamily(
      address,
      { fetchPage: fetcher.fetchPage, now: Date.parse('2026-09-25T00:00:00Z') },
      new AbortController().signal,
    );
  } finally {
    await fetcher.close();
  }
}

const SPA = { status: 200, body: '<!DOCTYPE html><html><body><div id="app"></div></body></html>' };
const claude = claudeOnJuneSecond(Date.parse('2026-06-02T07:00:00Z'));
const openai = openaiSummary([LOGOUTS], { [LOGIN_OF_CHATGPT]: 'degraded_performance' });

describe('the family of a page', () => {
  it.each<[string, string, (host: string) => Answers, typeof SPA | undefined]>([
    [
      'incident-io',
      'native, beside its Statuspage-shaped answers',
      (host) => ({ [`/proxy/${host}`]: openai, '/api/v2/summary.json': openaiCompat(true) }),
      undefined,
    ],
    ['incident-io', 'its Statuspage-shaped answers alone', () => ({ '/api/v2/summary.json': openaiCompat(true) }), undefined],
    ['statuspage', 'a summary', () => ({ '/api/v2/summary.json': claude }), undefined],
    ['google-cloud', 'incidents.json', () => ({ '/incidents.json': [OPEN] }), undefined],
    ['instatus', 'summary.json', () => ({ '/summary.json': INSTATUS_SUMMARY }), undefined],
    ['better-stack', 'index.json, and 200 for everything else', () => ({ '/index.json': BETTER_STACK_INDEX }), SPA],
    ['checkly', 'summary.json, and 200 for everything else', () => ({ '/summary.json': CHECKLY_SUMMARY }), SPA],
    ['flashduty', 'feed.atom with its ids', () => ({ '/feed.atom': DEEPSEEK_ATOM }), undefined],
    ['feed', 'history.atom', () => ({ '/history.atom': STATUSPAGE_ATOM }), undefined],
    [
      'feed',
      'a feed that the page links',
      () => ({ '/': '<!DOCTYPE html><link rel="alternate" type="application/rss+xml" href="/news/x">', '/news/x': STATUSPAGE_ATOM }),
      SPA,
    ],
  ])('%s: %s', async (family, _what, answers, otherwise) => {
    const address = await serve(answers, otherwise);
    const found = await detect(address);
    expect(found).toMatchObject({ ok: true, value: { family, url: address } });
  });

  it('a feed’s own address, and the address of a model’s endpoints', async () => {
    const path = '/api/v1/models/anthropic/claude-opus-5.5/endpoints';
    const address = await serve(() => ({ '/some/feed': STATUSPAGE_ATOM, [path]: OPENROUTER_ENDPOINTS }));
    expect(await detect(`${address}/some/feed`)).toMatchObject({ ok: true, value: { family: 'feed', feeds: [`${address}/some/feed`] } });
    expect(await detect(address + path)).toMatchObject({ ok: true, value: { family: 'openrouter-uptime', feeds: [address + path] } });
  });

  it.each([
    ['an app that answers 200 to everything', SPA],
    ['a challenge', { status: 405, body: 'Human verification' }],
    ['a server error', { status: 500, body: '{"error":"no"}' }],
    ['an empty list to everything', { status: 200, body: '[]' }],
    ['an empty object to everything', { status: 200, body: '{}' }],
  ])('%s is no page, and what was found is told by place', async (_what, otherwise) => {
    const address = await serve(() => ({}), otherwise);
    const found = await detect(address);
    expect(found).toMatchObject({ ok: false, error: { type: 'unknown-page' } });
    const asked = found.ok ? [] : found.error.found.map(({ url }) => url);
    expect(asked).toContain(`${address}/api/v2/summary.json`);
  });

  it('what can’t be reached is asked once', async () => {
    const address = await serve(() => ({}));
    for (const each of open.splice(0)) await each.close();
    const found = await detect(address);
    expect(found).toMatchObject({ ok: false, error: { type: 'unreachable', found: [{}] } });
  });

  it.each(['', 'nonsense', 'ftp://example.com', 'https://user:secret@example.com', 'http://', 'a b.c'])(
    '%j is no address',
    async (address) => {
      expect(await detect(address)).toMatchObject({ ok: false, error: { type: 'address' } });
    },
  );
});
