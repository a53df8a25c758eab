/** A wire format. The last two get their codecs with the issue "Four dialects"; their names are part of the vocabulary already. */
export type DialectName = 'anthropic-messages' | 'openai-chat' | 'openai-responses' | 'gemini';
