import type { JsonObject } from '../../exchange/json.ts';
import type { SimDialect } from '../asked.ts';
import { bodyScene, errorBody, errorScene, htmlScene, jsonScene, usualError, type UsualError, type VendorError } from '../errors.ts';
import type { Scene } from '../scene.ts';
import { sceneBody } from '../scene.ts';
import { fault, type Fault } from './fault.ts';

type Expected = Fault['expected'];

/** An error that all vendors have, each in its own words. */
function usual(
  id: string,
  title: string,
  kind: UsualError,
  status: number,
  expected: Expected = 'rescue',
  more: (now: number) => Partial<VendorError> = () => ({}),
): Fault {
  return fault(
    id,
    'C',
    title,
    (_scene, _position, { dialect, answer, now }) => errorScene(dialect, usualError(dialect, kind, status, more(now)), answer.seed),
    { expected },
  );
}

/** An error whose wording is the vendor's alone. */
function worded(id: string, title: string, words: Partial<Record<SimDialect, VendorError>>, expected: Expected = 'rescue'): Fault {
  return fault(id, 'C', title, (_scene, _position, { dialect, answer }) => errorScene(dialect, words[dialect]!, answer.seed), {
    expected,
    applies: (dialect) => words[dialect] !== undefined,
  });
}

const INVALID = 'invalid_request_error';

const OPENAI_QUOTA: VendorError = {
  status: 429,
  type: 'insufficient_quota',
  code: 'insufficient_quota',
  message: 'You exceeded your current quota, please check your plan and billing details.',
};

const ERRORS: Fault[] = [
  usual('400-invalid', 'the request is wrong', 'invalid', 400, 'client-error'),
  worded('400-too-long', 'the conversation does not fit the window', {
    'anthropic-messages': { status: 400, type: INVALID, message: 'prompt is too long: 210034 tokens > 200000 maximum' },
    'openai-chat': {
      status: 400,
      type: INVALID,
      code: 'context_length_exceeded',
      param: 'messages',
      message: "This model's maximum context length is 128000 tokens. However, your messages resulted in 210034 tokens.",
    },
    'openai-responses': {
      status: 400,
      type: INVALID,
      code: 'context_length_exceeded',
      param: 'input',
      message: 'Your input exceeds the context window of this model. Please adjust your input and try again.',
    },
    gemini: {
      status: 400,
      type: 'INVALID_ARGUMENT',
      message: 'The input token count (1210034) exceeds the maximum number of tokens allowed (1048576).',
    },
  }),
  worded(
    '400-content-policy',
    'the content is refused',
    {
      'anthropic-messages': { status: 400, type: INVALID, message: 'Output blocked by content filtering policy' },
      'openai-chat': {
        status: 400,
        type: INVALID,
        code: 'content_policy_violation',
        message: 'Your request was rejected as a result of our safety system.',
      },
      'openai-responses': {
        status: 400,
        type: INVALID,
        code: 'invalid_prompt',
        message: 'Invalid prompt: your prompt was flagged as potentially violating our usage policy.',
      },
    },
    'client-error',
  ),
  worded(
    '400-prefill',
    'a trailing assistant turn is refused',
    {
      'anthropic-messages': {
        status: 400,
        type: INVALID,
        message: 'This model does not support assistant message prefill. The conversation must end with a user message.',
      },
    },
    'client-error',
  ),
  worded('400-credit', 'the credit is used up', {
    'anthropic-messages': {
      status: 400,
      type: INVALID,
      message: 'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
    },
  }),
  usual('401', 'the key is not accepted', 'auth', 401),
  worded('400-key', 'the key is not accepted, by status 400', {
    gemini: {
      status: 400,
      type: 'INVALID_ARGUMENT',
      message: 'API key not valid. Please pass a valid API key.',
      details: {
        details: [
          { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID', domain: 'googleapis.com' },
          {
            '@type': 'type.googleapis.com/google.rpc.LocalizedMessage',
            locale: 'en-US',
            message: 'API key not valid. Please pass a valid API key.',
          },
        ],
      },
    },
  }),
  usual('402', 'payment is required', 'billing', 402),
  usual('403-region', 'not from this region', 'permission', 403),
  usual('404-model', 'the model does not exist', 'model', 404),
  worded('404-deprecated', 'the model is gone', {
    'anthropic-messages': { status: 404, type: 'not_found_error', message: 'model: claude-2.1 has been retired' },
    'openai-chat': { status: 404, type: INVALID, code: 'model_not_found', message: 'The model has been deprecated.' },
    'openai-responses': { status: 404, type: INVALID, code: 'model_not_found', message: 'The model has been deprecated.' },
    gemini: { status: 404, type: 'NOT_FOUND', message: 'This model models/gemini-1.5-pro is no longer available.' },
  }),
  usual('408', 'timed out on their side', 'timeout', 408),
  usual('409', 'conflict', 'conflict', 409),
  usual('413', 'the request is too large', 'tooLarge', 413),
  usual('422', 'unprocessable', 'unprocessable', 422, 'client-error'),
  usual('429', 'rate limit, no hint', 'rate', 429),
  usual('429-retry-after', 'rate limit, come back in 2 s', 'rate', 429, 'rescue', () => ({ headers: { 'retry-after': '2' } })),
  usual('429-retry-after-long', 'rate limit, come back in 10 minutes', 'rate', 429, 'rescue', () => ({
    headers: { 'retry-after': '600' },
  })),
  usual('429-retry-after-ms', 'rate limit, come back in 1500 ms', 'rate', 429, 'rescue', () => ({ headers: { 'retry-after-ms': '1500' } })),
  usual('429-retry-after-date', 'rate limit, come back at a date', 'rate', 429, 'rescue', (now) => ({
    headers: { 'retry-after': new Date(now + 2000).toUTCString() },
  })),
  usual('429-retry-info', 'rate limit, the delay is in the body', 'rate', 429, 'rescue', () => ({
    details: { details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '2s' }] },
  })),
  usual('429-no-retry', 'rate limit, do not retry', 'rate', 429, 'rescue', () => ({ headers: { 'x-should-retry': 'false' } })),
  worded('429-quota', 'the quota is used up', {
    'anthropic-messages': {
      status: 429,
      type: 'rate_limit_error',
      message: 'You have reached your specified API usage limits.',
      details: { error_code: 'enforced_spend_limit_reached' },
    },
    'openai-chat': OPENAI_QUOTA,
    'openai-responses': OPENAI_QUOTA,
    gemini: {
      status: 429,
      type: 'RESOURCE_EXHAUSTED',
      message: 'You exceeded your current quota, please check your plan and billing details.',
      details: {
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
            violations: [
              {
                quotaMetric: 'generativelanguage.googleapis.com/generate_content_free_tier_requests',
                quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier',
                quotaValue: '50',
              },
            ],
          },
          { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34s' },
        ],
      },
    },
  }),
  usual('499', 'the provider says that its client left', 'internal', 499),
  usual('500', 'internal error', 'internal', 500),
  usual('529', 'overloaded', 'overloaded', 529),
  usual('503-maintenance', 'maintenance, come back in an hour', 'overloaded', 503, 'rescue', () => ({
    headers: { 'retry-after': '3600' },
  })),
  usual('503-retry-after-1', 'overloaded, come back in 1 s', 'overloaded', 503, 'rescue', () => ({ headers: { 'retry-after': '1' } })),
];

