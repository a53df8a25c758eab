import { Hono } from 'hono';
import { expect, it } from 'vitest';
import type { IncomingMessage } from 'node:http';
import type { HandProblem } from '../../watch/incidents/by-hand.ts';
import type { Incident } from '../../watch/incident.ts';
import { INCIDENT } from '../testing/watched.ts';
import { handRoutes } from './hand-routes.ts';

const GOOD = { title: 'No answers', products: ['claude.ai'], text: 'We look into it.' };

/** What the watch is asked, and what of its answer arrives. */
async function send(
  path: string,
  body: unknown,
  answer: unknown = { ok: true, value: INCIDENT },
): Promise<{ status: number; reply: string; asked: unknown[] }> {
  const asked: unknown[] = [];
  const app = new Hono<{ Bindings: { incoming: IncomingMessage } }>();
  const watch = {
    ask(...question: unknown[]) {
      asked.push(question);
      return Promise.resolve({ ok: true, value: answer } as never);
    },
  };
  handRoutes(app, { watch }, (context, { status, code, message, hint }) => context.json({ code, message, hint }, status as 400));
  const response = await app.request(path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
  return { status: response.status, reply: await response.text(), asked };
}

it('hands on what was written, with times as numbers', async () => {
  const { status, reply, asked } = await send('/api/incidents', {
    ...GOOD,
    kind: 'maintenance',
    from: '2026-12-01T06:00Z',
    to: 1_796_112_000_000,
    by: 'ops',
  });
  expect([status, (JSON.parse(reply) as Incident).id]).toEqual([201, INCIDENT.id]);
  expect(asked).toEqual([
    ['post', { ...GOOD, kind: 'maintenance', startedAt: Date.UTC(2026, 11, 1, 6), endedAt: 1_796_112_000_000, by: 'ops' }],
  ]);
  expect((await send('/api/incidents/i_1/updates', { text: 'Over.', phase: 'resolved' })).asked).toEqual([
    ['add', { id: 'i_1', text: 'Over.', phase: 'resolved' }],
  ]);
});

it.each([
  ['/api/incidents', 'no JSON', 'it:'],
  ['/api/incidents', { ...GOOD, products: [] }, 'products: is empty'],
  ['/api/incidents', { ...GOOD, title: ' ' }, 'title: is empty'],
  ['/api/incidents', { ...GOOD, title: 'a\u001B[2Jb' }, 'control characters'],
  ['/api/incidents', { ...GOOD, phase: 'odd' }, 'phase'],
  ['/api/incidents', { ...GOOD, from: 'soon' }, 'from: is no time'],
  ['/api/incidents', { ...GOOD, secret: 1 }, 'secret'],
  ['/api/incidents', { ...GOOD, text: 'x'.repeat(70_000) }, 'longer'],
  ['/api/incidents/i_1/updates', { phase: 'resolved' }, 'text'],
])('%s refuses what it cannot understand, without asking', async (path, body, why) => {
  const { status, reply, asked } = await send(path, body);
  expect([status, asked]).toEqual([400, []]);
  expect(reply).toContain('bad-incident');
  expect(reply).toContain(why);
});

it('says what the watch does not take', async () => {
  const bad = (error: HandProblem): unknown => ({ ok: false, error });
  const unknown = await send('/api/incidents', GOOD, bad({ problem: 'unknown-product', unknown: 'clod', near: ['claude'] }));
  expect(unknown).toMatchObject({ status: 400, reply: expect.stringContaining('Did you mean claude?') as string });
  const wrong = await send('/api/incidents', GOOD, bad({ problem: 'bad', why: 'its end is not after its beginning' }));
  expect(wrong).toMatchObject({ status: 400, reply: expect.stringContaining('its end is not after its beginning') as string });
  expect(await send('/api/incidents/i_1/updates', { text: 'Over.' }, null)).toMatchObject({ status: 404 });
});
