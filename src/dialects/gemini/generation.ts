import type { TargetFacts } from '../target-facts.ts';

/** Whether the model is older than Gemini 3, which takes media in results, functions beside search, and JSON beside functions. */
export function isBeforeGemini3(facts: TargetFacts): boolean {
  return facts.signedCalls !== true && (facts.reasoning === 'budget' || facts.reasoning === 'none');
}
