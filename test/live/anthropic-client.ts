import Anthropic from '@anthropic-ai/sdk';
import type { Message, MessageCreateParamsNonStreaming, MessageParam } from '@anthropic-ai/sdk/resources/messages/messages.js';
import type { ModelFacts } from '../../src/providers/model-facts.ts';
import { MOST } from './budget.ts';
import { type Client, PROMPTS, type Question, type Reply, TOOL } from './client.ts';

/** The smallest budget that Anthropic takes. */
const THINKING_BUDGET = 1024;

/** `facts`: of the model that answers; they say how it is told to think. */
export function anthropicClient(address: string, facts: ModelFacts): Client & { countTokens(model: string): Promise<number> } {
  const client = new Anthropic({ baseURL: address, apiKey: 'none-is-needed', maxRetries: 0 });
  const ask = (question: Question, messages: MessageParam[], more: Partial<MessageCreateParamsNonStreaming> = {}): Promise<Message> => {
    const body = { model: question.model, max_tokens: MOST.outputTokens, messages, ...more };
    return question.stream ? client.messages.stream(body).finalMessage() : client.messages.create({ ...body, stream: false });
  };
  return {
    text: async (question, words) => replyOf(await ask(question, [{ role: 'user', content: PROMPTS.text(words) }])),
    async tool(question) {
      const tools = [{ name: TOOL.name, description: TOOL.description, input_schema: TOOL.schema }];
      const messages: MessageParam[] = [{ role: 'user', content: PROMPTS.tool }];
      const called = await ask(question, messages, { tools, tool_choice: { type: 'tool', name: TOOL.name } });
      const calls = called.content.filter((block) => block.type === 'tool_use');
      messages.push({ role: 'assistant', content: called.content });
      messages.push({ role: 'user', content: calls.map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: TOOL.result })) });
      return { ...replyOf(await ask(question, messages, { tools })), calls: calls.length };
    },
    async thinking(question) {
      const thinking =
        facts.reasoning === 'adaptive' ? { type: 'adaptive' as const } : { type: 'enabled' as const, budget_tokens: THINKING_BUDGET };
      const messages: MessageParam[] = [{ role: 'user', content: PROMPTS.think }];
      const first = await ask(question, messages, { thinking });
      messages.push({ role: 'assistant', content: first.content }, { role: 'user', content: PROMPTS.thinkOn });
      const blocks = first.content.filter((block) => block.type === 'thinking');
      const signed = blocks.filter(({ signature }) => signature !== '').length;
      return { ...replyOf(await ask(question, messages, { thinking })), thought: `${blocks.length} blocks, ${signed} signed, sent back` };
    },
    countTokens: async (model) =>
      (await client.messages.countTokens({ model, messages: [{ role: 'user', content: PROMPTS.text(60) }] })).input_tokens,
  };
}

function replyOf(message: Message): Reply {
  const text = message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  return { text, stop: message.stop_reason ?? 'none' };
}
