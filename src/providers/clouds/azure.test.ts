import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ask, json, oneProvider, service, type SimulatedService } from './clouds.fixtures.ts';

const body = Buffer.from('{"model":"my-deployment","input":"hi"}');

const before = { ...process.env };
beforeEach(() => {
  for (const name of Object.keys(process.env)) if (/^(?:AZURE_|IDENTITY_|MSI_)/.test(name)) delete process.env[name];
  process.env['AZURE_TOKEN_CREDENTIALS'] = 'ManagedIdentityCredential';
  // The library keeps tokens by identity for the whole process.
  process.env['AZURE_CLIENT_ID'] = randomUUID();
});
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
});

/** The identity endpoint of a machine in Azure (App Service's form). One for all: the library finds it once. */
let machine: SimulatedService;
let given = 0;
let lifetime = 3600;
let status = 200;
beforeAll(async () => {
  machine = await service((seen, response) => {
    if (seen.headers['x-identity-header'] !== 'machine-secret' || status !== 200)
      return json(response, 400, { error: 'identity not found' });
    given++;
    json(response, 200, {
      access_token: `entra-${given}`,
      expires_on: String(Math.floor(Date.now() / 1000) + lifetime),
      resource: 'https://cognitiveservices.azure.com',
      token_type: 'Bearer',
    });
  });
});
afterAll(() => machine.close());
beforeEach(() => {
  [given, lifetime, status] = [0, 86_400, 200];
  Object.assign(process.env, { IDENTITY_ENDPOINT: `${machine.url}/token`, IDENTITY_HEADER: 'machine-secret' });
});

describe('Azure', () => {
  test('a key: OpenAI’s dialects by api-key, Claude by x-api-key', async () => {
    const azure = await service((_seen, response) => json(response, 200, {}));
    const openai = oneProvider({ azure: { baseUrl: `${azure.url}/openai/v1`, apiKey: 'azure-key' } });
    await ask(openai, { endpoint: '/responses', body });
    await ask(openai.faces!.get('openai-chat')!, { endpoint: '/chat/completions', body });
    const claude = oneProvider({ 'azure-anthropic': { baseUrl: `${azure.url}/anthropic`, apiKey: 'azure-key' } });
    await ask(claude, { endpoint: '/v1/messages', body });
    expect(azure.seen.map(({ path, headers }) => [path, headers['api-key'], headers['x-api-key'], headers.authorization])).toEqual([
      ['/openai/v1/responses', 'azure-key', undefined, undefined],
      ['/openai/v1/chat/completions', 'azure-key', undefined, undefined],
      ['/anthropic/v1/messages', undefined, 'azure-key', undefined],
    ]);
    expect(azure.seen[0]!.body).toBe(body.toString());
    await azure.close();
  });

  test('an Entra token for both, kept while it lasts', async () => {
    const azure = await service((_seen, response) => json(response, 200, {}));
    const openai = oneProvider({ azure: { baseUrl: `${azure.url}/openai/v1`, auth: 'cloud' } });
    const theirs: [string, string][] = [['authorization', 'Bearer theirs']];
    await ask(openai, { endpoint: '/responses', body, clientHeaders: theirs });
    await ask(openai, { endpoint: '/responses', body });
    const claude = oneProvider({ 'azure-anthropic': { baseUrl: `${azure.url}/anthropic`, auth: 'cloud' } });
    await ask(claude, { endpoint: '/v1/messages', body });
    expect(azure.seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer entra-1',
      'Bearer entra-1',
      expect.stringMatching(/^Bearer entra-\d$/),
    ]);
    expect(machine.seen.at(-1)!.path).toContain(encodeURIComponent('https://cognitiveservices.azure.com'));
    await azure.close();
  });

  test('a token that expires is fetched anew', async () => {
    lifetime = 1;
    const azure = await service((_seen, response) => json(response, 200, {}));
    const openai = oneProvider({ azure: { baseUrl: `${azure.url}/openai/v1`, auth: 'cloud' } });
    await ask(openai, { endpoint: '/responses', body });
    await ask(openai, { endpoint: '/responses', body });
    expect(azure.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer entra-1', 'Bearer entra-2']);
    await azure.close();
  });

  test('no identity is status 401 with what to do', async () => {
    status = 400;
    const azure = await service((_seen, response) => json(response, 200, {}));
    const came = await ask(oneProvider({ azure: { baseUrl: `${azure.url}/openai/v1`, auth: 'cloud' } }), { endpoint: '/responses', body });
    expect(came).toMatchObject({
      status: 401,
      body: expect.stringMatching(/no credentials for Azure: .*identity not found.*az login/) as string,
    });
    expect(azure.seen).toEqual([]);
    await azure.close();
  });
});
