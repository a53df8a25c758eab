import { describe, expect, test } from 'vitest';
import type { Sign, TransportError, UpstreamHandler, UpstreamRequest } from './call.ts';
import { service } from './clouds/clouds.fixtures.ts';
import { awsSign } from './clouds/aws-sign.ts';
import { azureSign } from './clouds/azure-sign.ts';
import { googleSign } from './clouds/google-sign.ts';
import { createCall } from './http-call.ts';

function asking(origin: string, sign: Sign): UpstreamRequest {
  const headers: [string, string][] = [
    ['content-type', 'application/json'],
    ['Authorization', 'stale'],
  ];
  return { method: 'POST', origin, path: '/x', headers, body: Buffer.from('{}'), connectTimeout: 1000, fresh: false, sign };
}

/** Everything that is told, in order. */
function listener() {
  const told: unknown[] = [];
  let done = (): void => {};
  const over = new Promise<void>((resolve) => (done = resolve));
  const handler: UpstreamHandler = {
    headers: (status) => void told.push(status),
    data: (chunk) => void told.push(chunk.toString()),
    end: () => (told.push('end'), done()),
    error: (error: TransportError) => (told.push(error.symptom), done()),
  };
  return { told, over, handler };
}

describe('a call whose credential is made first', () => {
  test('its headers replace those of the same names, in the request’s own list', async () => {
    const server = await service((_seen, response) => response.end('ok'));
    const http = createCall({ environment: {} });
    const request = asking(server.url, async () => ({ ok: true, value: [['authorization', 'Bearer fresh-token']] }));
    const { told, over, handler } = listener();
    http.call(request, handler);
    await over;
    expect(told).toEqual([200, 'ok', 'end']);
    expect(server.seen[0]!.headers.authorization).toBe('Bearer fresh-token');
    expect(request.headers).toEqual([
      ['content-type', 'application/json'],
      ['authorization', 'Bearer fresh-token'],
    ]);
    await Promise.all([http.close(), server.close()]);
  });

  test('given up while the credential is being made, it never goes and nobody is told', async () => {
    const server = await service((_seen, response) => response.end('ok'));
    const http = createCall({ environment: {} });
    let give: (value: Awaited<ReturnType<Sign>>) => void = () => {};
    const { told, handler } = listener();
    const cancel = http.call(
      asking(server.url, () => new Promise((resolve) => (give = resolve))),
      handler,
    );
    cancel();
    give({ ok: true, value: [] });
    await new Promise((resolve) => setImmediate(resolve));
    expect([told, server.seen]).toEqual([[], []]);
    await Promise.all([http.close(), server.close()]);
  });

  test('no credential is a refusal; an unexpected failure too, without its words; a token service out of reach is a broken transport', async () => {
    const http = createCall({ environment: {} });
    const outcome = async (sign: Sign): Promise<unknown[]> => {
      const { told, over, handler } = listener();
      http.call(asking('http://127.0.0.1:1', sign), handler);
      await over;
      return told;
    };
    const refused = await outcome(async () => ({ ok: false, error: { type: 'auth', message: 'log in first' } }));
    expect(refused).toEqual([401, expect.stringContaining('"authentication_error","message":"log in first"') as string, 'end']);
    const failed = await outcome(() => Promise.reject(new TypeError('token abc-secret')));
    expect(failed).toEqual([401, expect.not.stringContaining('abc-secret') as string, 'end']);
    const error: TransportError = { symptom: 'dns', local: true, message: 'm' };
    expect(await outcome(async () => ({ ok: false, error: { type: 'transport', error } }))).toEqual(['dns']);
    await http.close();
  });

  test.each([
    ['AWS', awsSign({ service: 'bedrock', region: 'us-east-1', origin: 'https://bedrock-runtime.us-east-1.amazonaws.com' })],
    ['Google', googleSign('https://aiplatform.googleapis.com', 'p')],
    ['Azure', azureSign('https://r.openai.azure.com')],
  ])('%s credentials go to their own address and nowhere else', async (house, sign) => {
    const request = asking('https://elsewhere.example', sign);
    expect(await sign(request)).toMatchObject({ ok: false, error: { type: 'auth', message: expect.stringContaining(house) as string } });
    expect(JSON.stringify(request.headers)).not.toContain('Bearer');
  });
});
