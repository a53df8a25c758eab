import type { Effort } from '../../exchange/request.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { RequestHead, RequestProblem } from '../dialect.ts';
import { containsEnvelope } from '../envelope.ts';
import { isEffort } from '../openai-effort.ts';
import { topOf, topReader } from '../openai-top.ts';

/** Reads what planning needs from the top-level fields; `messages` is parsed only if all is (`parse`). */
export function inspect(body: Buffer, _path: string, parse?: boolean): Result<RequestHead, RequestProblem> {
  const found = topOf(body, parse);
  if (!found.ok) return found;
  const top = found.value;
  const reader = topReader(top);

  const model = reader.string('model');
  const stream = reader.boolean('stream') ?? false;
  const maxOutputTokens = reader.count('max_completion_tokens') ?? reader.count('max_tokens');
  const candidates = reader.count('n') ?? 1;
  const word = reader.string('reasoning_effort');
  const reasoning = reader.object('reasoning');
  const options = reader.object('stream_options');
  const format = reader.object('response_format');
  if (model === undefined || model === '') reader.report('model', 'model is missing: name the model that should answer');
  if (top.kind('messages') === undefined) reader.report('messages', 'messages is missing: it must be a list with at least one message');
  else if (!top.isFilled('messages')) reader.report('messages', 'messages must be a list with at least one message');
  const problem = reader.problem();
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
    hasTools: top.isFilled('tools') || top.isFilled('functions'),
    structured: format !== undefined && format.type !== 'text',
    foreignParts: containsEnvelope(body),
    candidates,
    includeUsage: options?.include_usage === true,
    ...top.found,
  });
}
