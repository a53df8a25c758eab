import type { DialectName } from '../exchange/dialect-name.ts';

/** All of them, in the order in which they are offered. */
export const DIALECTS = ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini'] as const satisfies readonly DialectName[];
