import { ApiError, GoogleGenAI } from '@google/genai';
import { describe, expect, test } from 'vitest';
import type { Fault, FaultClass } from '../../exchange/fault.ts';
import { isObject, type JsonObject } from '../../exchange/json.ts';
import { decodeError } from './decode-error.ts';
import { encodeError } from './encode-error.ts';
import { encoder } from './encode-stream.ts';
import { readByGoogle } from './official-client.ts';

function google(code: number, status: string, message: string, details?: JsonObject[]): JsonObject {
  return { error: { code, message, status, ...(details && { details }) } };
}

const RPC = 'type.googleapis.com/google.rpc';
const QUOTA = 'You exceeded your current quota, please check your plan and billing details.';

function exhausted(ids: string[], delay: string, value = '20'): JsonObject {
  return google(
    429,
    'RESOURCE_EXHAUSTED',
    `${QUOTA}\n* Quota exceeded for metric: x, limit: ${value}, model: m\nPlease retry in ${delay}.`,
    [
      { '@type': `${RPC}.QuotaFailure`, violations: ids.map((quotaId) => ({ quotaId, quotaValue: value })) },
      { '@type': `${RPC}.Help`, links: [] },
      { '@type': `${RPC}.RetryInfo`, retryDelay: delay },
    ],
  );
}

