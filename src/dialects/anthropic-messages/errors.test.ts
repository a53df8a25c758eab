import { describe, expect, test } from 'vitest';
import type { Fault, WireError } from '../../exchange/fault.ts';
import type { Headers } from '../dialect.ts';
import { anthropicMessages as dialect } from './dialect.ts';

describe('decodeError', () => {
  test.each<[string, number, Headers, string, WireError | undefined]>([
    [
      'the documented shape',
      529,
      { 'request-id': 'req_h', 'retry-after': '7' },
      '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":null}',
      { status: 529, type: 'overloaded_error', message: 'Overloaded', retryAfter: 7000, requestId: 'req_h' },
    ],
    [
      'a spend limit, which no waiting cures',
      429,
      {},
      '{"type":"error","error":{"type":"rate_limit_error","message":"m","details":{"error_code":"enforced_spend_limit_reached"}},"request_id":"req_b"}',
      { status: 429, type: 'rate_limit_error', code: 'enforced_spend_limit_reached', message: 'm', requestId: 'req_b' },
    ],
    [
      'milliseconds win',
      429,
      { 'retry-after-ms': '1500', 'retry-after': '9' },
      '{}',
      { status: 429, message: 'HTTP 429: {}', retryAfter: 1500 },
    ],
    [
      'an HTTP date, by the server’s own clock',
      503,
      { date: 'Tue, 02 Jun 2026 06:05:00 GMT', 'retry-after': 'Tue, 02 Jun 2026 06:06:00 GMT' },
      'down',
      { status: 503, message: 'HTTP 503: down', retryAfter: 60_000 },
    ],
    [
      'limits that are used up',
      429,
      {
        date: 'Tue, 02 Jun 2026 06:05:00 GMT',
        'anthropic-ratelimit-requests-remaining': '3',
        'anthropic-ratelimit-requests-reset': '2026-06-02T07:00:00Z',
        'anthropic-ratelimit-tokens-remaining': '0',
        'anthropic-ratelimit-tokens-reset': '2026-06-02T06:05:20Z',
      },
      'slow',
      { status: 429, message: 'HTTP 429: slow', retryAfter: 20_000 },
    ],
    ['an HTTP date without a clock', 503, { 'retry-after': 'Tue, 02 Jun 2026 06:06:00 GMT' }, 'x', { status: 503, message: 'HTTP 503: x' }],
    [
      'HTML',
      502,
      { 'cf-ray': '8a-FRA' },
      '<html><head><title>502 Bad\n Gateway</title></head><body>long</body></html>',
      { status: 502, message: 'HTTP 502: 502 Bad Gateway', requestId: '8a-FRA' },
    ],
    ['an empty body', 500, {}, '', { status: 500, message: 'HTTP 500 without an explanation' }],
    ['JSON in an array', 400, {}, '[{"error":{"code":503,"message":"m"}}]', { status: 400, code: '503', message: 'm' }],
    ['JSON in a string', 400, {}, JSON.stringify('{"error":{"message":"m","type":"t"}}'), { status: 400, type: 't', message: 'm' }],
    ['an error under 200', 200, {}, '{"error":{"type":"api_error","message":"m"}}', { status: 200, type: 'api_error', message: 'm' }],
    ['an answer', 200, {}, '{"type":"message","content":[]}', undefined],
    ['HTML under 200 is not an error of this dialect', 200, {}, '<html>', undefined],
  ])('%s', (_name, status, headers, body, wanted) => {
    expect(dialect.decodeError(status, headers, body)).toEqual(wanted);
  });
});

describe('encodeError', () => {
  test.each<[Pick<Fault, 'class' | 'symptom' | 'status' | 'code'>, number, string]>([
    [{ class: 'provider-fault', symptom: 'status', status: 529 }, 529, 'overloaded_error'],
    [{ class: 'provider-fault', symptom: 'error-event', code: 'overloaded_error' }, 529, 'overloaded_error'],
    [{ class: 'provider-fault', symptom: 'reset' }, 500, 'api_error'],
    [{ class: 'provider-fault', symptom: 'idle-timeout' }, 504, 'timeout_error'],
    [{ class: 'provider-fault', symptom: 'too-large' }, 500, 'api_error'],
    [{ class: 'rate-limited', symptom: 'status' }, 429, 'rate_limit_error'],
    [{ class: 'quota', symptom: 'status' }, 402, 'billing_error'],
    [{ class: 'auth', symptom: 'status', status: 401 }, 401, 'authentication_error'],
    [{ class: 'auth', symptom: 'status', status: 403 }, 403, 'permission_error'],
    [{ class: 'model-not-found', symptom: 'status' }, 404, 'not_found_error'],
    [{ class: 'bad-request', symptom: 'status' }, 400, 'invalid_request_error'],
    [{ class: 'bad-request', symptom: 'too-large' }, 413, 'request_too_large'],
    [{ class: 'too-long', symptom: 'status' }, 400, 'invalid_request_error'],
    [{ class: 'local-network', symptom: 'dns' }, 500, 'api_error'],
  ])('%j is %i %s', (fault, status, type) => {
    expect(dialect.encodeError({ ...fault, message: 'm', retryAfter: 1500 }, 'x_1')).toEqual({
      status,
      headers: { 'request-id': 'x_1', 'retry-after': '2' },
      body: { type: 'error', error: { type, message: 'm' }, request_id: 'x_1' },
    });
  });

  test('what we write we read', () => {
    const { status, headers, body } = dialect.encodeError(
      { class: 'rate-limited', symptom: 'status', message: 'wait', retryAfter: 3000 },
      'x_1',
    );
    expect(dialect.decodeError(status, headers, JSON.stringify(body))).toEqual({
      status: 429,
      type: 'rate_limit_error',
      message: 'wait',
      retryAfter: 3000,
      requestId: 'x_1',
    });
  });
});
