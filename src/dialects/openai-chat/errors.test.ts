import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import type { Fault, FaultClass } from '../../exchange/fault.ts';
import { openaiChat } from './dialect.ts';

const { decodeError, encodeError } = openaiChat;

describe('decodeError', () => {
  test.each<[string, number, unknown, object]>([
    [
      'OpenAI',
      429,
      { error: { message: 'Quota', type: 'insufficient_quota', param: 'model', code: 'credit_balance_exhausted' } },
      { status: 429, message: 'Quota', type: 'insufficient_quota', code: 'credit_balance_exhausted', param: 'model' },
    ],
    ['an error text', 400, { error: 'bad model' }, { message: 'bad model' }],
    [
      'Cloudflare',
      502,
      { error: { code: 502, message: 'Bad gateway.', type: 'cf_bad_gateway' } },
      { status: 502, type: 'cf_bad_gateway', code: '502', message: 'Bad gateway.' },
    ],
    ['Cloudflare, bare', 429, { status: 'come back later' }, { message: 'come back later' }],
    [
      'Google',
      429,
      [{ error: { code: 429, message: 'm', status: 'RESOURCE_EXHAUSTED', details: [{ retryDelay: '37s' }] } }],
      { code: 'RESOURCE_EXHAUSTED', retryAfter: 37_000 },
    ],
    ['JSON in JSON', 503, JSON.stringify({ error: { message: 'inner', code: 503 } }), { message: 'inner' }],
    [
      'JSON in the message',
      500,
      { error: { message: '{"error":{"message":"deep","type":"t"}}', code: 500 } },
      { message: 'deep', type: 't', code: '500' },
    ],
    ['FastAPI', 422, { detail: [{ loc: ['body', 'messages'], msg: 'field required' }] }, { message: 'body.messages: field required' }],
    ['FastAPI, bare', 404, { detail: 'Not Found' }, { message: 'Not Found' }],
    [
      'vLLM',
      400,
      { object: 'error', message: 'too long', type: 'BadRequestError', code: 400 },
      { message: 'too long', type: 'BadRequestError', code: '400' },
    ],
    ['waiting in words', 429, { error: { message: 'Please try again in 1m2.5s.' } }, { retryAfter: 62_500 }],
    ['under 200', 200, { error: { message: 'm' } }, { message: 'm' }],
  ])('%s', (_who, status, body, wanted) => {
    expect(decodeError(status, {}, JSON.stringify(body))).toMatchObject(wanted);
  });

  test('pages, lines and nothing at all', () => {
    expect(decodeError(502, {}, '<html><head><title>502 Bad Gateway</title></head></html>')?.message).toContain('502 Bad Gateway');
    expect(decodeError(503, {}, 'upstream connect error')).toEqual({ status: 503, message: 'upstream connect error' });
    expect(decodeError(500, {}, '')?.message).toContain('500');
  });

  test.each([['{"id":"x","choices":[{"index":0}]}'], ['{"id":"x","choices":[{"index":0}],"error":null}'], ['<html></html>'], ['']])(
    '%s under 200 is no error',
    (body) => expect(decodeError(200, {}, body)).toBeUndefined(),
  );

  test.each<[Record<string, string>, number | undefined]>([
    [{ 'retry-after': '7' }, 7000],
    [{ 'retry-after': '7', 'retry-after-ms': '1500' }, 1500],
    [{ 'retry-after': 'Tue, 02 Jun 2026 06:05:30 GMT', date: 'Tue, 02 Jun 2026 06:05:00 GMT' }, 30_000],
    [{ 'retry-after': 'soon' }, undefined],
  ])('%j', (headers, wanted) => {
    const error = decodeError(429, { ...headers, 'x-request-id': 'req_1' }, '{}');
    expect(error?.retryAfter).toBe(wanted);
    expect(error?.requestId).toBe('req_1');
  });
});

describe('encodeError', () => {
  function fault(kind: FaultClass, more: Partial<Fault> = {}): Fault {
    return { class: kind, symptom: 'status', message: 'm', ...more };
  }

  test.each<[Fault, number, string | null, boolean]>([
    [fault('rate-limited'), 429, 'rate_limit_exceeded', true],
    [fault('quota'), 429, 'insufficient_quota', false],
    [fault('auth'), 401, 'invalid_api_key', false],
    [fault('model-not-found'), 404, 'model_not_found', false],
    [fault('bad-request'), 400, null, false],
    [fault('bad-request', { status: 413 }), 413, null, false],
    [fault('bad-request', { status: 409 }), 400, null, false],
    [fault('too-long'), 400, 'context_length_exceeded', false],
    [fault('provider-fault', { status: 529 }), 503, 'server_is_overloaded', true],
    [fault('provider-fault', { symptom: 'idle-timeout' }), 504, 'timeout', true],
    [fault('provider-fault', { symptom: 'truncated' }), 500, 'server_error', true],
    [fault('local-network', { symptom: 'dns' }), 503, 'network_unreachable', true],
  ])('%j', async (value, status, code, retried) => {
    const encoded = encodeError(value, 'x_1');
    expect(encoded.status).toBe(status);
    expect(encoded.body).toMatchObject({ error: { message: 'm', code } });
    // What the official client makes of it.
    let requests = 0;
    const client = new OpenAI({
      apiKey: 'test',
      baseURL: 'http://127.0.0.1:1/v1',
      maxRetries: 1,
      fetch: async () => {
        requests++;
        return Response.json(encoded.body, { status, headers: { ...encoded.headers, 'retry-after-ms': '1' } });
      },
    });
    const error: unknown = await client.chat.completions.create({ model: 'm', messages: [] }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect(error).toMatchObject({ status, code, requestID: 'x_1' });
    expect(requests).toBe(retried ? 2 : 1);
  });

  test('the time to wait, in both units', () => {
    expect(encodeError(fault('rate-limited', { retryAfter: 1500 }), 'x').headers).toMatchObject({
      'retry-after': '2',
      'retry-after-ms': '1500',
    });
    expect(encodeError(fault('quota', { retryAfter: 1500 }), 'x').headers).not.toHaveProperty('retry-after');
  });
});
