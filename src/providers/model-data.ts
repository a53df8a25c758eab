import type { Tier } from './catalogue/preset.ts';
import { globMatcher } from './glob.ts';
import { normaliseModel } from './model-names.ts';

/** Dollars per million tokens. */
export interface Price {
  input: number;
  output: number;
  /** Input that was read from a cache. */
  cached?: number | undefined;
  /** Input that was written into a cache. */
  cacheWrite?: number | undefined;
  /** What all tokens of a request cost instead once its input is longer than `tokens`; the largest that is exceeded counts. */
  above?: readonly LongPrice[] | undefined;
}

export interface LongPrice extends Omit<Price, 'above'> {
  tokens: number;
}

/** What the lists of the data package (known-models.ts) cannot say about a family of models. What is absent is not known. */
export interface ModelRule {
  /** Globs over normalised names: lower case, without a `vendor/` prefix, dots as dashes. */
  globs: readonly string[];
  /** Who made it, and has it in a list of its own. */
  vendor: string;
  tier?: Tier;
  /** Where the list is known to be wrong. */
  contextWindow?: number;
  /** Takes a trailing assistant turn (shared/research/dialects.md, 3.1). */
  prefill?: boolean;
  /** In its vendor's own dialect; OpenAI's dialects tell every reasoning model by effort. Absent: as the list says. */
  reasoning?: 'none' | 'budget' | 'adaptive' | 'effort';
  documents?: boolean;
  structuredOutput?: boolean;
  fixedSampling?: boolean;
  /** Chat refuses function tools unless reasoning is switched off (effort `none`). */
  toolsNeedNoReasoning?: boolean;
  /** Has function tools, but not in chat. */
  noToolsInChat?: boolean;
  /** Function calls carry signatures that have to come back (Gemini 3 and later; shared/research/dialects.md). */
  signedCalls?: boolean;
}

const claude = { vendor: 'anthropic', documents: true, prefill: false, reasoning: 'adaptive', structuredOutput: true } as const;
const claudeBefore = { ...claude, prefill: true, reasoning: 'budget' } as const;
const gpt = {
  vendor: 'openai',
  documents: true,
  prefill: false,
  reasoning: 'effort',
  structuredOutput: true,
  fixedSampling: true,
} as const;
const gptPlain = { ...gpt, reasoning: 'none', fixedSampling: false } as const;
/** The package ends their windows where the price rises. */
const gptLong = { ...gpt, contextWindow: 1_050_000, toolsNeedNoReasoning: true } as const;
const gemini = {
  vendor: 'google',
  documents: true,
  prefill: false,
  reasoning: 'effort',
  structuredOutput: true,
  signedCalls: true,
} as const;
const geminiBefore = { ...gemini, reasoning: 'budget', signedCalls: false } as const;

/**
 * The families as of 22 November 2026; the first match counts, and what could not be read is absent rather than guessed.
 *
 * Sources, read 2026-11-22 from stored copies: Claude: platform.claude.com/docs models overview and migration guides. OpenAI:
 * developers.openai.com/api/docs/models; tools in chat: community.openai.com/t/1386454 and docs.apiyi.com responses-migration.
 * Gemini: ai.google.dev/gemini-api/docs/thinking and /thought-signatures. DeepSeek: the list says that it reasons, but which
 * efforts it takes depends on the model; asked for none, it decides by itself.
 */
