import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ask, json, objectOf, oneProvider, service } from './clouds.fixtures.ts';

const body = Buffer.from('{"model":"m","max_tokens":9,"stream":true,"messages":[]}');
const endpoint = '/v1/messages';
const place = { project: 'my-project', region: 'europe-west1', auth: 'cloud' } as const;

let home = '';
const before = { ...process.env };
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'understudy-google-'));
  for (const name of Object.keys(process.env)) if (/^(?:GOOGLE_|GCE_|GCLOUD_|CLOUDSDK_)/.test(name)) delete process.env[name];
  Object.assign(process.env, { HOME: home, NO_GCE_CHECK: 'true' });
});
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
  rmSync(home, { recursive: true });
});

/** A token service of a foreign identity: what it gives lives for `seconds`. */
async function tokenService(seconds: number) {
  let given = 0;
  return service((seen, response) => {
    given++;
    const asked = new URLSearchParams(seen.body);
    if (asked.get('subject_token') !== 'machine-token') return json(response, 401, { error: 'invalid_grant' });
    json(response, 200, {
      access_token: `token-${given}`,
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      token_type: 'Bearer',
      expires_in: seconds,
    });
  });
}

/** Application Default Credentials that have a token exchanged at the given address. */
function writeCredentials(tokenUrl: string): void {
  const subject = join(home, 'subject');
  writeFileSync(subject, 'machine-token');
  const path = join(home, 'credentials.json');
  writeFileSync(
    path,
    JSON.stringify({
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: tokenUrl,
      credential_source: { file: subject },
    }),
  );
  process.env['GOOGLE_APPLICATION_CREDENTIALS'] = path;
}

describe('Vertex by Application Default Credentials', () => {
  test('Claude: the model in the path, the version in the body, an exchanged token', async () => {
    const tokens = await tokenService(3600);
    const vertex = await service((_seen, response) => json(response, 200, {}));
    writeCredentials(tokens.url);
    const provider = oneProvider({ 'vertex-anthropic': { ...place, baseUrl: vertex.url } });
    const native = {
      clientHeaders: [
        ['anthropic-beta', 'context-1m-2025-08-07'],
        ['anthropic-version', '2023-06-01'],
        ['x-api-key', 'theirs'],
      ] as [string, string][],
    };
    await ask(provider, { ...native, model: 'claude-opus-5-5@20261101', endpoint: `${endpoint}?beta=true`, body });
    await ask(provider, { ...native, endpoint, body, stream: false });
    await ask(provider, { ...native, endpoint: '/v1/messages/count_tokens', body, stream: false });
    const models = '/v1/projects/my-project/locations/europe-west1/publishers/anthropic/models';
    expect(vertex.seen.map(({ path }) => path)).toEqual([
      `${models}/claude-opus-5-5%4020261101:streamRawPredict`,
      `${models}/claude-opus-5-5:rawPredict`,
      `${models}/count-tokens:rawPredict`,
    ]);
    expect(vertex.seen[0]!.body).toBe('{"anthropic_version":"vertex-2023-10-16","max_tokens":9,"stream":true,"messages":[]}');
    expect(objectOf(vertex.seen[2]!.body)).toMatchObject({ model: 'm' });
    for (const { headers } of vertex.seen) {
      expect(headers).toMatchObject({ authorization: 'Bearer token-1', 'anthropic-beta': 'context-1m-2025-08-07' });
      expect([headers['x-api-key'], headers['anthropic-version']]).toEqual([undefined, undefined]);
    }
    await Promise.all([tokens.close(), vertex.close()]);
  });

  test('Gemini: the same bodies under the project’s path; a token that expires is fetched anew', async () => {
    const tokens = await tokenService(1);
    const vertex = await service((_seen, response) => json(response, 200, {}));
    writeCredentials(tokens.url);
    const provider = oneProvider({ vertex: { ...place, baseUrl: vertex.url } });
    const gemini = { endpoint: '/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse', clientPath: '/x?key=theirs&alt=sse', body };
    await ask(provider, gemini);
    await ask(provider, { ...gemini, clientHeaders: [['x-goog-api-key', 'theirs']] });
    for (const { path } of vertex.seen) {
      expect(path).toBe(
        '/v1beta1/projects/my-project/locations/europe-west1/publishers/google/models/gemini-3.8-flash:streamGenerateContent?alt=sse',
      );
    }
    expect(vertex.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer token-1', 'Bearer token-2']);
    expect(vertex.seen.map((seen) => JSON.stringify(seen.headers).includes('theirs'))).toEqual([false, false]);
    await Promise.all([tokens.close(), vertex.close()]);
  });

  test('the machine’s own account, from the metadata server', async () => {
    const metadata = await service((_seen, response) =>
      json(response, 200, { access_token: 'machine-1', expires_in: 3600, token_type: 'Bearer' }, { 'metadata-flavor': 'Google' }),
    );
    delete process.env['NO_GCE_CHECK'];
    Object.assign(process.env, { GCE_METADATA_HOST: metadata.url.replace('http://', ''), METADATA_SERVER_DETECTION: 'assume-present' });
    const vertex = await service((_seen, response) => json(response, 200, {}));
    await ask(oneProvider({ 'vertex-anthropic': { ...place, baseUrl: vertex.url } }), { endpoint, body });
    expect(vertex.seen[0]!.headers.authorization).toBe('Bearer machine-1');
    await Promise.all([metadata.close(), vertex.close()]);
  });

  test('a refused exchange is status 401 in clear words; an unreachable one is a broken transport', async () => {
    const vertex = await service((_seen, response) => json(response, 200, {}));
    const refusing = await service((_seen, response) =>
      json(response, 400, { error: 'invalid_grant', error_description: 'the account is gone' }),
    );
    writeCredentials(refusing.url);
    const refused = oneProvider({ 'vertex-anthropic': { ...place, baseUrl: vertex.url } });
    const came = await ask(refused, { endpoint, body });
    expect(came).toMatchObject({
      status: 401,
      body: expect.stringMatching(/no credentials for Vertex AI: .*the account is gone.*gcloud auth application-default login/) as string,
    });
    await refusing.close();
    const gone = oneProvider({ 'vertex-anthropic': { ...place, baseUrl: vertex.url } });
    expect((await ask(gone, { endpoint, body })).error).toMatchObject({ symptom: 'refused' });
    process.env['GOOGLE_APPLICATION_CREDENTIALS'] = join(home, 'none.json');
    const missing = oneProvider({ 'vertex-anthropic': { ...place, baseUrl: vertex.url } });
    expect((await ask(missing, { endpoint, body })).status).toBe(401);
    expect(vertex.seen).toEqual([]);
    await vertex.close();
  });
});
