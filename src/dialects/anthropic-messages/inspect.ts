import { isObject, type Json } from '../../exchange/json.ts';
import type { Effort } from '../../exchange/request.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { RequestHead, RequestProblem } from '../dialect.ts';
import { containsEnvelope } from '../envelope.ts';
import { parseJson } from '../json-spans.ts';
import { topMembers } from '../top-members.ts';

const EFFORTS: ReadonlySet<unknown> = new Set<Effort>(['low', 'medium', 'high', 'xhigh', 'max']);

/**
 * Reads what planning needs: in one scan over the bytes, with parsing of small members only, or (`parse`) from the whole parsed. Without
 * `max_tokens` it passes (`count_tokens` has none, and compatible services do without); Anthropic itself will say so.
 */
export function inspect(body: Buffer, _path: string, parse?: boolean): Result<RequestHead, RequestProblem> {
  const found = topMembers(body, parse);
  if (!found.ok) {
    if (parseJson(body).ok) return err({ field: '', message: 'the body is not a JSON object' });
    const { line, column, message } = found.error;
    return err({ field: '', message: `the body is not valid JSON: line ${line}, column ${column}: ${message}` });
  }
  const top = found.value;
  let problem: RequestProblem | undefined;

  function wrong(field: string, message: string): undefined {
    problem ??= { field, message };
    return undefined;
  }

  /** The value of a small member; `undefined` when it is absent or null. */
  function small(field: string): Exclude<Json, null> | undefined {
    const value = top.value(field);
    return value.ok ? (value.value ?? undefined) : wrong(field, `${value.error.message} (line ${value.error.line})`);
  }

  const model = small('model');
  if (typeof model !== 'string' || model === '') wrong('model', 'must be the name of a model');
  const messages = top.kind('messages');
  if (!messages) wrong('messages', 'is missing; it must be an array of messages');
  else if (messages !== 'array') wrong('messages', 'must be an array of messages');
  const stream = small('stream');
  if (stream !== undefined && typeof stream !== 'boolean') wrong('stream', 'must be true or false');
  const maxTokens = small('max_tokens');
  if (maxTokens !== undefined && !(Number.isInteger(maxTokens) && Number(maxTokens) > 0))
    wrong('max_tokens', 'must be a whole number above 0');
  if (!['array', 'null', undefined].includes(top.kind('tools'))) wrong('tools', 'must be an array');
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
    hasTools: top.isFilled('tools'),
    // `output_format` was the beta's name.
    structured: isObject(config.format) || top.kind('output_format') === 'object',
    foreignParts: containsEnvelope(body),
    candidates: 1,
    includeUsage: true,
    ...top.found,
  });
}
