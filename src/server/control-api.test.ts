import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { ConversationDetail } from '../archive/questions.ts';
import type { SearchResult } from '../archive/search/search.ts';
import { REPORT } from '../drill/readiness/report.fixtures.ts';
import { JOB } from '../queue/job.fixtures.ts';
import { queueSettings } from '../queue/settings.ts';
import type { JsonObject } from '../exchange/json.ts';
import { exchangeId } from '../exchange/ids.ts';
import type { RunningServer } from './listen.ts';
import type { QueuePort } from './queue/queue-port.ts';
import { call, type Reply } from './testing/raw-client.ts';
import { oneDrill } from './testing/drilled.ts';
import { oneOfEach } from './testing/lying-here.ts';
import { INCIDENT, oneOutage } from './testing/watched.ts';
import { attempt, bytes, complete, failed, head, question, serve, type Stage, stage, words } from './testing/scripted-ports.ts';

let on: Stage;
let server: RunningServer;
const ids: string[] = [];

const CONVERSATION: ConversationDetail = {
  id: 'c_0000000000000000',
  source: 'understudy',
  key: 'k',
  title: 'Why?',
  updatedAt: 5,
  startedBy: { key: 'other' },
  status: 'partial',
  messages: 2,
  branches: 1,
  cost: 0.5,
  revision: 3,
  said: [
    { key: 'q', role: 'user', parts: [{ type: 'text', text: 'Why?' }], status: 'complete' },
    {
      key: 'a',
      parent: 'q',
      role: 'assistant',
      parts: [{ type: 'text', text: 'Because' }],
      producer: { provider: 'wall', model: 'm' },
      status: 'partial',
      seams: [{ part: 0, offset: 3, from: 'wall/m', to: 'other/m', join: 'anchor' }],
      usage: { input: 3, output: 1 },
      exchange: 'x_1',
      extras: { fault: 'reset' },
    },
  ],
  shown: ['q', 'a'],
};
/** Keeps one conversation. */
const archive: Stage['ports']['archive'] = {
  ask(asked) {
    const { said: _said, shown: _shown, ...summary } = CONVERSATION;
    const found: SearchResult = {
      conversations: [
        {
          conversation: summary,
          titleMarks: [[0, 3]],
          messages: [
            { key: 'a', row: 2, role: 'assistant', model: 'm', snippet: { text: 'Because', marks: [[0, 7]], part: 0, offset: 0 } },
          ],
          hits: 1,
          spread: false,
        },
      ],
      hits: { count: 1, more: false },
      searched: { messages: 2, waiting: 0 },
      next: 'abc',
      ignored: ['has:banana'],
      stoppedAt: 5,
      inside: false,
      unknown: [{ word: 'becuase', like: ['because'] }],
      took: 1.5,
    };
    const conversation = {
      list: { conversations: [summary], next: '5.1' },
      get: CONVERSATION,
      read: { text: '# Why?' },
      handoff: 'Go on.',
    };
    const answer = { ...conversation, search: found }[asked];
    return Promise.resolve({ ok: true, value: answer } as never);
  },
};

