import { isObject, type JsonObject } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { RequestHead, RequestProblem } from '../dialect.ts';
import { containsEnvelope } from '../envelope.ts';
import { members, parseJson, type Span } from '../json-spans.ts';
import { camel, camelName } from './camel.ts';
import { readPath } from './path.ts';
import { effortOf } from './decode-thinking.ts';

const OPEN_ARRAY = 91;
const QUOTE = 34;

/** Reads what planning needs: model and streaming from the path, the rest from the bytes, of which only small members are parsed. */
export function inspect(body: Buffer, path: string): Result<RequestHead, RequestProblem> {
  const asked = readPath(path);
  if (!asked)
    return err({ field: '', message: 'the path names no model and method, such as /v1beta/models/gemini-3.1-pro:generateContent' });
  const found = members(body);
  if (!found.ok) {
    if (parseJson(body).ok) return err({ field: '', message: 'the body is not a JSON object' });
    const { line, column, message } = found.error;
    return err({ field: '', message: `the body is not valid JSON: line ${line}, column ${column}: ${message}` });
  }
  const spans = new Map<string, Span>();
  for (const [name, span] of found.value) spans.set(camelName(name), span);
  let problem: RequestProblem | undefined;

  function wrong(field: string, message: string): undefined {
    problem ??= { field, message };
    return undefined;
  }

  /** An object that is small; `undefined` when it is absent or null. */
  function small(field: string): JsonObject | undefined {
    const span = spans.get(field);
    const parsed = span && parseJson(body, span.start, span.end);
    if (!parsed) return undefined;
    if (!parsed.ok) return wrong(field, `${parsed.error.message} (line ${parsed.error.line})`);
    if (parsed.value === null) return undefined;
    return isObject(parsed.value) ? camel(parsed.value) : wrong(field, 'must be an object');
  }

  const contents = spans.get('contents');
  if (!contents || body.toString('latin1', contents.start, contents.end) === 'null')
    wrong('contents', 'is missing; it must be an array of contents');
  const config = small('generationConfig') ?? {};
  const thinking = isObject(config.thinkingConfig) ? camel(config.thinkingConfig) : undefined;
  const cached = spans.get('cachedContent');
  const dependsOn = cached && body[cached.start] === QUOTE ? text(body, cached) : undefined;
  if (problem) return err(problem);

  const stream = asked.method === 'streamGenerateContent';
  const effort = thinking && effortOf(thinking);
  const maxOutputTokens = Number(config.maxOutputTokens ?? NaN);
  const candidates = Number(config.candidateCount ?? 1);
  const tools = spans.get('tools');
  return ok({
    model: asked.model,
    stream,
    size: body.length,
    ...(Number.isInteger(maxOutputTokens) && maxOutputTokens > 0 && { maxOutputTokens }),
    reasoning: thinking !== undefined && Object.keys(thinking).length > 0 && effort !== 'none',
    ...(effort && { effort }),
    hasTools:
      tools !== undefined && body[tools.start] === OPEN_ARRAY && body.toString('latin1', tools.start + 1, tools.end - 1).trim() !== '',
    structured:
      config.responseMimeType === 'application/json' || config.responseSchema !== undefined || config.responseJsonSchema !== undefined,
    foreignParts: containsEnvelope(body),
    candidates: Number.isInteger(candidates) && candidates > 0 ? candidates : 1,
    includeUsage: true,
    layout: { of: body, members: found.value },
    ...(stream && !asked.sse && { framing: 'json-array' as const }),
    ...(dependsOn !== undefined && dependsOn !== '' && { dependsOn }),
  });
}

function text(body: Buffer, span: Span): string | undefined {
  const parsed = parseJson(body, span.start, span.end);
  return parsed.ok && typeof parsed.value === 'string' ? parsed.value : undefined;
}
