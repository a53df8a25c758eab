import type { Json, JsonObject } from '../exchange/json.ts';
import type { SimDialect } from './asked.ts';
import type { Content } from './faults/fault.ts';
import type { SimRequest } from './sim-provider.ts';

/** Requests for tests and drills, as the official clients would write them. */

const SCHEMA: JsonObject = {
  type: 'object',
  properties: { city: { type: 'string' }, unit: { type: 'string', enum: ['celsius', 'fahrenheit'] } },
  required: ['city', 'unit'],
};

/** A question whose answer has the content that is wished for. */
export function questionFor(content: Content): string {
  const question = 'What does the understudy do when the lead can not go on?';
  if (content === 'tool') return `${question} [sim tools=1]`;
  if (content === 'parallel') return `${question} [sim tools=2]`;
  return content === 'thinking' ? `${question} [sim thinking]` : question;
}

/** The body of a request; `messages` replaces the question, in the dialect's own form. */
export function requestBody(dialect: SimDialect, stream: boolean, content: Content, model: string, messages?: Json[]): JsonObject {
  const turns = messages ?? [{ role: 'user', content: questionFor(content) }];
  const tools = content === 'tool' || content === 'parallel' ? ['get_weather', 'get_time'] : [];
  const thinks = content === 'thinking';
  switch (dialect) {
    case 'anthropic-messages':
      return {
        model,
        max_tokens: 4096,
        ...(stream ? { stream } : {}),
        ...(thinks ? { thinking: { type: 'enabled', budget_tokens: 2048 } } : {}),
        ...(tools.length > 0 ? { tools: tools.map((name) => ({ name, description: name, input_schema: SCHEMA })) } : {}),
        messages: turns,
      };
    case 'openai-chat':
      return {
        model,
        ...(stream ? { stream, stream_options: { include_usage: true } } : {}),
        ...(tools.length > 0
          ? { tools: tools.map((name) => ({ type: 'function', function: { name, description: name, parameters: SCHEMA } })) }
          : {}),
        messages: turns,
      };
    case 'openai-responses':
      return {
        model,
        ...(stream ? { stream } : {}),
        ...(thinks ? { reasoning: { effort: 'medium', summary: 'auto' } } : {}),
        ...(tools.length > 0
          ? { tools: tools.map((name) => ({ type: 'function', name, description: name, parameters: SCHEMA, strict: false })) }
          : {}),
        input: turns,
      };
    case 'gemini':
      return {
        ...(thinks ? { generationConfig: { thinkingConfig: { includeThoughts: true } } } : {}),
        ...(tools.length > 0
          ? { tools: [{ functionDeclarations: tools.map((name) => ({ name, description: name, parameters: SCHEMA })) }] }
          : {}),
        contents: messages ?? [{ role: 'user', parts: [{ text: questionFor(content) }] }],
      };
  }
}

/** `model`, `stream`: of a Gemini request, whose path says them. */
export function simRequest(dialect: SimDialect, body: Json, gemini = { model: 'm', stream: true }): SimRequest {
  const [path, headers] = addressOf(dialect, gemini);
  return { method: 'POST', path, headers, body: Buffer.from(JSON.stringify(body)), reused: false };
}

function addressOf(dialect: SimDialect, gemini: { model: string; stream: boolean }): [path: string, headers: Record<string, string>] {
  switch (dialect) {
    case 'anthropic-messages':
      return ['/v1/messages', { 'x-api-key': 'sim-key', 'anthropic-version': '2023-06-01' }];
    case 'openai-chat':
      return ['/v1/chat/completions', { authorization: 'Bearer sim-key' }];
    case 'openai-responses':
      return ['/v1/responses', { authorization: 'Bearer sim-key' }];
    case 'gemini': {
      const verb = gemini.stream ? 'streamGenerateContent?alt=sse' : 'generateContent';
      return [`/v1beta/models/${gemini.model}:${verb}`, { 'x-goog-api-key': 'sim-key' }];
    }
  }
}
