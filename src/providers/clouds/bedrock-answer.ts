import type { Headers } from '../../dialects/dialect.ts';
import { isObject, parseObject } from '../../exchange/json.ts';
import type { Reframe } from '../call.ts';
import { type EventMessage, eventStreamReader } from './event-stream.ts';

/** Bedrock's exceptions as Anthropic names what they mean (docs.aws.amazon.com/bedrock, InvokeModelWithResponseStream, errors). */
const TYPES: Readonly<Record<string, string>> = {
  throttlingexception: 'rate_limit_error',
  servicequotaexceededexception: 'rate_limit_error',
  accessdeniedexception: 'permission_error',
  unrecognizedclientexception: 'authentication_error',
  invalidsignatureexception: 'authentication_error',
  expiredtokenexception: 'authentication_error',
  validationexception: 'invalid_request_error',
  resourcenotfoundexception: 'not_found_error',
  modelnotreadyexception: 'overloaded_error',
  serviceunavailableexception: 'overloaded_error',
  modeltimeoutexception: 'timeout_error',
  modelerrorexception: 'api_error',
  modelstreamerrorexception: 'api_error',
  internalserverexception: 'api_error',
};
/** Error bodies larger than this are passed on as they are. */
const LARGEST_ERROR = 64 * 1024;

/** Bedrock's answers as Anthropic would give them: the binary event stream as server-sent events, errors in Anthropic's shape. */
export const bedrockAnswer: Reframe = (handler, cancel) => {
  const reader = eventStreamReader();
  let mode: 'plain' | 'events' | 'error' | 'over' = 'plain';
  let errorType = '';
  let errorBody: Buffer[] = [];
  let errorSize = 0;

  function broken(message: string): void {
    mode = 'over';
    cancel();
    handler.error({ symptom: 'protocol', local: false, message: `the event stream can't be read: ${message}` });
  }

  return {
    headers(status, headers) {
      if (status >= 400) {
        mode = 'error';
        errorType = (headers['x-amzn-errortype'] ?? '').split(':', 1)[0]!;
      } else if (headers['content-type']?.includes('application/vnd.amazon.eventstream')) mode = 'events';
      handler.headers(
        status,
        mode === 'plain' ? headers : asAnthropic(headers, mode === 'error' ? 'application/json' : 'text/event-stream; charset=utf-8'),
      );
    },
    data(chunk) {
      if (mode === 'plain') return handler.data(chunk);
      if (mode === 'error') {
        errorBody.push(chunk);
        errorSize += chunk.length;
        if (errorSize <= LARGEST_ERROR) return;
        mode = 'plain';
        return handler.data(Buffer.concat(errorBody.splice(0)));
      }
      if (mode === 'over') return;
      const read = reader.push(chunk);
      if (!read.ok) return broken(read.problem);
      const events: string[] = [];
      for (const message of read.messages) {
        const event = eventOf(message);
        if (event === undefined) return broken('a chunk holds no event');
        events.push(event);
      }
      if (events.length > 0) handler.data(Buffer.from(events.join('')));
    },
    end() {
      if (mode === 'over') return;
      if (mode === 'events' && reader.rest() > 0) return broken('it ends within a message');
      if (mode === 'error') {
        const body = Buffer.concat(errorBody);
        errorBody = [];
        if (body.length > 0) handler.data(errorOf(body, errorType));
      }
      handler.end();
    },
    error(error) {
      if (mode !== 'over') handler.error(error);
    },
  };
};

function asAnthropic(headers: Headers, contentType: string): Headers {
  const { 'content-length': _length, 'x-amzn-requestid': requestId, ...others } = headers;
  return {
    ...others,
    'content-type': contentType,
    ...(requestId === undefined ? {} : { 'request-id': requestId }),
  };
}

/** Nothing for a message that is neither an event nor an error. */
function eventOf({ headers, payload }: EventMessage): string | undefined {
  const kind = headers.get(':message-type');
  if (kind === 'exception' || kind === 'error') {
    const name = headers.get(':exception-type') ?? headers.get(':error-code') ?? '';
    const said = parseObject(payload.toString('utf8'))?.['message'];
    return sse('error', anthropicError(name, typeof said === 'string' ? said : (headers.get(':error-message') ?? name)));
  }
  const bytes = parseObject(payload.toString('utf8'))?.['bytes'];
  if (typeof bytes !== 'string') return headers.get(':event-type') === 'chunk' ? undefined : '';
  const json = Buffer.from(bytes, 'base64').toString('utf8');
  const type = parseObject(json)?.['type'];
  return typeof type === 'string' ? sse(type, json) : undefined;
}

function sse(type: string, json: string): string {
  return `event: ${type}\ndata: ${json.replace(/[\r\n]+/g, ' ')}\n\n`;
}

function errorOf(body: Buffer, name: string): Buffer {
  const said = parseObject(body.toString('utf8'));
  const message = said?.['message'] ?? said?.['Message'];
  if (said === undefined || isObject(said['error']) || typeof message !== 'string') return body;
  return Buffer.from(anthropicError(name, message));
}

function anthropicError(name: string, message: string): string {
  const type = TYPES[name.toLowerCase()] ?? 'api_error';
  return JSON.stringify({ type: 'error', error: { type, message: name === '' ? message : `${name}: ${message}` } });
}
