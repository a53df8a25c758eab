import type { TargetFacts } from '../target-facts.ts';
import { VENDOR } from './wire.ts';

/** Only OpenAI is known to take namespaces and its own kinds of tools; everybody else gets plain functions (plain-tools.ts). */
export function takesOwnTools(facts: TargetFacts): boolean {
  return facts.vendor === VENDOR;
}
