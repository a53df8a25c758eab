import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import type { DialectName } from '../exchange/dialect-name.ts';
import { checkBaseUrl } from './base-url.ts';
import { presets } from './catalogue.ts';
import type { Provider } from './provider.ts';
import { resolveProviders } from './resolve.ts';
import type { ProvidersSettings } from './settings.ts';
import { providersSettings } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'understudy-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

const WALL = { dialect: 'openai-chat', baseUrl: 'http://127.0.0.1:9100/v1' } as const;

function resolve(settings: ProvidersSettings, environment: Record<string, string> = {}) {
  return resolveProviders(settings, { environment, home: folder, platform: 'linux' });
}
function one(settings: ProvidersSettings, environment: Record<string, string> = {}) {
  const result = resolve(settings, environment);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value.providers[0]!;
}
function problem(settings: ProvidersSettings, environment: Record<string, string> = {}) {
  const result = resolve(settings, environment);
  if (result.ok) throw new Error('no problem');
  return result.error[0]!;
}

/** The provider as clients of a dialect meet it. */
function inOther(provider: Provider, dialect: DialectName) {
  return provider.dialect === dialect ? provider : provider.faces?.get(dialect);
}

describe('keys', () => {
  test('from the settings, before the environment', () => {
    expect(one({ openai: { apiKey: 'sk-config' } }, { OPENAI_API_KEY: 'sk-env' }).credential).toMatchObject({
      type: 'key',
      scheme: 'bearer',
    });
    const { credential } = one({ openai: { apiKey: 'sk-config' } }, { OPENAI_API_KEY: 'sk-env' });
    expect(credential.type === 'key' && credential.value).toBe('sk-config');
  });

  test('several are accounts of their own, in order, in every dialect; each is a secret and shows nowhere', () => {
    const result = resolve({ openai: { apiKeys: ['sk-first-key', 'sk-second-key'], concurrency: 4 } });
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    const [provider] = result.value.providers;
    const keysOf = ({ accounts = [] }: Provider): unknown[] =>
      accounts.map(({ credential }) => credential.type === 'key' && credential.value);
    for (const face of [provider!, ...provider!.faces!.values()]) {
      expect(keysOf(face)).toEqual(['sk-first-key', 'sk-second-key']);
      expect(face.concurrency).toBe(4);
    }
    expect(result.value.secrets).toEqual(['sk-first-key', 'sk-second-key']);
    expect(JSON.stringify(provider) + inspect(provider, { depth: 9 })).not.toMatch(/sk-(first|second)/);
    expect(one({ openai: { apiKeys: ['sk-only'] } }).accounts).toBeUndefined();
  });

  test.each([
    [{ apiKey: 'k', apiKeys: ['l'] }, 'apiKeys'],
    [{ apiKeys: ['k', 'l', 'k'] }, 'apiKeys'],
    [{ apiKeys: ['k', 'two words'] }, 'apiKeys'],
    [{ apiKeys: ['k', 'sk-ant-oat01-plan'] }, 'apiKeys'],
    [{ apiKeys: ['k', 'l'], keyFile: 'f' }, 'keyFile'],
    [{ apiKeys: ['k', 'l'], auth: 'none' as const }, 'auth'],
  ])('several that make no sense: %o', (more, field) => {
    const result = resolve({ wall: { ...WALL, ...more, also: { 'openai-responses': 'http://127.0.0.1:9100/v1' } } });
    expect(result.ok ? [] : result.error.map((each) => each.field)).toEqual([field]);
  });

  test('from the environment, the first variable that says something', () => {
    const { credential } = one({ google: {} }, { GEMINI_API_KEY: ' ', GOOGLE_API_KEY: ' g-key\n' });
    expect(credential.type === 'key' && credential.value).toBe('g-key');
  });

  test('from a file that only its owner may read', () => {
    const path = join(folder, 'key');
    writeFileSync(path, 'sk-file\n', { mode: 0o600 });
    const { credential } = one({ openai: { keyFile: '~/key' } });
    expect(credential.type === 'key' && credential.value).toBe('sk-file');
    chmodSync(path, 0o640);
    expect(problem({ openai: { keyFile: path } })).toEqual({
      provider: 'openai',
      field: 'keyFile',
      message: `${path} can be read by others (mode 640); run: chmod 600 ${path}`,
    });
    expect(problem({ openai: { keyFile: '/no/such/file' } }).message).toContain('ENOENT');
  });

  test('none: the client’s own for the vendor of the dialect, an error for others, nothing for local ones', () => {
    expect(one({ anthropic: {} }).credential).toEqual({ type: 'client' });
    expect(one({ openai: {} }).credential).toEqual({ type: 'client' });
    expect(problem({ mistral: {} })).toMatchObject({ field: 'apiKey', message: expect.stringContaining('MISTRAL_API_KEY') as string });
    expect(one({ ollama: {} })).toMatchObject({ credential: { type: 'none' }, local: true });
    expect(one({ wall: WALL })).toMatchObject({ credential: { type: 'none' }, vendor: 'wall', models: undefined });
  });

  test('a variable’s key and a client’s own go to no other address unasked', () => {
    const elsewhere = { baseUrl: 'https://gateway.example' };
    expect(problem({ anthropic: elsewhere }, { ANTHROPIC_API_KEY: 'sk-ant' })).toMatchObject({ field: 'apiKey' });
    expect(one({ anthropic: { baseUrl: 'http://127.0.0.1:9000' } }, { ANTHROPIC_API_KEY: 'sk-ant' }).credential).toEqual({ type: 'none' });
    expect(one({ anthropic: { ...elsewhere, auth: 'client' } }).credential).toEqual({ type: 'client' });
    expect(problem({ wall: { ...WALL, auth: 'client' } })).toMatchObject({ field: 'auth' });
    expect(problem({ groq: { auth: 'client' } })).toMatchObject({ field: 'auth' });
  });

  test.each([
    [{ apiKey: ' ' }, 'apiKey'],
    [{ apiKey: 'two words' }, 'apiKey'],
    [{ apiKey: 'k', keyFile: 'f' }, 'keyFile'],
    [{ apiKey: 'k', auth: 'none' as const }, 'auth'],
    [{ proxy: 'socks5://x' }, 'proxy'],
    [{ ca: '/no/such.pem' }, 'ca'],
    [{ headers: { 'bad name': 'x' } }, 'headers'],
    [{ headers: { good: 'a\nb' } }, 'headers'],
    [{ preset: 'antropic' }, 'preset'],
    [{ baseUrl: 'localhost:9000' }, 'baseUrl'],
  ])('%j is a problem of %s', (more, field) => {
    expect(problem({ wall: { ...WALL, ...more } })).toMatchObject({ provider: 'wall', field });
  });

  test('never show in dumps, JSON or errors', () => {
    const result = resolve({ wall: { ...WALL, apiKey: 'very-secret' } });
    const provider = result.ok ? result.value.providers[0]! : undefined;
    expect(JSON.stringify(provider)).toContain('[secret]');
    for (const text of [
      JSON.stringify(provider),
      inspect(provider, { depth: 9, showHidden: false }),
      String(provider),
      JSON.stringify({ ...provider }),
    ]) {
      expect(text).not.toContain('very-secret');
    }
  });

  test('all secrets are known to the redactor', () => {
    const result = resolve({ wall: { ...WALL, apiKey: 'k-123456', headers: { Authorization: 'Basic dXNlcg==', 'x-team': 'blue' } } });
    expect(result).toMatchObject({ ok: true, value: { secrets: ['k-123456', 'dXNlcg=='] } });
  });
});

