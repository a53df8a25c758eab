import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { RequestHead, RequestProblem } from '../dialect.ts';
import { containsEnvelope } from '../envelope.ts';
import { isEffort } from '../openai-effort.ts';
import { topOf, topReader } from '../openai-top.ts';
import type { TopMembers } from '../top-members.ts';
import { INSTEAD_OF_INPUT } from './decode-request.ts';
import { missingReferences, REFERENCE } from './references.ts';

/** An item that brings tools. */
const TOOLS_ITEM = '"additional_tools"';

/** Reads what planning needs from the top-level fields. `input` is parsed only where an item in it may refer to another, or if all is (`parse`). */
export function inspect(body: Buffer, _path: string, parse?: boolean): Result<RequestHead, RequestProblem> {
  const found = topOf(body, parse);
  if (!found.ok) return found;
  const top = found.value;
  const reader = topReader(top);

  const model = reader.string('model');
  const stream = reader.boolean('stream') ?? false;
  const background = reader.boolean('background') ?? false;
  const store = reader.boolean('store') ?? true;
  const maxOutputTokens = reader.count('max_output_tokens');
  const reasoning = reader.object('reasoning');
  const text = reader.object('text');
  const previousResponse = reader.string('previous_response_id');
  const conversation = reader.read('conversation', 'a string or an object', isNamed);
  const prompt = reader.object('prompt');
  const input = top.kind('input');
  if (model === undefined || model === '') reader.report('model', 'model is missing: name the model that should answer');
  if (!isGiven(top, 'input') && !INSTEAD_OF_INPUT.some((field) => isGiven(top, field)))
    reader.report('input', 'input is missing: it must be a string or a list of items');
  else if (isGiven(top, 'input') && input !== 'array' && input !== 'string')
    reader.report('input', 'input must be a string or a list of items');
  const problem = reader.problem();
  if (problem) return err(problem);

  const word = typeof reasoning?.effort === 'string' ? reasoning.effort : undefined;
  const effort = word !== undefined && isEffort(word) ? word : undefined;
  const format = isObject(text?.format) ? text.format.type : undefined;
  const dependsOn = dependence(conversation, prompt, missing(body, top)[0]);
  return ok({
    model: model!,
    stream,
    size: body.length,
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    reasoning: word !== undefined ? word !== 'none' : reasoning !== undefined && Object.keys(reasoning).length > 0,
    ...(effort && { effort }),
    hasTools: top.isFilled('tools') || body.includes(TOOLS_ITEM, 0, 'latin1'),
    structured: format !== undefined && format !== 'text',
    foreignParts: containsEnvelope(body),
    candidates: 1,
    includeUsage: true,
    ...(previousResponse !== undefined && { previousResponse }),
    ...(dependsOn !== undefined && { dependsOn }),
    ...(background && { background }),
    stored: store,
    ...top.found,
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

function isGiven(top: TopMembers, field: string): boolean {
  const kind = top.kind(field);
  return kind !== undefined && kind !== 'null';
}

function missing(body: Buffer, top: TopMembers): string[] {
  if (!body.includes(REFERENCE, 0, 'latin1')) return [];
  const input = top.value('input');
  return input.ok ? missingReferences(input.value) : [];
}

function isNamed(value: Json): value is string | JsonObject {
  return typeof value === 'string' || isObject(value);
}
