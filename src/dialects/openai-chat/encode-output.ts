import { isObject, type JsonObject } from '../../exchange/json.ts';
import type { OutputFormat, Request } from '../../exchange/request.ts';
import type { TargetFacts } from '../target-facts.ts';
import type { LossLog } from '../losses.ts';
import { wireName } from '../openai-names.ts';
import { strictProblem } from '../strict-schema.ts';

/**
 * The form of the answer. JSON mode without the word JSON anywhere is refused by OpenAI, and a schema that the target cannot be
 * held to has to be told: both are added to the instructions in `messages`.
 */
export function encodeOutput(request: Request, facts: TargetFacts, messages: JsonObject[], losses: LossLog): JsonObject | undefined {
  const format = request.output;
  if (format.type === 'text') return undefined;
  if (format.type === 'json') {
    if (!saysJson(messages)) instruct(messages, 'Answer with a JSON object.', facts);
    return { type: 'json_object' };
  }
  if (facts.structuredOutput === false) {
    losses.lose('response_format.json_schema', `${facts.model} cannot be held to a schema; it is asked for JSON and told the schema`);
    instruct(messages, `Answer with a JSON object that follows this JSON Schema: ${JSON.stringify(format.schema)}`, facts);
    return { type: 'json_object' };
  }
  return encodeSchema(format, losses);
}

function encodeSchema(format: OutputFormat & { type: 'json-schema' }, losses: LossLog): JsonObject {
  const problem = format.strict === true ? strictProblem(format.schema) : undefined;
  if (problem) losses.lose('response_format.json_schema.strict', `chat's strict mode would refuse this schema: ${problem}`);
  const strict = problem ? false : format.strict;
  return {
    type: 'json_schema',
    json_schema: {
      name: wireName(format.name),
      schema: format.schema,
      ...(strict !== undefined && { strict }),
      ...(format.description !== undefined && { description: format.description }),
    },
  };
}

function saysJson(messages: JsonObject[]): boolean {
  return messages.some(({ content }) => {
    if (typeof content === 'string') return /json/i.test(content);
    return Array.isArray(content) && content.some((part) => isObject(part) && typeof part.text === 'string' && /json/i.test(part.text));
  });
}

function instruct(messages: JsonObject[], instruction: string, facts: TargetFacts): void {
  const leading = messages.findIndex(({ role }) => role !== 'system' && role !== 'developer');
  messages.splice(leading === -1 ? messages.length : leading, 0, { role: facts.systemRole, content: instruction });
}
