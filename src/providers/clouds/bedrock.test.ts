import { mkdtempSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ANSWER, ask, chunk, decoded, expectedSignature, json, message, objectOf, oneProvider, service } from './clouds.fixtures.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const MODEL = 'us.anthropic.claude-haiku-4-5-20251001-v1:0';
const body = Buffer.from(
  '{"model":"m","max_tokens":1e2,"stream":true,"messages":[{"role":"user","content":"h\\u00e9"}],"x_unknown":{"a" : 1}}',
);
const endpoint = '/v1/messages?beta=true';

let home = '';
const before = { ...process.env };
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'understudy-aws-'));
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, { HOME: home, AWS_EC2_METADATA_DISABLED: 'true' });
});
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
  rmSync(home, { recursive: true });
});

function stream(response: ServerResponse, bytes: Buffer, cut = 7): void {
  response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream', 'x-amzn-requestid': 'r-1' });
  for (let at = 0; at < bytes.length; at += cut) response.write(bytes.subarray(at, at + cut));
  response.end();
}

const bedrock = (baseUrl: string, more = {}) => oneProvider({ bedrock: { baseUrl, region: 'eu-central-1', auth: 'cloud', ...more } });

describe('Bedrock by AWS’s own credentials', () => {
  test('a native question, signed, and its event stream as Anthropic would have sent it', async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: SECRET, AWS_SESSION_TOKEN: 'session-token' });
    const runtime = await service((_seen, response) => stream(response, Buffer.concat(ANSWER.map(chunk))));
    const came = await ask(bedrock(runtime.url), {
      model: MODEL,
      endpoint,
      body,
      clientHeaders: [
        ['anthropic-version', '2023-06-01'],
        ['anthropic-beta', 'claude-code-20250219,interleaved-thinking-2025-05-14'],
        ['anthropic-beta', 'oauth-2025-04-20'],
        ['x-api-key', 'the-clients-own'],
        ['User-Agent', 'claude-cli/2'],
      ],
    });
    const [seen] = runtime.seen;
    expect(seen!.headers.authorization).toBe(expectedSignature(seen!, SECRET, 'eu-central-1', 'bedrock'));
    expect(seen!.headers['x-amz-security-token']).toBe('session-token');
    expect(JSON.stringify(seen)).not.toContain('the-clients-own');
    expect(seen!.path).toBe(`/model/${encodeURIComponent(MODEL)}/invoke-with-response-stream`);
    expect(seen!.body).toBe(
      '{"anthropic_version":"bedrock-2023-05-31","anthropic_beta":["interleaved-thinking-2025-05-14"],"max_tokens":1e2,' +
        '"messages":[{"role":"user","content":"h\\u00e9"}],"x_unknown":{"a" : 1}}',
    );
    expect(came).toMatchObject({ status: 200, headers: { 'content-type': 'text/event-stream; charset=utf-8', 'request-id': 'r-1' } });
    expect(decoded(came.body)).toEqual({ frames: [...Array(5).fill('events'), 'end'], words: 'Grüße, 世界' });
    await runtime.close();
  });

  test('an exception inside the stream is an error of Anthropic’s kind', async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: SECRET });
    const trouble = message(
      { ':message-type': 'exception', ':exception-type': 'throttlingException', ':content-type': 'application/json' },
      '{"message":"Too many tokens"}',
    );
    const runtime = await service((_seen, response) => stream(response, Buffer.concat([...ANSWER.slice(0, 3).map(chunk), trouble])));
    const came = await ask(bedrock(runtime.url), { endpoint, body });
    expect(decoded(came.body).frames).toEqual(['events', 'events', 'events', 'error']);
    expect(came.body).toContain('{"type":"rate_limit_error","message":"throttlingException: Too many tokens"}');
    await runtime.close();
  });

  test.each([
    ['a damaged message', () => Buffer.concat([chunk(ANSWER[0]), damaged()]), /checksum/],
    ['an end within a message', () => Buffer.concat([chunk(ANSWER[0]), chunk(ANSWER[1]).subarray(0, 30)]), /ends within a message/],
    ['a chunk without an event', () => message({ ':event-type': 'chunk', ':message-type': 'event' }, '{}'), /holds no event/],
  ])('%s is a broken transport', async (_name, bytes, said) => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: SECRET });
    const runtime = await service((_seen, response) => stream(response, bytes()));
    const came = await ask(bedrock(runtime.url), { endpoint, body });
    expect(came.error).toMatchObject({ symptom: 'protocol', local: false, message: expect.stringMatching(said) as string });
    await runtime.close();
  });

  test('whole answers and errors come as Anthropic has them', async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: SECRET });
    const runtime = await service((seen, response) =>
      seen.path.endsWith('/invoke')
        ? json(response, 200, { type: 'message', content: [] })
        : json(response, 400, { message: 'invalid beta flag' }, { 'x-amzn-errortype': 'ValidationException:http://internal' }),
    );
    expect(await ask(bedrock(runtime.url), { endpoint, body, stream: false })).toMatchObject({
      status: 200,
      body: '{"type":"message","content":[]}',
    });
    const refused = await ask(bedrock(runtime.url), { endpoint, body });
    expect(refused.status).toBe(400);
    expect(objectOf(refused.body)).toEqual({
      type: 'error',
      error: { type: 'invalid_request_error', message: 'ValidationException: invalid beta flag' },
    });
    await runtime.close();
  });

  test('credentials that expire are fetched anew', async () => {
    let given = 0;
    const role = await service((_seen, response) => {
      given++;
      json(response, 200, {
        AccessKeyId: `AKID${given}`,
        SecretAccessKey: SECRET,
        Token: `token-${given}`,
        Expiration: new Date(Date.now() - 1000).toISOString(),
      });
    });
    process.env['AWS_CONTAINER_CREDENTIALS_FULL_URI'] = `${role.url}/creds`;
    const runtime = await service((_seen, response) => json(response, 200, { type: 'message' }));
    const provider = bedrock(runtime.url);
    await ask(provider, { endpoint, body, stream: false });
    await ask(provider, { endpoint, body, stream: false });
    const tokens = runtime.seen.map(({ headers }) => headers['x-amz-security-token']);
    expect(new Set(tokens).size).toBe(2);
    for (const seen of runtime.seen) expect(seen.headers.authorization).toBe(expectedSignature(seen, SECRET, 'eu-central-1', 'bedrock'));
    await Promise.all([role.close(), runtime.close()]);
  });

  test('no credentials are status 401 with what to do, and nobody is asked', async () => {
    const runtime = await service((_seen, response) => json(response, 200, {}));
    const came = await ask(bedrock(runtime.url), { endpoint, body });
    expect(came.status).toBe(401);
    expect(came.body).toMatch(/authentication_error.*no credentials for Amazon Bedrock: .*Set AWS_ACCESS_KEY_ID/);
    expect(runtime.seen).toEqual([]);
    await runtime.close();
  });

  test('a service that quotes the token back does not get it past', async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: SECRET, AWS_SESSION_TOKEN: 'session-token' });
    const runtime = await service((seen, response) =>
      json(response, 403, { message: `bad ${String(seen.headers['x-amz-security-token'])}` }),
    );
    const came = await ask(bedrock(runtime.url), { endpoint, body });
    expect(came.body).toContain('bad [secret]');
    await runtime.close();
  });
});