test('mended base URLs and keys over plain http are worth a notice', () => {
  const result = resolve({
    a: { ...WALL, baseUrl: 'http://10.1.2.3', apiKey: 'k' },
    b: { ...WALL, apiKey: 'k' },
    c: { ...WALL, baseUrl: 'http://10.1.2.3/v1' },
  });
  expect(result.ok && result.value.notices).toEqual([
    'a: baseUrl «http://10.1.2.3» is taken as http://10.1.2.3/v1, as the official SDK of openai-chat has it',
    'a: the key goes to http://10.1.2.3/v1 unencrypted; use https unless that is your own network',
  ]);
});

test('proxy and authorities are kept by origin; two providers there have to agree', () => {
  const proxied = { ...WALL, proxy: 'http://127.0.0.1:3128' };
  const result = resolve({ a: proxied, b: proxied });
  expect(result.ok && [...result.value.connections]).toEqual([['http://127.0.0.1:9100', { proxy: 'http://127.0.0.1:3128' }]]);
  expect(problem({ a: proxied, b: { ...WALL, proxy: 'off' } })).toMatchObject({ provider: 'b', field: 'proxy' });
});

describe('presets', () => {
  test('all resolve with a key, and know their own base URL as right', () => {
    for (const preset of presets.filter(({ cloud, signIn }) => !cloud && signIn === undefined)) {
      const provider = one({ [preset.name]: { apiKey: 'k' } });
      expect(provider).toMatchObject({ name: preset.name, baseUrl: preset.baseUrl, dialect: preset.dialect });
      expect(checkBaseUrl(preset.baseUrl, preset.dialect)).toEqual({ ok: true, value: { url: preset.baseUrl } });
    }
    expect(new Set(presets.map(({ name }) => name)).size).toBe(presets.length);
  });

  test('an unknown name needs dialect and base URL; a preset can be named otherwise', () => {
    expect(problem({ wal: {} })).toMatchObject({
      field: '',
      message: expect.stringMatching(/dialect .* and baseUrl, or a preset \(anthropic, openai/) as string,
    });
    expect(one({ work: { preset: 'anthropic', apiKey: 'k' } })).toMatchObject({
      name: 'work',
      vendor: 'anthropic',
      baseUrl: 'https://api.anthropic.com',
    });
    expect(problem({ mistral: { dialect: 'gemini', apiKey: 'k' } })).toMatchObject({ field: 'dialect' });
  });

  test('further dialects: documented ones, each with its own address and way of showing the key', () => {
    const openrouter = one({ openrouter: { apiKey: 'k' } });
    expect(openrouter.faces?.get('anthropic-messages')).toMatchObject({
      name: 'openrouter',
      vendor: 'openrouter',
      dialect: 'anthropic-messages',
      baseUrl: 'https://openrouter.ai/api',
      credential: { type: 'key', scheme: 'bearer' },
    });
    const google = one({ google: {} }, { GEMINI_API_KEY: 'g' });
    expect(inOther(google, 'gemini')).toMatchObject({
      baseUrl: 'https://generativelanguage.googleapis.com',
      credential: { scheme: 'x-goog-api-key' },
    });
    expect(inOther(google, 'openai-chat')).toMatchObject({
      baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai',
      credential: { scheme: 'bearer' },
    });
    for (const preset of presets.filter(({ cloud, signIn }) => !cloud && signIn === undefined)) {
      for (const [dialect, { baseUrl }] of Object.entries(preset.also ?? {})) {
        expect(checkBaseUrl(baseUrl, dialect as DialectName)).toEqual({ ok: true, value: { url: baseUrl } });
      }
    }
  });

  test('under another base URL only what is at the very same address is taken to be there too', () => {
    const gateway = { baseUrl: 'https://gateway.example/v1', apiKey: 'k' };
    expect(inOther(one({ openai: gateway }), 'openai-responses')).toMatchObject({ baseUrl: 'https://gateway.example/v1' });
    expect(inOther(one({ openai: gateway }), 'openai-responses')?.keepsResponses).toBeUndefined();
    expect(one({ openai: { ...gateway, dialect: 'openai-chat' } }).faces).toBeUndefined();
    expect(one({ openrouter: gateway }).faces?.get('anthropic-messages')).toBeUndefined();
    expect(inOther(one({ openai: { apiKey: 'k' } }), 'openai-responses')?.keepsResponses).toBe(true);
    expect(one({ openai: { apiKey: 'k', dialect: 'openai-chat' } }).dialect).toBe('openai-chat');
  });

  test('a service of one’s own says with `also` where else it is spoken to', () => {
    const also = { 'anthropic-messages': 'https://gateway.example/v1', gemini: 'http://127.0.0.1:9100/v1beta' } as const;
    const wall = resolve({ wall: { ...WALL, apiKey: 'k', also } });
    const provider = wall.ok ? wall.value.providers[0] : undefined;
    expect(provider?.faces?.get('anthropic-messages')).toMatchObject({
      baseUrl: 'https://gateway.example',
      credential: { scheme: 'x-api-key' },
    });
    expect(provider?.faces?.get('gemini')).toMatchObject({ baseUrl: 'http://127.0.0.1:9100', credential: { scheme: 'x-goog-api-key' } });
    expect(wall.ok && wall.value.notices).toHaveLength(2);
    expect(problem({ wall: { ...WALL, also: { 'openai-chat': 'https://h/v1' } } })).toMatchObject({ field: 'also' });
    expect(problem({ wall: { ...WALL, also: { gemini: 'nowhere' } } })).toMatchObject({ field: 'also' });
  });

  test('a variable’s key and a client’s own go to no further address unasked either', () => {
    const also = { 'anthropic-messages': 'https://gateway.example' } as const;
    expect(problem({ groq: { also } }, { GROQ_API_KEY: 'g' })).toMatchObject({ field: 'apiKey' });
    expect(problem({ openai: { also } })).toMatchObject({ field: 'apiKey' });
    expect(problem({ openai: { also, auth: 'client' } })).toMatchObject({ field: 'auth' });
    expect(one({ groq: { also, apiKey: 'k' } }).faces?.get('anthropic-messages')?.credential.type).toBe('key');
    // A client's own credential is shown in the dialects of its vendor alone.
    expect([...(one({ openai: { auth: 'client' } }).faces?.values() ?? [])].map(({ credential }) => credential.type)).toEqual(['client']);
  });

  test('settings win over the preset', () => {
    const provider = one({
      anthropic: { apiKey: 'k', models: ['claude-3*'], local: true, auth: 'bearer', facts: { 'claude-3*': { contextWindow: 7 } } },
    });
    expect(provider).toMatchObject({ models: ['claude-3*'], local: true, credential: { scheme: 'bearer' } });
    expect(provider.facts('claude-3-opus').contextWindow).toBe(7);
    expect(provider.facts('claude-opus-5-5').contextWindow).toBe(1_000_000);
  });

  test('the schema takes a bare name and refuses unknown fields', () => {
    expect(providersSettings.parse({ anthropic: null })).toEqual({ anthropic: {} });
    expect(providersSettings.safeParse({ wall: { apikey: 'k' } }).success).toBe(false);
    expect(providersSettings.safeParse({ sim: {} }).success).toBe(false);
  });
});

describe('clouds', () => {
  test('addresses are made of the place: from the settings, or the variables of the cloud’s own tools', () => {
    const base = (settings: ProvidersSettings, environment = {}) => one(settings, environment).baseUrl;
    expect(base({ bedrock: { region: 'eu-west-1' } })).toBe('https://bedrock-runtime.eu-west-1.amazonaws.com');
    expect(base({ bedrock: {} }, { AWS_DEFAULT_REGION: 'us-east-1' })).toBe('https://bedrock-runtime.us-east-1.amazonaws.com');
    expect(base({ 'bedrock-mantle': { region: 'us-east-2' } })).toBe('https://bedrock-mantle.us-east-2.api.aws/anthropic');
    const vertex = (region: string) => base({ vertex: { project: 'p', region } });
    expect(['global', 'eu', 'europe-west1'].map(vertex)).toEqual([
      'https://aiplatform.googleapis.com',
      'https://aiplatform.eu.rep.googleapis.com',
      'https://europe-west1-aiplatform.googleapis.com',
    ]);
    expect(base({ azure: { resource: 'acme' } })).toBe('https://acme.openai.azure.com/openai/v1');
    expect(base({ 'azure-anthropic': {} }, { ANTHROPIC_FOUNDRY_RESOURCE: 'acme' })).toBe('https://acme.services.ai.azure.com/anthropic');
    for (const preset of presets.filter(({ cloud }) => cloud)) {
      const provider = one({ [preset.name]: { region: 'r-1', project: 'p', resource: 's', apiKey: 'k' } });
      for (const face of [provider, ...(provider.faces?.values() ?? [])]) {
        expect(checkBaseUrl(face.baseUrl, face.dialect)).toEqual({ ok: true, value: { url: face.baseUrl } });
      }
    }
  });

  test.each([
    [{ bedrock: {} }, 'region'],
    [{ bedrock: { region: 'eu.evil.example/' } }, 'region'],
    [{ vertex: { region: 'global' } }, 'project'],
    [{ azure: {} }, 'resource'],
    [{ azure: { resource: 'evil.example/x' } }, 'resource'],
    [{ bedrock: { region: 'r', auth: 'client' as const } }, 'auth'],
    [{ bedrock: { region: 'r', auth: 'cloud' as const, apiKey: 'k' } }, 'auth'],
    [{ groq: { auth: 'cloud' as const } }, 'auth'],
    // A token for the cloud goes to no other address unasked.
    [{ azure: { baseUrl: 'https://gateway.example/openai/v1' } }, 'apiKey'],
  ])('%j is a problem of %s', (settings, field) => {
    expect(problem(settings)).toMatchObject({ field });
  });

  test('credentials: the service’s own key, else the cloud’s identity', () => {
    const bedrock = { bedrock: { region: 'us-east-1' } };
    expect(one(bedrock).credential).toMatchObject({ type: 'identity', from: expect.stringContaining('AWS') as string });
    expect(one(bedrock, { AWS_BEARER_TOKEN_BEDROCK: 'b' }).credential).toMatchObject({ type: 'key', scheme: 'bearer' });
    expect(one({ azure: { resource: 'r' } }, { AZURE_OPENAI_API_KEY: 'a' }).credential).toMatchObject({ type: 'key', scheme: 'api-key' });
    expect(one({ azure: { resource: 'r' } }).keepsResponses).toBe(true);
    expect(one(bedrock).hosting?.sign).toBeDefined();
    expect(one(bedrock, { AWS_BEARER_TOKEN_BEDROCK: 'b' }).hosting?.sign).toBeUndefined();
  });

  test('what Claude is there it is here; limits and prices are the cloud’s own', () => {
    const bedrock = one({ bedrock: { region: 'us-east-1' } });
    expect(bedrock.vendor).toBe('anthropic');
    expect(bedrock.facts('eu.anthropic.claude-opus-5-5')).toMatchObject({
      reasoning: 'adaptive',
      fixedSampling: true,
      contextWindow: 1_000_000,
    });
    const azure = one({ azure: { resource: 'r' } });
    expect(azure.vendor).toBe('azure');
    expect(inOther(azure, 'openai-chat')!.facts('gpt-5.6-terra')).toMatchObject({ systemRole: 'developer', toolsNeedNoReasoning: true });
  });
});

describe('base URLs', () => {
  test.each([
    ['https://api.anthropic.com/', 'anthropic-messages', 'https://api.anthropic.com', false],
    ['https://api.anthropic.com/v1', 'anthropic-messages', 'https://api.anthropic.com', true],
    ['https://h/x/v1/messages/', 'anthropic-messages', 'https://h/x', true],
    ['https://api.openai.com', 'openai-chat', 'https://api.openai.com/v1', true],
    ['https://api.openai.com/v1/', 'openai-chat', 'https://api.openai.com/v1', false],
    ['https://api.openai.com/v1/chat/completions', 'openai-chat', 'https://api.openai.com/v1', true],
    ['https://api.deepseek.com', 'openai-chat', 'https://api.deepseek.com', false],
    ['http://[::1]:8080/v1', 'openai-chat', 'http://[::1]:8080/v1', false],
    ['https://api.openai.com/v1/responses', 'openai-responses', 'https://api.openai.com/v1', true],
    ['https://generativelanguage.googleapis.com/v1beta/models', 'gemini', 'https://generativelanguage.googleapis.com', true],
    ['https://h/proxy', 'gemini', 'https://h/proxy', false],
  ] as const)('%s for %s is %s', (text, dialect, url, mended) => {
    const checked = checkBaseUrl(text, dialect);
    expect(checked).toMatchObject({ ok: true, value: { url } });
    expect(checked.ok && checked.value.mended !== undefined).toBe(mended);
  });

  test.each(['', 'api.openai.com/v1', 'ftp://h/v1', 'https://h/v1?key=x', 'https://h/v1#x', 'https://user:pass@h/v1'])(
    '«%s» is refused',
    (text) => {
      expect(checkBaseUrl(text, 'openai-chat').ok).toBe(false);
    },
  );
});
