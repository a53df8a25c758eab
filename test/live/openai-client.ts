import OpenAI from 'openai';
import type {
  ChatCompletion,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions/completions.js';
import type { ModelFacts } from '../../src/providers/model-facts.ts';
import { MOST } from './budget.ts';
import { type Client, PROMPTS, type Question, type Reply, TOOL } from './client.ts';

/** `facts`: of the model that answers; where it is asked in its own dialect, nobody rewrites what it does not take. */
export function openaiClient(address: string, facts: ModelFacts): Client {
  const client = new OpenAI({ baseURL: `${address}/v1`, apiKey: 'none-is-needed', maxRetries: 0 });
  const ask = (
    question: Question,
    messages: ChatCompletionMessageParam[],
    more: Partial<ChatCompletionCreateParamsNonStreaming> = {},
  ): Promise<ChatCompletion> => {
    const body = { model: question.model, [facts.maxTokensField]: MOST.outputTokens, messages, ...more };
    return question.stream
      ? client.chat.completions.stream({ ...body, stream: true, stream_options: { include_usage: true } }).finalChatCompletion()
      : client.chat.completions.create({ ...body, stream: false });
  };
  return {
    text: async (question, words) => replyOf(await ask(question, [{ role: 'user', content: PROMPTS.text(words) }])),
    async tool(question) {
      const { name, description, schema } = TOOL;
      const quiet = facts.toolsNeedNoReasoning ? { reasoning_effort: 'none' as const } : {};
      const tools = [{ type: 'function' as const, function: { name, description, parameters: schema } }];
      const messages: ChatCompletionMessageParam[] = [{ role: 'user', content: PROMPTS.tool }];
      const called = await ask(question, messages, { ...quiet, tools, tool_choice: 'required' });
      const message = called.choices[0]?.message;
      const calls = message?.tool_calls ?? [];
      if (message) messages.push(message);
      for (const { id } of calls) messages.push({ role: 'tool', tool_call_id: id, content: TOOL.result });
      return { ...replyOf(await ask(question, messages, { ...quiet, tools })), calls: calls.length };
    },
    async thinking(question) {
      const messages: ChatCompletionMessageParam[] = [{ role: 'user', content: PROMPTS.think }];
      const first = await ask(question, messages, { reasoning_effort: 'low' });
      const tokens = first.usage?.completion_tokens_details?.reasoning_tokens ?? 0;
      const message = first.choices[0]?.message;
      if (message) messages.push(message);
      messages.push({ role: 'user', content: PROMPTS.thinkOn });
      return { ...replyOf(await ask(question, messages, { reasoning_effort: 'low' })), thought: `${tokens} tokens of reasoning` };
    },
  };
}

function replyOf(completion: ChatCompletion): Reply {
  const choice = completion.choices[0];
  return { text: choice?.message.content ?? '', stop: choice?.finish_reason ?? 'none' };
}
