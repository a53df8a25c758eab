import type { DialectName } from '../exchange/dialect-name.ts';

/** Where a dialect is asked, as its clients do; only Gemini's path says anything that the body does not. */
export function usualPath({ dialect, model, stream }: { dialect: DialectName; model: string; stream: boolean }): string {
  switch (dialect) {
    case 'anthropic-messages':
      return '/v1/messages';
    case 'openai-chat':
      return '/v1/chat/completions';
    case 'openai-responses':
      return '/v1/responses';
    case 'gemini':
      return `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`;
  }
}
