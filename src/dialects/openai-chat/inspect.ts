import { isObject, type Json } from '../../exchange/json.ts';
import type { Effort } from '../../exchange/request.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { RequestHead, RequestProblem } from '../dialect.ts';
import { containsEnvelope } from '../envelope.ts';
import { members, parseJson, type Span } from '../json-spans.ts';
import { isEffort } from '../openai-effort.ts';

const OPEN_ARRAY = 91;

/** Reads what planning needs from the spans of the top-level fields; `messages` is never parsed. */
export function inspect(body: Buffer): Result<RequestHead, RequestProblem> {
  const found = members(body);
  if (!found.ok) {
    const { line, column, message } = found.error;
    return err({ field: '', message: `the body is not a JSON object: line ${line}, column ${column}: ${message}` });
  }
  const spans = found.value;
  let problem: RequestProblem | undefined;

  function read<Value>(field: string, wanted: string, check: (value: Json) => value is Value & Json): Value | undefined {
    const span = spans.get(field);
    if (!span) return undefined;
    const parsed = parseJson(body, span.start, span.end);
    if (!parsed.ok) problem ??= { field, message: `${field} is not JSON: ${parsed.error.message}` };
    else if (parsed.value === null) return undefined;
    else if (check(parsed.value)) return parsed.value;
    else problem ??= { field, message: `${field} must be ${wanted}` };
    return undefined;
  }

  const model = read('model', 'a string', isString);
  const stream = read('stream', 'true or false', isBoolean) ?? false;
  const maxOutputTokens =
    read('max_completion_tokens', 'a whole number above 0', isCount) ?? read('max_tokens', 'a whole number above 0', isCount);
  const candidates = read('n', 'a whole number above 0', isCount) ?? 1;
  const word = read('reasoning_effort', 'a string', isString);
  const reasoning = read('reasoning', 'an object', isObject);
  const options = read('stream_options', 'an object', isObject);
  const format = read('response_format', 'an object', isObject);
  const messages = spans.get('messages');
  if (model === undefined || model === '') problem ??= { field: 'model', message: 'model is missing: name the model that should answer' };
  if (!messages) problem ??= { field: 'messages', message: 'messages is missing: it must be a list with at least one message' };
  else if (!isFilledArray(body, messages)) problem ??= { field: 'messages', message: 'messages must be a list with at least one message' };
  if (problem) return err(problem);

  const named = word ?? (typeof reasoning?.effort === 'string' ? reasoning.effort : undefined);
  const effort: Effort | undefined = named !== undefined && isEffort(named) ? named : undefined;
  return ok({
    model: model!,
    stream,
    size: body.length,
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    reasoning: named !== undefined ? named !== 'none' : reasoning !== undefined && reasoning.enabled !== false,
    ...(effort && { effort }),
    hasTools: isFilled(body, spans.get('tools')) || isFilled(body, spans.get('functions')),
    structured: format !== undefined && format.type !== 'text',
    foreignParts: containsEnvelope(body),
    candidates,
    includeUsage: options?.include_usage === true,
    layout: { of: body, members: spans },
  });
}

function isFilled(body: Buffer, span: Span | undefined): boolean {
  return span !== undefined && isFilledArray(body, span);
}

function isFilledArray(body: Buffer, span: Span): boolean {
  return body[span.start] === OPEN_ARRAY && body.toString('latin1', span.start + 1, span.end - 1).trim() !== '';
}

function isString(value: Json): value is string {
  return typeof value === 'string';
}

function isBoolean(value: Json): value is boolean {
  return typeof value === 'boolean';
}

function isCount(value: Json): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
