/** The control API's description, its list of places and what is really served are the same. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dialectOf } from '../dialects/all.ts';
import { DIALECTS } from '../providers/dialect-names.ts';
import { controlApi } from './control-api.ts';
import type { RunningServer } from './listen.ts';
import { call } from './testing/raw-client.ts';
import { serve, type Stage, stage } from './testing/scripted-ports.ts';
import { oneOfEach } from './testing/lying-here.ts';
import { oneOutage } from './testing/watched.ts';
import { PLACES } from './welcome.ts';

let on: Stage;
let server: RunningServer;
beforeAll(async () => {
  const empty = { list: { conversations: [] }, get: undefined, search: { conversations: [] } };
  const archive: Stage['ports']['archive'] = {
    ask: (asked) => Promise.resolve({ ok: true, value: (empty as Record<string, unknown>)[asked] } as never),
  };
  on = stage({ ports: { archive, watch: oneOutage(), offline: oneOfEach() } });
  server = await serve(on, { closeWait: 0 });
});
afterAll(() => server.close());

/** `GET /api/status`. */
async function described(): Promise<string[]> {
  const { paths } = JSON.parse((await call(server.port, '/api/openapi.json')).text) as { paths: Record<string, object> };
  return Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
}

async function listed(): Promise<string[]> {
  const { endpoints } = JSON.parse((await call(server.port, '/api/nowhere')).text) as { endpoints: string[] };
  return endpoints.map((line) => line.slice(0, line.indexOf(':', line.indexOf('/')))).filter((place) => place.includes(' /api/'));
}

test('what is listed where nothing is, is what is described', async () => {
  const wanted = await described();
  expect((await listed()).toSorted()).toEqual(wanted.toSorted());
  expect(new Set(wanted).size).toBe(wanted.length);
});

test('every route of the control API is described', async () => {
  const dialects = Object.fromEntries(DIALECTS.map((name) => [name, dialectOf(name)])) as Parameters<typeof controlApi>[1];
  const routes = controlApi({ ports: on.ports, log: on.log, clock: on.clock, settings: { host: '127.0.0.1' } as never }, dialects).routes;
  const served = routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
  expect(served.length).toBeGreaterThan(5);
  expect(await described()).toEqual(expect.arrayContaining(served));
});

test('whatever is described is there, and takes nothing but its method', async () => {
  const places = await described();
  const bodies: Record<string, string> = {
    '/api/alerts/test': '{"channel":"desktop"}',
    '/api/alerts/answer': '{"id":"a_1","failing":true}',
    '/api/reports': '{"product":"anthropic/chat","symptom":"hangs"}',
    '/api/incidents': '{"title":"Ours","products":["anthropic/chat"],"text":"We look into it."}',
    '/api/incidents/{id}/updates': '{"text":"It is over.","phase":"resolved"}',
    '/api/runbooks/{name}/tick': '{"item":1}',
    '/api/queue':
      '{"path":"/v1/messages","body":{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"x"}]},"batch":"b","line":"1"}',
    '/api/queue/{id}': '{"priority":"batch"}',
    '/api/drills/plan': '{}',
    '/api/drills': '{"consent":true}',
  };
  for (const place of places) {
    const [method, path] = place.split(' ') as [string, string];
    const at = path.replace('{id}', 'x_00000000000000000000000000').replace('{name}', 'claude-api-down');
    const wrong = ['POST', 'GET', 'PUT'].find((each) => !places.includes(`${each} ${path}`))!;
    const other = await call(server.port, at, { method: wrong });
    expect([place, other.status, other.text]).toEqual([place, 405, expect.stringContaining('wrong-method')]);
    // The feed goes on until its reader leaves.
    if (path === '/api/events') continue;
    const body = method === 'POST' ? bodies[path] : undefined;
    const own = await call(server.port, at, { method, ...(body !== undefined && { body }) });
    const isUnknown =
      (own.status === 404 || own.status === 409) &&
      /unknown-(?:exchange|conversation|job|drill)|not-waiting|not-kept|no-drill/.test(own.text);
    expect([place, own.status === 200 || own.status === 201 || isUnknown]).toEqual([place, true]);
  }
});

test('the places of the dialects that are listed are there too', async () => {
  for (const { methods, path } of PLACES) {
    if (path === '/api/events') continue;
    const own = await call(server.port, path.replaceAll(/\{\w+\}/g, 'x'), { method: methods });
    expect([path, own.text.includes('"not-found"')]).toEqual([path, false]);
  }
});
