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

/** The body of a request; `messages` replaces the question. */
export function requestBody(dialect: SimDialect, stream: boolean, content: Content, model: string, messages?: Json[]): JsonObject {
  const turns = messages ?? [{ role: 'user', content: questionFor(content) }];
  if (dialect === 'anthropic-messages') {
    return {
      model,
      max_tokens: 4096,
      ...(stream ? { stream } : {}),
      ...(content === 'thinking' ? { thinking: { type: 'enabled', budget_tokens: 2048 } } : {}),
      ...(content === 'tool' || content === 'parallel'
        ? {
            tools: [
              { name: 'get_weather', description: 'Weather of a city', input_schema: SCHEMA },
              { name: 'get_time', description: 'Time in a city', input_schema: SCHEMA },
            ],
          }
        : {}),
      messages: turns,
    };
  }
  return {
    model,
    ...(stream ? { stream, stream_options: { include_usage: true } } : {}),
    ...(content === 'tool' || content === 'parallel'
      ? {
          tools: ['get_weather', 'get_time'].map((name) => ({
            type: 'function',
            function: { name, description: name, parameters: SCHEMA },
          })),
        }
      : {}),
    messages: turns,
  };
}

export function simRequest(dialect: SimDialect, body: Json, reused = false): SimRequest {
  return {
    method: 'POST',
    path: dialect === 'anthropic-messages' ? '/v1/messages' : '/v1/chat/completions',
    headers:
      dialect === 'anthropic-messages'
        ? { 'x-api-key': 'sim-key', 'anthropic-version': '2023-06-01' }
        : { authorization: 'Bearer sim-key' },
    body: Buffer.from(JSON.stringify(body)),
    reused,
  };
}
