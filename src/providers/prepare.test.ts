import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyCredential } from './credentials.ts';
import { factsOf } from './model-facts.ts';
import type { PrepareInput } from './prepare.ts';
import { prepareRequest } from './prepare.ts';
import type { Provider } from './provider.ts';

function provider(more: Partial<Provider> = {}): Provider {
  const vendor = more.vendor ?? 'anthropic';
  return {
    name: vendor,
    dialect: 'anthropic-messages',
    baseUrl: 'https://api.anthropic.com',
    vendor,
    credential: keyCredential('provider-key', 'x-api-key'),
    headers: {},
    local: false,
    models: undefined,
    offers: () => true,
    facts: factsOf({ vendor, dialect: 'anthropic-messages', quirks: {}, overrides: {}, find: () => undefined }),
    ...more,
  };
}

function input(more: Partial<PrepareInput> = {}): PrepareInput {
  return {
    provider: provider(),
    native: true,
    endpoint: '/v1/messages',
    model: 'claude-x',
    clientPath: '/v1/messages',
    clientHeaders: [],
    dialectHeaders: { 'anthropic-version': '2023-06-01' },
    body: Buffer.from('{}'),
    stream: true,
    connectTimeout: 5000,
    fresh: false,
    ...more,
  };
}

function prepared(more: Partial<PrepareInput> = {}) {
  const result = prepareRequest(input(more));
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

describe('a native request', () => {
  test('keeps the client’s headers in order, but for the connection’s, the credentials and ours', () => {
    const { headers } = prepared({
      clientHeaders: [
        ['Host', '127.0.0.1:4141'],
        ['Connection', 'keep-alive, X-Hop'],
        ['X-Hop', '1'],
        ['Keep-Alive', 'timeout=5'],
        ['TE', 'trailers'],
        ['Transfer-Encoding', 'chunked'],
        ['Upgrade', 'h2c'],
        ['Expect', '100-continue'],
        ['Content-Length', '2'],
        ['User-Agent', 'claude-cli/2'],
        ['Accept', 'application/json'],
        ['anthropic-beta', 'one'],
        ['Anthropic-Version', '2024-01-01'],
        ['anthropic-beta', 'two'],
        ['X-Claude-Code-Session-Id', 's'],
        ['x-stainless-lang', 'js'],
        ['Authorization', 'Bearer theirs'],
        ['X-Api-Key', 'theirs'],
        ['x-goog-api-key', 'theirs'],
        ['api-key', 'theirs'],
        ['Cookie', 'a=b'],
        ['Accept-Encoding', 'gzip'],
        ['Origin', 'http://x'],
        ['Referer', 'http://x'],
        ['Forwarded', 'for=1'],
        ['X-Forwarded-For', '1'],
        ['Proxy-Authorization', 'x'],
        ['X-Understudy-Route', 'r'],
        ['Idempotency-Key', 'i'],
        ['X-Unknown', 'kept'],
      ],
    });
    expect(headers).toEqual([
      ['User-Agent', 'claude-cli/2'],
      ['Accept', 'application/json'],
      ['anthropic-beta', 'one'],
      ['Anthropic-Version', '2024-01-01'],
      ['anthropic-beta', 'two'],
      ['X-Claude-Code-Session-Id', 's'],
      ['x-stainless-lang', 'js'],
      ['Idempotency-Key', 'i'],
      ['X-Unknown', 'kept'],
      ['accept-encoding', 'identity'],
      ['x-api-key', 'provider-key'],
    ]);
  });

  test('to another vendor of the dialect loses what is the first vendor’s business', () => {
    const { headers } = prepared({
      provider: provider({
        vendor: 'groq',
        dialect: 'openai-chat',
        baseUrl: 'https://api.groq.com/openai/v1',
        credential: keyCredential('k', 'bearer'),
      }),
      endpoint: '/chat/completions',
      dialectHeaders: {},
      clientHeaders: [
        ['openai-organization', 'org'],
        ['OpenAI-Project', 'p'],
        ['chatgpt-account-id', 'a'],
        ['idempotency-key', 'i'],
        ['x-mine', 'kept'],
      ],
    });
    expect(headers).toEqual([
      ['x-mine', 'kept'],
      ['accept-encoding', 'identity'],
      ['authorization', 'Bearer k'],
    ]);
  });

  test.each([
    ['/v1/messages?beta=true', 'https://api.anthropic.com', 'https://api.anthropic.com', '/v1/messages?beta=true'],
    ['/v1/messages?key=secret&beta=true&', 'https://gateway.example/base/', 'https://gateway.example', '/base/v1/messages?beta=true'],
    ['/v1/messages?key=secret', 'http://[::1]:9000', 'http://[::1]:9000', '/v1/messages'],
    ['/v1/messages?a=%26key&keys=1&a=#x', 'http://h/a/b', 'http://h', '/a/b/v1/messages?a=%26key&keys=1&a='],
  ])('%s to %s', (clientPath, baseUrl, origin, path) => {
    expect(prepared({ clientPath, provider: provider({ baseUrl }) })).toMatchObject({ origin, path });
  });

  test('config headers take the place of the client’s', () => {
    const { headers } = prepared({
      clientHeaders: [['Anthropic-Beta', 'x']],
      provider: provider({ headers: { 'anthropic-beta': 'y', 'x-team': 't' } }),
      dialectHeaders: {},
    });
    expect(headers).toEqual([
      ['anthropic-beta', 'y'],
      ['accept-encoding', 'identity'],
      ['x-team', 't'],
      ['x-api-key', 'provider-key'],
    ]);
  });
});

describe('a foreign request', () => {
  test('has nothing of the client', () => {
    const { headers, path } = prepared({
      native: false,
      clientPath: '/v1/chat/completions?x=1',
      clientHeaders: [
        ['openai-organization', 'org'],
        ['x-any', 'thing'],
        ['authorization', 'Bearer theirs'],
      ],
      provider: provider({ headers: { 'x-team': 't' } }),
    });
    expect(path).toBe('/v1/messages');
    expect(headers).toEqual([
      ['content-type', 'application/json'],
      ['accept', 'text/event-stream'],
      ['accept-encoding', 'identity'],
      ['user-agent', 'understudy'],
      ['anthropic-version', '2023-06-01'],
      ['x-team', 't'],
      ['x-api-key', 'provider-key'],
    ]);
  });
});

describe('the client’s own credential', () => {
  const own = provider({ credential: { type: 'client' } });
  const theirs: [string, string][] = [
    ['Authorization', 'Bearer sk-ant-oat'],
    ['api-key', 'sk-azure'],
    ['x-api-key', 'sk-ant'],
  ];

  test('goes to the vendor of the dialect as it came', () => {
    const { headers } = prepared({ provider: own, clientHeaders: theirs, dialectHeaders: {} });
    expect(headers).toEqual([
      ['accept-encoding', 'identity'],
      ['Authorization', 'Bearer sk-ant-oat'],
      ['x-api-key', 'sk-ant'],
    ]);
  });

  test.each([
    ['a foreign target', { native: false }],
    ['another vendor of the dialect', { provider: provider({ vendor: 'groq', dialect: 'openai-chat', credential: { type: 'client' } }) }],
    ['a client that sends none', { clientHeaders: [] }],
  ])('not for %s', (_name, more) => {
    const result = prepareRequest(input({ provider: own, clientHeaders: theirs, ...more }));
    expect(result).toMatchObject({ ok: false });
    expect(JSON.stringify(result)).not.toContain('sk-');
  });

  test('law: whatever a client sends, its credential reaches nobody else', () => {
    const name = fc.constantFrom(
      'authorization',
      'Authorization',
      'X-API-Key',
      'x-goog-api-key',
      'Api-Key',
      'cookie',
      'proxy-authorization',
      'accept',
    );
    const vendors = fc.constantFrom('groq', 'openai', 'anthropic', 'google', 'wall');
    const credentials = fc.constantFrom<Provider['credential']>(keyCredential('k', 'bearer'), { type: 'none' }, { type: 'client' });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, fc.constant('THEIRS'))),
        vendors,
        credentials,
        fc.boolean(),
        (clientHeaders, vendor, credential, native) => {
          const result = prepareRequest(
            input({
              native,
              clientHeaders: clientHeaders.filter(([header]) => header !== 'accept'),
              clientPath: '/v1/messages?key=THEIRS',
              provider: provider({ vendor, credential }),
            }),
          );
          const allowed = native && vendor === 'anthropic' && credential.type === 'client';
          const text = result.ok ? JSON.stringify([result.value.headers, result.value.path]) : result.error;
          expect(allowed || !text.includes('THEIRS')).toBe(true);
        },
      ),
    );
  });
});

