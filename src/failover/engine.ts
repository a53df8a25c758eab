import type { Dialect, RequestHead } from '../dialects/dialect.ts';
import type { Clock } from '../exchange/clock.ts';
import type { DialectName } from '../exchange/dialect-name.ts';
import type { Random } from '../exchange/ids.ts';
import type { Priority } from '../exchange/priority.ts';
import type { Health } from '../health/health.ts';
import type { Entry } from '../journal/entry.ts';
import type { Call } from '../providers/call.ts';
import type { AdmissionControl, AttemptAsk } from './admission.ts';
import { createHedgeShare } from './hedge-share.ts';
import type { KeptThoughts } from './kept-thoughts.ts';
import type { Plan } from './plan.ts';
import { runExchange } from './run.ts';
import type { Stickiness } from './stickiness.ts';

/** What the engine works with: two ports (`call` here, `append` in each question), and what is known of targets' health. */
export interface EngineParts {
  call: Call;
  health: Health;
  clock: Clock;
  random: Random;
  /** Who, besides health, has a say in each attempt. */
  controls: readonly AdmissionControl[];
  /** Without it every request goes by its route's order. */
  stickiness?: Stickiness;
  /** Without it, what a client is not told of others' thoughts is lost to them too. */
  thoughts?: KeptThoughts;
  /** Since when a target (by `targetName`) has answered nobody, in UTC ms. Without it, errors don't say so. */
  failingSince?(target: string): number | undefined;
  dialect(name: DialectName): Dialect;
  /** By the client's dialect: whether the last request had to be translated. Likely, so has the next. */
  translates: Map<DialectName, boolean>;
}

/** One client request, planned. */
export interface Question {
  dialect: Dialect;
  head: RequestHead;
  body: Buffer;
  headers: [name: string, value: string][];
  /** Path and query as the client asked. */
  path: string;
  plan: Plan;
  /** As in `AttemptAsk`. */
  priority?: Priority;
  principal?: string;
  inLine?: AttemptAsk['inLine'];
  /**
   * Responses: what the client sent, which leaves to the provider of this name what came before. Only that provider gets it; `body` has
   * the whole history and is for all others.
   */
  original?: { body: Buffer; provider: string };
  /** Responses: what the client says that this goes on from, where `body` has the history itself in its place. Its answer says the same. */
  goesOnFrom?: string;
  /** Where targets are told the trace: the `traceparent` of an attempt, by its ordinal. */
  traceparent?: (attempt: number) => string;
  /** Takes the exchange's history, entry by entry; the last is an `end`. */
  append: (entry: Entry) => void;
}

export interface Engine {
  /** Answers a question by whatever it takes. The returned function gives the exchange up. */
  ask(question: Question): () => void;
}

export function createEngine(given: EngineParts): Engine {
  const hedges = createHedgeShare(given.clock);
  const parts = { ...given, controls: [...given.controls, hedges] };
  return {
    ask(question) {
      hedges.asked();
      return runExchange(parts, parts.stickiness?.follow(question) ?? question);
    },
  };
}
