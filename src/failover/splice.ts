import { danglingOf, lastFragment } from './continuation.ts';
import { addPlain, emptyPlain, plainOf, restAfter } from './plain-text.ts';
import { createUnfencing, insideFence, meet, type Unfencing } from './seam-text.ts';

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
/** Behind a preface there are many places at which one could begin by chance. */
const SHORTEST_LATE_OVERLAP = 20;
/** Brackets and indents repeat without meaning it: an overlap needs some variety. */
const LEAST_VARIETY = 5;
/** A shorter overlap has to have more than one word: another sentence may well begin with the last word of this one. */
const LONG_OVERLAP = 16;
/** So many characters of a preface that stand in the answer are the answer's own. */
const OWN_WORDS = 12;
/** So many characters on either side of a seam tell whether the text has the same elsewhere. */
const SEAM_WORDS = 6;
/** Earlier places with the same words that are looked at. */
const MOST_PLACES = 8;
/** So much more than the fragment, word for word, is not what a model was asked to repeat, but may be; less is how like lines go on. */
const LONG_REPETITION = 16;
/** So many characters equal to the answer's beginning are a restart (unsloth #9851). */
const RESTART_PROBE = 48;

/** `prefill`: the target is known to carry a trailing turn on by itself; that it starts over all the same is looked for. */
export function createSplicer(delivered: string, prefill: boolean): Splicer {
  const known = plainOf(delivered).text.trimEnd();
  const fragment = anchorOf(plainOf(lastFragment(delivered)).text.trim());
  const dangling = danglingOf(delivered);
  const now = emptyPlain();
  let held = '';
  let joined: Join | undefined;
  let first = true;
  let unfencing: Unfencing | undefined;
  /** A repetition that is catching up: `known` from `from` on is what came from `at` on; so much of it is the same. */
  let catching: { from: number; at: number; met: number } | undefined;

  function go(join: Join, rest: string): SpliceStep {
    joined = join;
    const text = first ? met(rest) : rest;
    // White space alone may still be in surplus at the seam: the next piece decides.
    if (first && text === '') {
      held = rest;
      return { type: 'hold' };
    }
    first = false;
    held = '';
    return { type: 'go', join, text: unfencing ? unfencing.push(text) : text };
  }

  /** Behind half a character the other half follows; the model was shown neither. */
  function met(rest: string): string {
    if (dangling === '') return meet(delivered, rest);
    const text = meet(delivered.slice(0, -dangling.length), rest);
    return text.startsWith(dangling) ? text.slice(dangling.length) : text;
  }

  /** Joins behind the plain character at `last`, before which `start` characters were preface. */
  function join(kind: Join, start: number, last: number): SpliceStep {
    const preface = held.slice(0, start === 0 ? 0 : now.ends[start - 1]);
    // Put between fences of its own. In code its opening one is surplus, and its closing one closes the block that was open.
    if (insideFence(preface) && !insideFence(delivered)) unfencing = createUnfencing(/(?<!`)`{0,2}$/.exec(delivered)?.[0] ?? '');
    return go(kind, restAfter(now, last, held));
  }

  function search(ended: boolean): SpliceStep {
    const restart = restarted(ended);
    if (restart) return restart;
    if (fragment !== '' && now.text.startsWith(fragment)) return ambiguous(0, ended) ?? join('anchor', 0, fragment.length - 1);
    const bare = bareAnchor();
    if (bare > 0) return ambiguous(bare, ended) ?? anchored(ended, bare);
    if (!ended && now.text.length < PREFACE + fragment.length) return { type: 'hold' };
    return decide(ended) ?? { type: 'failed', reason: 'the continuation does not meet the delivered text' };
  }

  /** The text may have the words of the fragment more than once: then what stands at `at` may be more of it, from an earlier place on. */
  function ambiguous(at: number, ended: boolean): SpliceStep | undefined {
    const said = now.text.slice(at);
    const telling = isVaried(fragment) ? LONG_REPETITION : 1;
    let from = known.lastIndexOf(fragment, known.length - fragment.length - 1);
    for (let tries = 0; from >= 0 && tries < MOST_PLACES; tries++) {
      const end = known.slice(from);
      if (end.startsWith(said) && !ended) return { type: 'hold' };
      if (said.startsWith(end) && end.length >= fragment.length + telling)
        return { type: 'failed', reason: 'the text repeats itself, and so does the continuation: where they meet can not be told' };
      from = from === 0 ? -1 : known.lastIndexOf(fragment, from - 1);
    }
    return undefined;
  }

  /** A new start that says the same: wait until it has caught up, then go on from there. */
  function restarted(ended: boolean): SpliceStep | undefined {
    if (!restartable()) return undefined;
    const probe = Math.min(RESTART_PROBE, known.length);
    if (now.text.length < probe) return !ended && now.text !== '' && known.startsWith(now.text.trimEnd()) ? { type: 'hold' } : undefined;
    return now.text.startsWith(known.slice(0, probe)) ? follow(0, 0, ended) : undefined;
  }

  function restartable(): boolean {
    return known.length > fragment.length + SHORTEST_OVERLAP;
  }

  function follow(from: number, at: number, ended: boolean): SpliceStep {
    catching = { from, at, met: 0 };
    return catchUp(now.text.slice(at), ended);
  }

  function catchUp(piece: string, ended: boolean): SpliceStep {
    const { from, at, met } = catching!;
    const place = from + met;
    catching!.met += piece.length;
    const caughtUp = place + piece.length >= known.length;
    if ((ended && !caughtUp) || known.slice(place, place + piece.length) !== piece.slice(0, known.length - place))
      return { type: 'failed', reason: 'the answer was started over and came out differently' };
    return caughtUp ? join('restart', at, at + known.length - from - 1) : { type: 'hold' };
  }

  /** The fragment behind nothing but marks: quotes, dots, the beginning of a code block. */
  function bareAnchor(): number {
    const at = fragment.length < SHORTEST_OVERLAP ? -1 : now.text.indexOf(fragment);
    return at > 0 && /^(?:'''[\w+#-]*)?[^\p{L}\p{N}]*$/u.test(now.text.slice(0, at)) ? at : -1;
  }

  function anchored(ended: boolean, at: number): SpliceStep {
    const last = at + fragment.length - 1;
    const before = held.slice(0, now.ends[at - 1]).trimEnd();
    const closing = before.endsWith('```') ? undefined : CLOSING[before.slice(-1)];
    if (closing === undefined) return join('anchor', at, last);
    // The fragment came back in quotation marks: it leaves its closing one behind, perhaps with the next piece.
    const rest = restAfter(now, last, held);
    if (rest === '' && !ended) return { type: 'hold' };
    return go('anchor', rest.startsWith(closing) ? rest.slice(closing.length) : rest);
  }

  /** As much has come as is waited for. */
  function decide(ended: boolean): SpliceStep | undefined {
    const overlap = overlapAt(0, SHORTEST_OVERLAP);
    const at = spokenAnchor();
    // A preface may begin with the last words of the text by chance; behind it stand more of them.
    if (overlap > 0 && (at < 0 || overlap >= fragment.length)) return join('overlap', 0, overlap - 1);
    const head = restartable() && known.length >= RESTART_PROBE ? now.text.indexOf(known.slice(0, RESTART_PROBE)) : -1;
    if (head > 0 && isPreface(head)) return follow(0, head, ended);
    if (at >= 0) return ambiguous(at, ended) ?? join('anchor', at, at + fragment.length - 1);
    const probe = now.text.slice(0, RESTART_PROBE);
    const from = probe.length < RESTART_PROBE ? -1 : known.indexOf(probe);
    if (from > 0 && known.lastIndexOf(probe) === from && !goesOn(0) && !isPeriodic(known.slice(from))) return follow(from, 0, ended);
    for (let start = 1; start <= PREFACE / 2; start++) {
      const length = /[:.!?]\s$/.test(now.text.slice(start - 2, start)) ? overlapAt(start, SHORTEST_LATE_OVERLAP) : 0;
      const quoted = /^["']/.test(now.text.slice(start + length));
      if (length > 0 && !quoted && isPreface(start)) return join('overlap', start, start + length - 1);
    }
    return undefined;
  }

  /** The fragment behind a few words; not where these only speak of it. */
  function spokenAnchor(): number {
    if (fragment.length < SHORTEST_OVERLAP) return -1;
    for (let at = now.text.indexOf(fragment); at >= 0 && at <= PREFACE; at = now.text.indexOf(fragment, at + 1)) {
      const quoted = /["']$/.test(now.text.slice(0, at)) && /^["']/.test(now.text.slice(at + fragment.length));
      if (!quoted && isPreface(at)) return at;
    }
    return -1;
  }

  /**
   * Whether what stands before `at` are words about going on: a sentence, or what leads over a colon; not a refusal, and no part of the
   * answer itself, of which a text with like lines has the fragment again further on.
   */
  function isPreface(at: number): boolean {
    // Nobody begins a sentence about it with a small letter; the rest of a sentence may begin so.
    if (at > PREFACE || /^\s*\p{Ll}/u.test(held)) return false;
    const said = now.text.slice(0, at).replaceAll(fragment, '').trimEnd();
    if (!/[:.!?"'>]$/.test(said) || REFUSAL.test(said)) return false;
    const last = Math.max(0, said.length - OWN_WORDS);
    for (let place = 0; place <= last; place++) {
      const words = said.slice(place, place + OWN_WORDS);
      if (!COMMON_WORDS.test(words) && known.includes(words)) return false;
    }
    return true;
  }

  /**
   * The end of the delivered text that stands at `start`: its length. Where there are several, or where the text has it twice, nothing
   * says where to go on: 0, as where there is none.
   */
  function overlapAt(start: number, shortest: number): number {
    if (goesOn(start)) return 0;
    const tail = known.slice(-PREFACE);
    let found = 0;
    for (let length = Math.min(tail.length, now.text.length - start); length >= shortest; length--) {
      const end = tail.slice(-length);
      if (!now.text.startsWith(end, start)) continue;
      if (found > 0 || known.indexOf(end) !== known.length - length) return 0;
      if (isTelling(end)) found = length;
    }
    return found;
  }

  /** Without repeating anything, it would go on as the text has gone on before: like lines follow each other. */
  function goesOn(start: number): boolean {
    const [end, begin] = [known.slice(-SEAM_WORDS), now.text.slice(start, start + SEAM_WORDS)];
    const across = [end + begin, `${end} ${begin}`];
    return across.some((words) => known.includes(words) || now.text.includes(words, start + 1));
  }

  return {
    push(text) {
      if (joined !== undefined) {
        held += text;
        return go(joined, held);
      }
      const added = addPlain(now, text, held.length);
      held += text;
      if (catching) return catchUp(added, false);
      return prefill ? (restarted(false) ?? go('prefill', held)) : search(false);
    },
    end() {
      if (joined === undefined) {
        const literal = prefill && !catching;
        const step = literal ? (restarted(true) ?? go('prefill', held)) : catching ? catchUp('', true) : search(true);
        // The answer had only its last words to repeat: the join is there, with nothing after it.
        if (joined === undefined || step.type === 'failed') return step;
        return { type: 'go', join: joined, text: (step.type === 'go' ? step.text : '') + (unfencing?.end() ?? '') };
      }
      return { type: 'go', join: joined, text: (first ? met(held) : '') + (unfencing?.end() ?? '') };
    },
  };
}

/** It begins as it ends: whoever says it may be saying only its end. */
function isPeriodic(text: string): boolean {
  for (let length = Math.min(PREFACE, text.length - 1); length >= SHORTEST_OVERLAP; length--)
    if (text.startsWith(text.slice(-length))) return true;
  return false;
}

/** A mere rule of dashes is found in the middle of a longer one, too. */
function anchorOf(fragment: string): string {
  return fragment.length >= SHORTEST_OVERLAP && new Set(fragment).size < LEAST_VARIETY ? '' : fragment;
}

/** Letters and digits, not only brackets and rules. */
function isVaried(text: string): boolean {
  return new Set(text.replaceAll(/[^\p{L}\p{N}]/gu, '')).size >= LEAST_VARIETY;
}

function isTelling(overlap: string): boolean {
  if (!isVaried(overlap)) return false;
  return overlap.length >= LONG_OVERLAP || /[\p{L}\p{N}]\P{L}*\s[^\p{L}\p{N}]*[\p{L}\p{N}]/u.test(overlap) || UNSPACED.test(overlap);
}

/** Scripts that put no spaces between words. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;

const CLOSING: Record<string, string> = { '«': '»', '“': '”', '"': '"', '„': '“', '`': '`', "'": "'" };

/** Words alone may stand in both by chance. */
const COMMON_WORDS = /^[\p{L}\s,.']*$/u;

/** Who says so before the fragment does not go on from it. */
const REFUSAL = /\b(?:can't|can not|cannot|unable to|won't|will not|not able to|don't have|no (?:memory|record|access))\b/;
