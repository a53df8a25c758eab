import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { VendorError } from '../errors.ts';
import { isOwnSignature } from '../signature.ts';
import { isGemini3 } from '../wire/gemini.ts';
import { field, geminiPath } from '../wire/read-gemini.ts';
import { generationConfigProblem, toolsProblem, unknownField } from './gemini-tools.ts';

const REQUEST = `contents tools toolConfig safetySettings systemInstruction generationConfig cachedContent model serviceTier store labels`;
const CONTENT = 'role parts';
const PART = `text inlineData fileData functionCall functionResponse executableCode codeExecutionResult toolCall toolResponse thought
  thoughtSignature videoMetadata partMetadata mediaResolution mediaProcessing`;
/** What a part may hold, one of them. */
const DATA = `text inlineData fileData functionCall functionResponse executableCode codeExecutionResult toolCall toolResponse`.split(/\s+/);

/** Words that stand for a signature where the history comes from elsewhere (ai.google.dev/gemini-api/docs/thought-signatures). */
const NO_SIGNATURE = ['skip_thought_signature_validator', 'context_engineering_is_the_way_to_go'];
/** Models that refuse to carry a turn of their own on: 3.5 Flash-Lite, 3.6 and later (research/dialects.md 3.1). */
const NO_PREFILL = /gemini-(3\.5-flash-lite|3\.[6-9]|[4-9])/;

/** What generateContent answers 400 to, in its own words; `undefined`: the request is in order. */
export function strictGemini(body: JsonObject, path: string): VendorError | undefined {
  const message = problem(body, geminiPath(path)?.model ?? '');
  return message === undefined ? undefined : { status: 400, type: 'INVALID_ARGUMENT', message };
}

function problem(body: JsonObject, model: string): string | undefined {
  const unknown = unknownField(body, REQUEST);
  if (unknown !== undefined) return unknown;
  const contents = Array.isArray(body.contents) ? body.contents : [];
  if (contents.length === 0) return '* GenerateContentRequest.contents: contents is not specified\n';
  const turns: Turn[] = [];
  for (const [index, content] of contents.entries()) {
    if (!isObject(content))
      return `Invalid value at 'contents[${index}]' (type.googleapis.com/google.ai.generativelanguage.v1beta.Content)`;
    const wrong = contentProblem(content, index);
    if (wrong !== undefined) return wrong;
    turns.push({ role: String(content.role ?? 'user'), parts: (content.parts as Json[]).filter(isObject) });
  }
  const tools = Array.isArray(body.tools) ? body.tools.filter(isObject) : [];
  const config = field(body, 'generationConfig');
  return (
    orderProblem(turns, model) ??
    signatureProblem(turns, model) ??
    (isObject(config) ? generationConfigProblem(config) : undefined) ??
    toolsProblem(tools) ??
    mixingProblem(tools, isObject(config) ? config : {}, model)
  );
}

interface Turn {
  role: string;
  parts: JsonObject[];
}

