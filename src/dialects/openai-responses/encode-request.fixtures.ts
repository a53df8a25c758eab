/** For tests of what is written for a Responses target. */
import type { JsonObject } from '../../exchange/json.ts';
import type { Part, ReasoningPart, ToolCallPart, ToolResultPart } from '../../exchange/part.ts';
import type { Request } from '../../exchange/request.ts';
import type { TargetFacts } from '../target-facts.ts';
import { encodeRequest } from './encode-request.ts';

export const FACTS: TargetFacts = {
  vendor: 'openai',
  model: 'gpt-5.6',
  prefill: false,
  reasoning: 'effort',
  maxTokensField: 'max_completion_tokens',
  systemRole: 'developer',
  fixedSampling: true,
};

export function neutral(more: Partial<Request>): Request {
  return {
    model: 'claude',
    stream: true,
    system: [],
    messages: [{ role: 'user', parts: [said('hi')] }],
    tools: [],
    output: { type: 'text' },
    sampling: {},
    stop: [],
    ...more,
  };
}

export function said(value: string): Part & { type: 'text' } {
  return { type: 'text', text: value };
}

export function call(id: string, more: Partial<ToolCallPart> = {}): ToolCallPart {
  return { type: 'tool-call', id, name: 'f', arguments: '{}', ...more };
}

export function result(callId: string, value: string, more: Partial<ToolResultPart> = {}): ToolResultPart {
  return { type: 'tool-result', callId, content: [said(value)], isError: false, ...more };
}

export function thought(value: string, more: Partial<ReasoningPart> = {}): ReasoningPart {
  return { type: 'reasoning', text: value, signature: 'c2VjcmV0', producer: { dialect: 'openai-responses', vendor: 'openai' }, ...more };
}

export function input(request: Partial<Request>, facts = FACTS): JsonObject[] {
  return encodeRequest(neutral(request), facts).body.input as JsonObject[];
}
