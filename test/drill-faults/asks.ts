import type { DialectName } from '../../src/exchange/dialect-name.ts';
import type { JsonObject } from '../../src/exchange/json.ts';

/** A question of a simulated user's past. `[sim …]` chooses what the simulated assistants say to it. */
export interface Ask {
  name: string;
  text: string;
  tools?: true;
  json?: true;
  stream: boolean;
}

const WORD = 'The lighthouse keeper writes down what he sees each hour of the night, and nobody reads it. ';

/** What is asked in each route's past: words, code, a tool, JSON, another language, something long. */
export function usualAsks(): Ask[] {
  return [
    { name: 'words', text: 'Why is the sea salt, and since when? [sim words=80]', stream: true },
    { name: 'whole', text: 'Tell of a ferry in four lines. [sim words=50]', stream: false },
    { name: 'tool', text: 'Look up the tide for tomorrow. [sim tools=1 rounds=1]', tools: true, stream: true },
    { name: 'json', text: 'Give me the harbour as JSON.', json: true, stream: true },
    { name: 'mixed', text: 'Show code and tables. [sim script=mixed words=60]', stream: true },
    // About 12,000 tokens.
    { name: 'long', text: `Sum this up in some words. ${WORD.repeat(520)} [sim words=40]`, stream: true },
  ];
}

const SCHEMA: JsonObject = {
  type: 'object',
  properties: { name: { type: 'string' }, depth: { type: 'integer' } },
  required: ['name', 'depth'],
  additionalProperties: false,
};
const PARAMETERS: JsonObject = {
  type: 'object',
  properties: { place: { type: 'string' }, day: { type: 'string' } },
  required: ['place', 'day'],
};
const TOOL = { name: 'look_up_tide', description: 'Looks up the tide.' };

/** The question in a dialect, as its clients ask it. */
export function askBody(dialect: DialectName, model: string, { text, tools, json, stream }: Ask): { path: string; body: string } {
  const made = (path: string, body: JsonObject): { path: string; body: string } => ({ path, body: JSON.stringify(body) });
  switch (dialect) {
    case 'anthropic-messages':
      return made('/v1/messages', {
        model,
        max_tokens: 2000,
        stream,
        messages: [{ role: 'user', content: text }],
        ...(tools && { tools: [{ ...TOOL, input_schema: PARAMETERS }] }),
        ...(json && { output_config: { format: { type: 'json_schema', schema: SCHEMA } } }),
      });
    case 'openai-chat':
      return made('/v1/chat/completions', {
        model,
        stream,
        ...(stream && { stream_options: { include_usage: true } }),
        messages: [{ role: 'user', content: text }],
        ...(tools && { tools: [{ type: 'function', function: { ...TOOL, parameters: PARAMETERS } }] }),
        ...(json && { response_format: { type: 'json_schema', json_schema: { name: 'harbour', schema: SCHEMA, strict: true } } }),
      });
    case 'openai-responses':
      return made('/v1/responses', {
        model,
        stream,
        store: false,
        input: text,
        ...(tools && { tools: [{ type: 'function', ...TOOL, parameters: PARAMETERS, strict: false }] }),
        ...(json && { text: { format: { type: 'json_schema', name: 'harbour', schema: SCHEMA, strict: true } } }),
      });
    case 'gemini':
      return made(`/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`, {
        contents: [{ role: 'user', parts: [{ text }] }],
        ...(tools && { tools: [{ functionDeclarations: [{ ...TOOL, parametersJsonSchema: PARAMETERS }] }] }),
        ...(json && { generationConfig: { responseMimeType: 'application/json', responseJsonSchema: SCHEMA } }),
      });
  }
}
