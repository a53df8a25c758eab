import Anthropic, { APIError } from '@anthropic-ai/sdk';
import { callsTools, PROMPTS, thinks, TOOLS } from '../../matrix/question.ts';
import { type Asking, MAX_TOKENS, raised, SCHEMA, schemaOf, THINKING_BUDGET, type View } from './view.ts';

/** Asks with `@anthropic-ai/sdk`. Never rejects. */
export async function askAnthropic(asking: Asking): Promise<View> {
  const { address, key, headers, fetch, model, content, stream, signal } = asking;
  const client = new Anthropic({ baseURL: address, apiKey: key, maxRetries: 0, defaultHeaders: headers, fetch });
  const schema = schemaOf(content);
  const question = {
    model,
    max_tokens: MAX_TOKENS,
    messages: [{ role: 'user' as const, content: PROMPTS[content] }],
    ...(callsTools(content) && { tools: TOOLS.map((name) => ({ name, description: `Tool ${name}`, input_schema: SCHEMA })) }),
    ...(thinks(content) && { thinking: { type: 'enabled' as const, budget_tokens: THINKING_BUDGET } }),
    ...(schema && { output_config: { format: { type: 'json_schema' as const, schema } } }),
  };
  try {
    const message = stream
      ? await client.messages.stream(question, { signal }).finalMessage()
      : await client.messages.create(question, { signal });
    return {
      type: 'answer',
      text: message.content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
      calls: message.content.flatMap((block) =>
        block.type === 'tool_use' ? [{ id: block.id, name: block.name, arguments: JSON.stringify(block.input) }] : [],
      ),
      stop: message.stop_reason ?? undefined,
    };
  } catch (error) {
    return raised(error, error instanceof APIError);
  }
}
