import type { Usage } from '../exchange/usage.ts';
import { type Price, priceAt } from '../providers/model-data.ts';
import type { AnswerState } from './answer-state.ts';
import type { AttemptResult } from './attempt.ts';
import { inputTokens } from './estimate.ts';
import type { PlannedTarget } from './plan.ts';

/** An attempt that is over, as far as its bill is concerned. */
export interface Billed {
  result: AttemptResult | 'given-up';
  /** The provider had taken the request: a good status line had come. */
  accepted: boolean;
  /** The request as it was sent. */
  sent: Buffer;
  /** What has been received. */
  state: AnswerState | undefined;
}

/**
 * What an attempt cost in dollars; nothing where the price is not known.
 *
 * The rule, where nobody says what is billed (no provider bills a request that it did not begin to answer, and all bill one that was
 * stopped on the way, for its input and what had been written by then):
 * - a whole answer costs what its usage says;
 * - one that died after its first word, or that we gave up after it had been accepted, costs its input and what had been received: as
 *   counted by the provider where it had said so by then, else by estimate;
 * - anything else (refused, an error, silence before the first word) costs nothing.
 */
export function attemptCost(price: Price | undefined, { result, accepted, sent, state }: Billed): number | undefined {
  if (!price) return undefined;
  const began = result === 'given-up' ? accepted : result.type === 'whole' || result.firstEventAfter !== undefined;
  if (!began) return 0;
  const usage = result === 'given-up' ? (state?.usage ?? {}) : result.usage;
  const input = usage.input === undefined ? inputTokens(sent) : 0;
  if (result !== 'given-up' && result.type === 'whole' && usage.output !== undefined) return costOf(price, usage, { input, output: 0 });
  // What a stream says of its output before its end is only ever a beginning.
  const output = Math.max(usage.output ?? 0, Math.ceil(receivedBy(state) / CHARACTERS_A_TOKEN));
  return costOf(price, { ...usage, output }, { input, output });
}

/**
 * What a target is paid by the token; nothing where that is not known, or a plan pays. Models that people run themselves are in no list of
 * prices; one that is, at an address of this machine, is there by a proxy.
 */
export function priceOf({ facts, passThrough }: Pick<PlannedTarget, 'facts' | 'passThrough'>): Price | undefined {
  return passThrough ? undefined : facts.price;
}

/** What so many tokens cost in dollars; 0 where the price is not known. `estimate` stands in for tokens that nobody counted. */
export function costOf(price: Price | undefined, usage: Partial<Usage>, estimate: { input: number; output: number }): number {
  if (!price) return 0;
  const input = usage.input ?? estimate.input;
  const cached = Math.min(input, usage.cacheRead ?? 0);
  const written = Math.min(input - cached, usage.cacheWrite ?? 0);
  const output = usage.output ?? estimate.output;
  const rate = priceAt(price, input);
  const read = (input - cached - written) * rate.input + cached * (rate.cached ?? rate.input) + written * (rate.cacheWrite ?? rate.input);
  return (read + output * rate.output) / 1_000_000;
}

/** What a turn is taken to write where nobody knows: agents write some hundred tokens a turn, people get answers of about a thousand. */
const USUAL_OUTPUT = 1000;

/**
 * What a turn would cost in dollars where nothing of it lies in a cache; 0 where the price is not known. `kept`: it is put into one; `usual`:
 * tokens that its answers have had of late.
 */
export function turnCost(price: Price | undefined, input: number, mostOutput?: number, kept = false, usual = USUAL_OUTPUT): number {
  return costOf(price, kept ? { cacheWrite: input } : {}, { input, output: Math.min(mostOutput ?? usual, usual) });
}

/** The usual English average. */
const CHARACTERS_A_TOKEN = 4;

export function tokensOf(text: string): number {
  return Math.ceil(text.length / CHARACTERS_A_TOKEN);
}

/** Characters of words, reasoning and arguments: all of it is billed, whether anybody has seen it or not. */
function receivedBy(state: AnswerState | undefined): number {
  let characters = 0;
  for (const part of state?.parts ?? []) {
    characters += part.type === 'tool-call' ? part.pieces.reduce((sum, piece) => sum + piece.length, 0) : part.size;
  }
  return characters;
}
