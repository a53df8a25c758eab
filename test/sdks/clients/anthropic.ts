import Anthropic from '@anthropic-ai/sdk';
import { type Client, MOST_ROUNDS, tooManyRounds } from './client.ts';

/** `@anthropic-ai/sdk`: `messages.stream` and `messages.create`. */
export const anthropic: Client = async ({ address, key, model, prompt, stream, tool, schema }) => {
  const client = new Anthropic({ baseURL: address, apiKey: key });
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: prompt }];
  for (let round = 0; round <= MOST_ROUNDS; round++) {
    const question = {
      model,
      max_tokens: 4096,
      messages,
      ...(tool && { tools: [{ name: tool.name, description: tool.description, input_schema: { ...tool.schema } }] }),
      ...(schema && { output_config: { format: { type: 'json_schema' as const, schema } } }),
    };
    const answer = stream ? await client.messages.stream(question).finalMessage() : await client.messages.create(question);
    const calls = answer.content.filter((block) => block.type === 'tool_use');
    if (calls.length === 0 || !tool) {
      return {
        text: answer.content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
        stop: answer.stop_reason ?? undefined,
      };
    }
    messages.push(
      { role: 'assistant', content: answer.content },
      { role: 'user', content: calls.map((call) => ({ type: 'tool_result', tool_use_id: call.id, content: tool.run(call.input) })) },
    );
  }
  throw tooManyRounds();
};
