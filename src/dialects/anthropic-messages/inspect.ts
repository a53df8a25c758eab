import { isObject, type Json } from '../../exchange/json.ts';
import type { Effort } from '../../exchange/request.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { RequestHead, RequestProblem } from '../dialect.ts';
import { containsEnvelope } from '../envelope.ts';
import { members, parseJson, type Span } from '../json-spans.ts';

const OPEN_ARRAY = 91;
const EFFORTS: ReadonlySet<unknown> = new Set<Effort>(['low', 'medium', 'high', 'xhigh', 'max']);

/**
 * Reads what planning needs from the bytes of a request: one scan over them, and parsing of small members only. Without
 * `max_tokens` it passes (`count_tokens` has none, and compatible services do without); Anthropic itself will say so.
 */
export function inspect(body: Buffer): Result<RequestHead, RequestProblem> {
  const found = members(body);
  if (!found.ok) {
    if (parseJson(body).ok) return err({ field: '', message: 'the body is not a JSON object' });
    const { line, column, message } = found.error;
    return err({ field: '', message: `the body is not valid JSON: line ${line}, column ${column}: ${message}` });
  }
  const spans = found.value;
  let problem: RequestProblem | undefined;

  function wrong(field: string, message: string): undefined {
    problem ??= { field, message };
    return undefined;
  }

  /** The value of a small member; `undefined` when it is absent or null. */
  function small(field: string): Exclude<Json, null> | undefined {
    const span = spans.get(field);
    if (!span) return undefined;
    const parsed = parseJson(body, span.start, span.end);
    return parsed.ok ? (parsed.value ?? undefined) : wrong(field, `${parsed.error.message} (line ${parsed.error.line})`);
  }

  function begins(span: Span | undefined, byte: number): boolean {
    return span !== undefined && body[span.start] === byte;
  }

  const model = small('model');
  if (typeof model !== 'string' || model === '') wrong('model', 'must be the name of a model');
  const messages = spans.get('messages');
  if (!messages) wrong('messages', 'is missing; it must be an array of messages');
  else if (!begins(messages, OPEN_ARRAY)) wrong('messages', 'must be an array of messages');
  const stream = small('stream');
  if (stream !== undefined && typeof stream !== 'boolean') wrong('stream', 'must be true or false');
  const maxTokens = small('max_tokens');
  if (maxTokens !== undefined && !(Number.isInteger(maxTokens) && Number(maxTokens) > 0))
    wrong('max_tokens', 'must be a whole number above 0');
  const tools = spans.get('tools');
  if (tools && !begins(tools, OPEN_ARRAY) && small('tools') !== undefined) wrong('tools', 'must be an array');
  const thinking = small('thinking');
  if (thinking !== undefined && !isObject(thinking)) wrong('thinking', 'must be an object');
  const outputConfig = small('output_config');
  if (outputConfig !== undefined && !isObject(outputConfig)) wrong('output_config', 'must be an object');
  if (problem) return err(problem);

  const config = isObject(outputConfig) ? outputConfig : {};
  const disabled = isObject(thinking) && thinking.type === 'disabled';
  const effort = EFFORTS.has(config.effort) ? (config.effort as Effort) : undefined;
  return ok({
    model: model as string,
    stream: stream === true,
    size: body.length,
    ...(typeof maxTokens === 'number' && { maxOutputTokens: maxTokens }),
    reasoning: !disabled && (isObject(thinking) || effort !== undefined),
    ...(effort && { effort }),
    hasTools: begins(tools, OPEN_ARRAY) && body.toString('latin1', tools!.start + 1, tools!.end - 1).trim() !== '',
    // `output_format` was the beta's name.
    structured: isObject(config.format) || begins(spans.get('output_format'), 123),
    foreignParts: containsEnvelope(body),
    candidates: 1,
    includeUsage: true,
    layout: { of: body, members: spans },
  });
}
