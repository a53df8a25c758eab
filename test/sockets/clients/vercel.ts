import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import {
  APICallError,
  type FinishReason,
  generateText,
  jsonSchema,
  type JSONValue,
  type LanguageModel,
  NoObjectGeneratedError,
  Output,
  streamText,
  tool,
  type ToolSet,
} from 'ai';
import { isObject } from '../../../src/exchange/json.ts';
import { callsTools, PROMPTS, thinks, TOOLS } from '../../matrix/question.ts';
import { type Asking, MAX_TOKENS, raised, SCHEMA, schemaOf, THINKING_BUDGET, type ToolCall, type View } from './view.ts';

/** Each provider reads what stands under its own name. */
const THINKING: Record<string, Record<string, JSONValue>> = {
  anthropic: { thinking: { type: 'enabled', budgetTokens: THINKING_BUDGET } },
  openai: { reasoningEffort: 'medium', reasoningSummary: 'auto', forceReasoning: true },
  understudy: { reasoningEffort: 'medium' },
  google: { thinkingConfig: { includeThoughts: true, thinkingBudget: THINKING_BUDGET } },
};

/** By default models that are not known to it are offered the schema as a tool. */
const NATIVE_SCHEMA: Record<string, Record<string, JSONValue>> = { anthropic: { structuredOutputMode: 'outputFormat' } };

export type VercelProvider = 'vercel-anthropic' | 'vercel-openai' | 'vercel-compatible' | 'vercel-responses' | 'vercel-google';

/** Asks with the Vercel AI SDK through one of its providers. Never rejects. */
export async function askVercel(provider: VercelProvider, asking: Asking): Promise<View> {
  const { content, signal } = asking;
  const tools: ToolSet = Object.fromEntries(
    (callsTools(content) ? TOOLS : []).map((name) => [
      name,
      tool({ description: `Tool ${name}`, inputSchema: jsonSchema<{ topic: string }>({ ...SCHEMA, required: [...SCHEMA.required] }) }),
    ]),
  );
  const schema = schemaOf(content);
  const question = {
    model: modelOf(provider, asking),
    prompt: PROMPTS[content],
    maxOutputTokens: MAX_TOKENS,
    maxRetries: 0,
    abortSignal: signal,
    tools,
    providerOptions: thinks(content) ? THINKING : schema ? NATIVE_SCHEMA : {},
    ...(schema && { output: Output.object({ schema: jsonSchema(schema) }) }),
  };
  try {
    if (!asking.stream) {
      const result = await generateText(question);
      return { type: 'answer', text: result.text, calls: result.toolCalls.map(callOf), stop: stopOf(result) };
    }
    const result = streamText({ ...question, onError: () => undefined });
    const view: View = { type: 'answer', text: '', calls: [], stop: undefined };
    for await (const part of result.fullStream) {
      if (part.type === 'text-delta') view.text += part.text;
      if (part.type === 'tool-call') view.calls.push(callOf(part));
      if (part.type === 'finish') view.stop = stopOf(part);
      if (part.type === 'error') return raisedByVercel(part.error);
      if (part.type === 'abort') return raised(new Error('aborted'), false);
    }
    return view;
  } catch (error) {
    // An answer all the same: one that is not the JSON that was asked for, as where a filter has stopped it.
    if (NoObjectGeneratedError.isInstance(error)) return { type: 'answer', text: error.text ?? '', calls: [], stop: error.finishReason };
    return raisedByVercel(error);
  }
}

function modelOf(provider: VercelProvider, { address, key, headers, fetch, model }: Asking): LanguageModel {
  const common = { apiKey: key, headers, fetch };
  if (provider === 'vercel-anthropic') return createAnthropic({ ...common, baseURL: `${address}/v1` })(model);
  if (provider === 'vercel-openai') return createOpenAI({ ...common, baseURL: `${address}/v1` }).chat(model);
  if (provider === 'vercel-responses') return createOpenAI({ ...common, baseURL: `${address}/v1` })(model);
  if (provider === 'vercel-google') return createGoogleGenerativeAI({ ...common, baseURL: `${address}/v1beta` })(model);
  return createOpenAICompatible({ ...common, baseURL: `${address}/v1`, name: 'understudy', supportsStructuredOutputs: true })(model);
}

/** The vendor's word; Responses has none for a proper end, and the SDK's own stands for it (`content-filter` for a refusal). */
function stopOf({
  rawFinishReason,
  finishReason,
}: {
  rawFinishReason: string | undefined;
  finishReason: FinishReason;
}): string | undefined {
  return rawFinishReason ?? (PROPER.has(finishReason) ? finishReason : undefined);
}

const PROPER: ReadonlySet<FinishReason> = new Set(['stop', 'tool-calls', 'content-filter']);

function callOf(call: { toolCallId: string; toolName: string; input: unknown }): ToolCall {
  return { id: call.toolCallId, name: call.toolName, arguments: JSON.stringify(call.input) };
}

/**
 * An error in a stream is handed on as the value that stood in it (an object with type and message) and not as an exception;
 * a broken connection as what `fetch` threw.
 */
function raisedByVercel(error: unknown): View {
  // `Invalid JSON response` is what it says of a whole answer that its schema does not take.
  if (APICallError.isInstance(error)) return raised(error, error.message !== 'Invalid JSON response');
  if (error instanceof Error) return raised(error, error.message === 'terminated' || error.constructor.name === 'StreamProviderError');
  if (isObject(error) && typeof error.message === 'string')
    return { type: 'raised', kind: `stream error ${JSON.stringify(error.type)}`, message: error.message, known: true };
  return { type: 'raised', kind: typeof error, message: String(error), known: typeof error === 'string' };
}
