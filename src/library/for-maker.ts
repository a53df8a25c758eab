import type { Loss } from '../dialects/dialect.ts';
import { isObject, type JsonObject } from '../exchange/json.ts';
import { isNameOf, type Maker, optionsFor, originOf } from './maker.ts';

export interface ForMaker {
  messages: JsonObject[];
  losses: Loss[];
}

/** What a maker notes of its own message (ids, usage) is no loss to others. */
const NOTES = /\.message_start$/;

/**
 * A history as one maker may see it: reasoning, and what a provider ran by itself, go back to whoever made them and to nobody else; of all
 * other parts only what their maker noted in them is left out. `lead`: gets what nobody has put a name to.
 */
export function forMaker(messages: readonly JsonObject[], maker: Maker, lead: boolean): ForMaker {
  const losses: Loss[] = [];
  /** Calls that a provider ran and that are not told: their results are not either. */
  const untold = new Set<string>();

  function isForeign(options: JsonObject | undefined): boolean {
    const origin = originOf(options, maker);
    return origin === 'foreign' || (origin === 'unsaid' && !lead);
  }

  function lose(place: string, why: string, foreignReasoning = false): undefined {
    losses.push({ what: place, why, ...(foreignReasoning && { foreignReasoning: true as const }) });
    return undefined;
  }

  function part(piece: JsonObject, role: string, place: string): JsonObject | undefined {
    const options = isObject(piece.providerOptions) ? piece.providerOptions : undefined;
    const { type } = piece;
    const name = String(piece.toolName);
    if (type === 'reasoning' || type === 'reasoning-file') {
      if (isForeign(options)) return lose(place, 'reasoning stays with its maker', true);
    } else if (type === 'custom') {
      const own = originOf(options, maker) !== 'foreign' && isNameOf(String(piece.kind).split('.', 1)[0]!, maker);
      if (!own) return NOTES.test(String(piece.kind)) ? undefined : lose(place, `${String(piece.kind)} is for its maker alone`);
    } else if (type === 'tool-call') {
      if (piece.providerExecuted === true && isForeign(options)) {
        untold.add(String(piece.toolCallId));
        return lose(place, `${name} was run by another provider`);
      }
    } else if (type === 'tool-result') {
      if (untold.has(String(piece.toolCallId))) return undefined;
      if (role === 'assistant' && originOf(options, maker) === 'foreign') return lose(place, `${name} was run by another provider`);
    } else if (type === 'tool-approval-response' && untold.size > 0) {
      return lose(place, 'what is approved is run by another provider');
    }
    if (options === undefined) return piece;
    const { providerOptions: _, ...rest } = piece;
    const kept = optionsFor(options, maker);
    return kept === options ? piece : kept === undefined ? rest : { ...rest, providerOptions: kept };
  }

  const told = messages.flatMap((message, at): JsonObject[] => {
    const pieces = message.content;
    if (!Array.isArray(pieces)) return [message];
    const content = pieces.filter(isObject).flatMap((piece, place) => {
      const kept = part(piece, String(message.role), `messages[${at}].content[${place}]`);
      return kept ? [kept] : [];
    });
    return content.length === 0 && pieces.length > 0 ? [] : [{ ...message, content }];
  });
  return { messages: told, losses };
}

/**
 * The turn under way calls tools, and the reasoning behind it is not here: Anthropic refuses a request that asks for thinking by budget after
 * that (dialects/anthropic-messages/encode-thinking.ts).
 */
export function lacksReasoning(messages: readonly JsonObject[]): boolean {
  let first: JsonObject | undefined;
  for (const message of messages.toReversed()) {
    if (message.role === 'assistant') first = message;
    else if (message.role !== 'tool') break;
  }
  const content = Array.isArray(first?.content) ? first.content.filter(isObject) : [];
  // A provider's notes on its message say nothing.
  const said = content.find((piece) => piece.type !== 'custom');
  return content.some((piece) => piece.type === 'tool-call') && said?.type !== 'reasoning';
}
