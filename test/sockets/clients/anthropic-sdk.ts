import Anthropic, { APIError } from '@anthropic-ai/sdk';
import { type Asking, callsTools, MAX_TOKENS, PROMPTS, raised, SCHEMA, THINKING_BUDGET, TOOLS, type View } from './view.ts';

/** Asks with `@anthropic-ai/sdk`. Never rejects. */
export async function askAnthropic(asking: Asking): Promise<View> {
  const { address, key, headers, fetch, model, content, stream, signal } = asking;
  const client = new Anthropic({ baseURL: address, apiKey: key, maxRetries: 0, defaultHeaders: headers, fetch });
  const question = {
    model,
    max_tokens: MAX_TOKENS,
    messages: [{ role: 'user' as const, content: PROMPTS[content] }],
    ...(callsTools(content) && { tools: TOOLS.map((name) => ({ name, description: `Tool ${name}`, input_schema: SCHEMA })) }),
    ...(content === 'thinking' && { thinking: { type: 'enabled' as const, budget_tokens: THINKING_BUDGET } }),
  };
  try {
    const message = stream
      ? await client.messages.stream(question, { signal }).finalMessage()
      : await client.messages.create(question, { signal });
    return {
      type: 'answer',
      text: message.content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
      calls: message.content.flatMap((block) =>
        block.type === 'tool_use' ? [{ name: block.name, arguments: JSON.stringify(block.input) }] : [],
      ),
      stop: message.stop_reason ?? undefined,
    };
  } catch (error) {
    return raised(error, error instanceof APIError);
  }
}
