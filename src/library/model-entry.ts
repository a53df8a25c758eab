import type { LanguageModelV4 } from '@ai-sdk/provider';
import type { FactOverrides } from '../providers/model-facts.ts';

/** A model to ask, with what Understudy can't know of it by its name. */
export interface ModelEntry {
  model: LanguageModelV4;
  /** Runs on this machine or network: asked even when nothing outside can be reached. */
  local?: boolean;
  /** What is known of it otherwise than in the built-in lists: its window, its price, … */
  facts?: FactOverrides[string];
}
