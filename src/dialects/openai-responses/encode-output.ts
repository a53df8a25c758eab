import { isObject, type JsonObject } from '../../exchange/json.ts';
import type { OutputFormat, Request } from '../../exchange/request.ts';
import type { LossLog } from '../losses.ts';
import { wireName } from '../openai-names.ts';
import { strictProblem } from '../strict-schema.ts';
import type { TargetFacts } from '../target-facts.ts';
import { inputText } from './encode-content.ts';

/**
 * `text.format`. JSON mode is refused when the word JSON stands nowhere in the input (`Response input messages must contain the word
 * 'json'`), and a schema that the target cannot be held to has to be told: both are added in front of `items`.
 */
export function encodeFormat(request: Request, facts: TargetFacts, items: JsonObject[], losses: LossLog): JsonObject | undefined {
  const format = request.output;
  if (format.type === 'text') return undefined;
  if (format.type === 'json') {
    if (!saysJson(items)) instruct(items, 'Answer with a JSON object.', facts);
    return { type: 'json_object' };
  }
  if (facts.structuredOutput === false) {
    losses.lose('text.format', `${facts.model} cannot be held to a schema; it is asked for JSON and told the schema`);
    instruct(items, `Answer with a JSON object that follows this JSON Schema: ${JSON.stringify(format.schema)}`, facts);
    return { type: 'json_object' };
  }
  return encodeSchema(format, losses);
}

function encodeSchema(format: OutputFormat & { type: 'json-schema' }, losses: LossLog): JsonObject {
  const problem = format.strict === true ? strictProblem(format.schema) : undefined;
  if (problem) losses.lose('text.format.strict', `strict mode would refuse this schema: ${problem}`);
  const strict = problem ? false : format.strict;
  return {
    type: 'json_schema',
    name: wireName(format.name),
    schema: format.schema,
    ...(strict !== undefined && { strict }),
    ...(format.description !== undefined && { description: format.description }),
  };
}

function saysJson(items: JsonObject[]): boolean {
  return items.some(
    ({ type, content }) =>
      type === 'message' &&
      Array.isArray(content) &&
      content.some((part) => isObject(part) && typeof part.text === 'string' && /json/i.test(part.text)),
  );
}

function instruct(items: JsonObject[], instruction: string, facts: TargetFacts): void {
  items.unshift({ type: 'message', role: facts.systemRole, content: [inputText(instruction)] });
}