const HTML: [status: number, title: string][] = [
  [502, '502 Bad Gateway'],
  [504, '504 Gateway Time-out'],
  [520, 'Web server is returning an unknown error'],
  [521, 'Web server is down'],
  [522, 'Connection timed out'],
  [523, 'Origin is unreachable'],
  [524, 'A timeout occurred'],
];

const HTML_ERRORS = HTML.map(([status, title]) => fault(`${status}-html`, 'C', `a page: ${title}`, () => htmlScene(status, title)));

const NOT_ANSWERS: Fault[] = [
  fault('502-cloudflare', 'C', 'a gateway in front words the error', () =>
    jsonScene(502, { error: { code: 502, message: 'Bad gateway.', type: 'cf_bad_gateway' } }),
  ),
  fault('302-portal', 'C', 'a redirect to a login page', () =>
    htmlScene(302, 'Sign in to this network', { location: 'http://portal.invalid/login' }),
  ),
  fault('200-html', 'C', 'a login page under status 200', () => htmlScene(200, 'Sign in to this network')),
  fault('200-error', 'C', 'an error object under status 200', (_scene, _position, { dialect, answer }) =>
    jsonScene(200, errorBody(dialect, usualError(dialect, 'overloaded', 529), answer.seed)),
  ),
  fault('200-empty', 'C', 'status 200 and nothing', (_scene, _position, { stream }) =>
    bodyScene(200, stream ? 'text/event-stream' : 'application/json', Buffer.alloc(0)),
  ),
  fault('200-truncated-json', 'C', 'half of the JSON, ended properly', (scene) => halfJson(scene), {
    applies: (_dialect, stream) => !stream,
  }),
  fault('200-empty-object', 'C', 'an empty JSON object under status 200', () => jsonScene(200, {} satisfies JsonObject)),
  fault('length-mismatch', 'C', 'fewer bytes than announced, then closed', (scene) => announceMore(scene)),
  fault(
    '200-json-for-stream',
    'C',
    'a whole JSON answer to a request for a stream',
    (_scene, _position, context) => context.writeWhole(context.answer),
    { applies: (_dialect, stream) => stream },
  ),
];

/** Group C: what the status says, or hides. */
export const STATUS_FAULTS: readonly Fault[] = [...ERRORS, ...HTML_ERRORS, ...NOT_ANSWERS];

function halfJson(scene: Scene): Scene {
  const body = sceneBody(scene);
  return bodyScene(200, 'application/json', body.subarray(0, Math.floor(body.length / 2)));
}

/** Half of the body under the length of more than the whole. */
function announceMore(scene: Scene): Scene {
  const body = sceneBody(scene);
  return scene.flatMap((step): Scene => {
    if (step.type === 'head') return [{ ...step, headers: { ...step.headers, 'content-length': String(body.length + 1000) } }];
    if (step.type === 'write') return [];
    if (step.type === 'end') return [{ type: 'write', bytes: body.subarray(0, Math.ceil(body.length / 2)) }, { type: 'close' }];
    return [step];
  });
}
