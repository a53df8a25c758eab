import type { Loss } from './dialect.ts';

/**
 * Fields that change neither what is asked nor what may be answered: marks for caches and billing, ids that only their vendor knows,
 * labels for people, how wordy to be, citations of an earlier answer.
 */
const MINOR = new Set([
  'annotations',
  'cache_control',
  'caller',
  'citations',
  'client_metadata',
  'context_management',
  'id',
  'include',
  'labels',
  'logprobs',
  'metadata',
  'namespace',
  'phase',
  'prompt_cache_key',
  'prompt_cache_retention',
  'safety_identifier',
  'service_tier',
  'status',
  'store',
  'summary',
  'text',
  'user',
  'verbosity',
]);

/** In a history only a record, of a request a wish. */
const ASKED: ReadonlySet<string> = new Set(['logprobs']);

/** Whether a request that a route wants to be said in full may go all the same. Reasoning is its maker's: nobody else is ever told it. */
export function isMinor(loss: Loss): boolean {
  if (ASKED.has(loss.what)) return false;
  return loss.foreignReasoning === true || MINOR.has(loss.what.slice(loss.what.lastIndexOf('.') + 1));
}
