import { isObject, type JsonObject } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { RequestHead, RequestProblem } from '../dialect.ts';
import { containsEnvelope } from '../envelope.ts';
import { parseJson } from '../json-spans.ts';
import { topMembers } from '../top-members.ts';
import { camel, camelName } from './camel.ts';
import { readPath } from './path.ts';
import { effortOf } from './decode-thinking.ts';

/** Reads what planning needs: model and streaming from the path, the rest from small members of the body. `parse`: all of it is parsed. */
export function inspect(body: Buffer, path: string, parse?: boolean): Result<RequestHead, RequestProblem> {
  const asked = readPath(path);
  if (!asked)
    return err({ field: '', message: 'the path names no model and method, such as /v1beta/models/gemini-3.1-pro:generateContent' });
  const found = topMembers(body, parse);
  if (!found.ok) {
    if (parseJson(body).ok) return err({ field: '', message: 'the body is not a JSON object' });
    const { line, column, message } = found.error;
    return err({ field: '', message: `the body is not valid JSON: line ${line}, column ${column}: ${message}` });
  }
  const top = found.value;
  /** As the body spells them. */
  const names = new Map<string, string>();
  for (const name of top.names()) names.set(camelName(name), name);
  let problem: RequestProblem | undefined;

  function wrong(field: string, message: string): undefined {
    problem ??= { field, message };
    return undefined;
  }

  const nameOf = (field: string): string => names.get(field) ?? field;

  /** An object that is small; `undefined` when it is absent or null. */
  function small(field: string): JsonObject | undefined {
    const found = top.value(nameOf(field));
    if (!found.ok) return wrong(field, `${found.error.message} (line ${found.error.line})`);
    if (found.value === undefined || found.value === null) return undefined;
    return isObject(found.value) ? camel(found.value) : wrong(field, 'must be an object');
  }

  if (['null', undefined].includes(top.kind(nameOf('contents')))) wrong('contents', 'is missing; it must be an array of contents');
  const config = small('generationConfig') ?? {};
  const thinking = isObject(config.thinkingConfig) ? camel(config.thinkingConfig) : undefined;
  const cached = top.kind(nameOf('cachedContent')) === 'string' ? top.value(nameOf('cachedContent')) : undefined;
  const dependsOn = cached?.ok && typeof cached.value === 'string' ? cached.value : undefined;
  if (problem) return err(problem);

  const stream = asked.method === 'streamGenerateContent';
  const effort = thinking && effortOf(thinking);
  const maxOutputTokens = Number(config.maxOutputTokens ?? NaN);
  const candidates = Number(config.candidateCount ?? 1);
  return ok({
    model: asked.model,
    stream,
    size: body.length,
    ...(Number.isInteger(maxOutputTokens) && maxOutputTokens > 0 && { maxOutputTokens }),
    reasoning: thinking !== undefined && Object.keys(thinking).length > 0 && effort !== 'none',
    ...(effort && { effort }),
    hasTools: top.isFilled(nameOf('tools')),
    structured:
      config.responseMimeType === 'application/json' || config.responseSchema !== undefined || config.responseJsonSchema !== undefined,
    foreignParts: containsEnvelope(body),
    candidates: Number.isInteger(candidates) && candidates > 0 ? candidates : 1,
    includeUsage: true,
    ...top.found,
    ...(stream && !asked.sse && { framing: 'json-array' as const }),
    ...(dependsOn !== undefined && dependsOn !== '' && { dependsOn }),
  });
}
