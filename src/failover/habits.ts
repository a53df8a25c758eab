import type { Usage } from '../exchange/usage.ts';
import { binaryIn, BYTES_A_TOKEN, inputTokens } from './estimate.ts';

/** What has been seen of targets' bills, to expect the next one better. In memory: it is learned again within a few answers. */
export interface Habits {
  /** Estimated from a client's body. */
  inputTokens(target: string, body: Buffer): number;
  /** What a turn at home costs of what it would without a cache, 0.05 to 1; 1 where nothing is known. */
  warmth(target: string): number;
  /** Tokens that a route's answers of this target have had of late; nothing while there were too few. */
  outputTokens(target: string, route: string): number | undefined;
  /** An answer that came whole. `cold`: what it would have cost without a cache, in dollars; `cost`: what it did. */
  learn(target: string, route: string, body: Buffer, usage: Partial<Usage>, cold: number, cost: number, atHome: boolean): void;
}

interface Habit {
  bytesAToken: number;
  warmth: number;
}

/** The weight of the newest answer: some five answers on, most of what was thought before is forgotten. */
const NEWEST = 0.3;
/** Shorter inputs are mostly what surrounds the words. */
const TELLING = 1000;
/** Chinese in UTF-8 has some two bytes a token, English without any markup six. */
const [FEWEST_BYTES, MOST_BYTES] = [1.5, 8];
/** Reading from a cache costs a tenth at the cheapest; half of that leaves room for prices to come. */
const COLDEST = 0.05;
/** Fewer answers say little about the next: the first may have been a greeting. */
const ENOUGH = 5;
/** Names of models come from clients. */
const CAPACITY = 500;

export function createHabits(): Habits {
  const known = new Map<string, Habit>();
  /** By route and target. */
  const outputs = new Map<string, { tokens: number; answers: number }>();

  function learnOutput(name: string, tokens: number): void {
    const { answers, tokens: before } = outputs.get(name) ?? { answers: 0, tokens };
    outputs.delete(name);
    outputs.set(name, { answers: answers + 1, tokens: mixed(before, tokens) });
    if (outputs.size > CAPACITY) for (const oldest of outputs.keys()) return void outputs.delete(oldest);
  }

  function habitOf(target: string): Habit {
    return known.get(target) ?? { bytesAToken: BYTES_A_TOKEN, warmth: 1 };
  }

  return {
    inputTokens: (target, body) => inputTokens(body, habitOf(target).bytesAToken),
    warmth: (target) => habitOf(target).warmth,
    outputTokens(target, route) {
      const learned = outputs.get(nameOf(target, route));
      return learned && learned.answers >= ENOUGH ? Math.ceil(learned.tokens) : undefined;
    },
    learn(target, route, body, { input, output }, cold, cost, atHome) {
      if (output !== undefined && Number.isFinite(output)) learnOutput(nameOf(target, route), output);
      const habit = { ...habitOf(target) };
      const { bytes, runs } = binaryIn(body);
      if (runs === 0 && input !== undefined && input >= TELLING)
        habit.bytesAToken = clamp(mixed(habit.bytesAToken, (body.length - bytes) / input), FEWEST_BYTES, MOST_BYTES);
      // A cold turn after warm ones makes the next look colder at once: what is expected too high is only held for a while.
      if (atHome && cold > 0) habit.warmth = clamp(Math.max(mixed(habit.warmth, cost / cold), Math.min(1, cost / cold)), COLDEST, 1);
      known.delete(target);
      known.set(target, habit);
      if (known.size > CAPACITY) for (const oldest of known.keys()) return void known.delete(oldest);
    },
  };
}

function nameOf(target: string, route: string): string {
  return `${route}\n${target}`;
}

function mixed(before: number, now: number): number {
  return before * (1 - NEWEST) + now * NEWEST;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
