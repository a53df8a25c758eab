import { lastFragment } from './continuation.ts';

export type Join = 'anchor' | 'overlap' | 'restart' | 'prefill';

export type SpliceStep =
  /** Nothing to show yet. */
  | { type: 'hold' }
  /** The join was found (or had been): `text` goes on where the delivered text ended. */
  | { type: 'go'; join: Join; text: string }
  /** The new stream says something else. */
  | { type: 'failed'; reason: string };

/** Finds where a continuation meets what was delivered. Text goes in as it arrives; nothing comes out before the join is certain. */
export interface Splicer {
  push(text: string): SpliceStep;
  /** The continuation has ended. */
  end(): SpliceStep;
}

/** A model may say a few words before it repeats the fragment ("Sorry about that!"); beyond this the anchor is not looked for. */
const PREFACE = 240;
/** Shorter overlaps happen by chance (research/dialects.md 3.2, OmniRoute #11152). */
const SHORTEST_OVERLAP = 8;
/** So many characters equal to the answer's beginning are a restart (unsloth #9851). */
const RESTART_PROBE = 48;

/** Normalised text and, for each of its characters, where it ends in the original. */
interface Normal {
  text: string;
  ends: number[];
  /** It ends with a space, or is empty: more white space adds nothing. */
  spaced: boolean;
}

/**
 * Adds to a normalised text, and returns what was added: runs of white space become one space; typographic quotes and dashes become
 * plain, since models change these when they repeat. The text grows by whole pieces and its end is not looked at in between: each
 * look would copy all of it, and answers can be long.
 */
function normalise(into: Normal, text: string, offset: number): string {
  let at = offset;
  let added = '';
  for (const point of text) {
    at += point.length;
    const plain = plainForm(point);
    if (plain === ' ' && into.spaced) {
      if (into.ends.length > 0) into.ends[into.ends.length - 1] = at;
      continue;
    }
    into.spaced = plain === ' ';
    added += plain;
    for (let unit = 0; unit < plain.length; unit++) into.ends.push(at);
  }
  into.text += added;
  return added;
}

function normalised(text: string): Normal {
  const normal: Normal = { text: '', ends: [], spaced: true };
  normalise(normal, text, 0);
  return normal;
}

function plainForm(point: string): string {
  if (/\s/.test(point)) return ' ';
  if ('‘’‚‛`´'.includes(point)) return "'";
  if ('“”„‟«»'.includes(point)) return '"';
  if ('‐‑‒–—'.includes(point)) return '-';
  return point;
}

