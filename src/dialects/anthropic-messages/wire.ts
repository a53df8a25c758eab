import type { Message, MessageDeltaUsage, StopReason, Usage as WireUsage } from '@anthropic-ai/sdk/resources/messages/messages.js';
import type { FinishReason } from '../../exchange/event.ts';
import type { JsonObject } from '../../exchange/json.ts';
import type { Extras, Producer } from '../../exchange/part.ts';
import type { Usage } from '../../exchange/usage.ts';

export const DIALECT = 'anthropic-messages';

/** The vendor whose signatures this dialect's clients send back bare; everybody else's are wrapped. */
export const VENDOR = 'anthropic';

/** https://docs.claude.com/en/api/versioning: the only version besides the first one. */
export const VERSION = '2023-06-01';

/** Who made a block: the wire does not say which vendor, only whose format it is. */
export const PRODUCER: Producer = { dialect: DIALECT };

const FINISH: Record<StopReason, FinishReason> = {
  end_turn: 'stop',
  max_tokens: 'length',
  stop_sequence: 'stop-sequence',
  tool_use: 'tool-calls',
  pause_turn: 'pause',
  refusal: 'refusal',
  model_context_window_exceeded: 'context-window',
};

/** `undefined`: a word that this version does not know. */
export function finishReason(stopReason: string): FinishReason | undefined {
  return Object.hasOwn(FINISH, stopReason) ? FINISH[stopReason as StopReason] : undefined;
}

const STOP: Record<Exclude<FinishReason, 'other'>, StopReason> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'stop-sequence': 'stop_sequence',
  'tool-calls': 'tool_use',
  pause: 'pause_turn',
  refusal: 'refusal',
  // Anthropic has one word for both: the model would not, or was not allowed to.
  'content-filter': 'refusal',
  'context-window': 'model_context_window_exceeded',
};

/**
 * A word of another dialect means nothing here; one of our own that we do not know is given back as it came. Anthropic never ends a
 * message that `called` tools with `end_turn`, and clients go by that; OpenAI does (`stop`) when the tool was forced, and so do others.
 */
export function stopReason(reason: FinishReason, raw: string | undefined, called: boolean): string {
  if (reason === 'stop' && called) return STOP['tool-calls'];
  if (reason !== 'other') return STOP[reason];
  // Google shouts.
  return raw !== undefined && /^[a-z_]+$/.test(raw) ? raw : STOP.stop;
}

/** Fields of `object` besides `known`; `undefined` when there are none. */
export function extrasOf(object: JsonObject, known: ReadonlySet<string>): Extras | undefined {
  let fields: JsonObject | undefined;
  for (const key in object) {
    if (known.has(key)) continue;
    fields ??= {};
    fields[key] = object[key];
  }
  return fields && { dialect: DIALECT, fields };
}

/** What this dialect's own extras say; nothing for another's. */
export function ownFields(extras: Extras | undefined): JsonObject | undefined {
  return extras?.dialect === DIALECT ? extras.fields : undefined;
}

/** The wire's counts, of which `input` is the sum of what was read fresh, read from and written to the cache. */
export interface WireCounts {
  fresh: number;
  cacheRead?: number;
  cacheWrite?: number;
}

/**
 * Reads a usage object. Counts are cumulative and may be left out later on, so `before` (what was read last) fills the gaps
 * of a sum; it is updated.
 */
export function readUsage(raw: JsonObject, before: WireCounts): Partial<Usage> {
  const usage: Partial<Usage> = {};
  const { input_tokens: fresh, output_tokens: output, cache_read_input_tokens: read, cache_creation_input_tokens: write } = raw;
  if (typeof read === 'number') before.cacheRead = usage.cacheRead = read;
  if (typeof write === 'number') before.cacheWrite = usage.cacheWrite = write;
  if (typeof fresh === 'number') {
    before.fresh = fresh;
    usage.input = fresh + (before.cacheRead ?? 0) + (before.cacheWrite ?? 0);
  }
  if (typeof output === 'number') usage.output = output;
  const details = raw.output_tokens_details;
  const thinking = typeof details === 'object' && details !== null && !Array.isArray(details) ? details.thinking_tokens : undefined;
  if (typeof thinking === 'number') usage.reasoning = thinking;
  return usage;
}

/** A usage object with every count an integer (Claude Code fails without), and the fields of a raw one that is Anthropic's. */
export function writeUsage(usage: Partial<Usage>, raw: JsonObject | undefined): JsonObject {
  const cacheRead = usage.cacheRead ?? 0;
  const cacheWrite = usage.cacheWrite ?? 0;
  const counts = {
    input_tokens: Math.max(0, (usage.input ?? 0) - cacheRead - cacheWrite),
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cacheRead,
    output_tokens: usage.output ?? 0,
  } satisfies Partial<WireUsage & MessageDeltaUsage>;
  return {
    ...(raw && isOwnUsage(raw) && raw),
    ...counts,
    ...(usage.reasoning !== undefined && { output_tokens_details: { thinking_tokens: usage.reasoning } }),
  };
}

/** OpenAI's Responses count `input_tokens` too, but always with a total. */
function isOwnUsage(raw: JsonObject): boolean {
  return typeof raw.output_tokens === 'number' && raw.total_tokens === undefined;
}

/** Fields of a message that have a neutral word. */
export const MESSAGE_FIELDS: ReadonlySet<string> = new Set<keyof Message>([
  'id',
  'type',
  'role',
  'model',
  'content',
  'stop_reason',
  'stop_sequence',
  'usage',
]);