describe('Bedrock’s other forms', () => {
  test('a Bedrock key is a bearer token, and nothing is signed', async () => {
    const runtime = await service((_seen, response) => stream(response, Buffer.concat(ANSWER.map(chunk)), 1000));
    const provider = oneProvider({ bedrock: { baseUrl: runtime.url, region: 'us-east-1', apiKey: 'bedrock-api-key-1' } });
    const came = await ask(provider, { endpoint, body });
    expect(runtime.seen[0]!.headers.authorization).toBe('Bearer bedrock-api-key-1');
    expect(runtime.seen[0]!.headers['x-amz-date']).toBeUndefined();
    expect(decoded(came.body).words).toBe('Grüße, 世界');
    await runtime.close();
  });

  test('Anthropic’s own form at the runtime: the client’s bytes as they are', async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: SECRET });
    const runtime = await service((_seen, response) => json(response, 200, {}));
    const messages = oneProvider({ 'bedrock-messages': { region: 'us-east-1', auth: 'cloud', baseUrl: `${runtime.url}/anthropic` } });
    await ask(messages, { endpoint: '/v1/messages', body, clientHeaders: [['anthropic-version', '2023-06-01']] });
    const [seen] = runtime.seen;
    expect([seen!.path, seen!.body, seen!.headers['anthropic-version']]).toEqual(['/anthropic/v1/messages', body.toString(), '2023-06-01']);
    expect(seen!.headers.authorization).toBe(expectedSignature(seen!, SECRET, 'us-east-1', 'bedrock'));
    await runtime.close();
  });

  test('Mantle takes Anthropic’s own requests and OpenAI’s, signed for its own name', async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: SECRET });
    const mantle = await service((_seen, response) => json(response, 200, {}));
    const at = { region: 'us-west-2', auth: 'cloud' } as const;
    const messages = oneProvider({ 'bedrock-mantle': { ...at, baseUrl: `${mantle.url}/anthropic` } });
    await ask(messages, { endpoint: '/v1/messages', body, clientHeaders: [['anthropic-beta', 'any']] });
    const responses = oneProvider({ 'bedrock-mantle-openai': { ...at, baseUrl: `${mantle.url}/openai/v1` } });
    await ask(responses, { endpoint: '/responses', body });
    await ask(responses.faces!.get('openai-chat')!, { endpoint: '/chat/completions', body });
    expect(mantle.seen.map(({ path }) => path)).toEqual(['/anthropic/v1/messages', '/openai/v1/responses', '/openai/v1/chat/completions']);
    for (const seen of mantle.seen) {
      expect(seen.headers.authorization).toBe(expectedSignature(seen, SECRET, 'us-west-2', 'bedrock-mantle'));
      expect(seen.body).toBe(body.toString());
    }
    expect(mantle.seen[0]!.headers['anthropic-beta']).toBe('any');
    await mantle.close();
  });
});

function damaged(): Buffer {
  const bytes = chunk(ANSWER[1]);
  bytes[40] = bytes[40]! ^ 1;
  return bytes;
}