export const modelRules: readonly ModelRule[] = [
  { ...claude, globs: ['claude-opus-4-6*'], tier: 'frontier' },
  { ...claude, globs: ['claude-sonnet-4-6*'], tier: 'balanced' },
  { ...claude, globs: ['claude-opus-4-[78]*', 'claude-opus-5*', 'claude-fable-5*'], tier: 'frontier', fixedSampling: true },
  { ...claude, globs: ['claude-sonnet-5*'], tier: 'balanced', fixedSampling: true },
  { ...claude, globs: ['claude-haiku-5*'], tier: 'fast', fixedSampling: true },
  { ...claudeBefore, globs: ['claude-opus-4*'], tier: 'frontier' },
  { ...claudeBefore, globs: ['claude-sonnet-4*'], tier: 'balanced' },
  { ...claudeBefore, globs: ['claude-haiku-4*'], tier: 'fast' },
  { ...claudeBefore, globs: ['claude-3-7-*'], tier: 'balanced', contextWindow: 200_000, structuredOutput: false },
  { ...claudeBefore, globs: ['claude-3*', 'claude-2*'], contextWindow: 200_000, reasoning: 'none', structuredOutput: false },
  // A Claude that came after this table: the newest ones' rules.
  { ...claude, globs: ['claude-*'], fixedSampling: true },

  { ...gptLong, globs: ['gpt-6-astra*', 'gpt-6-1-sol*'], tier: 'frontier', noToolsInChat: true },
  { ...gptLong, globs: ['gpt-6*'] },
  { ...gptLong, globs: ['gpt-5-6-terra*'], tier: 'balanced' },
  { ...gptLong, globs: ['gpt-5-6-luna*'], tier: 'fast' },
  { ...gptLong, globs: ['gpt-5-6', 'gpt-5-6-sol*', 'gpt-5-5', 'gpt-5-5-20*'], tier: 'frontier' },
  { ...gptLong, globs: ['gpt-5-4', 'gpt-5-4-20*'], tier: 'balanced' },
  { ...gpt, globs: ['gpt-5-4-mini*', 'gpt-5-4-nano*'], toolsNeedNoReasoning: true, tier: 'fast' },
  { ...gpt, globs: ['gpt-5-mini*', 'gpt-5-nano*'], tier: 'fast' },
  { ...gpt, globs: ['gpt-5', 'gpt-5-20*', 'gpt-5-[12]', 'gpt-5-[12]-20*'], tier: 'balanced' },
  { ...gptPlain, globs: ['gpt-5-chat*', 'gpt-4-1*', 'gpt-4o*', 'chatgpt-*'] },
  { ...gpt, globs: ['gpt-5*', 'codex-*'] },
  { ...gpt, globs: ['o[134]', 'o[134]-*'], tier: 'balanced' },

  { ...geminiBefore, globs: ['gemini-2-5-pro*'], tier: 'balanced' },
  { ...geminiBefore, globs: ['gemini-2-5-flash*'], tier: 'fast' },
  { ...geminiBefore, globs: ['gemini-2*', 'gemini-1*', 'gemma-*'] },
  { ...gemini, globs: ['gemini-*-flash-lite*'], tier: 'fast' },
  { ...gemini, globs: ['gemini-*-flash*'], tier: 'balanced' },
  { ...gemini, globs: ['gemini-*-pro*'], tier: 'frontier' },
  { ...gemini, globs: ['gemini-*'] },

  { vendor: 'deepseek', globs: ['deepseek-v4-pro*'], tier: 'balanced', reasoning: 'none' },
  { vendor: 'deepseek', globs: ['deepseek-flash*', 'deepseek-v4*'], tier: 'fast', reasoning: 'none' },
  { vendor: 'deepseek', globs: ['deepseek-*'], reasoning: 'none' },

  { vendor: 'mistral', globs: ['mistral-*', 'ministral-*', 'magistral-*', 'codestral-*', 'devstral-*', 'pixtral-*'] },
  { vendor: 'xai', globs: ['grok-*'] },
  { vendor: 'moonshot', globs: ['kimi-*', 'moonshot-*'] },
  { vendor: 'zai', globs: ['glm-*'] },
];

const matching = modelRules.map((rule) => ({ rule, matchers: rule.globs.map(globMatcher) }));

/** The rule for a model name, in whichever way a service writes it; `undefined` for families that nobody knows. */
export function ruleOf(model: string): ModelRule | undefined {
  const name = normaliseModel(model);
  return matching.find(({ matchers }) => matchers.some((matches) => matches(name)))?.rule;
}

/** The price of a request with so much input. */
export function priceAt(price: Price, inputTokens: number): Price {
  let found: Price = price;
  let beyond = -1;
  for (const long of price.above ?? []) {
    if (inputTokens > long.tokens && long.tokens > beyond) [found, beyond] = [long, long.tokens];
  }
  return found;
}
