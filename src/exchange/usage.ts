/** Tokens, as the provider counted them. `input` includes what was read from or written to a cache. */
export interface Usage {
  input: number;
  output: number;
  cacheRead?: number;
  cacheWrite?: number;
  /** Part of `output` that was reasoning. */
  reasoning?: number;
}
