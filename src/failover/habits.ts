import { z } from 'zod';
import type { Clock } from '../exchange/clock.ts';
import { isObject, type Json, type JsonObject } from '../exchange/json.ts';
import type { Usage } from '../exchange/usage.ts';
import { binaryIn, BYTES_A_TOKEN, inputTokens } from './estimate.ts';

/** What has been seen of targets' bills, to expect the next one better. */
export interface Habits {
  /** Estimated from a client's body. */
  inputTokens(target: string, body: Buffer): number;
  /** What a turn at home costs of what it would without a cache, 0.05 to 1; 1 where nothing is known. */
  warmth(target: string): number;
  /** Tokens that a route's answers of this target have had of late; nothing while there were too few. */
  outputTokens(target: string, route: string): number | undefined;
  /** An answer that came whole. `cold`: what it would have cost without a cache, in dollars; `cost`: what it did. */
  learn(target: string, route: string, body: Buffer, usage: Partial<Usage>, cold: number, cost: number, atHome: boolean): void;
  /** What was learned of late, as plain data. */
  snapshot(): JsonObject;
}

/** Of a target; `at`: UTC milliseconds of the last answer that it was learned from. */
const habit = z.object({ target: z.string(), bytesAToken: z.number(), warmth: z.number(), at: z.number() });
/** Of a target's answers on a route. */
const output = z.object({
  route: z.string(),
  target: z.string(),
  tokens: z.number().nonnegative(),
  answers: z.int().positive(),
  at: z.number(),
});

type Habit = z.infer<typeof habit>;
type Output = z.infer<typeof output>;

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
/** Of each kind the most recent: it is written every few seconds while answers come. */
const MOST_SAVED = 200;
/** As long as what is learned of a target's speed (health/after-restart.ts): models and their prices change. */
const LASTS = 30 * 24 * 60 * 60_000;

/** `saved`: an earlier snapshot; what can't be read, or is too old to say anything, is left out. */
export function createHabits(clock: Clock, saved?: Json): Habits {
  const known = new Map(readSaved(saved, 'targets', habit).map((each): [string, Habit] => [each.target, bounded(each)]));
  /** By route and target. */
  const outputs = new Map(readSaved(saved, 'outputs', output).map((each): [string, Output] => [nameOf(each.target, each.route), each]));

  function readSaved<Kept extends { at: number }>(all: Json | undefined, field: string, shape: z.ZodType<Kept>): Kept[] {
    const list = isObject(all) ? all[field] : undefined;
    return (Array.isArray(list) ? list : []).flatMap((one): Kept[] => {
      const read = shape.safeParse(one);
      return read.success && isRecent(read.data) ? [read.data] : [];
    });
  }

  /** What was learned in the future can only come from a clock that was set back. */
  function isRecent({ at }: { at: number }): boolean {
    const age = clock.now() - at;
    return age >= 0 && age <= LASTS;
  }

  function learnOutput(target: string, route: string, tokens: number): void {
    const name = nameOf(target, route);
    const { answers, tokens: before } = outputs.get(name) ?? { answers: 0, tokens };
    outputs.delete(name);
    outputs.set(name, { route, target, answers: answers + 1, tokens: mixed(before, tokens), at: clock.now() });
    if (outputs.size > CAPACITY) for (const oldest of outputs.keys()) return void outputs.delete(oldest);
  }

  function habitOf(target: string): Habit {
    return known.get(target) ?? { target, bytesAToken: BYTES_A_TOKEN, warmth: 1, at: 0 };
  }

  return {
    inputTokens: (target, body) => inputTokens(body, habitOf(target).bytesAToken),
    warmth: (target) => habitOf(target).warmth,
    outputTokens(target, route) {
      const learned = outputs.get(nameOf(target, route));
      return learned && learned.answers >= ENOUGH ? Math.ceil(learned.tokens) : undefined;
    },
    learn(target, route, body, usage, cold, cost, atHome) {
      const { input } = usage;
      if (usage.output !== undefined && Number.isFinite(usage.output)) learnOutput(target, route, usage.output);
      const learned = { ...habitOf(target), at: clock.now() };
      const { bytes, runs } = binaryIn(body);
      if (runs === 0 && input !== undefined && input >= TELLING)
        learned.bytesAToken = clamp(mixed(learned.bytesAToken, (body.length - bytes) / input), FEWEST_BYTES, MOST_BYTES);
      // A cold turn after warm ones makes the next look colder at once: what is expected too high is only held for a while.
      if (atHome && cold > 0) learned.warmth = clamp(Math.max(mixed(learned.warmth, cost / cold), Math.min(1, cost / cold)), COLDEST, 1);
      known.delete(target);
      known.set(target, learned);
      if (known.size > CAPACITY) for (const oldest of known.keys()) return void known.delete(oldest);
    },
    snapshot: () => ({ targets: recent(known.values()), outputs: recent(outputs.values()) }),
  };

  function recent(all: Iterable<Habit | Output>): JsonObject[] {
    return [...all]
      .filter(isRecent)
      .slice(-MOST_SAVED)
      .map((each) => ({ ...each }));
  }
}

function bounded(saved: Habit): Habit {
  const { bytesAToken, warmth } = saved;
  return { ...saved, bytesAToken: clamp(bytesAToken, FEWEST_BYTES, MOST_BYTES), warmth: clamp(warmth, COLDEST, 1) };
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