describe('a client’s own credential at Google', () => {
  const google = provider({
    vendor: 'google',
    dialect: 'gemini',
    baseUrl: 'https://generativelanguage.googleapis.com',
    credential: { type: 'client' },
  });
  const endpoint = '/v1beta/models/gemini-x:streamGenerateContent?alt=sse';
  const keys = (more: Partial<PrepareInput>) => {
    const { headers, path } = prepared({ provider: google, endpoint, dialectHeaders: {}, ...more });
    return { path, keys: headers.filter(([name]) => /key|auth/i.test(name)) };
  };

  test('from the header, or from the query, which it leaves', () => {
    expect(keys({ clientPath: endpoint, clientHeaders: [['X-Goog-Api-Key', 'theirs']] }).keys).toEqual([['X-Goog-Api-Key', 'theirs']]);
    expect(keys({ clientPath: '/v1beta/models/m:streamGenerateContent?key=the%2Firs&alt=sse&x=1' })).toEqual({
      path: '/v1beta/models/gemini-x:streamGenerateContent?alt=sse&x=1',
      keys: [['x-goog-api-key', 'the/irs']],
    });
    expect(keys({ clientPath: '/v1beta/models/m:x?key=theirs', clientHeaders: [['authorization', 'Bearer t']] }).keys).toEqual([
      ['authorization', 'Bearer t'],
    ]);
  });

  test.each(['?key=', '?key=a%0Ab', '?keys=x', ''])('«%s» is none', (query) => {
    expect(prepareRequest(input({ provider: google, endpoint, clientPath: `/v1beta/models/m:x${query}` })).ok).toBe(false);
  });

  test('a key in the query of another vendor’s client is nobody’s', () => {
    const openai = provider({ vendor: 'openai', dialect: 'openai-responses', credential: { type: 'client' } });
    expect(prepareRequest(input({ provider: openai, clientPath: '/v1/responses?key=theirs' })).ok).toBe(false);
    expect(
      prepared({ provider: openai, clientPath: '/v1/responses', clientHeaders: [['Authorization', 'Bearer t']] }).headers,
    ).toContainEqual(['Authorization', 'Bearer t']);
  });
});
