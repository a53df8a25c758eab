import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { RequestHead, RequestProblem } from '../dialect.ts';
import { containsEnvelope } from '../envelope.ts';
import { members, parseJson, type Span } from '../json-spans.ts';
import { isEffort } from '../openai-effort.ts';
import { INSTEAD_OF_INPUT } from './decode-request.ts';
import { missingReferences } from './references.ts';

const OPEN_ARRAY = 91;
const QUOTE = 34;

/** An item that brings tools. */
const TOOLS_ITEM = '"additional_tools"';

/** Reads what planning needs from the spans of the top-level fields. `input` is parsed only where an item in it may refer to another. */
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
  const background = read('background', 'true or false', isBoolean) ?? false;
  const store = read('store', 'true or false', isBoolean) ?? true;
  const maxOutputTokens = read('max_output_tokens', 'a whole number above 0', isCount);
  const reasoning = read('reasoning', 'an object', isObject);
  const text = read('text', 'an object', isObject);
  const previousResponse = read('previous_response_id', 'a string', isString);
  const conversation = read('conversation', 'a string or an object', isNamed);
  const prompt = read('prompt', 'an object', isObject);
  const input = spans.get('input');
  if (model === undefined || model === '') problem ??= { field: 'model', message: 'model is missing: name the model that should answer' };
  if (!isGiven(body, input) && !INSTEAD_OF_INPUT.some((field) => isGiven(body, spans.get(field))))
    problem ??= { field: 'input', message: 'input is missing: it must be a string or a list of items' };
  else if (isGiven(body, input) && body[input!.start] !== OPEN_ARRAY && body[input!.start] !== QUOTE)
    problem ??= { field: 'input', message: 'input must be a string or a list of items' };
  if (problem) return err(problem);

  const word = typeof reasoning?.effort === 'string' ? reasoning.effort : undefined;
  const effort = word !== undefined && isEffort(word) ? word : undefined;
  const format = isObject(text?.format) ? text.format.type : undefined;
  const dependsOn = dependence(conversation, prompt, missingReferences(body, input)[0]);
  return ok({
    model: model!,
    stream,
    size: body.length,
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    reasoning: word !== undefined ? word !== 'none' : reasoning !== undefined && Object.keys(reasoning).length > 0,
    ...(effort && { effort }),
    hasTools: isFilledArray(body, spans.get('tools')) || body.includes(TOOLS_ITEM, 0, 'latin1'),
    structured: format !== undefined && format !== 'text',
    foreignParts: containsEnvelope(body),
    candidates: 1,
    includeUsage: true,
    ...(previousResponse !== undefined && { previousResponse }),
    ...(dependsOn !== undefined && { dependsOn }),
    ...(background && { background }),
    stored: store,
    layout: { of: body, members: spans },
  });
}

/** What only the vendor's own servers know. */
function dependence(
  conversation: string | JsonObject | undefined,
  prompt: JsonObject | undefined,
  item: string | undefined,
): string | undefined {
  if (conversation !== undefined) return `the conversation ${nameOf(conversation)}`;
  if (prompt) return `the stored prompt ${nameOf(prompt)}`;
  return item && `the stored item ${item}`;
}

function nameOf(value: string | JsonObject): string {
  return typeof value === 'string' ? value : typeof value.id === 'string' ? value.id : '(without an id)';
}

function isGiven(body: Buffer, span: Span | undefined): boolean {
  return span !== undefined && body.toString('latin1', span.start, Math.min(span.end, span.start + 4)) !== 'null';
}

function isFilledArray(body: Buffer, span: Span | undefined): boolean {
  return span !== undefined && body[span.start] === OPEN_ARRAY && body.toString('latin1', span.start + 1, span.end - 1).trim() !== '';
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

function isNamed(value: Json): value is string | JsonObject {
  return typeof value === 'string' || isObject(value);
}
