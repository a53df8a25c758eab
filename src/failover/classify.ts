import type { Fault, FaultClass, WireError } from '../exchange/fault.ts';
import type { TransportError } from '../providers/call.ts';

/** A connection that failed. Nothing can be said about the provider when nothing outside can be reached. */
export function classifyTransport(error: TransportError): Fault {
  return { class: error.local ? 'local-network' : 'provider-fault', symptom: error.symptom, message: error.message };
}

/** Codes with which accounts run dry (OpenAI's billing family, Anthropic's spend limit); no retry helps, nobody is down. */
const QUOTA_CODES = new Set([
  'insufficient_quota',
  'usage_limit_reached',
  'usage_not_included',
  'credit_balance_exhausted',
  'organization_spend_limit_exceeded',
  'project_spend_limit_exceeded',
  'organization_usage_limit_exceeded',
  'enforced_spend_limit_reached',
  'billing_error',
  'billing_hard_limit_reached',
  'billing_not_active',
]);
const QUOTA_WORDS =
  /credit balance is too low|exceeded your current quota|insufficient (credits|balance|quota)|quota exceeded for quota metric/i;
const LENGTH_CODES = new Set(['context_length_exceeded', 'request_too_large', 'string_above_max_length', 'model_context_window_exceeded']);
const LENGTH_WORDS =
  /prompt is too long|maximum context length|context (window|length)|input (is )?too long|input token count .* exceeds|too many (input )?tokens|exceed(s|ed)? .*(context|token limit)/i;
const MODEL_CODES = new Set(['model_not_found', 'model_not_available', 'unknown_model', 'invalid_model']);
const MODEL_WORDS =
  /model\b.{0,120}\b(not found|does not exist|not exist|deprecated|retired|no longer (available|supported)|unknown)|model\b:? ?(\S{1,100} )?((is|are) )?(currently )?not (available|supported)|(unknown|invalid|unsupported) model/i;
/** Things besides models that a request may name and the provider not have: the request is wrong, the model is there. */
const THING_WORDS =
  /\b(files?|container|skill|vector store|prompt|conversation|response)\b.{0,80}\b(not found|not exist)|no such (file|container|skill)/i;
const AUTH_WORDS = /api key not valid|invalid api key|incorrect api key|invalid x-api-key/i;

/** The status that a type or code stands for when it arrives without one: in a stream, or under status 200. */
const STATUS_OF: Record<string, number> = {
  overloaded_error: 529,
  api_error: 500,
  timeout_error: 504,
  rate_limit_error: 429,
  rate_limit_exceeded: 429,
  authentication_error: 401,
  invalid_api_key: 401,
  permission_error: 403,
  not_found_error: 404,
  invalid_request_error: 400,
  request_too_large: 413,
  billing_error: 402,
  insufficient_quota: 429,
  usage_limit_reached: 429,
  usage_not_included: 429,
  invalid_prompt: 400,
  image_content_policy_violation: 400,
  image_file_too_large: 400,
  image_parse_error: 400,
  image_too_large: 400,
  image_too_small: 400,
  invalid_base64_image: 400,
  invalid_image: 400,
  invalid_image_format: 400,
  invalid_image_url: 400,
  unsupported_image_media_type: 400,
  server_error: 500,
  server_is_overloaded: 503,
  slow_down: 503,
  UNAVAILABLE: 503,
  RESOURCE_EXHAUSTED: 429,
  INTERNAL: 500,
  DEADLINE_EXCEEDED: 504,
  INVALID_ARGUMENT: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
};

/** A provider's own words, by status, then type and code, then wording where nothing else tells (order: docs/failover.md). */
export function classifyError(error: WireError, inStream: boolean): Fault {
  const named = STATUS_OF[error.code ?? ''] ?? STATUS_OF[error.type ?? ''];
  const genuine = error.status !== undefined && error.status >= 300 ? error.status : undefined;
  const status = genuine ?? named ?? (inStream ? 500 : (error.status ?? 500));
  const name = error.code ?? error.type;
  return {
    class: classOf(status, error),
    symptom: inStream ? 'error-event' : 'status',
    message: error.message,
    status,
    ...(name === undefined ? {} : { code: name }),
    ...(error.retryAfter === undefined ? {} : { retryAfter: error.retryAfter }),
    ...(error.requestId === undefined ? {} : { requestId: error.requestId }),
  };
}

function classOf(status: number, error: WireError): FaultClass {
  const names = [error.code ?? '', error.type ?? ''];
  const says = (codes: Set<string>) => names.some((name) => codes.has(name));
  if (says(QUOTA_CODES) || status === 402) return 'quota';
  if (status === 429) return QUOTA_WORDS.test(error.message) ? 'quota' : 'rate-limited';
  if (status === 401 || status === 403) return 'auth';
  if (says(MODEL_CODES)) return 'model-not-found';
  if (status === 404) return THING_WORDS.test(error.message) && !MODEL_WORDS.test(error.message) ? 'bad-request' : 'model-not-found';
  if (status === 413 || says(LENGTH_CODES)) return 'too-long';
  if (status === 400 || status === 422) {
    if (QUOTA_WORDS.test(error.message)) return 'quota';
    if (AUTH_WORDS.test(error.message)) return 'auth';
    if (LENGTH_WORDS.test(error.message)) return 'too-long';
    if (MODEL_WORDS.test(error.message)) return 'model-not-found';
    return 'bad-request';
  }
  // 408 and 409 are the server's trouble in these APIs (the official SDKs retry them), 424 is Bedrock's for a model that failed, 498 is Groq's for a tier at capacity
  // (console.groq.com/docs/flex-processing), 499 a proxy's; a redirect is no answer.
  if (status === 408 || status === 409 || status === 424 || status === 498 || status === 499 || status < 400 || status >= 500)
    return 'provider-fault';
  return 'bad-request';
}

/** A new connection may well cure these; waiting or another connection does nothing for the rest. */
const CURED_BY_NEW_CONNECTION = new Set(['reset', 'closed', 'protocol', 'truncated', 'malformed', 'empty', 'bad-tool-call']);

export function curedByNewConnection(fault: Fault): boolean {
  if (fault.class !== 'provider-fault') return false;
  if (CURED_BY_NEW_CONNECTION.has(fault.symptom)) return true;
  // A plain internal error is tied to one request or one machine behind the balancer; 502 to 504 and 529 are about capacity.
  return fault.symptom === 'status' && (fault.status === 500 || fault.status === 408 || fault.status === 409);
}

/** Asking again later makes sense: what the client is told decides whether it tries again by itself. */
export function retryable(fault: Fault): boolean {
  return fault.class === 'provider-fault' || fault.class === 'rate-limited' || fault.class === 'local-network';
}