beforeAll(async () => {
  let turn = 0;
  on = stage({
    ports: {
      archive,
      watch: oneOutage(),
      offline: oneOfEach(),
      drills: oneDrill(),
      queue: oneJob(),
      status: () => ({
        version: '0.1.0',
        startedAt: 1,
        address: server.address,
        data: '/tmp/data',
        journal: { type: 'degraded', since: 5, reason: 'disk full', action: 'free some space' },
        running: 1,
        deferred: 0,
        routes: [{ pattern: 'default', targets: ['wall/*'], never: [], save: true }],
        targets: [
          {
            target: 'wall/m#key',
            verdict: 'down',
            reasons: ['3 of 3 failed'],
            breaker: { type: 'open', since: 1, until: 2, trials: 1 },
            score: 24,
            mark: { reason: 'rate limited', until: 9 },
            limits: {
              headers: 1,
              firstEvent: 1,
              firstEventAlive: 1,
              idle: 1,
              idleAlive: 1,
              thinking: 1,
              thinkingAlive: 1,
              whole: 1,
              source: 'prior',
            },
            explained: {
              requests: 'requests like the last (2 KB)',
              limits: [{ limit: 'idle', ms: 1, from: 'prior', answers: 0, factor: 3, floor: 1, ceiling: 2, said: 'a guess' }],
            },
            successes: 0,
            failures: 3,
            lastFault: { at: 1, message: 'reset' },
          },
        ],
        away: { 'other/m': 1 },
        spend: [],
        notices: [],
      }),
    },
    script(log) {
      ids.push(log.opening.id);
      const current = turn++;
      log.append(attempt(0, 'lead'));
      if (current === 1) return log.append(failed(false));
      log.append({
        type: 'attempt-end',
        ordinal: 0,
        outcome: { type: 'failed', fault: { class: 'provider-fault', symptom: 'reset', message: 'm' } },
        headersAfter: 3,
        firstEventAfter: 4,
        took: 9,
      });
      log.append(attempt(1));
      log.append(head());
      log.append({ type: 'events', attempt: 1, events: words('Hello') });
      log.append({ type: 'attempt-end', ordinal: 1, outcome: { type: 'whole', mended: false }, took: 9, usage: { input: 3, output: 5 } });
      if (current < 3) log.append(complete);
    },
  });
  server = await serve(on, { closeWait: 0 });
  const body = question('anthropic-messages', false);
  for (let count = 0; count < 3; count++) await call(server.port, '/v1/messages', { body, headers: { 'user-agent': 'claude-cli/2' } });
  on.ports.ask({ ...on.asks[0]! });
});
afterAll(() => server.close());

const get = (path: string): Promise<Reply> => call(server.port, path);
const json = async (path: string): Promise<JsonObject> => JSON.parse((await get(path)).text) as JsonObject;

describe('exchanges', () => {
  test('are listed newest first, by pages', async () => {
    const first = (await json('/api/exchanges?limit=3')) as unknown as { exchanges: { id: string }[]; next: string };
    const rest = (await json(`/api/exchanges?limit=3&before=${first.next}`)) as unknown as typeof first;
    expect([...first.exchanges, ...rest.exchanges].map(({ id }) => id)).toEqual([...ids].sort().reverse());
    expect(rest).not.toHaveProperty('next');
  });

  test('are chosen by state', async () => {
    const running = (await json('/api/exchanges?state=running')) as unknown as { exchanges: { state: string }[] };
    expect(running.exchanges.map(({ state }) => state)).toEqual(['running']);
  });

  test.each([
    ['limit=0', 'limit is not a whole number from 1 to 200.'],
    ['limit=201', 'limit is not a whole number from 1 to 200.'],
    ['limit=1.5', 'limit is not a whole number from 1 to 200.'],
    ['limit=x', 'limit is not a whole number from 1 to 200.'],
    ['before=../../etc', 'before is no exchange id, as x-understudy-exchange says it.'],
    ['state=odd', 'state is not one of running, complete, failed, cancelled, interrupted, deferred, answered.'],
    ['stat=running', 'There is no parameter stat here, only limit, before, state.'],
  ])('?%s is refused with the name of what is wrong', async (query, message) => {
    const reply = await get(`/api/exchanges?${query}`);
    expect(reply.status).toBe(400);
    expect(JSON.parse(reply.text)).toMatchObject({ error: { code: 'bad-query', message } });
  });

  test('are shown one by one', async () => {
    expect(await json(`/api/exchanges/${ids[0]}`)).toMatchObject({
      id: ids[0],
      state: 'complete',
      target: 'wall/m',
      text: 'Hello',
      request: expect.stringContaining('"hi"') as string,
    });
    expect((await get('/api/exchanges/x_nope')).status).toBe(404);
  });

  test('a broken journal is an error in words', async () => {
    const broken = await serve(
      stage({ ports: { journal: { ...on.journal, list: () => Promise.reject(new Error('disk image is malformed')) } } }),
    );
    const reply = await call(broken.port, '/api/exchanges');
    await broken.close();
    expect(reply.status).toBe(500);
    expect(JSON.parse(reply.text)).toMatchObject({ error: { code: 'internal', hint: expect.any(String) as string } });
    expect(reply.text).not.toContain('malformed');
  });
});