/** `prefill`: the target is known to carry a trailing turn on by itself; that it starts over all the same is looked for. */
export function createSplicer(delivered: string, prefill: boolean): Splicer {
  const before = normalised(delivered);
  const fragment = normalised(lastFragment(delivered)).text.trim();
  const now: Normal = { text: '', ends: [], spaced: true };
  let held = '';
  let joined: Join | undefined;
  let first = true;
  const known = before.text.trimEnd();
  /** A restart that is catching up: so much of it is what was delivered. */
  let caughtUp: number | undefined;

  function go(join: Join, rest: string): SpliceStep {
    joined = join;
    const text = first ? meet(delivered, rest) : rest;
    // White space alone may still be in surplus at the seam: the next piece decides.
    if (first && text === '') {
      held = rest;
      return { type: 'hold' };
    }
    first = false;
    held = '';
    return { type: 'go', join, text };
  }

  function search(ended: boolean): SpliceStep {
    const restart = restarted(ended);
    if (restart) return restart;
    const anchor = findAnchor(now, fragment, ended);
    if (anchor === 'wait') return { type: 'hold' };
    if (anchor !== undefined) {
      const rest = held.slice(anchor.end);
      const closing = CLOSING[held.slice(0, anchor.start).trimEnd().slice(-1)];
      if (closing === undefined) return go('anchor', rest);
      // The fragment came back in quotation marks: it leaves its closing one behind, perhaps with the next piece.
      if (rest === '' && !ended) return { type: 'hold' };
      return go('anchor', rest.startsWith(closing) ? rest.slice(closing.length) : rest);
    }
    if (!ended && now.text.length < PREFACE + fragment.length) return { type: 'hold' };
    const overlap = findOverlap(before.text, now);
    if (overlap !== undefined) return go('overlap', held.slice(overlap));
    return { type: 'failed', reason: 'the continuation does not meet the delivered text' };
  }

  /** A new start that says the same: wait until it has caught up, then go on from there. */
  function restarted(ended: boolean): SpliceStep | undefined {
    const text = known;
    if (text.length <= fragment.length + SHORTEST_OVERLAP) return undefined;
    const probe = Math.min(RESTART_PROBE, text.length);
    if (now.text.length < probe) return !ended && now.text !== '' && text.startsWith(now.text.trimEnd()) ? { type: 'hold' } : undefined;
    if (!now.text.startsWith(text.slice(0, probe))) return undefined;
    caughtUp = 0;
    return catchUp(now.text, ended);
  }

  function catchUp(piece: string, ended: boolean): SpliceStep {
    const from = caughtUp ?? 0;
    caughtUp = from + piece.length;
    const met = caughtUp >= known.length;
    if ((ended && !met) || known.slice(from, caughtUp) !== piece.slice(0, known.length - from))
      return { type: 'failed', reason: 'the answer was started over and came out differently' };
    return met ? go('restart', held.slice(now.ends[known.length - 1] ?? 0)) : { type: 'hold' };
  }

  return {
    push(text) {
      const added = joined === undefined ? normalise(now, text, held.length) : '';
      held += text;
      if (joined !== undefined) return go(joined, held);
      if (caughtUp !== undefined) return catchUp(added, false);
      return prefill ? (restarted(false) ?? go('prefill', held)) : search(false);
    },
    end() {
      if (joined === undefined) {
        const literal = prefill && caughtUp === undefined;
        const step = literal ? (restarted(true) ?? go('prefill', held)) : caughtUp === undefined ? search(true) : catchUp('', true);
        // The answer had only its last words to repeat: the join is there, with nothing after it.
        return joined !== undefined && step.type === 'hold' ? { type: 'go', join: joined, text: '' } : step;
      }
      return { type: 'go', join: joined, text: first ? meet(delivered, held) : '' };
    },
  };
}

/** Where the fragment lies in what came, as indexes into the original text; `wait` while it may still be completed. */
function findAnchor(now: Normal, fragment: string, ended: boolean): { start: number; end: number } | 'wait' | undefined {
  if (fragment === '') return undefined;
  const at = now.text.indexOf(fragment);
  // Hardly anything had been delivered: a few characters prove something only right at the beginning.
  const furthest = fragment.length < SHORTEST_OVERLAP ? 0 : PREFACE;
  if (at < 0 || at > furthest) return furthest === 0 && !ended && fragment.startsWith(now.text) ? 'wait' : undefined;
  return { start: at === 0 ? 0 : now.ends[at - 1]!, end: now.ends[at + fragment.length - 1]! };
}

const CLOSING: Record<string, string> = { '«': '»', '“': '”', '"': '"', '„': '“', '`': '`', "'": "'" };

/** The longest end of the delivered text with which the continuation begins. */
function findOverlap(before: string, now: Normal): number | undefined {
  const tail = before.trimEnd().slice(-PREFACE);
  for (let length = Math.min(tail.length, now.text.length); length >= SHORTEST_OVERLAP; length--) {
    if (now.text.startsWith(tail.slice(-length))) return now.ends[length - 1];
  }
  return undefined;
}

/** Mends the white space where two pieces meet: none doubled, and no paragraph break inside a sentence (outside of code). */
function meet(delivered: string, rest: string): string {
  const gap = /^\s*/.exec(rest)?.[0] ?? '';
  if (gap === '') return rest;
  if (gap.length === rest.length) return '';
  if (/\s$/.test(delivered)) {
    const had = /\s*$/.exec(delivered)?.[0] ?? '';
    if (gap.startsWith(had)) return rest.slice(had.length);
    return gap.includes('\n') && !had.includes('\n') ? rest : rest.slice(gap.length);
  }
  const inCode = (delivered.match(/```/g)?.length ?? 0) % 2 === 1;
  const insideSentence = /[\p{L}\p{N},;]$/u.test(delivered);
  if (!inCode && insideSentence && gap.includes('\n\n') && /^\p{Ll}/u.test(rest.slice(gap.length))) return ` ${rest.slice(gap.length)}`;
  return rest;
}
