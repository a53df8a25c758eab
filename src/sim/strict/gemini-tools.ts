import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import { field } from '../wire/read-gemini.ts';

/** The parts of a Gemini request that are protocol buffers with known fields: tools, schemas, the generation's settings. */

const CONFIG = `candidateCount stopSequences maxOutputTokens temperature topP topK seed presencePenalty frequencyPenalty responseMimeType
  responseSchema responseJsonSchema responseFormat responseLogprobs logprobs enableEnhancedCivicAnswers responseModalities speechConfig
  thinkingConfig mediaResolution imageConfig audioTimestamp translationConfig`;
const THINKING = 'includeThoughts thinkingBudget thinkingLevel';
const TOOL = `functionDeclarations googleSearch googleSearchRetrieval codeExecution urlContext computerUse googleMaps fileSearch mcpServers
  retrieval`;
const DECLARATION = 'name description parameters parametersJsonSchema response responseJsonSchema behavior';
/** Google's subset of OpenAPI's schema; `$ref`, `$schema`, `additionalProperties`, `oneOf`, `const` and the like are not in it. */
const SCHEMA = `type format title description nullable enum maxItems minItems properties required minProperties maxProperties minLength
  maxLength pattern example anyOf propertyOrdering default items minimum maximum`;
const TYPES = ['STRING', 'NUMBER', 'INTEGER', 'BOOLEAN', 'ARRAY', 'OBJECT', 'NULL'];
const FUNCTION_NAME = /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/;

/** What the service says of a field that it does not know; `allowed`: names in camel case, with spaces between. */
export function unknownField(object: JsonObject, allowed: string, at = ''): string | undefined {
  const names = allowed.split(/\s+/);
  const unknown = Object.keys(object).find(
    (name) => !names.includes(name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())),
  );
  if (unknown === undefined) return undefined;
  return `Invalid JSON payload received. Unknown name "${unknown}"${at === '' ? '' : ` at '${at}'`}: Cannot find field.`;
}

export function generationConfigProblem(config: JsonObject): string | undefined {
  const thinking = field(config, 'thinkingConfig');
  const schema = field(config, 'responseSchema');
  const wrong =
    unknownField(config, CONFIG, 'generation_config') ??
    (isObject(thinking) ? unknownField(thinking, THINKING, 'generation_config.thinking_config') : undefined) ??
    (schema === undefined ? undefined : schemaProblem(schema, 'generation_config.response_schema'));
  if (wrong !== undefined) return wrong;
  if (isObject(thinking) && field(thinking, 'thinkingBudget') !== undefined && field(thinking, 'thinkingLevel') !== undefined) {
    return 'You can only set only one of thinking budget and thinking level.';
  }
  const stops = field(config, 'stopSequences');
  if (Array.isArray(stops) && stops.length > 5) {
    return '* GenerateContentRequest.generation_config.stop_sequences: the number of stop_sequences must not exceed 5.\n';
  }
  return schema !== undefined && field(config, 'responseJsonSchema') !== undefined
    ? 'Only one of response_schema and response_json_schema may be set.'
    : undefined;
}

export function toolsProblem(tools: readonly JsonObject[]): string | undefined {
  const names = new Set<string>();
  for (const [index, tool] of tools.entries()) {
    const unknown = unknownField(tool, TOOL, `tools[${index}]`);
    if (unknown !== undefined) return unknown;
    const declarations = field(tool, 'functionDeclarations');
    for (const [place, declaration] of (Array.isArray(declarations) ? declarations : []).entries()) {
      const at = `tools[${index}].function_declarations[${place}]`;
      if (!isObject(declaration)) return `Invalid value at '${at}'`;
      const wrong = declarationProblem(declaration, at);
      if (wrong !== undefined) return wrong;
      const name = String(declaration.name);
      if (names.has(name)) return `Duplicate function declaration found: ${name}`;
      names.add(name);
    }
  }
  return undefined;
}

function declarationProblem(declaration: JsonObject, at: string): string | undefined {
  const unknown = unknownField(declaration, DECLARATION, at);
  if (unknown !== undefined) return unknown;
  if (typeof declaration.name !== 'string' || !FUNCTION_NAME.test(declaration.name)) {
    return `* GenerateContentRequest.${at}.name: Invalid function name. Must start with a letter or an underscore. Must be alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 128.\n`;
  }
  if (declaration.parameters === undefined) return undefined;
  if (field(declaration, 'parametersJsonSchema') !== undefined) {
    return `* GenerateContentRequest.${at}: only one of parameters and parameters_json_schema may be set.\n`;
  }
  return schemaProblem(declaration.parameters, `${at}.parameters`);
}

function schemaProblem(schema: Json | undefined, at: string): string | undefined {
  if (!isObject(schema)) return `Invalid value at '${at}' (type.googleapis.com/google.ai.generativelanguage.v1beta.Schema)`;
  const unknown = unknownField(schema, SCHEMA, at);
  if (unknown !== undefined) return unknown;
  if (Array.isArray(schema.type)) return `Invalid value at '${at}.type': Proto field is not repeating, cannot start list.`;
  const type = typeof schema.type === 'string' ? schema.type.toUpperCase() : undefined;
  if (type !== undefined && !TYPES.includes(type)) {
    return `Invalid value at '${at}.type' (type.googleapis.com/google.ai.generativelanguage.v1beta.Type), "${String(schema.type)}"`;
  }
  if (Array.isArray(schema.enum)) {
    if (schema.enum.some((each) => typeof each !== 'string')) return `Invalid value at '${at}.enum' (TYPE_STRING)`;
    if (type !== 'STRING') return `* GenerateContentRequest.${at}.enum: only allowed for STRING type\n`;
    if (schema.enum.includes('')) return `* GenerateContentRequest.${at}.enum: cannot be empty\n`;
  }
  if (type === 'ARRAY' && schema.items === undefined) return `* GenerateContentRequest.${at}.items: missing field.\n`;
  const properties = isObject(schema.properties) ? schema.properties : {};
  if (type === 'OBJECT' && Object.keys(properties).length === 0) {
    return `* GenerateContentRequest.${at}.properties: should be non-empty for OBJECT type\n`;
  }
  for (const [index, name] of (Array.isArray(schema.required) ? schema.required : []).entries()) {
    if (properties[String(name)] === undefined) return `* GenerateContentRequest.${at}.required[${index}]: property is not defined\n`;
  }
  const inner: [Json | undefined, string][] = Object.entries(properties).map(([name, each]) => [each, `${at}.properties[${name}]`]);
  if (schema.items !== undefined) inner.push([schema.items, `${at}.items`]);
  if (Array.isArray(schema.anyOf)) schema.anyOf.forEach((each, index) => inner.push([each, `${at}.any_of[${index}]`]));
  for (const [each, place] of inner) {
    const wrong = schemaProblem(each, place);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}