describe('decodeError', () => {
  const invalidKey = google(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [
    { '@type': `${RPC}.ErrorInfo`, reason: 'API_KEY_INVALID', domain: 'googleapis.com' },
  ]);

  test.each<[string, number, unknown, object]>([
    ['a wrong key is about the account', 400, invalidKey, { status: 401, code: 'INVALID_ARGUMENT', type: 'API_KEY_INVALID' }],
    ['an expired key, in a list', 400, [google(400, 'INVALID_ARGUMENT', 'API key expired. Please renew the API key.')], { status: 401 }],
    [
      'a country that is not served',
      400,
      google(400, 'FAILED_PRECONDITION', 'User location is not supported for the API use.'),
      { status: 403, code: 'FAILED_PRECONDITION' },
    ],
    [
      "somebody else's file",
      403,
      google(403, 'PERMISSION_DENIED', 'You do not have permission to access the File abc or it may not exist.'),
      { status: 400, code: 'PERMISSION_DENIED' },
    ],
    ['a key without rights', 403, google(403, 'PERMISSION_DENIED', 'Your API key was reported as leaked.'), { status: 403 }],
    [
      'no free tier',
      400,
      google(400, 'FAILED_PRECONDITION', 'Gemini API free tier is not available in your country. Please enable billing on your project.'),
      { status: 400, type: 'billing_not_active' },
    ],
    [
      'too long',
      400,
      google(400, 'INVALID_ARGUMENT', 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).'),
      { status: 400, type: 'context_length_exceeded' },
    ],
    [
      'too long, on Vertex',
      400,
      google(
        400,
        'INVALID_ARGUMENT',
        'Unable to submit request because the input token count is 1200000 but model only supports up to 1048576.',
      ),
      { type: 'context_length_exceeded' },
    ],
    [
      'too large',
      400,
      google(400, 'INVALID_ARGUMENT', 'Request payload size exceeds the limit: 20971520 bytes.'),
      { type: 'request_too_large' },
    ],
    [
      "a minute's limit",
      429,
      exhausted(['GenerateRequestsPerMinutePerProjectPerModel-FreeTier'], '34.4s'),
      {
        status: 429,
        code: 'RESOURCE_EXHAUSTED',
        retryAfter: 34_400,
        message: `the limit per minute is reached (GenerateRequestsPerMinutePerProjectPerModel-FreeTier)`,
      },
    ],
    [
      "Vertex' limit",
      429,
      google(429, 'RESOURCE_EXHAUSTED', 'Resource exhausted. Please try again later.'),
      { message: 'Resource exhausted. Please try again later.' },
    ],
    [
      'overloaded',
      503,
      google(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.'),
      { status: 503, code: 'UNAVAILABLE' },
    ],
    [
      'no such model',
      404,
      google(404, 'NOT_FOUND', 'models/gemini-9 is not found for API version v1beta, or is not supported for generateContent.'),
      { status: 404, code: 'NOT_FOUND' },
    ],
    [
      'a field',
      400,
      google(400, 'INVALID_ARGUMENT', 'Invalid JSON payload', [
        { '@type': `${RPC}.BadRequest`, fieldViolations: [{ field: 'tools[0]', description: 'd' }] },
      ]),
      { param: 'tools[0]' },
    ],
    [
      'JSON in the message',
      503,
      { error: { message: JSON.stringify(google(503, 'UNAVAILABLE', 'deep')), code: 503 } },
      { message: 'deep', code: 'UNAVAILABLE' },
    ],
    ["a proxy's words", 502, { error: 'upstream gone' }, { status: 502, message: 'upstream gone' }],
    ['under 200', 200, [google(500, 'INTERNAL', 'm')], { status: 500, code: 'INTERNAL' }],
    ['an answer that is none', 200, { candidates: [{ finishReason: 'MALFORMED_RESPONSE' }] }, { code: 'MALFORMED_RESPONSE', status: 500 }],
  ])('%s', (_what, status, body, wanted) => {
    expect(decodeError(status, {}, JSON.stringify(body))).toMatchObject(wanted);
  });

  test.each([
    ["a day's", exhausted(['GenerateRequestsPerMinutePerProject', 'GenerateRequestsPerDayPerProjectPerModel-FreeTier'], '36s')],
    ['a limit of 0', exhausted(['GenerateContentInputTokensPerModelPerMinute-FreeTier'], '36s', '0')],
  ])('case 46: %s quota is none to wait for', (_what, body) => {
    const error = decodeError(429, { 'retry-after': '36' }, JSON.stringify(body))!;
    expect(error).toMatchObject({ type: 'insufficient_quota', code: 'RESOURCE_EXHAUSTED' });
    expect(error.retryAfter).toBeUndefined();
  });

  test('headers, pages, lines and nothing at all', () => {
    expect(decodeError(503, { 'retry-after': '2' }, '')).toMatchObject({ status: 503, retryAfter: 2000 });
    expect(decodeError(502, {}, '<html><head><title>502 Bad Gateway</title></head></html>')?.message).toContain('502 Bad Gateway');
    expect(decodeError(503, {}, 'upstream connect error')).toEqual({ status: 503, message: 'upstream connect error' });
  });

  test.each([
    '{"candidates":[{"finishReason":"STOP"}]}',
    '{"promptFeedback":{"blockReason":"SAFETY"}}',
    '{"totalTokens":3}',
    '<html></html>',
    '',
    '[{"candidates":[]}]',
  ])('%s under 200 is no error', (body) => expect(decodeError(200, {}, body)).toBeUndefined());
});

describe('encodeError', () => {
  test.each<[Partial<Fault> & { class: FaultClass }, number, string]>([
    [{ class: 'rate-limited' }, 429, 'RESOURCE_EXHAUSTED'],
    [{ class: 'quota' }, 429, 'RESOURCE_EXHAUSTED'],
    [{ class: 'auth' }, 401, 'UNAUTHENTICATED'],
    [{ class: 'auth', status: 403 }, 403, 'PERMISSION_DENIED'],
    [{ class: 'model-not-found' }, 404, 'NOT_FOUND'],
    [{ class: 'too-long' }, 400, 'INVALID_ARGUMENT'],
    [{ class: 'bad-request', symptom: 'too-large' }, 413, 'INVALID_ARGUMENT'],
    [{ class: 'bad-request' }, 400, 'INVALID_ARGUMENT'],
    [{ class: 'local-network' }, 503, 'UNAVAILABLE'],
    [{ class: 'provider-fault', symptom: 'idle-timeout' }, 504, 'DEADLINE_EXCEEDED'],
    [{ class: 'provider-fault', status: 529 }, 503, 'UNAVAILABLE'],
    [{ class: 'provider-fault' }, 500, 'INTERNAL'],
    [{ class: 'cancelled' }, 499, 'CANCELLED'],
  ])('%o is %i %s, as Google names it, and is read back so', (fault, code, word) => {
    const whole: Fault = { symptom: 'status', message: 'what failed', ...fault };
    const { status, body } = encodeError(whole, 'x_1');
    expect(status).toBe(code);
    expect(body).toMatchObject({ error: { code, status: word, message: 'what failed' } });
    expect(decodeError(status, {}, JSON.stringify(body))).toMatchObject({ status: code, code: word, requestId: 'x_1' });
  });

  test('the time to wait is in the body and in the header, where asking again helps', () => {
    const fault: Fault = { class: 'rate-limited', symptom: 'status', message: 'm', retryAfter: 1500 };
    const encoded = encodeError(fault, 'x_1');
    expect(encoded.headers).toEqual({ 'retry-after': '2' });
    expect(decodeError(429, {}, JSON.stringify(encoded.body))?.retryAfter).toBe(1500);
    expect(encodeError({ ...fault, class: 'quota' }, 'x_1').headers).toEqual({});
  });

  test("Google's client throws it, from a status and from within a stream", async () => {
    const fault: Fault = { class: 'provider-fault', symptom: 'status', status: 503, message: 'all are down' };
    const { status, body } = encodeError(fault, 'x_1');
    const fetch = (): Promise<Response> => Promise.resolve(Response.json(body, { status }));
    const client = new GoogleGenAI({ apiKey: 'test', vertexai: false, httpOptions: { baseUrl: 'http://127.0.0.1:1', fetch } });
    const thrown: unknown = await client.models.generateContent({ model: 'any', contents: 'any' }).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ApiError);
    expect(thrown).toMatchObject({ status: 503 });
    const writer = encoder({ exchange: 'x_1', head: { model: 'm', stream: true, includeUsage: true }, created: 1 });
    const text = writer.encode([
      { type: 'start', id: 'r', model: 'm' },
      { type: 'part-start', index: 0, part: { type: 'text' } },
      { type: 'part-delta', index: 0, delta: { type: 'text', text: 'half' } },
    ]);
    const broken: unknown = await readByGoogle(text + writer.error(fault)).catch((error: unknown) => error);
    expect(broken).toMatchObject({ status: 503, message: expect.stringContaining('all are down') as string });
    expect(isObject(broken)).toBe(true);
  });
});
