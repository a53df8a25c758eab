import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { Asked, OfferedTool, Turn } from '../asked.ts';

/** What the path of a Gemini request says. */
interface GeminiPath {
  model: string;
  verb: string;
  sse: boolean;
}

/** `/v1beta/models/gemini-3-pro:streamGenerateContent?alt=sse`; `undefined`: it is none. */
export function geminiPath(path: string): GeminiPath | undefined {
  const found = /\/(?:models|tunedModels)\/([^/:?]+):([A-Za-z]+)(?:\?(.*))?$/.exec(path);
  if (!found) return undefined;
  const query = new URLSearchParams(found[3] ?? '');
  return { model: decodeURIComponent(found[1]!), verb: found[2]!, sse: query.get('alt') === 'sse' };
}

/** A field in camel case or, as Google takes too, in snake case. */
export function field(object: JsonObject, name: string): Json | undefined {
  return object[name] ?? object[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];
}

/** Reads a generateContent request as far as a simulated assistant cares. */
export function readGemini(body: JsonObject, size: number, path: string): Asked {
  const place = geminiPath(path);
  const config = objectOf(field(body, 'generationConfig'));
  const thinking = objectOf(field(config, 'thinkingConfig'));
  const budget = field(thinking, 'thinkingBudget');
  const shown = field(thinking, 'includeThoughts') === true;
  const schema = readSchema(config);
  const limit = field(config, 'maxOutputTokens');
  const stops = field(config, 'stopSequences');
  const candidates = field(config, 'candidateCount');
  const stream = place?.verb === 'streamGenerateContent';
  return {
    dialect: 'gemini',
    model: place?.model ?? '',
    stream,
    turns: [...system(field(body, 'systemInstruction')), ...objects(body.contents).map(readTurn)],
    tools: objects(body.tools).flatMap((tool) => objects(field(tool, 'functionDeclarations')).flatMap(readTool)),
    toolChoice: readChoice(objectOf(field(objectOf(field(body, 'toolConfig')), 'functionCallingConfig'))),
    parallel: true,
    thinking: budget !== 0 && (shown || typeof budget === 'number' || typeof field(thinking, 'thinkingLevel') === 'string'),
    thinkingHidden: !shown,
    ...(schema ? { schema } : {}),
    ...(typeof limit === 'number' ? { maxTokens: limit } : {}),
    stop: Array.isArray(stops) ? stops.filter((each) => typeof each === 'string') : [],
    includeUsage: true,
    candidates: typeof candidates === 'number' ? Math.min(8, Math.max(1, candidates)) : 1,
    cached: typeof field(body, 'cachedContent') === 'string',
    size,
    ...(stream && place?.sse === false ? { jsonArray: true } : {}),
    request: body,
  };
}

function readSchema(config: JsonObject): JsonObject | undefined {
  const schema = field(config, 'responseJsonSchema') ?? field(config, 'responseSchema');
  if (isObject(schema)) return plainSchema(schema);
  return field(config, 'responseMimeType') === 'application/json' ? {} : undefined;
}

function readChoice(config: JsonObject): Asked['toolChoice'] {
  const allowed = field(config, 'allowedFunctionNames');
  if (config.mode === 'NONE') return 'none';
  if (config.mode !== 'ANY') return 'auto';
  return Array.isArray(allowed) && allowed.length === 1 ? { name: String(allowed[0]) } : 'required';
}

function system(instruction: Json | undefined): Turn[] {
  if (typeof instruction === 'string') return [{ role: 'system', text: instruction, calls: [], results: [] }];
  if (!isObject(instruction)) return [];
  return [{ role: 'system', text: texts(objects(instruction.parts)).join('\n'), calls: [], results: [] }];
}

function readTurn(content: JsonObject): Turn {
  const role = content.role === 'model' ? 'assistant' : 'user';
  const parts = objects(content.parts);
  const calls = parts.flatMap((part) => {
    const call = field(part, 'functionCall');
    return isObject(call)
      ? [{ id: String(call.id ?? call.name), name: String(call.name), arguments: JSON.stringify(call.args ?? {}) }]
      : [];
  });
  const results = parts.flatMap((part) => {
    const result = field(part, 'functionResponse');
    return isObject(result) ? [{ id: String(result.id ?? result.name), text: resultText(result.response) }] : [];
  });
  return { role, text: texts(parts).join(role === 'assistant' ? '' : '\n'), calls, results };
}

function texts(parts: readonly JsonObject[]): string[] {
  return parts.flatMap((part) => (typeof part.text === 'string' && part.thought !== true ? [part.text] : []));
}

/** `output` and `error` are the words that the documentation has for a plain result; `result` is common too. */
function resultText(response: Json | undefined): string {
  if (!isObject(response)) return '';
  const said = response.output ?? response.result ?? response.error;
  return typeof said === 'string' ? said : JSON.stringify(response);
}

function readTool(declaration: JsonObject): OfferedTool[] {
  if (typeof declaration.name !== 'string') return [];
  const schema = field(declaration, 'parametersJsonSchema') ?? declaration.parameters;
  return [{ name: declaration.name, schema: isObject(schema) ? plainSchema(schema) : {} }];
}

/** Google writes the types of OpenAPI in capitals. */
function plainSchema(schema: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [name, name === 'type' ? lower(value ?? null) : plain(value ?? null)]),
  );
}

function plain(value: Json): Json {
  if (Array.isArray(value)) return value.map(plain);
  return isObject(value) ? plainSchema(value) : value;
}

function lower(type: Json): Json {
  return typeof type === 'string' ? type.toLowerCase() : plain(type);
}

function objects(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}
