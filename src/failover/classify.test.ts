import { describe, expect, it } from 'vitest';
import { FAULT_CLASSES } from '../../test/matrix/fault-classes.ts';
import type { Fault, FaultClass, FaultSymptom, WireError } from '../exchange/fault.ts';
import { classifyError, classifyTransport, curedByNewConnection, retryable } from './classify.ts';

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
  ['Bedrock, a model that failed', { status: 424, type: 'ModelErrorException' }, 'provider-fault'],
  ['conflict', { status: 409 }, 'provider-fault'],
  ['portal', { status: 302 }, 'provider-fault'],
  ['bad gateway', { status: 502 }, 'provider-fault'],
  ['Cloudflare', { status: 522 }, 'provider-fault'],
  ['error under status 200', { status: 200, type: 'server_error' }, 'provider-fault'],
  ['multiple choices', { status: 300, type: 'invalid_request_error' }, 'provider-fault'],
  ['the status before the type', { status: 500, type: 'invalid_request_error' }, 'provider-fault'],
  ['the code before the type', { type: 'invalid_request_error', code: 'server_is_overloaded' }, 'provider-fault'],
  ['a status of its own kind', { status: 418 }, 'bad-request'],
  ['Groq at capacity', { status: 498 }, 'provider-fault'],
  ['a proxy that was left', { status: 499 }, 'provider-fault'],
  ['code of a missing model', { status: 400, code: 'model_not_found' }, 'model-not-found'],
  ['missing model, unprocessable', { status: 422, message: 'unknown model' }, 'model-not-found'],
  ['quota of a project', { status: 400, message: 'You exceeded your current quota, please check your plan' }, 'quota'],
  ['Gemini quota', { status: 429, message: 'Quota exceeded for quota metric Generate Content API requests' }, 'quota'],
  ['Vertex, shared', { status: 429, message: 'Resource exhausted, please try again later.' }, 'rate-limited'],
];

// Types and codes that arrive without a status: in a stream, or under status 200.
const CODES: Record<string, [number, FaultClass]> = {
  overloaded_error: [529, 'provider-fault'],
  api_error: [500, 'provider-fault'],
  timeout_error: [504, 'provider-fault'],
  rate_limit_error: [429, 'rate-limited'],
  rate_limit_exceeded: [429, 'rate-limited'],
  authentication_error: [401, 'auth'],
  invalid_api_key: [401, 'auth'],
  permission_error: [403, 'auth'],
  not_found_error: [404, 'model-not-found'],
  invalid_request_error: [400, 'bad-request'],
  request_too_large: [413, 'too-long'],
  context_length_exceeded: [500, 'too-long'],
  string_above_max_length: [500, 'too-long'],
  model_context_window_exceeded: [500, 'too-long'],
  billing_error: [402, 'quota'],
  billing_not_active: [500, 'quota'],
  billing_hard_limit_reached: [500, 'quota'],
  insufficient_quota: [429, 'quota'],
  usage_limit_reached: [429, 'quota'],
  usage_not_included: [429, 'quota'],
  credit_balance_exhausted: [500, 'quota'],
  organization_spend_limit_exceeded: [500, 'quota'],
  project_spend_limit_exceeded: [500, 'quota'],
  organization_usage_limit_exceeded: [500, 'quota'],
  enforced_spend_limit_reached: [500, 'quota'],
  model_not_found: [500, 'model-not-found'],
  model_not_available: [500, 'model-not-found'],
  unknown_model: [500, 'model-not-found'],
  invalid_model: [500, 'model-not-found'],
  invalid_prompt: [400, 'bad-request'],
  server_error: [500, 'provider-fault'],
  server_is_overloaded: [503, 'provider-fault'],
  slow_down: [503, 'provider-fault'],
  UNAVAILABLE: [503, 'provider-fault'],
  RESOURCE_EXHAUSTED: [429, 'rate-limited'],
  INTERNAL: [500, 'provider-fault'],
  DEADLINE_EXCEEDED: [504, 'provider-fault'],
  INVALID_ARGUMENT: [400, 'bad-request'],
  UNAUTHENTICATED: [401, 'auth'],
  PERMISSION_DENIED: [403, 'auth'],
  NOT_FOUND: [404, 'model-not-found'],
  something_new: [500, 'provider-fault'],
};

