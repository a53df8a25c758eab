import type { FinishEvent, FinishReason } from '../../exchange/event.ts';
import { isObject, type JsonObject } from '../../exchange/json.ts';
import { ownFields } from './wire.ts';

const INCOMPLETE: Record<string, FinishReason> = { max_output_tokens: 'length', content_filter: 'content-filter' };

/** Why a response ended that is not failed: OpenAI says so only where it is incomplete. `called`: it ends with calls for the client. */
export function readFinish(response: JsonObject, called: boolean): { reason: FinishReason; raw?: string } {
  const details = isObject(response.incomplete_details) ? response.incomplete_details : undefined;
  if (response.status !== 'incomplete' && !details) return { reason: called ? 'tool-calls' : 'stop' };
  const word = typeof details?.reason === 'string' ? details.reason : 'incomplete';
  const reason = Object.hasOwn(INCOMPLETE, word) ? INCOMPLETE[word]! : 'other';
  return { reason, ...(reason === 'other' && { raw: word }) };
}

/** How a response ends: `completed`, or `incomplete` for a reason. */
export type Ending = { status: 'completed' } | { status: 'incomplete'; reason: string };

const COMPLETED: Ending = { status: 'completed' };

/**
 * Responses knows two reasons for an incomplete answer. A full window and Anthropic's `pause_turn` (call me again) are an answer that could
 * go on, which is `max_output_tokens`; a refusal without words must not look like a normal end, which is `content_filter`. `raw` is given
 * back where it is this dialect's own word.
 */
export function writeFinish(finish: FinishEvent | undefined, refusalWritten: boolean): Ending {
  switch (finish?.reason) {
    case 'length':
    case 'context-window':
    case 'pause':
      return { status: 'incomplete', reason: 'max_output_tokens' };
    case 'content-filter':
      return { status: 'incomplete', reason: 'content_filter' };
    case 'refusal':
      return refusalWritten ? COMPLETED : { status: 'incomplete', reason: 'content_filter' };
    case 'other':
      return finish.raw !== undefined && ownFields(finish.extras) ? { status: 'incomplete', reason: finish.raw } : COMPLETED;
    default:
      return COMPLETED;
  }
}
