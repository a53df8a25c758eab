import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { Request } from '../../exchange/request.ts';
import type { EncodedRequest } from '../dialect.ts';
import { calledTools } from '../plain-tools.ts';
import type { TargetFacts } from '../target-facts.ts';
import { SCHEMA_NAME } from './decode-request.ts';
import { encodeContents } from './encode-contents.ts';
import { partWriter } from './encode-parts.ts';
import { encodeThinking } from './encode-thinking.ts';
import { encodeTools } from './encode-tools.ts';
import { isBeforeGemini3 } from './generation.ts';
import { lossLog, type LossLog } from '../losses.ts';
import { DIALECT } from './wire.ts';
import { wireName } from './names.ts';
import { geminiSchema } from './schema.ts';

/** Of `GenerationConfig.stopSequences` in the reference. */
const MOST_STOPS = 5;

/** A body of `:generateContent`. Model and streaming are in the path. */
export function encodeRequest(request: Request, facts: TargetFacts): EncodedRequest {
  const losses = lossLog(DIALECT, 'Gemini caches by itself');
  const { toolConfig, generationConfig, ...own } = losses.own(request.extras, '');
  const write = partWriter(facts, losses);
  const system = request.system.flatMap((part, index) => write(part, `system[${index}]`));
  const contents = encodeContents(request, facts, losses);
  const tools = encodeTools(request, isObject(toolConfig) ? toolConfig : {}, facts, losses);
  const output = encodeOutput(request, tools.tools !== undefined, facts, losses);
  if (output.instruction !== undefined) system.push({ text: output.instruction });
  if (request.user !== undefined) losses.lose('user', "Gemini has no field for the end user's id");
  const thinkingConfig = encodeThinking(request, facts, losses);
  const config: JsonObject = {
    ...(isObject(generationConfig) && generationConfig),
    ...encodeSampling(request, facts, losses),
    ...encodeLimits(request, facts, losses),
    ...(thinkingConfig && Object.keys(thinkingConfig).length > 0 && { thinkingConfig }),
    ...output.fields,
  };
  const calls = calledTools(request, wireName);
  return {
    body: {
      ...own,
      ...(system.length > 0 && { systemInstruction: { parts: system } }),
      contents,
      ...tools,
      ...(Object.keys(config).length > 0 && { generationConfig: config }),
    },
    headers: {},
    losses: losses.list(),
    ...(calls.size > 0 && { calls }),
  };
}

function encodeSampling(request: Request, facts: TargetFacts, losses: LossLog): JsonObject {
  const sampling = Object.entries(request.sampling).filter(([, value]) => value !== undefined);
  if (!facts.fixedSampling) return Object.fromEntries(sampling);
  for (const [field] of sampling) losses.lose(field, `${facts.model} refuses it`);
  return {};
}

function encodeLimits(request: Request, facts: TargetFacts, losses: LossLog): JsonObject {
  const asked = request.maxOutputTokens;
  const most = facts.maxOutput;
  const cut = asked !== undefined && most !== undefined && asked > most;
  if (cut) losses.lose('max_tokens', `${facts.model} writes at most ${most} tokens`);
  if (request.stop.length > MOST_STOPS) losses.lose('stop', `Gemini takes ${MOST_STOPS} stop sequences; the first ${MOST_STOPS} are kept`);
  return {
    ...(asked !== undefined && { maxOutputTokens: cut ? most : asked }),
    ...(request.stop.length > 0 && { stopSequences: request.stop.slice(0, MOST_STOPS) }),
  };
}

/**
 * The form of the answer. Models before 3 take no JSON beside functions (`Function calling with a response mime type: 'application/json' is
 * unsupported`): there they are only asked for it.
 */
function encodeOutput(
  request: Request,
  withTools: boolean,
  facts: TargetFacts,
  losses: LossLog,
): { fields?: Record<string, Json>; instruction?: string } {
  const output = request.output;
  if (output.type === 'text') return {};
  const beside = withTools && isBeforeGemini3(facts);
  if (beside) losses.lose('output', `${facts.model} is not held to JSON while it has tools; it is asked for it in its instructions`);
  const fields = beside ? {} : { responseMimeType: 'application/json' };
  if (output.type === 'json') {
    return beside ? { instruction: 'Answer with one valid JSON object and nothing else: no prose, no code fence.' } : { fields };
  }
  if (output.description !== undefined) losses.lose('output.description', 'Gemini has no description of a schema');
  if (output.name !== SCHEMA_NAME) losses.lose('output.name', 'Gemini has no name of a schema');
  if (output.strict === false) losses.lose('output.strict', 'Gemini always enforces the schema');
  if (!beside && facts.structuredOutput !== false) {
    const { schema, changes } = geminiSchema(output.schema);
    if (changes.length > 0) losses.lose('output.schema', `Gemini's schemas cannot say: ${changes.join('; ')}`);
    return { fields: { ...fields, responseJsonSchema: schema } };
  }
  if (!beside) losses.lose('output', `${facts.model} does not enforce schemas; it is told the schema in its instructions`);
  const schema = JSON.stringify(output.schema);
  return {
    fields,
    instruction: `Answer with one valid JSON value that matches this JSON Schema and nothing else: no prose, no code fence.\n${schema}`,
  };
}
