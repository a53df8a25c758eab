import type { TargetFacts } from '../target-facts.ts';

/** OpenAI's reasoning models call tools with free text; everybody else gets them as functions of one string. */
export function takesCustomTools(facts: TargetFacts): boolean {
  return facts.vendor === 'openai' && facts.reasoning === 'effort';
}