function contentProblem(content: JsonObject, index: number): string | undefined {
  const unknown = unknownField(content, CONTENT, `contents[${index}]`);
  if (unknown !== undefined) return unknown;
  const role = content.role ?? 'user';
  if (role !== 'user' && role !== 'model' && role !== 'function') return 'Please use a valid role: user, model.';
  if (!Array.isArray(content.parts) || content.parts.length === 0) {
    return `* GenerateContentRequest.contents[${index}].parts: contents.parts must not be empty.\n`;
  }
  for (const [place, part] of content.parts.entries()) {
    const at = `contents[${index}].parts[${place}]`;
    if (!isObject(part)) return `Invalid value at '${at}' (type.googleapis.com/google.ai.generativelanguage.v1beta.Part)`;
    const wrong = unknownField(part, PART, at) ?? dataProblem(part, at);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function dataProblem(part: JsonObject, at: string): string | undefined {
  const data = DATA.filter((name) => field(part, name) !== undefined);
  if (data.length === 0) return `* GenerateContentRequest.${at}.data: required oneof field 'data' must have one initialized field\n`;
  if (data.length > 1) return `Invalid value at '${at}' (oneof), oneof field 'data' is already set. Cannot set '${data[1]}'`;
  const call = field(part, 'functionCall');
  if (isObject(call) && call.args !== undefined && !isObject(call.args)) {
    return `Invalid value at '${at}.function_call.args' (type.googleapis.com/google.protobuf.Struct)`;
  }
  const response = field(part, 'functionResponse');
  if (isObject(response)) {
    if (typeof response.name !== 'string' || response.name === '')
      return `* GenerateContentRequest.${at}.function_response.name: Name cannot be empty.\n`;
    if (!isObject(response.response))
      return `Invalid value at '${at}.function_response.response' (type.googleapis.com/google.protobuf.Struct)`;
  }
  return undefined;
}

function held(turn: Turn | undefined, name: string): JsonObject[] {
  return (turn?.parts ?? []).map((part) => field(part, name)).filter(isObject);
}

/** Each turn of calls follows another's, and is answered by the very next, as many responses as calls. */
function orderProblem(turns: readonly Turn[], model: string): string | undefined {
  for (const [index, turn] of turns.entries()) {
    const calls = held(turn, 'functionCall');
    const responses = held(turn, 'functionResponse');
    if (calls.length > 0) {
      if (turn.role !== 'model' || (index === 0 && turn.role === 'model') || turns[index - 1]?.role === 'model') {
        return 'Please ensure that function call turn comes immediately after a user turn or after a function response turn.';
      }
      if (held(turns[index + 1], 'functionResponse').length !== calls.length) {
        return 'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.';
      }
    }
    if (responses.length === 0) continue;
    const asked = held(turns[index - 1], 'functionCall');
    if (turn.role === 'model' || asked.length === 0)
      return 'Please ensure that function response turn comes immediately after a function call turn.';
    const unasked = responses.find(
      (response) => !asked.some((call) => call.name === response.name && (response.id === undefined || call.id === response.id)),
    );
    if (unasked) return `Function response \`${String(unasked.name)}\` does not match any function call of the function call turn.`;
  }
  if (turns.at(-1)?.role === 'model' && NO_PREFILL.test(model)) {
    return 'Please ensure that the conversation ends with a user turn: this model does not support prefilling a model turn.';
  }
  return undefined;
}

/** Signatures are the service's own; Gemini 3 wants one on the first call of each step since the user last spoke. */
function signatureProblem(turns: readonly Turn[], model: string): string | undefined {
  for (const { parts } of turns) {
    const signatures = parts.map((part) => field(part, 'thoughtSignature')).filter((each) => typeof each === 'string');
    if (signatures.some((each) => !NO_SIGNATURE.includes(each) && !isOwnSignature('gemini', each))) return 'Corrupted thought signature.';
  }
  if (!isGemini3(model)) return undefined;
  const spoke = turns.findLastIndex((turn) => turn.role === 'user' && held(turn, 'functionResponse').length === 0);
  for (const [index, turn] of turns.entries()) {
    if (index < spoke || turn.role !== 'model') continue;
    const first = turn.parts.find((part) => field(part, 'functionCall') !== undefined);
    if (!first || typeof field(first, 'thoughtSignature') === 'string') continue;
    const name = String((field(first, 'functionCall') as JsonObject).name);
    return `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call \`default_api:${name}\` , position ${index + 1}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.`;
  }
  return undefined;
}

/** What models before Gemini 3 can't do together. */
function mixingProblem(tools: readonly JsonObject[], config: JsonObject, model: string): string | undefined {
  if (isGemini3(model)) return undefined;
  const declared = tools.some((tool) => field(tool, 'functionDeclarations') !== undefined);
  if (!declared) return undefined;
  if (tools.some((tool) => Object.keys(tool).some((name) => !/^function_?declarations$/i.test(name)))) {
    return 'Tool use with function calling is unsupported';
  }
  return field(config, 'responseMimeType') === 'application/json'
    ? "Function calling with a response mime type: 'application/json' is unsupported"
    : undefined;
}
