import type { LanguageModelV4FinishReason, LanguageModelV4Usage } from '@ai-sdk/provider';
import type { FinishReason } from '../../exchange/event.ts';
import type { Usage } from '../../exchange/usage.ts';

/** The reasons of AI SDK models in our words. */
export const FINISH_REASONS: Record<LanguageModelV4FinishReason['unified'], FinishReason> = {
  stop: 'stop',
  length: 'length',
  'content-filter': 'content-filter',
  'tool-calls': 'tool-calls',
  error: 'other',
  interrupted: 'other',
  other: 'other',
};

/** What an AI SDK model says that it used; nothing for what it does not say. */
export function usageOf({ inputTokens, outputTokens }: LanguageModelV4Usage): Partial<Usage> {
  return {
    ...(inputTokens.total !== undefined && { input: inputTokens.total }),
    ...(inputTokens.cacheRead !== undefined && { cacheRead: inputTokens.cacheRead }),
    ...(inputTokens.cacheWrite !== undefined && { cacheWrite: inputTokens.cacheWrite }),
    ...(outputTokens.total !== undefined && { output: outputTokens.total }),
    ...(outputTokens.reasoning !== undefined && { reasoning: outputTokens.reasoning }),
  };
}
