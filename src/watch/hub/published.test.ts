import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { hubLab, type HubLab } from './testing/hub-lab.ts';
import { installation } from './testing/installation.ts';
import type { ProductView } from './published.ts';

const MINUTE = 60_000;
let lab: HubLab;

beforeEach(async () => {
  lab = await hubLab();
});

afterEach(() => lab.close());

const apart = (index: number): string => `198.18.${index}.7`;

async function told(count: number, said: Parameters<HubLab['tell']>[2], from = 0): Promise<void> {
  for (let index = from; index < from + count; index++) await lab.tell(installation(), apart(index), said);
}

async function view(): Promise<ProductView> {
  await lab.clock.advance(6 * MINUTE);
  return (await (await lab.get('/api/v1/products/anthropic/api')).json()) as ProductView;
}

it('hides what fewer than five have said, in every slice, and counts the rest in fives', async () => {
  await told(4, { symptom: 'login', region: 'FR', model: 'claude-x' });
  await told(7, { symptom: 'hangs', region: 'DE' }, 10);
  await told(5, { symptom: 'works', region: 'AT' }, 20);
  const { lastHour, chart } = await view();
  expect(lastHour.symptoms).toEqual({ hangs: 5, works: 5 });
  expect(lastHour.countries).toEqual({ DE: 5 });
  expect(chart).toHaveLength(288);
  expect(chart.filter(({ reports }) => reports > 0).map(({ reports }) => reports)).toEqual([10]);
  const { bins } = (await (await lab.get('/api/v1/bins')).json()) as { bins: { symptom: string; reports: number; model?: string }[] };
  expect(bins.map(({ symptom, reports, model }) => [symptom, reports, model])).toEqual([
    ['works', 5, undefined],
    ['hangs', 5, undefined],
  ]);
  const everything = await Promise.all(
    ['/', '/feed.rss', '/products/anthropic/api', '/api/v1/states'].map(async (path) => (await lab.get(path)).text()),
  );
  expect(everything.join('\n')).not.toMatch(/claude-x|>FR</);
});

it('tells nothing of a bin before it is over', async () => {
  await told(9, { symptom: 'hangs' });
  await lab.clock.advance(6000);
  const { lastHour, chart } = (await (await lab.get('/api/v1/products/anthropic/api')).json()) as ProductView;
  expect(lastHour.symptoms).toEqual({});
  expect(chart.every(({ reports }) => reports === 0)).toBe(true);
});

it('counts nobody twice in its hour', async () => {
  const one = installation();
  for (let hour = 0; hour < 6; hour++) {
    expect((await lab.tell(one, apart(1), { symptom: 'slow' })).outcome).toBe('counted');
    await lab.clock.advance(60 * MINUTE);
  }
  const { lastHour, chart } = await view();
  expect(lastHour.symptoms).toEqual({});
  expect(chart.every(({ reports }) => reports === 0)).toBe(true);
});

it('says when a state has changed, as RSS and on its pages, with nothing from elsewhere', async () => {
  const people = await lab.known(10, apart);
  for (const [index, each] of people.entries()) await lab.tell(each, apart(index), { model: 'claude-opus-4-6' });
  await lab.clock.advance(6000);
  const feed = await (await lab.get('/feed.rss')).text();
  expect(feed).toContain('<title>Claude API: problems are likely</title>');
  expect(feed).toContain('<title>Claude API, claude-opus-4-6: problems are likely</title>');
  const page = await lab.get('/products/anthropic/api');
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  const text = await page.text();
  expect(text).toContain('problems are likely since 2026-06-10');
  expect(text).toContain('<svg');
  expect(text).not.toMatch(/<script|https?:\/\//);
  expect(await (await lab.get('/')).text()).toContain('<a href="/products/anthropic/api">Claude API</a>');
});

it('is asked for by its etag', async () => {
  const first = await lab.get('/api/v1/states');
  const etag = first.headers.get('etag') ?? '';
  const again = await fetch(`${lab.address}/api/v1/states`, { headers: { 'if-none-match': etag } });
  expect([first.status, again.status]).toEqual([200, 304]);
});

it.each([
  ['GET', '/api/v1/products/nobody/nothing', 404],
  ['GET', '/products/../../etc/passwd', 404],
  ['GET', '//', 404],
  ['GET', '/api/v1/bins?from=junk', 404],
  ['GET', '/api/v1/bins?from=0&to=99999999999', 404],
  ['GET', '/api/v1/reports', 405],
  ['DELETE', '/', 405],
  ['POST', '/api/v1/reports', 400],
])('%s %s is refused with %i, in JSON', async (method, path, status) => {
  const response = await fetch(`${lab.address}${path}`, { method, ...(method === 'POST' && { body: '[1]' }) });
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ error: { code: expect.any(String), hint: expect.any(String) } });
});

it('reads no more than a report is long', async () => {
  const long = await lab.post('/api/v1/reports', 'x'.repeat(20_000), apart(1));
  expect(long).toEqual({ status: 413, code: 'too-long' });
});

it('takes reports for products that it knows', async () => {
  expect(await lab.tell(installation(), apart(1), { product: 'acme/api' })).toEqual({ status: 422, code: 'unknown-product' });
});

it('lets a network ask so much and says when it may again', async () => {
  const replies = await Promise.all(Array.from({ length: 310 }, () => lab.get('/healthz', apart(9))));
  const refused = replies.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(10);
  expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await lab.get('/healthz', apart(10))).status).toBe(200);
});

it('lets a network read many bins at once less often', async () => {
  const replies = await Promise.all(Array.from({ length: 12 }, (_, index) => lab.get(`/api/v1/bins?to=${index}`, apart(9))));
  expect(replies.map(({ status }) => status).filter((status) => status === 429)).toHaveLength(2);
});

it('is not troubled by who goes in the middle of a report', async () => {
  const { port } = new URL(lab.address);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write('POST /api/v1/reports HTTP/1.1\r\nhost: hub\r\ncontent-length: 500\r\n\r\n{"statement"');
  await new Promise((resolve) => setTimeout(resolve, 100));
  socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 100));
  // The lab complains about any trouble when it is closed.
  expect((await lab.get('/healthz')).status).toBe(200);
});
