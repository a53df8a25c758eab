import { z } from 'zod';
import type { Clock } from '../exchange/clock.ts';
import type { Json } from '../exchange/json.ts';
import { targetName } from '../exchange/target.ts';
import type { Health } from '../health/health.ts';
import type { Entry } from '../journal/entry.ts';
import { conversationKey, isWithinTurn } from './conversation.ts';
import type { Question } from './engine.ts';
import type { Plan, PlannedTarget } from './plan.ts';

/** Keeps a conversation with the target that has its cache. */
export interface Stickiness {
  /** The question with its plan in the order that is best for its conversation; who answers it is noted. */
  follow(question: Question): Question;
  /** Conversations that are with another target than their lead, by target. */
  away(): Record<string, number>;
  /** Who is with whom, as plain data; a conversation is a hash. */
  snapshot(): Json;
}

/** A conversation that is not with its lead. Times are UTC milliseconds. */
interface Binding {
  target: string;
  /** When the lead failed it last, or it left the lead. */
  left: number;
  used: number;
}

/**
 * No cache lives longer without use, but for OpenAI's newest (a day): Anthropic's 5 minutes or an hour, refreshed by use; OpenAI's 5 to 10
 * minutes, at most an hour (developers.openai.com/docs/guides/prompt-caching).
 */
const LIFE = 60 * 60_000;
/** Conversations that fell over within an hour; each takes some 200 bytes. The one not heard of for longest goes first. */
const CAPACITY = 10_000;

/** Conversations that outlive a restart: those heard of last, at some 120 bytes in a file that is written every few seconds. */
const MOST_SAVED = 500;

/**
 * While no conversation is away from its lead, all that a request costs is one look at an empty map. `saved`: an earlier snapshot; what can't
 * be read, or is too old, is left out.
 */
export function createStickiness(clock: Clock, health: Pick<Health, 'standing'>, saved?: Json): Stickiness {
  /** By `conversationKey`, least recently used first. */
  const bindings = new Map(readSaved(saved, clock.now()));

  function bindingOf(key: string): Binding | undefined {
    const binding = bindings.get(key);
    if (!binding || clock.now() - binding.used < LIFE) return binding;
    bindings.delete(key);
    return undefined;
  }

  function bind(key: string, binding: Binding): void {
    bindings.delete(key);
    bindings.set(key, binding);
    if (bindings.size <= CAPACITY) return;
    for (const oldest of bindings.keys()) {
      bindings.delete(oldest);
      return;
    }
  }

  /**
   * The lead has been well for long enough since it failed this conversation. Or nobody else has tried for as long whether it is well
   * again: then somebody has to.
   */
  function mayReturn({ lead, target }: PlannedTarget, binding: Binding, returnAfter: number): boolean {
    if (!lead) return false;
    const standing = health.standing(target);
    if (standing.type === 'ill') return false;
    const well = clock.now() - Math.max(standing.since, binding.left);
    // What lies ahead can only come from a clock that was set back: it is not waited for.
    return well >= returnAfter || well < 0;
  }

  function arranged(question: Question, binding: Binding): Plan {
    const { plan } = question;
    // A lead of several accounts is well where one of them is.
    const well = plan.targets.some((planned) => mayReturn(planned, binding, plan.failover.returnAfter));
    const returns = well && !isWithinTurn(question);
    const first = (planned: PlannedTarget): number => (targetName(planned.target) === binding.target ? 1 : returns && planned.lead ? 0 : 2);
    return { ...plan, targets: plan.targets.toSorted((one, other) => first(one) - first(other)) };
  }

  return {
    follow(question) {
      const { plan, append } = question;
      const lead = plan.targets.find((planned) => planned.lead);
      if (!plan.failover.sticky || plan.targets.length < 2 || !lead) return question;
      let key: string | undefined;
      const keyOf = (): string => (key ??= conversationKey(plan.route, question));
      const binding = bindings.size === 0 ? undefined : bindingOf(keyOf());
      const home = targetName(lead.target);

      return {
        ...question,
        plan: binding ? arranged(question, binding) : plan,
        append: noting(append, (answered, asked, outrun) => {
          if (answered === home) {
            if (bindings.size > 0) bindings.delete(keyOf());
            return;
          }
          const now = clock.now();
          // Who was merely outrun by a hedge has not failed it: it goes back with its next turn.
          const left = outrun.includes(home) ? 0 : binding && !asked.includes(home) ? binding.left : now;
          bind(keyOf(), { target: answered, left, used: now });
        }),
      };
    },

    snapshot() {
      const now = clock.now();
      return [...bindings]
        .filter(([, { used }]) => now - used < LIFE)
        .slice(-MOST_SAVED)
        .map(([key, { target, left, used }]) => ({ key, target, left, used }));
    },

    away() {
      const now = clock.now();
      const counted: Record<string, number> = {};
      for (const { target, used } of bindings.values()) if (now - used < LIFE) counted[target] = (counted[target] ?? 0) + 1;
      return counted;
    },
  };
}

const savedBinding = z.object({ key: z.string(), target: z.string(), left: z.number(), used: z.number() });

function readSaved(saved: Json | undefined, now: number): [string, Binding][] {
  if (!Array.isArray(saved)) return [];
  return saved.flatMap((one): [string, Binding][] => {
    const read = savedBinding.safeParse(one);
    if (!read.success || read.data.used > now || now - read.data.used >= LIFE) return [];
    const { key, ...binding } = read.data;
    return [[key, binding]];
  });
}

/** Tells who has answered whole, once the exchange has ended well, who else was asked, and who of those was given up for a hedge. */
function noting(append: Question['append'], answered: (target: string, asked: string[], outrun: string[]) => void): Question['append'] {
  const asked: string[] = [];
  const outrun: string[] = [];
  let whole: string | undefined;
  return (entry: Entry) => {
    if (entry.type === 'attempt') asked[entry.ordinal] = targetName(entry.target);
    else if (entry.type === 'attempt-end' && entry.outcome.type === 'whole') whole = asked[entry.ordinal];
    else if (entry.type === 'attempt-end' && entry.outcome.type === 'cancelled') outrun.push(asked[entry.ordinal]!);
    else if (entry.type === 'end' && entry.outcome.type === 'complete' && whole !== undefined) answered(whole, asked, outrun);
    append(entry);
  };
}
