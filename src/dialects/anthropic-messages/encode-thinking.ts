import { isObject, type JsonObject } from '../../exchange/json.ts';
import type { Effort, Request } from '../../exchange/request.ts';
import type { TargetFacts } from '../target-facts.ts';
import { extras, type Lose } from './encode-blocks.ts';

/** The API refuses less. */
const SMALLEST_BUDGET = 1024;

/** Tokens of thinking for an effort, where the target takes only a budget: the steps that Claude Code's own levels take. */
const BUDGETS: Record<Exclude<Effort, 'none'>, number> = {
  minimal: 1024,
  low: 2048,
  medium: 8192,
  high: 16_384,
  xhigh: 24_576,
  max: 31_999,
};

export interface Thinking {
  thinking?: JsonObject;
  /** `output_config.effort`. */
  effort?: string;
}

/** `thinking` and `output_config.effort` as this target takes them; `maxTokens` has to leave room for an answer. */
export function encodeThinking(request: Request, facts: TargetFacts, maxTokens: number, lose: Lose): Thinking {
  const reasoning = request.reasoning;
  if (!reasoning) return {};
  const own = extras(reasoning.extras, 'thinking', lose);
  const { effort, budget, adaptive } = reasoning;
  if (effort === 'none') return facts.reasoning === 'none' ? {} : { thinking: { type: 'disabled', ...own } };
  if (facts.reasoning === 'none') {
    lose('thinking', `${facts.model} does not think aloud`);
    return {};
  }
  if (facts.reasoning === 'budget') {
    if (effort === undefined && budget === undefined && adaptive !== true) return {};
    // An effort that came without `thinking` does not ask for it.
    if (budget === undefined && adaptive === false) {
      lose('output_config.effort', `${facts.model} takes no effort`);
      return {};
    }
    return budgeted(budget ?? BUDGETS[effort ?? 'medium'], budget === undefined, forced(request), maxTokens, own, facts, lose);
  }
  const written = effort && (effort === 'minimal' ? 'low' : effort);
  if (effort === 'minimal') lose('effort', 'Anthropic begins at low');
  const effortField = written ? { effort: written } : {};
  if (adaptive === false) return effortField;
  if (forced(request)) {
    lose('thinking', 'it does not go with a tool that must be called');
    return effortField;
  }
  if (budget !== undefined) lose('thinking.budget_tokens', `${facts.model} decides by itself how long to think`);
  return { thinking: { type: 'adaptive', ...own }, ...effortField };
}

/** Thinking and a forced tool call exclude each other. */
function forced(request: Request): boolean {
  return request.toolChoice?.type === 'required' || request.toolChoice?.type === 'tool';
}

function budgeted(
  wanted: number,
  translated: boolean,
  forcedCall: boolean,
  maxTokens: number,
  own: JsonObject | undefined,
  facts: TargetFacts,
  lose: Lose,
): Thinking {
  if (forcedCall) {
    lose('thinking', 'it does not go with a tool that must be called');
    return {};
  }
  if (maxTokens <= SMALLEST_BUDGET) {
    lose('thinking', `it takes at least ${SMALLEST_BUDGET} tokens, and max_tokens is ${maxTokens}`);
    return {};
  }
  const budget = Math.min(Math.max(wanted, SMALLEST_BUDGET), maxTokens - 1);
  if (translated) lose('effort', `${facts.model} takes a budget; it got ${budget} tokens`);
  else if (budget !== wanted) lose('thinking.budget_tokens', `set to ${budget}: at least ${SMALLEST_BUDGET}, less than max_tokens`);
  return { thinking: { type: 'enabled', budget_tokens: budget, ...own } };
}

/**
 * With a budget, a turn that calls tools must begin with thinking ("Expected `thinking` or `redacted_thinking`, but found `tool_use`")
 * until a user speaks again. It does not when somebody else began that turn. Later messages of the same turn need none: Claude
 * itself thinks only at the beginning, unless thinking is interleaved.
 */
export function lacksThinking(messages: readonly JsonObject[]): boolean {
  let first: JsonObject | undefined;
  for (const message of messages.toReversed()) {
    if (message.role === 'assistant') first = message;
    else if (message.role === 'user' && !blockTypes(message).includes('tool_result')) break;
  }
  return first !== undefined && callsWithoutThinking(first);
}

export function callsWithoutThinking(message: JsonObject): boolean {
  const types = blockTypes(message);
  return types.includes('tool_use') && types[0] !== 'thinking' && types[0] !== 'redacted_thinking';
}

function blockTypes(message: JsonObject): unknown[] {
  return Array.isArray(message.content) ? message.content.map((block) => isObject(block) && block.type) : [];
}
