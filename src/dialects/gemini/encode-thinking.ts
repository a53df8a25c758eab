import type { JsonObject } from '../../exchange/json.ts';
import type { Effort, Request } from '../../exchange/request.ts';
import type { TargetFacts } from '../target-facts.ts';
import type { LossLog } from '../losses.ts';

/** Google's own table for its OpenAI-compatible endpoint, and for what lies beyond it the most that 2.5 Flash takes. */
const BUDGETS: Record<Exclude<Effort, 'none'>, number> = {
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 24_576,
  max: 24_576,
};

/** What each effort is called, and whether that says it all. */
const LEVELS: Record<Effort, [level: string, exact: boolean]> = {
  none: ['MINIMAL', false],
  minimal: ['MINIMAL', true],
  low: ['LOW', true],
  medium: ['MEDIUM', true],
  high: ['HIGH', true],
  xhigh: ['HIGH', false],
  max: ['HIGH', false],
};

/** Steps of the same table, each up to the middle of the next. */
const STEPS: readonly [upTo: number, effort: Effort][] = [
  [4096, 'low'],
  [16_384, 'medium'],
  [Number.POSITIVE_INFINITY, 'high'],
];

/** Thinking budgets of 2.5 (https://ai.google.dev/gemini-api/docs/thinking): Pro cannot stop thinking, Flash-Lite begins at 512. */
function range(model: string): { least: number; most: number; canStop: boolean } {
  if (/2[.-]5-pro/.test(model)) return { least: 128, most: 32_768, canStop: false };
  return { least: /2[.-]5-flash-lite/.test(model) ? 512 : 0, most: 24_576, canStop: true };
}

/** `generationConfig.thinkingConfig`: a budget for 2.5, a level for 3 and later. Thoughts are shown unless the client said otherwise. */
export function encodeThinking(request: Request, facts: TargetFacts, losses: LossLog): JsonObject | undefined {
  const reasoning = request.reasoning;
  if (!reasoning) return undefined;
  const own = losses.own(reasoning.extras, 'thinking');
  const { effort, budget, adaptive } = reasoning;
  if (facts.reasoning === 'none') {
    if (effort !== 'none') losses.lose('thinking', `${facts.model} does not think aloud`);
    return undefined;
  }
  const shown: JsonObject = { includeThoughts: adaptive !== false, ...own };
  if (shown.includeThoughts === false) delete shown.includeThoughts;
  if (facts.reasoning === 'budget') return budgeted(effort, budget, adaptive, shown, facts, losses);
  if (effort === undefined && budget === undefined) return shown;
  const wanted = effort ?? STEPS.find(([upTo]) => budget! <= upTo)![1];
  if (budget !== undefined) losses.lose('thinking.budget_tokens', `${facts.model} takes a level; it got ${wanted}`);
  const [level, exact] = levelOf(wanted, facts.model);
  if (!exact) losses.lose('effort', `${facts.model} has no level ${wanted}; it got ${level.toLowerCase()}`);
  return { thinkingLevel: level, ...(wanted !== 'none' && shown) };
}

/** Pro models begin at low. */
function levelOf(effort: Effort, model: string): [level: string, exact: boolean] {
  const [level, exact] = LEVELS[effort];
  return level === 'MINIMAL' && /-pro\b/.test(model) ? ['LOW', false] : [level, exact];
}

function budgeted(
  effort: Effort | undefined,
  budget: number | undefined,
  adaptive: boolean | undefined,
  shown: JsonObject,
  facts: TargetFacts,
  losses: LossLog,
): JsonObject | undefined {
  const { least, most, canStop } = range(facts.model);
  if (effort === 'none') {
    if (!canStop) losses.lose('thinking', `${facts.model} cannot stop thinking; it got its smallest budget`);
    return { thinkingBudget: canStop ? 0 : least };
  }
  // An effort that came without a word on thinking does not ask for it.
  if (budget === undefined && adaptive === false) {
    losses.lose('effort', `${facts.model} takes no effort`);
    return undefined;
  }
  if (budget === undefined && effort === undefined) return { thinkingBudget: -1, ...shown };
  const wanted = budget ?? BUDGETS[effort ?? 'medium'];
  const given = Math.min(Math.max(wanted, least), most);
  if (budget === undefined) losses.lose('effort', `${facts.model} takes a budget; it got ${given} tokens`);
  else if (given !== wanted) losses.lose('thinking.budget_tokens', `set to ${given}: ${facts.model} takes ${least} to ${most}`);
  return { thinkingBudget: given, ...shown };
}
