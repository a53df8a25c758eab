import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, jsonSchema, type LanguageModel, stepCountIs, streamText, tool as sdkTool } from 'ai';
import { type Client, MOST_ROUNDS } from './client.ts';

/** The Vercel AI SDK over one of its providers, with its own loop for tools. */
export function vercel(make: (address: string, key: string, model: string) => LanguageModel): Client {
  return async ({ address, key, model, prompt, stream, tool }) => {
    const question = {
      model: make(address, key, model),
      prompt,
      stopWhen: stepCountIs(MOST_ROUNDS),
      tools: tool
        ? {
            [tool.name]: sdkTool({
              description: tool.description,
              inputSchema: jsonSchema<{ topic: string }>({ ...tool.schema, required: [...tool.schema.required] }),
              execute: (args) => tool.run(args),
            }),
          }
        : {},
    };
    if (!stream) {
      const { text, finishReason } = await generateText(question);
      return { text, stop: finishReason };
    }
    let failure: unknown;
    const result = streamText({ ...question, onError: ({ error }) => void (failure = error) });
    await result.consumeStream();
    if (failure !== undefined) throw failure instanceof Error ? failure : new Error(JSON.stringify(failure));
    return { text: await result.text, stop: await result.finishReason };
  };
}

export const vercelAnthropic = vercel((address, apiKey, model) => createAnthropic({ baseURL: `${address}/v1`, apiKey })(model));
export const vercelResponses = vercel((address, apiKey, model) => createOpenAI({ baseURL: `${address}/v1`, apiKey })(model));
export const vercelChat = vercel((address, apiKey, model) => createOpenAI({ baseURL: `${address}/v1`, apiKey }).chat(model));
export const vercelGoogle = vercel((address, apiKey, model) => createGoogleGenerativeAI({ baseURL: `${address}/v1beta`, apiKey })(model));
export const vercelCompatible = vercel((address, apiKey, model) =>
  createOpenAICompatible({ baseURL: `${address}/v1`, apiKey, name: 'understudy' })(model),
);
