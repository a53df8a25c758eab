import { describe, expect, test } from 'vitest';
import { accessCheck, isLoopback } from './access.ts';
import { serverSettings } from '../config/server-settings.ts';

const token = 'correct-horse-battery-staple';

function check(settings: object, headers: Record<string, string>, forAnyone = false): string {
  const result = accessCheck(serverSettings.parse(settings))(headers, undefined, forAnyone);
  return result.ok ? result.value.principal : result.error.code;
}

describe('Host', () => {
  test.each(['127.0.0.1', '127.0.0.1:4141', 'localhost:9', 'LOCALHOST', 'app.localhost:80', '[::1]:4141', '[::1]', '127.8.8.8'])(
    '%s is this machine',
    (host) => {
      expect(check({}, { host })).toBe('local');
    },
  );

  test.each([
    'evil.example',
    'evil.example:4141',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '192.168.1.9:4141',
    '127.0.0.1@evil.example',
    '',
  ])('"%s" is refused', (host) => {
    expect(check({}, { host })).toBe('foreign-host');
  });

  test('a whole URL as target counts instead of the header', () => {
    const rules = accessCheck(serverSettings.parse({}));
    expect(rules({ host: 'localhost' }, 'evil.example', false).ok).toBe(false);
  });

  test('names from the configuration are known', () => {
    expect(check({ allowedHosts: ['host.docker.internal'] }, { host: 'host.docker.internal:4141' })).toBe('local');
    expect(check({ host: 'desk.lan', token }, { host: 'desk.lan:4141', 'x-api-key': token })).toBe('token');
  });

  test('a wider binding is reached by address, and by no unknown name', () => {
    expect(check({ host: '0.0.0.0', token }, { host: '192.168.1.9:4141', 'x-api-key': token })).toBe('token');
    expect(check({ host: '0.0.0.0', token }, { host: 'evil.example', 'x-api-key': token })).toBe('foreign-host');
  });
});

describe('Origin', () => {
  test('our own pages may ask', () => {
    expect(check({}, { host: '127.0.0.1:4141', origin: 'http://127.0.0.1:4141' })).toBe('local');
  });

  test.each([
    'https://evil.example',
    'null',
    'http://localhost:4141',
    'http://127.0.0.1:9999',
    'http://127.0.0.1:4141.evil.example',
    'chrome-extension://abc',
  ])('%s may not', (origin) => {
    expect(check({}, { host: '127.0.0.1:4141', origin })).toBe('foreign-origin');
  });

  test('listed ones may, and are told so', () => {
    const rules = accessCheck(serverSettings.parse({ allowedOrigins: ['chrome-extension://abc'] }));
    expect(rules({ host: 'localhost', origin: 'chrome-extension://abc' }, undefined, false)).toMatchObject({
      ok: true,
      value: { crossOrigin: 'chrome-extension://abc' },
    });
  });

  test('the refusal says what to set', () => {
    const result = accessCheck(serverSettings.parse({}))({ host: 'localhost', origin: 'https://a.example' }, undefined, false);
    expect(result).toMatchObject({ ok: false, error: { hint: expect.stringContaining('server.allowedOrigins') as string } });
  });
});

describe('token', () => {
  const host = 'localhost';
  test.each([
    { authorization: `Bearer ${token}` },
    { authorization: `bearer ${token}` },
    { 'x-api-key': token },
    { 'x-understudy-token': token },
  ])('%o is let in', (shown) => {
    expect(check({ token }, { host, ...shown })).toBe('token');
  });

  test.each([
    [{}, 'token-missing'],
    [{ authorization: `Bearer ${token}x` }, 'wrong-token'],
    [{ authorization: 'Bearer ' }, 'wrong-token'],
    [{ 'x-api-key': token.slice(0, -1) }, 'wrong-token'],
    [{ cookie: `token=${token}` }, 'token-missing'],
  ])('%o is not', (shown, code) => {
    expect(check({ token }, { host, ...shown })).toBe(code);
  });

  test('headers that bore it are ours; others stay the provider’s', () => {
    const rules = accessCheck(serverSettings.parse({ token }));
    const both = rules({ host, 'x-understudy-token': token, authorization: 'Bearer sk-vendor' }, undefined, false);
    expect(both.ok && [...both.value.ownHeaders]).toEqual(['x-understudy-token']);
    const bearer = rules({ host, authorization: `Bearer ${token}`, 'x-api-key': 'sk-vendor' }, undefined, false);
    expect(bearer.ok && [...bearer.value.ownHeaders].sort()).toEqual(['authorization', 'x-understudy-token']);
  });

  test('Google’s clients may show it in a header or in the query of theirs; what is not it stays the provider’s', () => {
    const rules = accessCheck(serverSettings.parse({ token }));
    const header = rules({ host, 'x-goog-api-key': token }, undefined, false, 'AIza-vendor');
    expect(header.ok && [header.value.principal, header.value.ownHeaders.has('x-goog-api-key'), header.value.ownKey]).toEqual([
      'token',
      true,
      false,
    ]);
    const query = rules({ host, 'x-goog-api-key': 'AIza-vendor' }, undefined, false, token);
    expect(query.ok && [query.value.principal, query.value.ownHeaders.has('x-goog-api-key'), query.value.ownKey]).toEqual([
      'token',
      false,
      true,
    ]);
    const wrong = rules({ host }, undefined, false, `${token}x`);
    expect(!wrong.ok && wrong.error.code).toBe('wrong-token');
    const without = accessCheck(serverSettings.parse({}))({ host }, undefined, false, 'AIza-vendor');
    expect(without.ok && without.value.ownKey).toBe(false);
  });

  test('what anyone may ask is answered without it, as to a stranger', () => {
    expect(check({ token }, { host }, true)).toBe('anyone');
    expect(check({ token }, { host, 'x-api-key': token }, true)).toBe('token');
    expect(check({ token }, { host: 'evil.example' }, true)).toBe('foreign-host');
  });
});

test('settings name what is wrong', () => {
  expect(serverSettings.safeParse({ token: 'short' }).error?.issues[0]?.message).toContain('openssl rand');
  expect(serverSettings.safeParse({ allowedOrigins: ['https://a.example/'] }).success).toBe(false);
  expect(serverSettings.safeParse({ prot: 1 }).success).toBe(false);
  expect(serverSettings.parse({ maxBody: '2MiB', slowReader: '1m' })).toMatchObject({
    maxBody: 2 * 1024 ** 2,
    slowReader: 60_000,
    host: '127.0.0.1',
    port: 4141,
  });
});

test('loopback is told from the rest', () => {
  expect(['127.0.0.1', '::1', '[::1]', 'localhost'].every(isLoopback)).toBe(true);
  expect(['0.0.0.0', '::', '10.0.0.1', 'desk.lan', '127.evil.example'].some(isLoopback)).toBe(false);
});
