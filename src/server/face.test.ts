import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningServer } from './listen.ts';
import { call, post, wire } from './testing/raw-client.ts';
import { question, serve, stage } from './testing/scripted-ports.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await serve(stage(), { allowedOrigins: ['https://notes.example'] });
});
afterAll(() => server.close());

const anthropic = { 'anthropic-version': '2023-06-01' };

describe('small questions', () => {
  test.each(['/', '/api/hello', '/healthz', '/v1/models'])('HEAD %s', async (path) => {
    expect(await call(server.port, path, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  });

  test('GET / says what to point at it, as text or as a page', async () => {
    const text = await call(server.port, '/');
    expect(text.text).toContain('ANTHROPIC_BASE_URL=http://127.0.0.1:4141\n');
    expect(text.text).toContain('No key <is> configured.');
    const page = await call(server.port, '/', { headers: { accept: 'text/html,*/*' } });
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.text).toContain('No key &lt;is&gt; configured.');
  });

  test('GET /healthz', async () => {
    expect(JSON.parse((await call(server.port, '/healthz')).text)).toEqual({ status: 'ok', journal: 'saving' });
  });

  test('GET /healthz says that the server is up to who shows no token, and nothing else', async () => {
    const token = 'x'.repeat(16);
    const guarded = await serve(stage(), { token });
    const ask = async (path: string, headers = {}): Promise<unknown> => JSON.parse((await call(guarded.port, path, { headers })).text);
    expect(await ask('/healthz')).toEqual({ status: 'ok' });
    expect(await ask('/healthz', { 'x-understudy-token': token })).toEqual({ status: 'ok', journal: 'saving' });
    expect(await ask('/healthz', { host: 'evil.example' })).toMatchObject({ error: { code: 'foreign-host' } });
    for (const path of ['/metrics', '/api/status', '/']) expect(await ask(path)).toMatchObject({ error: { code: 'token-missing' } });
    await guarded.close();
  });

  test('count_tokens passes on what the house says', async () => {
    const reply = await call(server.port, '/v1/messages/count_tokens', { body: question('anthropic-messages', false) });
    expect(reply).toMatchObject({ status: 200, text: '{"input_tokens":7}' });
    expect(reply.headers['x-understudy-estimate']).toBe('true');
  });
});

describe('models', () => {
  test('in OpenAI’s shape', async () => {
    const { text } = await call(server.port, '/v1/models');
    expect(JSON.parse(text)).toMatchObject({ object: 'list', data: [{ id: 'claude-a', object: 'model', owned_by: 'anthropic' }, {}, {}] });
    expect(JSON.parse((await call(server.port, '/v1/models/vendor/gpt-c')).text)).toMatchObject({ id: 'vendor/gpt-c', object: 'model' });
  });

  test('in Anthropic’s shape, by pages', async () => {
    const page = async (query: string): Promise<unknown> =>
      JSON.parse((await call(server.port, `/v1/models?${query}`, { headers: anthropic })).text);
    expect(await page('limit=1000')).toMatchObject({
      data: [{ type: 'model', id: 'claude-a', display_name: 'claude-a' }, {}, {}],
      has_more: false,
    });
    expect(await page('limit=2')).toMatchObject({ has_more: true, first_id: 'claude-a', last_id: 'claude-b' });
    expect(await page('limit=2&after_id=claude-b')).toMatchObject({ has_more: false, first_id: 'vendor/gpt-c', last_id: 'vendor/gpt-c' });
    expect(await page('limit=1&before_id=vendor/gpt-c')).toMatchObject({ has_more: true, first_id: 'claude-b' });
    const one = await call(server.port, '/v1/models/vendor%2Fgpt-c', { headers: anthropic });
    expect(JSON.parse(one.text)).toMatchObject({ type: 'model', id: 'vendor/gpt-c' });
  });

  test('in Gemini’s shape, by pages: wherever it is asked for there, and at /v1 by who shows a key as Google’s clients do', async () => {
    const page = async (path: string, headers = {}): Promise<unknown> => JSON.parse((await call(server.port, path, { headers })).text);
    const first = { name: 'models/claude-a', displayName: 'claude-a', inputTokenLimit: 200_000, outputTokenLimit: 64_000 };
    const whole = { models: [first, { name: 'models/claude-b' }, { name: 'models/vendor/gpt-c' }] };
    expect(await page('/v1beta/models')).toMatchObject(whole);
    expect(await page('/v1beta/models')).not.toHaveProperty('nextPageToken');
    expect(await page('/v1/models?key=k')).toMatchObject(whole);
    expect(await page('/v1/models', { 'x-goog-api-key': 'k' })).toMatchObject(whole);
    expect(await page('/v1beta/models?pageSize=2')).toMatchObject({ models: [{}, {}], nextPageToken: '2' });
    expect(await page('/v1beta/models?pageSize=2&pageToken=2')).toMatchObject({ models: [{ name: 'models/vendor/gpt-c' }] });
    expect(await page('/v1beta/models/claude-a')).toMatchObject(first);
    expect(await page('/v1beta/models/none')).toMatchObject({ error: { code: 404 } });
  });

  test('with what fits into them, where it is known', async () => {
    const { text } = await call(server.port, '/v1/models', { headers: anthropic });
    expect(JSON.parse(text)).toMatchObject({
      data: [
        { id: 'claude-a', max_input_tokens: 200_000, max_tokens: 64_000 },
        { id: 'claude-b', max_input_tokens: null },
        { id: 'vendor/gpt-c' },
      ],
    });
  });

  test('an unknown one is an error of its dialect', async () => {
    const reply = await call(server.port, '/v1/models/none', { headers: anthropic });
    expect(reply.status).toBe(404);
    expect(JSON.parse(reply.text)).toMatchObject({ type: 'error', error: { message: expect.stringContaining('none') as string } });
  });
});

describe('what is not there', () => {
  test.each([
    ['/nowhere', 'not-found', '/v1/messages'],
    ['/v1/v1/messages', 'wrong-base-url', 'Take /v1 off'],
    ['/chat/completions', 'wrong-base-url', 'Put /v1 at the end'],
    ['/responses', 'wrong-base-url', 'Put /v1 at the end'],
    ['/v1beta/models/gemini-3:embedContent', 'not-found', 'generateContent'],
    ['/api/nowhere', 'not-found', '/api/status'],
  ])('POST %s: 404, %s', async (path, code, hint) => {
    const reply = await call(server.port, path, { body: '{}' });
    expect(reply.status).toBe(404);
    expect(JSON.parse(reply.text)).toMatchObject({
      error: { code },
      endpoints: expect.arrayContaining([expect.stringContaining('POST /v1/messages')]) as string[],
    });
    expect(reply.text).toContain(hint);
  });

  test('a WebSocket on /v1/responses gets 426, so that Codex falls back at once', async () => {
    const client = wire(server.port);
    client.write(
      'GET /v1/responses HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-version: 13\r\n\r\n',
    );
    await client.closed();
    expect(client.text()).toMatch(/^HTTP\/1\.1 426 [^]*connection: close\r\n[^]*"message":"Responses are not spoken over a WebSocket here/);
  });

  test('an offer of HTTP/2 is overlooked', async () => {
    const client = wire(server.port);
    client.write(
      post('/v1/messages', question('anthropic-messages', false), {
        connection: 'upgrade, http2-settings',
        upgrade: 'h2c',
        'http2-settings': 'AAMAAABk',
      }),
    );
    await client.until('"type":"message"');
    expect(client.text()).toMatch(/^HTTP\/1\.1 200 /);
    client.socket.destroy();
  });

  test.each([
    ['GET', '/v1/messages', 'POST'],
    ['DELETE', '/v1/models', 'GET, HEAD'],
    ['POST', '/api/status', 'GET, HEAD'],
    ['PUT', '/', 'GET, HEAD'],
    ['HEAD', '/api/exchanges/x/events', 'GET'],
  ])('%s %s: 405', async (method, path, allow) => {
    const reply = await call(server.port, path, { method });
    expect(reply.status).toBe(405);
    expect(reply.headers.allow).toBe(allow);
  });
});

describe('who asks', () => {
  test('a rebound name is refused, on every path', async () => {
    for (const path of ['/', '/v1/models', '/api/status', '/metrics', '/api/exchanges/x/events']) {
      const reply = await call(server.port, path, { headers: { host: 'evil.example:4141' } });
      expect(reply.status).toBe(403);
      expect(reply.text).toContain('server.allowedHosts');
    }
  });

  test('a foreign page is refused in words that its client can read', async () => {
    const reply = await call(server.port, '/v1/messages', {
      body: question('anthropic-messages', false),
      headers: { origin: 'https://evil.example' },
    });
    expect(reply.status).toBe(403);
    expect(JSON.parse(reply.text)).toMatchObject({
      type: 'error',
      error: { message: expect.stringContaining('server.allowedOrigins') as string },
    });
    expect(reply.headers).not.toHaveProperty('access-control-allow-origin');
    // There is no exchange, so no id of one.
    expect(reply.headers).not.toHaveProperty('request-id');
    expect(JSON.parse(reply.text)).not.toHaveProperty('request_id');
  });

  test('a listed page may ask, and asks first', async () => {
    const origin = 'https://notes.example';
    const preflight = await call(server.port, '/v1/messages', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type, x-api-key' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-headers': 'content-type, x-api-key',
    });
    for (const stream of [true, false]) {
      const reply = await call(server.port, '/v1/messages', { body: question('anthropic-messages', stream), headers: { origin } });
      expect(reply.status).toBe(200);
      expect(reply.headers).toMatchObject({ 'access-control-allow-origin': origin, 'x-understudy-target': 'wall/m' });
    }
    expect((await call(server.port, '/api/status', { headers: { origin } })).headers['access-control-allow-origin']).toBe(origin);
  });

  test('a whole URL as target is read as one', async () => {
    const client = wire(server.port);
    client.write(
      'GET http://evil.example/healthz HTTP/1.1\r\nhost: localhost\r\n\r\nGET http://localhost/healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
    );
    await client.closed();
    expect(client.text()).toMatch(/^HTTP\/1\.1 403 [^]*HTTP\/1\.1 200 /);
  });
});