/** Wordings of 400s that nothing but the words tells apart. */
const WORDS: [FaultClass, string[]][] = [
  [
    'too-long',
    [
      "This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.",
      'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
      'Input is too long for requested model.',
      'input too long',
      'too many tokens: 9 > 8',
      'Too many input tokens',
      'Your input exceeds the context window of this model.',
      'the request exceeded the available context size',
      'tokens exceed the configured token limit',
      'context length exceeded',
    ],
  ],
  [
    'model-not-found',
    [
      'The model `gpt-9` does not exist or you do not have access to it.',
      'Model claude-2 is no longer available',
      'model x-1 is not available',
      'model: x-1 not supported',
      'these models: model x are currently not available',
      'invalid model',
      'Unsupported model: x',
    ],
  ],
  ['auth', ['API key not valid. Please pass a valid API key.', 'Invalid API key', 'Incorrect API key provided: sk-x', 'invalid x-api-key']],
  ['quota', ['Your credit balance is too low', 'insufficient credits', 'Insufficient Balance', 'insufficient quota']],
  ['bad-request', ['prompt: field required', 'this tool is not available with streaming', 'model: temperature must be below 1', '']],
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
    expect(fault).toStrictEqual({
      class: 'provider-fault',
      symptom: 'status',
      message: 'Overloaded',
      code: 'overloaded_error',
      retryAfter: 2000,
      requestId: 'req_1',
      status: 529,
    });
  });

  it('says what it was not told of by leaving it out', () => {
    expect(classifyError({ message: 'no' }, true)).toStrictEqual({
      class: 'provider-fault',
      symptom: 'error-event',
      message: 'no',
      status: 500,
    });
    expect(classifyError({ message: 'no' }, false)).toStrictEqual({
      class: 'provider-fault',
      symptom: 'status',
      message: 'no',
      status: 500,
    });
  });

  it.each(Object.entries(CODES))('%s, as a type or a code, stands for its status', (name, [status, kind]) => {
    expect(classifyError({ message: '', code: name }, true)).toMatchObject({ class: kind, status });
    expect(classifyError({ message: '', type: name }, true)).toMatchObject({ class: kind, status });
    // A status of 200 says nothing about the error in its body.
    expect(classifyError({ message: '', type: name, status: 200 }, false).class).toBe(kind);
  });

  it.each(WORDS)('knows %s by its words', (kind, messages) => {
    for (const message of messages) expect([message, classOf({ status: 400, message })]).toEqual([message, kind]);
  });

  it('takes what is missing under 404 for the model, unless it is said to be something else', () => {
    const missing = (message: string): string => classOf({ status: 404, message });
    for (const thing of [
      'No such file object: file-x',
      "Container 'cntr_x' not found",
      'Previous response with id resp_x not found.',
      'The vector store vs_1 does not exist',
      'Files not found',
    ])
      expect([thing, missing(thing)]).toEqual([thing, 'bad-request']);
    expect(missing('The model for this conversation was not found')).toBe('model-not-found');
    expect(missing('models/gemini-9 is not found for API version v1beta, or is not supported for generateContent.')).toBe(
      'model-not-found',
    );
    expect(missing('Not Found')).toBe('model-not-found');
  });
});

describe('classifyTransport', () => {
  it('blames nobody when nothing outside can be reached', () => {
    expect(classifyTransport({ symptom: 'dns', local: true, message: '' }).class).toBe('local-network');
    expect(classifyTransport({ symptom: 'refused', local: false, message: '' }).class).toBe('provider-fault');
  });
});

function fault(kind: FaultClass, symptom: FaultSymptom, status?: number): Fault {
  return { class: kind, symptom, message: '', ...(status !== undefined && { status }) };
}

describe('curedByNewConnection', () => {
  it.each(['reset', 'closed', 'protocol', 'truncated', 'malformed', 'empty', 'bad-tool-call'] as const)('is so for %s', (symptom) => {
    expect(curedByNewConnection(fault('provider-fault', symptom))).toBe(true);
    expect(curedByNewConnection(fault('local-network', symptom))).toBe(false);
  });

  it.each(['refused', 'dns', 'connect-timeout', 'idle-timeout', 'runaway', 'error-event'] as const)('is not so for %s', (symptom) => {
    expect(curedByNewConnection(fault('provider-fault', symptom, 500))).toBe(false);
  });

  it('is so for what went wrong with one request or one machine, not for want of capacity or what is said about the request', () => {
    for (const status of [500, 408, 409]) expect(curedByNewConnection(classifyError({ status, message: '' }, false))).toBe(true);
    for (const status of [502, 503, 504, 529, 498, 401, 400])
      expect(curedByNewConnection(classifyError({ status, message: '' }, false))).toBe(false);
    expect(curedByNewConnection(fault('bad-request', 'status', 409))).toBe(false);
  });
});

describe('retryable', () => {
  it('is what time may cure by itself', () => {
    expect(FAULT_CLASSES.filter((kind) => retryable(fault(kind, 'status')))).toEqual(['provider-fault', 'rate-limited', 'local-network']);
  });
});
