import { expect, it } from 'vitest';
import { systemClock } from '../exchange/clock.ts';
import { err, ok } from '../exchange/result.ts';
import { lookOnce } from './look-once.ts';
import type { WatchPlan } from './plan.ts';
import type { FetchPage } from './poll/fetch-page.ts';
import { watchSettings } from './settings.ts';

const PLAN: WatchPlan = {
  settings: watchSettings.parse({}),
  providers: [{ name: 'anthropic', preset: 'anthropic', origin: 'https://api.anthropic.com', local: false, probable: true }],
  routes: [{ pattern: 'default', targets: ['anthropic/*'] }],
  address: 'http://127.0.0.1:1',
};
const API = 'k8w3r06qmzrp';
const CHAT = 'rwppv331jlwc';
const BEGAN = new Date(Date.now() - 12 * 60_000).toISOString();

/** Claude's page, with an outage of its API or without. */
function claudePage(ill: boolean): string {
  const status = ill ? 'major_outage' : 'operational';
  const components = [
    { id: API, name: 'Claude API (api.anthropic.com)', status, updated_at: BEGAN },
    { id: CHAT, name: 'claude.ai', status: 'operational', updated_at: BEGAN },
  ];
  const incident = {
    id: 'zkr',
    name: 'Elevated errors on the API',
    status: 'investigating',
    impact: 'critical',
    shortlink: 'https://stspg.io/zkr',
    created_at: BEGAN,
    started_at: BEGAN,
    updated_at: BEGAN,
    resolved_at: null,
    components: [components[0]],
    incident_updates: [
      { id: 'u', status: 'investigating', body: 'We look into it.', created_at: BEGAN, display_at: BEGAN, updated_at: BEGAN },
    ],
  };
  return JSON.stringify({
    page: { id: 'tymt9n04zgry', name: 'Claude', url: 'https://status.claude.com', updated_at: new Date().toISOString() },
    status: { indicator: ill ? 'critical' : 'none', description: ill ? 'Major System Outage' : 'All Systems Operational' },
    components,
    incidents: ill ? [incident] : [],
    scheduled_maintenances: [],
  });
}

function answering(text: string, asked: string[] = []): FetchPage {
  return ({ url }) => {
    asked.push(url);
    return Promise.resolve(
      ok({ type: 'payload', payload: { bytes: Buffer.from(text), contentType: 'application/json', url }, validators: {} }),
    ) as ReturnType<FetchPage>;
  };
}

const parts = (fetchPage: FetchPage, patience = 3000): Parameters<typeof lookOnce>[2] => ({ clock: systemClock, fetchPage, patience });

it('says what the pages say, since when they say it, and what that means for work', async () => {
  const { board, ready } = await lookOnce(PLAN, [], parts(answering(claudePage(true))));
  const api = board.judgements.find(({ key }) => key === 'anthropic/api')!;
  expect(['degraded', 'down']).toContain(api.verdict);
  expect(api.since).toBe(Date.parse(BEGAN));
  expect(board.incidents.map(({ title }) => title)).toEqual(['Elevated errors on the API']);
  expect(ready(3_600_000)).toMatchObject({ answer: expect.not.stringMatching('yes') as string, products: [{ key: 'anthropic/api' }] });
  const well = await lookOnce(PLAN, [], parts(answering(claudePage(false))));
  expect(well.board.judgements).toMatchObject([{ key: 'anthropic/api', verdict: 'operational' }]);
});

it('reads the pages of what is asked about, and no others', async () => {
  const asked: string[] = [];
  const { board } = await lookOnce(PLAN, [{ provider: 'anthropic', product: 'chat' }], parts(answering(claudePage(true), asked)));
  expect(board.judgements.map(({ key, verdict }) => [key, verdict])).toEqual([['anthropic/chat', 'operational']]);
  expect(asked.length).toBeGreaterThan(0);
  for (const url of asked) expect(url).toMatch(/status\.claude\.com|statuspage\.io/);
});

it('asks nobody where watching is off', async () => {
  const asked: string[] = [];
  const off = { ...PLAN, settings: { ...PLAN.settings, enabled: false } };
  expect((await lookOnce(off, [], parts(answering(claudePage(false), asked)))).board).toMatchObject({ judgements: [], pages: [] });
  const named = await lookOnce(off, [{ provider: 'anthropic', product: 'chat' }], parts(answering(claudePage(false), asked)));
  expect(named.ready(1).answer).toBe('unknown');
  expect(asked).toEqual([]);
});

it.each<[string, FetchPage]>([
  ['gives junk', answering('<html>')],
  ['gives an error', () => Promise.resolve(err({ type: 'status', message: 'status.claude.com answered 403' }))],
  ['never answers', () => new Promise(() => {})],
])('knows nothing of a page that %s, in time', async (_what, fetchPage) => {
  const { board, ready } = await lookOnce(PLAN, [], parts(fetchPage, 200));
  expect(board.judgements).toMatchObject([{ key: 'anthropic/api', verdict: 'unknown' }]);
  expect(board.pages).toMatchObject([{ state: 'unknown', problem: expect.any(String) as string }]);
  expect(ready(3_600_000).answer).toBe('unknown');
});

const OWN: WatchPlan = { ...PLAN, providers: [], settings: watchSettings.parse({ pages: { wall: 'https://status.wall.example' } }) };

it('finds out who makes the software of a page of one’s own, and asks each of its addresses once', async () => {
  const asked: string[] = [];
  const page = answering(claudePage(true), asked);
  const fetchPage: FetchPage = (request, signal) =>
    /\/api\/v2\/(?:summary|incidents)\.json$/.test(request.url)
      ? page(request, signal)
      : (asked.push(request.url), Promise.resolve(err({ type: 'status', message: `${request.url} answered 404`, status: 404 })));
  const { board } = await lookOnce(OWN, [], parts(fetchPage));
  expect(board.pages).toMatchObject([{ page: 'wall', family: 'statuspage', state: 'fresh' }]);
  expect(board.judgements).toMatchObject([{ key: 'wall/api', verdict: expect.stringMatching('degraded|down') as string }]);
  expect(board.incidents.map(({ title }) => title)).toEqual(['Elevated errors on the API']);
  expect(new Set(asked).size).toBe(asked.length);
});

it.each<[string, FetchPage, RegExp]>([
  ['says nothing that is known', answering('<html>'), /no status page that is known here/],
  ['never answers', () => new Promise(() => {}), /did not answer within 0.2 s/],
])('of a page of one’s own that %s it says so, in time', async (_what, fetchPage, problem) => {
  const { board } = await lookOnce(OWN, [], parts(fetchPage, 200));
  expect(board.pages).toMatchObject([{ page: 'wall', state: 'unknown', problem: expect.stringMatching(problem) as string }]);
  expect(board.judgements).toMatchObject([{ key: 'wall/api', verdict: 'unknown' }]);
});

it('a page of one’s own is not asked where something else is asked about', async () => {
  const asked: string[] = [];
  const both = { ...OWN, providers: PLAN.providers };
  await lookOnce(both, [{ provider: 'anthropic', product: 'api' }], parts(answering(claudePage(false), asked)));
  expect(asked.filter((url) => url.includes('wall'))).toEqual([]);
});
