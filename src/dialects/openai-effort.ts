import type { Effort, Reasoning } from '../exchange/request.ts';

const EFFORTS: Record<Effort, true> = { none: true, minimal: true, low: true, medium: true, high: true, xhigh: true, max: true };

export function isEffort(word: string): word is Effort {
  return Object.hasOwn(EFFORTS, word);
}

/**
 * Budgets in tokens -> effort: chat has no field for a budget. The steps are the budgets that OpenRouter and Google's compatible endpoint
 * state for low (1,024), medium (8,192) and high (24,576), each taken up to the middle of the next.
 */
const STEPS: [upTo: number, effort: Effort][] = [
  [0, 'none'],
  [4_096, 'low'],
  [16_384, 'medium'],
  [48_000, 'high'],
  [Number.POSITIVE_INFINITY, 'xhigh'],
];

/** Services other than OpenAI know these; the outer ones are written as the nearest. */
const COMMON: Record<Effort, Effort> = {
  none: 'none',
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
};

/** Effort for the wire; `undefined`: leave it to the model (adaptive). `exact` is false where something was lost. */
export function wireEffort(reasoning: Reasoning, vendor: string): { effort: Effort; exact: boolean } | undefined {
  const asked = reasoning.effort ?? (reasoning.budget === undefined ? undefined : STEPS.find(([upTo]) => reasoning.budget! <= upTo)![1]);
  if (asked === undefined) return undefined;
  const effort = vendor === 'openai' ? asked : COMMON[asked];
  return { effort, exact: effort === asked && reasoning.budget === undefined };
}