test('answers are not to be kept or guessed at', async () => {
  for (const path of ['/api/status', '/api/config', '/api/nowhere']) {
    expect((await get(path)).headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  }
});

describe('openapi.json', () => {
  /** OpenAPI 3.1, as far as this document uses it: unknown fields are errors. */
  const schema = z.record(z.string(), z.unknown());
  const reference = z.strictObject({ $ref: z.string().startsWith('#/components/schemas/') });
  const media = z.record(z.string().regex(/^\w+\/[\w.+-]+$/), z.strictObject({ schema: z.union([reference, schema]) }));
  const operation = z.strictObject({
    operationId: z.string().regex(/^\w+$/),
    summary: z.string().min(1),
    parameters: z.array(
      z.strictObject({
        name: z.string(),
        in: z.enum(['path', 'query']),
        required: z.boolean(),
        description: z.string().optional(),
        schema,
      }),
    ),
    requestBody: z.strictObject({ required: z.literal(true), content: media }).optional(),
    responses: z.record(z.string().regex(/^[1-5]\d\d$/), z.strictObject({ description: z.string().min(1), content: media.optional() })),
  });
  const document = z.strictObject({
    openapi: z.literal('3.1.0'),
    info: z.strictObject({
      title: z.string(),
      version: z.string(),
      description: z.string(),
      license: z.strictObject({ name: z.string(), identifier: z.string() }),
    }),
    servers: z.array(z.strictObject({ url: z.url() })),
    security: z.array(z.record(z.string(), z.array(z.string()))),
    paths: z.record(z.string().startsWith('/api/'), z.strictObject({ get: operation.optional(), post: operation.optional() })),
    components: z.strictObject({ schemas: z.record(z.string().regex(/^\w+$/), schema), securitySchemes: z.record(z.string(), schema) }),
  });

  function described(at: z.infer<typeof document>['paths'][string]): z.infer<typeof operation>[] {
    return [at.get ?? [], at.post ?? []].flat();
  }

  async function read(): Promise<z.infer<typeof document>> {
    return document.parse(await json('/api/openapi.json'));
  }

  test('is an OpenAPI 3.1 document', async () => {
    const doc = await read();
    const operations = Object.values(doc.paths).flatMap((at) => described(at).map(({ operationId }) => operationId));
    expect(new Set(operations).size).toBe(operations.length);
    for (const [path, at] of Object.entries(doc.paths)) {
      expect(described(at).length).toBeGreaterThan(0);
      for (const { parameters } of described(at)) {
        const named = parameters.filter((parameter) => parameter.in === 'path');
        expect(named.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
        expect(named.every(({ required }) => required)).toBe(true);
      }
    }
    const references = [...JSON.stringify(doc).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name!);
    expect(references.length).toBeGreaterThan(0);
    for (const name of references) expect(Object.keys(doc.components.schemas)).toContain(name);
    for (const requirement of doc.security)
      for (const name of Object.keys(requirement)) expect(Object.keys(doc.components.securitySchemes)).toContain(name);
  });

  test('every path in it is there, and answers what it says', async () => {
    const doc = await read();
    for (const [path, at] of Object.entries(doc.paths)) {
      if (!at.get) continue;
      // It goes on until its reader leaves: event-feed.test.ts.
      if (path === '/api/events') continue;
      const others = {
        '/api/conversations/{id}': [CONVERSATION.id],
        '/api/incidents/{id}': [INCIDENT.id],
        '/api/drills/{id}': [REPORT.id],
        '/api/queue/{id}': [JOB.exchange],
      };
      const known = (others as Record<string, string[]>)[path] ?? ids;
      // A page, not JSON: src/drill/readiness/html.test.ts.
      if (path === '/api/drills/{id}/report') continue;
      for (const id of path.includes('{id}') ? known : ['']) {
        const following = path.endsWith('/events');
        const whole = path.endsWith('/answer');
        if ((following || whole) && id === ids[3]) continue;
        // Its answer is the error that its client got.
        if (whole && id === ids[1]) continue;
        const reply = await get(path.replace('{id}', id).replace('{name}', 'claude-api-down'));
        expect(reply.status).toBe(200);
        const content = at.get.responses['200']!.content!;
        const type = reply.headers['content-type']!.split(';')[0]!;
        expect(Object.keys(content)).toEqual(whole ? ['application/json', 'text/event-stream'] : [type]);
        expect(Object.keys(content)).toContain(type);
        expect(conforms(doc, content[type]!.schema, following ? reply.text : JSON.parse(reply.text))).toBe('');
      }
    }
  });

  test('errors are as it says', async () => {
    const doc = await read();
    const replies = await Promise.all([
      get('/api/exchanges?limit=x'),
      get('/api/exchanges/x_nope'),
      get('/api/exchanges/x_nope/events'),
      get('/api/exchanges/x_nope/answer'),
      call(server.port, '/api/exchanges/x_nope/run', { method: 'POST' }),
      call(server.port, `/api/exchanges/${ids[0]}/run`, { method: 'POST' }),
      call(server.port, `/api/exchanges/${ids[0]}/cancel`, { method: 'POST' }),
      get(`/api/exchanges/${ids[0]}/run`),
      get('/api/nowhere'),
      call(server.port, '/api/status', { headers: { host: 'evil.example' } }),
      call(server.port, '/api/status', { method: 'DELETE' }),
    ]);
    expect(replies.map(({ status }) => status)).toEqual([400, 404, 404, 404, 404, 409, 409, 405, 404, 403, 405]);
    for (const reply of replies) expect(conforms(doc, { $ref: '#/components/schemas/Error' }, JSON.parse(reply.text))).toBe('');
  });

  test('the check itself finds what is wrong', async () => {
    const doc = await read();
    const status = await json('/api/status');
    const wanted = { $ref: '#/components/schemas/StatusReport' };
    expect(conforms(doc, wanted, { ...status, running: '1' })).not.toBe('');
    expect(conforms(doc, wanted, { ...status, surprise: 1 })).not.toBe('');
  });

  /** Empty, or why a value does not fit a schema of the document. */
  function conforms(doc: z.infer<typeof document>, wanted: unknown, value: unknown): string {
    const standalone = JSON.parse(
      JSON.stringify({ ...(wanted as object), $defs: doc.components.schemas }).replaceAll('#/components/schemas/', '#/$defs/'),
    ) as z.core.JSONSchema.JSONSchema;
    const result = z.fromJSONSchema(standalone).safeParse(value);
    return result.success ? '' : z.prettifyError(result.error);
  }
});

test('bytes of a native answer count as text', async () => {
  const native = stage({
    script(log) {
      log.append(head());
      log.append(bytes('{}', true, words('native')));
      log.append(complete);
    },
  });
  const other = await serve(native);
  const reply = await call(other.port, '/v1/messages', { body: question('anthropic-messages', false) });
  const shown = await call(other.port, `/api/exchanges/${reply.headers['x-understudy-exchange'] as string}`);
  await other.close();
  expect(JSON.parse(shown.text)).toMatchObject({ text: 'native' });
});

test('an id is an id', () => {
  expect(ids.every((id) => id.length === exchangeId(1, (array) => array).length)).toBe(true);
});

/** A queue with one request in it. */
function oneJob(): QueuePort {
  const job = { ...JOB, place: 1 };
  return {
    settings: () => queueSettings.parse({}),
    overview: () => ({ counts: { waiting: 1 }, oldest: JOB.keptAt, jobs: [job] }),
    get: (id) => (id === JOB.exchange ? job : undefined),
    summary: () => ({ waiting: 1, running: 0, oldest: JOB.keptAt }),
    change: (_id, change) => ({ ...job, ...change }),
    cancel: () => Promise.resolve({ ...JOB, state: 'cancelled' }),
    wake: () => undefined,
    put: () => ({ ok: true, value: JOB.exchange }),
  };
}
