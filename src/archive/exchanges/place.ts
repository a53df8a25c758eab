import { keyOf } from './form.ts';
import type { KnownNode, Nodes } from './nodes.ts';
import type { Unit } from './units.ts';

/** Where a request's history stands in a conversation. */
export interface Placed {
  /** For each unit its key; `undefined` for those without a form. */
  keys: (string | undefined)[];
  /** How many units with a form are known, from the beginning on. */
  known: number;
  /** Index of the first unit that is not known; the number of units if all are. */
  fresh: number;
}

/** Looks a history up, from its beginning on. `wordsOf`: text of a known answer that had been cut, for those that a client kept less of. */
export function placeIn(conversation: number, units: readonly Unit[], nodes: Nodes, cutText: CutText): Placed {
  const keys: (string | undefined)[] = [];
  const asked = units.findLastIndex(({ role }) => role === 'assistant');
  let at = '';
  let known = 0;
  let fresh = units.length;

  for (const [index, unit] of units.entries()) {
    const { form, role } = unit;
    if (!form) {
      keys.push(undefined);
      continue;
    }
    let key = keyOf(at, role, form.whole);
    const isKnown = fresh === units.length && nodes.has(conversation, key);
    if (isKnown) known += 1;
    else if (fresh === units.length) {
      // What nobody has asked us with can't be an edit of the user's: the client tells something known in other words.
      const same = index <= asked ? rewritten(conversation, at, unit, nextOf(units, index), nodes, cutText) : undefined;
      if (same === undefined) fresh = index;
      else {
        key = same;
        known += 1;
      }
    }
    keys.push(key);
    at = key;
  }
  return { keys, known, fresh };
}

/** Text of a message that was cut, as forms have it; `undefined`: it is whole. */
export type CutText = (conversation: number, key: string) => string | undefined;

function nextOf(units: readonly Unit[], index: number): Unit | undefined {
  return units.slice(index + 1).find(({ form }) => form !== undefined);
}

/** The known message that this one is: by its calls' ids, by its words, by what follows it, or because the client has kept only a part. */
function rewritten(
  conversation: number,
  above: string,
  unit: Unit,
  next: Unit | undefined,
  nodes: Nodes,
  cutText: CutText,
): string | undefined {
  const candidates = nodes.after(conversation, above).filter(({ role }) => role === unit.role);
  const found =
    candidates.find((node) => hasCallsOf(node, unit)) ??
    (unit.role === 'assistant' ? candidates.find(({ words }) => words === unit.form?.words) : undefined) ??
    candidates.find(({ key }) => next?.form && nodes.has(conversation, keyOf(key, next.role, next.form.whole))) ??
    (unit.role === 'assistant' ? candidates.find(({ key }) => isBeginning(unit, cutText(conversation, key))) : undefined);
  return found?.key;
}

/** Ids that nobody makes up twice; Gemini's calls may have none, and are then numbered (`call_3_0`). */
function hasCallsOf({ calls }: KnownNode, unit: Unit): boolean {
  const telling = unit.calls.filter((id) => id.length >= 8 && !/^(call|result)_\d+_\d+$/.test(id) && !id.startsWith('function_'));
  return telling.length > 0 && telling.length === calls.length && telling.every((id) => calls.includes(id));
}

function isBeginning(unit: Unit, text: string | undefined): boolean {
  if (text === undefined) return false;
  const kept = unit.parts.map((part) => (part.type === 'text' ? part.text.replace(/\s+/g, '') : '')).join('');
  return kept !== '' && text.startsWith(kept);
}
