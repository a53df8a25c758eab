/**
 * What is known of a model behind a provider, as far as writing a request for it goes. Made by `providers` from the catalogue
 * and overrides; unknown is `undefined` and means: assume that it works.
 */
export interface TargetFacts {
  /** Vendor family: `anthropic`, `openai`, `google`, … or the provider's name for a service outside the catalogue. */
  vendor: string;
  model: string;
  /**
   * The plan has targets of several vendors in this dialect: reasoning that comes back bare is then the dialect's own vendor's, since that
   * of all others was sealed on its way out.
   */
  mixedVendors?: boolean;
  /** Tokens that fit in, input and output together. */
  contextWindow?: number;
  /** Drops what does not fit into its window without a word, rather than refusing it (Ollama): what might not fit is not sent. */
  cutsLongInput?: boolean;
  /** Most tokens it can write; `max_tokens` is cut to this. */
  maxOutput?: number;
  /** Takes a trailing assistant turn and carries it on literally. */
  prefill: boolean;
  /** Takes `role: system` after a user's turn (Claude since Opus 4.8). Unknown means no: the others refuse the whole request. */
  systemInside?: boolean;
  /** How it is told to reason; `none` when it can't. */
  reasoning: 'none' | 'budget' | 'adaptive' | 'effort';
  /** Chat: reasoning has to come back with the tool calls that it led to, as `reasoning_content` (DeepSeek). */
  reasoningGoesBack?: boolean;
  /** Chat: function tools are refused unless reasoning is switched off in so many words. */
  toolsNeedNoReasoning?: boolean;
  images?: boolean;
  documents?: boolean;
  tools?: boolean;
  /** JSON Schema output (`response_format: json_schema`, `output_config.format`). */
  structuredOutput?: boolean;
  /** Chat: the field that bounds the answer. */
  maxTokensField: 'max_tokens' | 'max_completion_tokens';
  /** Gemini: a function call in the last turn needs the signature that came with it, or Google's word for having none (Gemini 3 and later). */
  signedCalls?: boolean;
  /** Chat: the role of leading instructions. */
  systemRole: 'system' | 'developer';
  /** Refuses temperature, top_p and the like (OpenAI's reasoning models). */
  fixedSampling: boolean;
}
