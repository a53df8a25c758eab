import { afterEach, expect, it } from 'vitest';
import type { RunningServer } from '../listen.ts';
import { call } from '../testing/raw-client.ts';
import { serve, stage } from '../testing/scripted-ports.ts';
import { oneOutage } from '../testing/watched.ts';

const LINK = '/alerts/AbCdEf0123456789/yes';
let server: RunningServer | undefined;
const asked: unknown[] = [];

async function open(settings: object = {}): Promise<number> {
  asked.length = 0;
  const watch = oneOutage();
  const ask: typeof watch.ask = (question, about) => {
    asked.push([question, about]);
    return watch.ask(question, about);
  };
  server = await serve(stage({ ports: { watch: { ...watch, ask } } }), { closeWait: 0, ...settings });
  return server.port;
}

afterEach(() => server?.close());

it('asks before it counts: whatever only looks at a link does not answer', async () => {
  const port = await open();
  const shown = await call(port, LINK);
  expect([shown.status, asked]).toEqual([200, [['alertAsks', { token: 'AbCdEf0123456789' }]]]);
  expect(shown.text).toContain('Claude API is down');
  expect(shown.text).toContain('<form method="post">');
  const counted = await call(port, LINK, { method: 'POST', body: '' });
  expect([counted.status, asked.at(-1)]).toEqual([200, ['alertAnswer', { by: { token: 'AbCdEf0123456789' }, failing: true }]]);
});

it('needs no other token than its own, and takes no answer from a page of somebody else', async () => {
  const port = await open({ token: 'of-the-server-0123456789' });
  expect((await call(port, LINK)).status).toBe(200);
  expect((await call(port, '/api/alerts')).status).toBe(401);
  const foreign = await call(port, LINK, { method: 'POST', headers: { origin: 'https://evil.example' }, body: '' });
  expect([foreign.status, asked.length]).toEqual([403, 1]);
});
