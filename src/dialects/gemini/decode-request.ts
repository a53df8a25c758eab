import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { OutputFormat, Request, Sampling, ToolChoice } from '../../exchange/request.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { RequestProblem } from '../dialect.ts';
import { camel } from './camel.ts';
import { decodeContents, decodeSystem } from './decode-contents.ts';
import { decodeThinking } from './decode-thinking.ts';
import { decodeTools } from './decode-tools.ts';
import { fields, type Fields } from './fields.ts';
import { fromOpenApi } from './openapi-schema.ts';
import { readPath } from './path.ts';
import { DIALECT } from './wire.ts';

/** Gemini does not name a schema; OpenAI demands a name. The same word as the other dialects give, so that it gets lost in none. */
export const SCHEMA_NAME = 'answer';

/** Reads a body of `:generateContent`. Wrong types are refused by the name of the field; what is unknown is carried in `extras`. */
export function decodeRequest(body: JsonObject, path: string): Result<Request, RequestProblem> {
  const asked = readPath(path);
  const read = fields();
  // `model` is in the path; a whole request to be counted repeats it here.
  const { contents, systemInstruction, tools, toolConfig, generationConfig, model, ...left } = camel(body);
  if (!asked) read.wrong('', 'the path names no model and method, such as /v1beta/models/gemini-3.1-pro:generateContent');
  if (contents === undefined) read.wrong('contents', 'is missing; it must be an array of contents');
  const config = generationConfig === undefined ? {} : read.message(generationConfig, 'generationConfig');
  const decoded = decodeConfig(config, read);
  const choice = toolConfig === undefined ? {} : decodeToolConfig(read.message(toolConfig, 'toolConfig'));
  const fieldsLeft: JsonObject = {
    ...left,
    ...(Object.keys(decoded.left).length > 0 && { generationConfig: decoded.left }),
    ...(choice.left && { toolConfig: choice.left }),
  };
  const request: Request = {
    model: asked?.model ?? (typeof model === 'string' ? model.replace(/^models\//, '') : ''),
    stream: asked?.method === 'streamGenerateContent',
    system: decodeSystem(systemInstruction, 'systemInstruction', read),
    messages: contents === undefined ? [] : decodeContents(contents, 'contents', read),
    tools: tools === undefined ? [] : decodeTools(isObject(tools) ? [tools] : read.list(tools, 'tools'), read),
    ...(choice.toolChoice && { toolChoice: choice.toolChoice }),
    ...decoded.request,
    ...(Object.keys(fieldsLeft).length > 0 && { extras: { dialect: DIALECT, fields: fieldsLeft } }),
  };
  const problem = read.problem();
  return problem ? err(problem) : ok(request);
}

type Config = Pick<Request, 'output' | 'sampling' | 'stop'> & Partial<Pick<Request, 'reasoning' | 'maxOutputTokens'>>;

function decodeConfig(config: JsonObject, read: Fields): { request: Config; left: JsonObject } {
  const {
    temperature,
    topP,
    topK,
    seed,
    presencePenalty,
    frequencyPenalty,
    maxOutputTokens,
    stopSequences,
    thinkingConfig,
    responseMimeType,
    responseSchema,
    responseJsonSchema,
    ...left
  } = config;
  const at = 'generationConfig';
  const sampling: Sampling = {
    ...(temperature !== undefined && { temperature: read.number(temperature, `${at}.temperature`) }),
    ...(topP !== undefined && { topP: read.number(topP, `${at}.topP`) }),
    ...(topK !== undefined && { topK: read.number(topK, `${at}.topK`) }),
    ...(seed !== undefined && { seed: read.integer(seed, `${at}.seed`) }),
    ...(presencePenalty !== undefined && { presencePenalty: read.number(presencePenalty, `${at}.presencePenalty`) }),
    ...(frequencyPenalty !== undefined && { frequencyPenalty: read.number(frequencyPenalty, `${at}.frequencyPenalty`) }),
  };
  const reasoning =
    thinkingConfig === undefined
      ? undefined
      : decodeThinking(read.message(thinkingConfig, `${at}.thinkingConfig`), `${at}.thinkingConfig`, read);
  const output = decodeOutput(responseMimeType, responseSchema, responseJsonSchema, read);
  if (!output) Object.assign(left, defined({ responseMimeType, responseSchema, responseJsonSchema }));
  return {
    request: {
      output: output ?? { type: 'text' },
      sampling,
      ...(reasoning && { reasoning }),
      ...(maxOutputTokens !== undefined && { maxOutputTokens: read.integer(maxOutputTokens, `${at}.maxOutputTokens`) }),
      stop:
        stopSequences === undefined
          ? []
          : read.list(stopSequences, `${at}.stopSequences`).map((stop, index) => read.string(stop, `${at}.stopSequences[${index}]`)),
    },
    left,
  };
}

/** `undefined`: a form without a neutral word (`text/x.enum`, other types). */
function decodeOutput(
  type: Json | undefined,
  schema: Json | undefined,
  jsonSchema: Json | undefined,
  read: Fields,
): OutputFormat | undefined {
  if (type !== undefined) read.string(type, 'generationConfig.responseMimeType');
  const given = jsonSchema ?? schema;
  if (given === undefined && (type === undefined || type === 'text/plain')) return { type: 'text' };
  if (type !== 'application/json') return undefined;
  if (given === undefined) return { type: 'json' };
  const shape = read.object(given, `generationConfig.${jsonSchema === undefined ? 'responseSchema' : 'responseJsonSchema'}`);
  return { type: 'json-schema', name: SCHEMA_NAME, schema: jsonSchema === undefined ? fromOpenApi(shape) : shape };
}

/** One allowed function is a choice of that; of several, and of `VALIDATED`, only Gemini knows. */
function decodeToolConfig(config: JsonObject): { toolChoice?: ToolChoice; left?: JsonObject } {
  const { functionCallingConfig, ...rest } = config;
  const calling = isObject(functionCallingConfig) ? camel(functionCallingConfig) : {};
  const { mode, allowedFunctionNames: allowed, ...more } = calling;
  const kept: JsonObject = { ...more };
  let toolChoice: ToolChoice | undefined;
  switch (typeof mode === 'string' ? mode.toUpperCase() : undefined) {
    case 'AUTO':
      toolChoice = { type: 'auto' };
      break;
    case 'NONE':
      toolChoice = { type: 'none' };
      break;
    case 'ANY': {
      const only = Array.isArray(allowed) && allowed.length === 1 ? allowed[0] : undefined;
      toolChoice = typeof only === 'string' ? { type: 'tool', name: only } : { type: 'required' };
      break;
    }
    case 'VALIDATED':
      toolChoice = { type: 'auto' };
      kept.mode = 'VALIDATED';
      break;
    case 'MODE_UNSPECIFIED':
    case undefined:
      break;
    default:
      kept.mode = mode;
  }
  if (Array.isArray(allowed) && allowed.length > 0 && toolChoice?.type !== 'tool') kept.allowedFunctionNames = allowed;
  const left = { ...rest, ...(Object.keys(kept).length > 0 && { functionCallingConfig: kept }) };
  return { ...(toolChoice && { toolChoice }), ...(Object.keys(left).length > 0 && { left }) };
}

function defined(given: Record<string, Json | undefined>): JsonObject {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
