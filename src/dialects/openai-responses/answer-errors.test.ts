import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import type { Fault, FaultClass } from '../../exchange/fault.ts';
import { isObject } from '../../exchange/json.ts';
import { decodeAnswer } from './decode-answer.ts';
import { decodeError } from './decode-error.ts';
import { encodeError, failure } from './encode-error.ts';

const CLASSES: FaultClass[] = [
  'provider-fault',
  'rate-limited',
  'quota',
  'auth',
  'model-not-found',
  'bad-request',
  'too-long',
  'local-network',
  'cancelled',
];

function fault(kind: FaultClass, more: Partial<Fault> = {}): Fault {
  return { class: kind, symptom: 'status', message: 'm', ...more };
}

describe('errors that a provider wrote', () => {
  test('case 46: under an error status, whatever the body', () => {
    expect(
      decodeError(429, { 'retry-after': '3' }, '{"error":{"message":"Quota","type":"insufficient_quota","code":"insufficient_quota"}}'),
    ).toEqual({
      status: 429,
      message: 'Quota',
      type: 'insufficient_quota',
      code: 'insufficient_quota',
      retryAfter: 3000,
    });
    expect(decodeError(502, {}, '<html><title>Bad gateway</title></html>')?.message).toContain('Bad gateway');
  });

  test('case 46: under 200, in a response that failed', () => {
    const body = {
      id: 'resp_1',
      object: 'response',
      status: 'failed',
      model: 'm',
      output: [],
      error: { code: 'server_error', message: 'broke' },
    };
    expect(decodeError(200, {}, JSON.stringify(body))).toMatchObject({ code: 'server_error', message: 'broke' });
    expect(decodeAnswer(body)).toMatchObject({ ok: false, error: 'broke' });
  });

  test('a response is no error, and what is no response no answer', () => {
    const body = { id: 'resp_1', object: 'response', status: 'completed', model: 'm', output: [], error: null };
    expect(decodeError(200, {}, JSON.stringify(body))).toBeUndefined();
    expect(decodeAnswer(body).ok).toBe(true);
    for (const status of ['queued', 'in_progress', 'cancelled']) expect(decodeAnswer({ ...body, status }).ok).toBe(false);
    expect(decodeAnswer({ id: 'x', choices: [] }).ok).toBe(false);
    expect(decodeAnswer({ ...body, output: ['item'] }).ok).toBe(false);
  });
});

describe('errors that we write', () => {
  test.each<[FaultClass, string, boolean]>([
    ['provider-fault', 'server_error', true],
    ['local-network', 'server_error', true],
    ['rate-limited', 'rate_limit_exceeded', true],
    ['quota', 'insufficient_quota', false],
    ['too-long', 'context_length_exceeded', false],
    ['bad-request', 'invalid_prompt', false],
  ])('case 7: in the stream, %s is %s, which Codex takes for final or not', (kind, code, again) => {
    expect(failure(fault(kind)).code).toBe(code);
    // codex-rs/codex-api/src/sse/responses.rs: after any other code it tries again.
    const final = [
      'context_length_exceeded',
      'insufficient_quota',
      'usage_not_included',
      'invalid_prompt',
      'cyber_policy',
      'server_is_overloaded',
      'slow_down',
    ];
    expect(!final.includes(code)).toBe(again);
  });

  test('how long to wait stands where Codex looks for it', () => {
    // codex-rs: (?i)try again in\s*(\d+(?:\.\d+)?)\s*(s|ms|seconds?)
    expect(failure(fault('rate-limited', { message: 'Too fast', retryAfter: 2000 })).message).toBe('Too fast. Please try again in 2s.');
    expect(failure(fault('rate-limited', { message: 'Please try again in 1s.', retryAfter: 2000 })).message).toBe(
      'Please try again in 1s.',
    );
    expect(failure(fault('provider-fault', { retryAfter: 2000 })).message).toBe('m');
  });

  test.each(CLASSES)('over HTTP, the official client reads %s, and no code makes Codex give up what may come back', async (kind) => {
    for (const status of [undefined, 503, 529]) {
      const { status: sent, headers, body } = encodeError(fault(kind, { ...(status && { status }), retryAfter: 1500 }), 'x_1');
      const client = new OpenAI({
        apiKey: 'test',
        maxRetries: 0,
        logLevel: 'off',
        fetch: () =>
          Promise.resolve(
            new Response(JSON.stringify(body), { status: sent, headers: { ...headers, 'content-type': 'application/json' } }),
          ),
      });
      const error: unknown = await client.responses.create({ model: 'any', input: 'hello' }).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(OpenAI.APIError);
      expect(error).toMatchObject({ status: sent, requestID: 'x_1' });
      expect(isObject(body.error) && body.error.code).not.toBe('server_is_overloaded');
      expect(decodeError(sent, headers, JSON.stringify(body))).toMatchObject({ status: sent, message: 'm', requestId: 'x_1' });
    }
  });
});
