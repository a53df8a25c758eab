import type { Tier } from './catalogue/preset.ts';

/** Dollars per million tokens. Where a price depends on the length of the prompt, it is the one of short prompts. */
export interface Price {
  input: number;
  output: number;
  /** Input that was read from a cache. */
  cached?: number | undefined;
}

/** One family of models. What is absent is not known. */
export interface ModelData {
  /** Globs over normalised names: lower case, without a `vendor/` prefix, dots as dashes. */
  globs: readonly string[];
  vendor: string;
  tier?: Tier;
  contextWindow?: number;
  maxOutput?: number;
  /** Takes a trailing assistant turn (shared/research/dialects.md, 3.1). */
  prefill?: boolean;
  /** In its vendor's own dialect; in `openai-chat` every reasoning model is told by effort. */
  reasoning: 'none' | 'budget' | 'adaptive' | 'effort';
  images?: boolean;
  documents?: boolean;
  tools?: boolean;
  structuredOutput?: boolean;
  fixedSampling?: boolean;
  /** Chat refuses function tools unless reasoning is switched off (effort `none`). */
  toolsNeedNoReasoning?: boolean;
  /** Takes `role: system` after a user's turn; in its vendor's own dialect. */
  systemInside?: boolean;
  /** Function calls carry signatures that have to come back (Gemini 3 and later). */
  signedCalls?: boolean;
  /** Chat: the reasoning behind tool calls has to come back. */
  reasoningGoesBack?: boolean;
  price?: Price;
}

const claude = { vendor: 'anthropic', images: true, documents: true, tools: true } as const;
const claudeNow = {
  ...claude,
  contextWindow: 1_000_000,
  maxOutput: 128_000,
  prefill: false,
  reasoning: 'adaptive',
  structuredOutput: true,
  fixedSampling: true,
  systemInside: true,
} as const;
const gpt = {
  vendor: 'openai',
  contextWindow: 400_000,
  maxOutput: 128_000,
  prefill: false,
  reasoning: 'effort',
  images: true,
  tools: true,
  structuredOutput: true,
  fixedSampling: true,
} as const;
const gptLong = { ...gpt, contextWindow: 1_050_000, toolsNeedNoReasoning: true } as const;
const gemini = {
  vendor: 'google',
  contextWindow: 1_048_576,
  maxOutput: 65_536,
  prefill: false,
  reasoning: 'effort',
  images: true,
  tools: true,
  structuredOutput: true,
} as const;

/**
 * The main models as of 22 November 2026; the first match counts. A maintained data package replaces this later; until then
 * it is small, and what could not be read is absent rather than guessed.
 *
 * Sources, read 2026-11-22 from stored copies: Claude: platform.claude.com/docs models overview and migration guides. OpenAI:
 * developers.openai.com/api/docs/models; tools in chat: community.openai.com/t/1386454 and docs.apiyi.com responses-migration.
 * Gemini: ai.google.dev/gemini-api/docs/pricing (by api-evangelist), github.com/simstudioai/sim pull 5812, litellm discussion
 * 39357. Promotional prices that run out in days are given at their regular rate.
 */
