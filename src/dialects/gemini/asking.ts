/** What the tests of requests ask Gemini, and how they look at what is written for it. */
import type { JsonObject } from '../../exchange/json.ts';
import type { Part, ResultContent, ToolCallPart, ToolResultPart } from '../../exchange/part.ts';
import type { FunctionTool, Message, Request } from '../../exchange/request.ts';
import type { TargetFacts } from '../target-facts.ts';
import { gemini } from './dialect.ts';

export const GEMINI_3: TargetFacts = {
  vendor: 'google',
  model: 'gemini-3.6-flash',
  prefill: false,
  reasoning: 'effort',
  maxTokensField: 'max_tokens',
  systemRole: 'system',
  fixedSampling: false,
  signedCalls: true,
};
export const GEMINI_25: TargetFacts = { ...GEMINI_3, model: 'gemini-2.5-flash', reasoning: 'budget', signedCalls: false };
export const CLAUDE: TargetFacts = { ...GEMINI_3, vendor: 'anthropic', model: 'claude', reasoning: 'adaptive', signedCalls: false };
export const PATH = '/v1beta/models/gemini-3.6-flash:generateContent';

export const EMPTY: Request = {
  model: 'm',
  stream: false,
  system: [],
  messages: [],
  tools: [],
  output: { type: 'text' },
  sampling: {},
  stop: [],
};
export const LS: FunctionTool = { type: 'function', name: 'ls', parameters: { type: 'object', properties: { path: { type: 'string' } } } };

export function said(text: string): Part {
  return { type: 'text', text };
}
export function call(id: string, extra: Partial<ToolCallPart> = {}): ToolCallPart {
  return { type: 'tool-call', id, name: 'ls', arguments: '{"path":"/"}', ...extra };
}
export function result(callId: string, ...content: ResultContent[]): ToolResultPart {
  return { type: 'tool-result', callId, content, isError: false };
}
export function user(...parts: Part[]): Message {
  return { role: 'user', parts };
}
export function model(...parts: Part[]): Message {
  return { role: 'assistant', parts };
}
export const PICTURE = { type: 'image' as const, source: { type: 'base64' as const, mediaType: 'image/png', data: 'aGk=' } };
export const INLINE = { inlineData: { mimeType: 'image/png', data: 'aGk=' } };

export function encode(request: Partial<Request>, facts: TargetFacts = GEMINI_3) {
  const { body, losses, calls } = gemini.encodeRequest({ ...EMPTY, ...request }, facts);
  return { body, contents: body.contents as { role: string; parts: JsonObject[] }[], lost: losses.map(({ what }) => what), calls };
}
export function decode(body: JsonObject, path = PATH): Request {
  const decoded = gemini.decodeRequest(body, path);
  if (!decoded.ok) throw new Error(`${decoded.error.field} ${decoded.error.message}`);
  return decoded.value;
}
export function ask(text = 'q'): JsonObject {
  return { contents: [{ role: 'user', parts: [{ text }] }] };
}
