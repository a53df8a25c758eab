import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';

export interface Answer {
  text: string;
  /** In the dialect's own word. */
  finish: string;
  /** Tokens. */
  output: number;
  pieces: number;
}

export type Ask = (address: string, model: string, words: string, maxTokens?: number) => Promise<Answer>;

/** A streamed question in each dialect, by its vendor's own SDK. */
export const DIALECTS: Readonly<Record<string, Ask>> = {
  async 'anthropic-messages'(address, model, words, maxTokens = 1000) {
    const client = new Anthropic({ baseURL: address, apiKey: 'k', maxRetries: 0 });
    const stream = client.messages.stream({ model, max_tokens: maxTokens, messages: [{ role: 'user', content: words }] });
    let pieces = 0;
    stream.on('text', () => void pieces++);
    const message = await stream.finalMessage();
    const text = message.content.flatMap((block) => (block.type === 'text' ? block.text : [])).join('');
    return { text, finish: message.stop_reason ?? '', output: message.usage.output_tokens, pieces };
  },
  async 'openai-chat'(address, model, words, maxTokens) {
    const stream = await openai(address).chat.completions.create({
      model,
      messages: [{ role: 'user', content: words }],
      stream: true,
      stream_options: { include_usage: true },
      ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    });
    const answer: Answer = { text: '', finish: '', output: 0, pieces: 0 };
    for await (const chunk of stream) {
      const [choice] = chunk.choices;
      if (choice?.delta.content) answer.pieces++;
      answer.text += choice?.delta.content ?? '';
      answer.finish = choice?.finish_reason ?? answer.finish;
      answer.output = chunk.usage?.completion_tokens ?? answer.output;
    }
    return answer;
  },
  async 'openai-responses'(address, model, words, maxTokens) {
    const stream = await openai(address).responses.create({
      model,
      input: words,
      stream: true,
      ...(maxTokens !== undefined && { max_output_tokens: maxTokens }),
    });
    const answer: Answer = { text: '', finish: '', output: 0, pieces: 0 };
    for await (const event of stream) {
      if (event.type === 'response.output_text.delta') {
        answer.text += event.delta;
        answer.pieces++;
      }
      if (event.type !== 'response.completed' && event.type !== 'response.incomplete') continue;
      answer.finish = event.response.incomplete_details?.reason ?? event.response.status ?? '';
      answer.output = event.response.usage?.output_tokens ?? 0;
    }
    return answer;
  },
  async gemini(address, model, words, maxTokens) {
    const client = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: address } });
    const stream = await client.models.generateContentStream({
      model,
      contents: words,
      ...(maxTokens !== undefined && { config: { maxOutputTokens: maxTokens } }),
    });
    const answer: Answer = { text: '', finish: '', output: 0, pieces: 0 };
    for await (const chunk of stream) {
      if (chunk.text) answer.pieces++;
      answer.text += chunk.text ?? '';
      answer.finish = chunk.candidates?.[0]?.finishReason ?? answer.finish;
      answer.output = chunk.usageMetadata?.candidatesTokenCount ?? answer.output;
    }
    return answer;
  },
};

export function openai(address: string): OpenAI {
  return new OpenAI({ baseURL: `${address}/v1`, apiKey: 'k', maxRetries: 0 });
}

/** A question with a tool, to a model that calls it. */
export async function callTool(
  address: string,
  model: string,
): Promise<{ text: string; stop: string; calls: { name: string; input: unknown }[] }> {
  const client = new Anthropic({ baseURL: address, apiKey: 'k', maxRetries: 0 });
  const message = await client.messages
    .stream({
      model,
      max_tokens: 200,
      messages: [{ role: 'user', content: 'Look it up.' }],
      tools: [
        {
          name: 'look_up',
          description: 'Looks a topic up.',
          input_schema: {
            type: 'object',
            properties: { topic: { type: 'string', enum: ['ships', 'sails'] }, deep: { type: 'boolean' } },
            required: ['topic'],
          },
        },
      ],
    })
    .finalMessage();
  return {
    text: message.content.flatMap((block) => (block.type === 'text' ? block.text : [])).join(''),
    stop: message.stop_reason ?? '',
    calls: message.content.flatMap((block) => (block.type === 'tool_use' ? { name: block.name, input: block.input } : [])),
  };
}