export const modelData: readonly ModelData[] = [
  { ...claudeNow, globs: ['claude-fable-5*'], tier: 'frontier', price: { input: 10, output: 50, cached: 1 } },
  { ...claudeNow, globs: ['claude-opus-5-5*'], tier: 'frontier', price: { input: 4, output: 20, cached: 0.4 } },
  { ...claudeNow, globs: ['claude-opus-4-7*'], systemInside: false, tier: 'frontier', price: { input: 5, output: 25, cached: 0.5 } },
  { ...claudeNow, globs: ['claude-opus-5*', 'claude-opus-4-8*'], tier: 'frontier', price: { input: 5, output: 25, cached: 0.5 } },
  { ...claudeNow, globs: ['claude-sonnet-5*'], tier: 'balanced', price: { input: 2, output: 10, cached: 0.2 } },
  { ...claudeNow, globs: ['claude-haiku-5*'], tier: 'fast', price: { input: 0.1, output: 0.5, cached: 0.01 } },
  {
    ...claudeNow,
    globs: ['claude-opus-4-6*'],
    fixedSampling: false,
    systemInside: false,
    tier: 'frontier',
    price: { input: 5, output: 25, cached: 0.5 },
  },
  {
    ...claudeNow,
    globs: ['claude-sonnet-4-6*'],
    fixedSampling: false,
    systemInside: false,
    tier: 'balanced',
    price: { input: 3, output: 15, cached: 0.3 },
  },
  {
    ...claude,
    globs: ['claude-haiku-4*'],
    tier: 'fast',
    contextWindow: 200_000,
    maxOutput: 64_000,
    prefill: true,
    reasoning: 'budget',
    price: { input: 1, output: 5, cached: 0.1 },
  },
  {
    ...claude,
    globs: ['claude-sonnet-4*'],
    tier: 'balanced',
    contextWindow: 200_000,
    maxOutput: 64_000,
    prefill: true,
    reasoning: 'budget',
    price: { input: 3, output: 15, cached: 0.3 },
  },
  { ...claude, globs: ['claude-opus-4*'], tier: 'frontier', contextWindow: 200_000, prefill: true, reasoning: 'budget' },
  {
    ...claude,
    globs: ['claude-3-7-*'],
    tier: 'balanced',
    contextWindow: 200_000,
    prefill: true,
    reasoning: 'budget',
    structuredOutput: false,
  },
  { ...claude, globs: ['claude-3*', 'claude-2*'], contextWindow: 200_000, prefill: true, reasoning: 'none', structuredOutput: false },
  // A Claude that came after this table: the newest ones' rules.
  { ...claude, globs: ['claude-*'], prefill: false, reasoning: 'adaptive', fixedSampling: true },

  { ...gptLong, globs: ['gpt-6-astra*'], tools: false, tier: 'frontier', price: { input: 10, output: 50, cached: 1 } },
  { ...gptLong, globs: ['gpt-6-1-sol*'], tools: false, tier: 'frontier', price: { input: 2, output: 10, cached: 0.1 } },
  { ...gptLong, globs: ['gpt-6*'] },
  { ...gptLong, globs: ['gpt-5-6-terra*'], tier: 'balanced', price: { input: 2, output: 12, cached: 0.2 } },
  { ...gptLong, globs: ['gpt-5-6-luna*'], tier: 'fast', price: { input: 0.2, output: 1.2, cached: 0.02 } },
  { ...gptLong, globs: ['gpt-5-6', 'gpt-5-6-sol*'], tier: 'frontier', price: { input: 5, output: 30, cached: 0.5 } },
  { ...gptLong, globs: ['gpt-5-5', 'gpt-5-5-20*'], tier: 'frontier', price: { input: 5, output: 30, cached: 0.5 } },
  { ...gptLong, globs: ['gpt-5-4', 'gpt-5-4-20*'], tier: 'balanced', price: { input: 2.5, output: 15, cached: 0.25 } },
  { ...gpt, globs: ['gpt-5-4-mini*'], toolsNeedNoReasoning: true, tier: 'fast', price: { input: 0.75, output: 4.5, cached: 0.075 } },
  { ...gpt, globs: ['gpt-5-4-nano*'], toolsNeedNoReasoning: true, tier: 'fast', price: { input: 0.2, output: 1.25 } },
  { ...gpt, globs: ['gpt-5-mini*'], tier: 'fast', price: { input: 0.25, output: 2 } },
  { ...gpt, globs: ['gpt-5-nano*'], tier: 'fast', price: { input: 0.05, output: 0.4, cached: 0.005 } },
  { ...gpt, globs: ['gpt-5-2', 'gpt-5-2-20*'], tier: 'balanced', price: { input: 1.75, output: 14 } },
  { ...gpt, globs: ['gpt-5', 'gpt-5-20*', 'gpt-5-1', 'gpt-5-1-20*'], tier: 'balanced', price: { input: 1.25, output: 10 } },
  { ...gpt, globs: ['gpt-5*', 'codex-*'] },
  { ...gpt, globs: ['o[134]*'], contextWindow: 200_000, maxOutput: 100_000, tier: 'balanced' },
  {
    ...gpt,
    globs: ['gpt-4-1*'],
    contextWindow: 1_047_576,
    maxOutput: 32_768,
    reasoning: 'none',
    fixedSampling: false,
  },
  { ...gpt, globs: ['gpt-4o*', 'chatgpt-*'], contextWindow: 128_000, maxOutput: 16_384, reasoning: 'none', fixedSampling: false },

  { ...gemini, globs: ['gemini-3-8-flash*'], tier: 'balanced', price: { input: 0.75, output: 3.75, cached: 0.075 } },
  { ...gemini, globs: ['gemini-3-6-flash*'], tier: 'balanced', price: { input: 1.5, output: 7.5, cached: 0.15 } },
  { ...gemini, globs: ['gemini-3-5-flash-lite*'], tier: 'fast', price: { input: 0.3, output: 2.5, cached: 0.03 } },
  { ...gemini, globs: ['gemini-3-5-flash*'], tier: 'balanced', price: { input: 1.5, output: 9, cached: 0.15 } },
  { ...gemini, globs: ['gemini-3-1-pro*'], tier: 'frontier', price: { input: 2, output: 12, cached: 0.2 } },
  { ...gemini, globs: ['gemini-2-5-flash-lite*'], tier: 'fast', price: { input: 0.1, output: 0.4 } },
  { ...gemini, globs: ['gemini-2-5-flash*'], tier: 'fast', price: { input: 0.3, output: 2.5 } },
  { ...gemini, globs: ['gemini-2-5-pro*'], tier: 'balanced', price: { input: 1.25, output: 10 } },
  { vendor: 'google', globs: ['gemini-*'], prefill: false, reasoning: 'effort', images: true, tools: true },

  { vendor: 'deepseek', globs: ['deepseek-v4-pro*'], tier: 'balanced', contextWindow: 1_000_000, reasoning: 'none', tools: true },
  {
    vendor: 'deepseek',
    globs: ['deepseek-flash*', 'deepseek-v4*'],
    tier: 'fast',
    contextWindow: 1_000_000,
    reasoning: 'none',
    tools: true,
  },
];
