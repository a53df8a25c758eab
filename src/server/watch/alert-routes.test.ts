import { Hono } from 'hono';
import { expect, it } from 'vitest';
import type { IncomingMessage } from 'node:http';
import { alertLink } from './alert-page.ts';
import { alertRoutes } from './alert-routes.ts';

/** What the watch is asked, and what of its answer arrives. */
async function send(path: string, body: string | undefined, answer: unknown): Promise<{ status: number; reply: string; asked: unknown[] }> {
  const asked: unknown[] = [];
  const app = new Hono<{ Bindings: { incoming: IncomingMessage } }>();
  const watch = {
    ask(...question: unknown[]) {
      asked.push(question);
      return Promise.resolve({ ok: true, value: answer } as never);
    },
  };
  alertRoutes(app, { watch }, (context, { status, code, message, hint }) => context.json({ code, message, hint }, status as 400));
  const response = await app.request(path, body === undefined ? {} : { method: 'POST', body });
  return { status: response.status, reply: await response.text(), asked };
}

it('hands on what is asked', async () => {
  expect(await send('/api/alerts?limit=3', undefined, { alerts: [] })).toMatchObject({ status: 200, asked: [['alerts', { limit: 3 }]] });
  const tested = await send('/api/alerts/test', '{"channel":"team"}', { ok: true, value: { took: 12 } });
  expect(tested).toMatchObject({ status: 200, reply: '{"channel":"team","took":12}', asked: [['alertTest', { channel: 'team' }]] });
  const answered = await send('/api/alerts/answer', '{"id":"a_1","failing":false}', { ok: true, value: { title: 'x', product: 'y' } });
  expect(answered).toMatchObject({ status: 200, asked: [['alertAnswer', { by: { id: 'a_1' }, failing: false }]] });
});

it('says what has gone wrong', async () => {
  expect(await send('/api/alerts/test', '{"channel":"team"}', { ok: false, error: 'It answered 404.' })).toMatchObject({ status: 503 });
  expect(await send('/api/alerts/answer', '{"id":"a_1","failing":true}', { ok: false, error: 'There is none.' })).toMatchObject({
    status: 404,
  });
});

it.each([
  ['/api/alerts?limit=0', undefined],
  ['/api/alerts?until=1', undefined],
  ['/api/alerts/test', '{}'],
  ['/api/alerts/test', 'nothing'],
  ['/api/alerts/answer', '{"id":"a_1","failing":"yes"}'],
  ['/api/alerts/answer', JSON.stringify({ id: 'a'.repeat(5000), failing: true })],
])('%s refuses %s without asking', async (path, body) => {
  expect(await send(path, body, {})).toMatchObject({ status: 400, asked: [], reply: expect.stringContaining('bad-alert') });
});

it('knows the links of an alert, and nothing else', () => {
  expect(alertLink('/alerts/AbC-_0123456789/yes')).toEqual({ token: 'AbC-_0123456789', failing: true });
  expect(alertLink('/alerts/AbC-_0123456789/no')).toEqual({ token: 'AbC-_0123456789', failing: false });
  for (const path of [
    '/alerts/short/yes',
    '/alerts/AbC-_0123456789/maybe',
    '/alerts/AbC-_0123456789/yes/',
    '/alerts/../../etc/yes',
    '/alerts',
  ])
    expect(alertLink(path)).toBeUndefined();
});
