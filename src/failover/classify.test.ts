import { describe, expect, it } from 'vitest';
import type { WireError } from '../exchange/fault.ts';
import { classifyError, classifyTransport, curedByNewConnection } from './classify.ts';

function classOf(error: Partial<WireError> & { status?: number }): string {
  return classifyError({ message: '', ...error }, error.status === undefined).class;
}

// Shapes and meanings: shared/research/faults.md, "Error shapes".
const CASES: [string, Partial<WireError>, string][] = [
  ['Anthropic overloaded', { status: 529, type: 'overloaded_error' }, 'provider-fault'],
  ['Anthropic overloaded in a stream', { type: 'overloaded_error' }, 'provider-fault'],
  ['unknown error in a stream', { type: 'something_new' }, 'provider-fault'],
  ['rate limit', { status: 429, type: 'rate_limit_error' }, 'rate-limited'],
  ['rate limit in a stream', { code: 'rate_limit_exceeded' }, 'rate-limited'],
  ['monthly spend', { status: 429, type: 'rate_limit_error', code: 'enforced_spend_limit_reached' }, 'quota'],
  ['OpenAI quota', { status: 429, code: 'insufficient_quota' }, 'quota'],
  ['OpenAI quota by type', { status: 429, type: 'insufficient_quota', code: 'credit_balance_exhausted' }, 'quota'],
  [
    'Anthropic credit',
    { status: 400, type: 'invalid_request_error', message: 'Your credit balance is too low to access the API' },
    'quota',
  ],
  ['billing', { status: 402 }, 'quota'],
  ['quota under status 200', { status: 200, message: 'x', code: 'insufficient_quota' }, 'quota'],
  ['bad key', { status: 401, type: 'authentication_error' }, 'auth'],
  ['region', { status: 403 }, 'auth'],
  ['Gemini bad key', { status: 400, type: 'INVALID_ARGUMENT', message: 'API key not valid. Please pass a valid API key.' }, 'auth'],
  ['no such model', { status: 404, type: 'not_found_error' }, 'model-not-found'],
  ['no such file', { status: 404, type: 'not_found_error', message: 'File not found: file_011CNha8iCJcU1wX' }, 'bad-request'],
  ['model off', { status: 400, message: 'The model `x-1` is not supported when using this account.' }, 'model-not-found'],
  ['not with this model', { status: 400, message: 'This model: image input is not supported' }, 'bad-request'],
  ['model gone', { status: 400, message: 'The model `gpt-4` has been deprecated' }, 'model-not-found'],
  ['too large', { status: 413 }, 'too-long'],
  ['context', { status: 400, message: 'prompt is too long: 220000 tokens > 200000 maximum' }, 'too-long'],
  ['context by code', { status: 400, code: 'context_length_exceeded' }, 'too-long'],
  ['bad request', { status: 400, type: 'invalid_request_error', message: 'messages: field required' }, 'bad-request'],
  ['unprocessable', { status: 422 }, 'bad-request'],
  ['timeout', { status: 408 }, 'provider-fault'],
  ['conflict', { status: 409 }, 'provider-fault'],
  ['portal', { status: 302 }, 'provider-fault'],
  ['bad gateway', { status: 502 }, 'provider-fault'],
  ['Cloudflare', { status: 522 }, 'provider-fault'],
  ['error under status 200', { status: 200, type: 'server_error' }, 'provider-fault'],
];

describe('classifyError', () => {
  it.each(CASES)('%s', (_, error, expected) => {
    expect(classOf(error)).toBe(expected);
  });

  it('keeps code, request id and Retry-After', () => {
    const fault = classifyError(
      { status: 529, type: 'overloaded_error', message: 'Overloaded', retryAfter: 2000, requestId: 'req_1' },
      false,
    );
    expect(fault).toMatchObject({ code: 'overloaded_error', retryAfter: 2000, requestId: 'req_1', status: 529 });
  });
});

describe('classifyTransport', () => {
  it('blames nobody when nothing outside can be reached', () => {
    expect(classifyTransport({ symptom: 'dns', local: true, message: '' }).class).toBe('local-network');
    expect(classifyTransport({ symptom: 'refused', local: false, message: '' }).class).toBe('provider-fault');
  });
});

describe('curedByNewConnection', () => {
  it('is so for what happens to connections, not for what providers say', () => {
    expect(curedByNewConnection(classifyTransport({ symptom: 'reset', local: false, message: '' }))).toBe(true);
    expect(curedByNewConnection(classifyTransport({ symptom: 'refused', local: false, message: '' }))).toBe(false);
    expect(curedByNewConnection(classifyError({ status: 529, message: '' }, false))).toBe(false);
    expect(curedByNewConnection(classifyError({ status: 401, message: '' }, false))).toBe(false);
  });
});
