import type { DialectName } from '../exchange/dialect-name.ts';
import type { JsonObject } from '../exchange/json.ts';
import { withoutReminders } from './directives.ts';

/** Simulated providers speak every dialect. */
export type SimDialect = DialectName;

export interface SimCall {
  id: string;
  name: string;
  /** JSON text. */
  arguments: string;
}

export interface SimResult {
  id: string;
  text: string;
}

/** One message of the conversation, whatever its wire format. A chat `tool` message is a user turn with one result. */
export interface Turn {
  role: 'system' | 'user' | 'assistant';
  text: string;
  calls: SimCall[];
  results: SimResult[];
}

export interface OfferedTool {
  name: string;
  schema: JsonObject;
  /** OpenAI's grouping of tools; a call repeats it. */
  namespace?: string;
  /** Takes free text instead of an object (OpenAI's `custom`). */
  freeText?: boolean;
}

/** What a request asks of a simulated assistant. */
export interface Asked {
  dialect: SimDialect;
  model: string;
  stream: boolean;
  turns: Turn[];
  tools: OfferedTool[];
  toolChoice: 'auto' | 'none' | 'required' | { name: string };
  parallel: boolean;
  thinking: boolean;
  /** It reasons, but shows no words of it: the signature comes alone (Anthropic's `display: omitted`, no `summary`, no `includeThoughts`). */
  thinkingHidden: boolean;
  /** A JSON answer was demanded; an empty object where no schema was given. */
  schema?: JsonObject;
  maxTokens?: number;
  stop: string[];
  includeUsage: boolean;
  /** Chat's `n`: so many answers to the same question. */
  candidates: number;
  /** Something in the request is marked for the provider's cache. */
  cached: boolean;
  /** Length of the request body in characters. */
  size: number;
  /** Gemini without `alt=sse`: a stream is a JSON array. */
  jsonArray?: boolean;
  /** Responses: the client does not wait. */
  background?: boolean;
  /** The request, for answers that repeat parts of it (Responses). */
  request?: JsonObject;
}

/** The role that a request plays: a question, a request to carry a cut answer on, or a trailing assistant turn. */
export type Understood = {
  /** Text of the last thing that a person asked, without a client's reminders. */
  question: string;
  /** Tool results that have come back since. */
  results: SimResult[];
  /** Rounds of tool calls since the question. */
  rounds: number;
} & ({ kind: 'fresh' } | { kind: 'continuation'; partial: string; fragment: string } | { kind: 'prefill'; partial: string });

/** Works out what is asked. A continuation is an assistant turn followed by a user turn that quotes a fragment in « ». */
export function understand(turns: readonly Turn[]): Understood {
  const spoken = turns.filter((turn) => turn.role !== 'system');
  const last = spoken.at(-1);
  const before = spoken.at(-2);
  if (last?.role === 'assistant' && last.calls.length === 0) {
    return { ...context(spoken.slice(0, -1)), kind: 'prefill', partial: last.text };
  }
  const fragment = last?.role === 'user' && last.results.length === 0 ? quotedFragment(last.text) : undefined;
  if (fragment !== undefined && before?.role === 'assistant' && before.calls.length === 0) {
    return { ...context(spoken.slice(0, -2)), kind: 'continuation', partial: before.text, fragment };
  }
  return { ...context(spoken), kind: 'fresh' };
}

/** The last text between « and ». */
function quotedFragment(text: string): string | undefined {
  const end = text.lastIndexOf('»');
  const start = end < 0 ? -1 : text.lastIndexOf('«', end);
  return start < 0 ? undefined : text.slice(start + 1, end);
}

function context(turns: readonly Turn[]): Pick<Understood, 'question' | 'results' | 'rounds'> {
  let at = turns.findLastIndex((turn) => turn.role === 'user' && turn.results.length === 0 && withoutReminders(turn.text).trim() !== '');
  if (at < 0) at = turns.findLastIndex((turn) => turn.role === 'user' && turn.text.trim() !== '');
  const since = turns.slice(at + 1);
  return {
    question: at < 0 ? '' : withoutReminders(turns[at]!.text),
    results: (at < 0 ? turns : [turns[at]!, ...since]).flatMap((turn) => turn.results),
    rounds: since.filter((turn) => turn.role === 'assistant' && turn.calls.length > 0).length,
  };
}
