import type { Dialect } from '../dialects/dialect.ts';
import type { Clock } from '../exchange/clock.ts';
import { exchangeId, type Random } from '../exchange/ids.ts';
import { ok, type Result } from '../exchange/result.ts';
import { shortLivedMap } from '../exchange/short-lived-map.ts';
import type { Engine } from '../failover/engine.ts';
import { makePlan, type Plan, type World } from '../failover/plan.ts';
import type { Journal } from '../journal/journal.ts';
import { type AskingClient, clientCredential } from '../providers/subscription.ts';
import { traceparentFor } from '../telemetry/trace-context.ts';
import type { Waiting } from './deferred/waiting.ts';
import { headerOf, openingOf } from './opening.ts';
import type { Ask, Asked } from './ports.ts';
import { inForeground } from './responses/foreground.ts';

/** From a request to an exchange under way: planned, opened in the journal, handed to the engine. */
export interface Asking {
  planOf(ask: Ask): ReturnType<typeof makePlan>;
  ask(ask: Ask): Result<Asked, Parameters<Dialect['encodeError']>[0]>;
  /** Stops an exchange that is under way and known by its id to its client. */
  cancel(exchange: string): void;
  /** Stops all. What they have had so far is found as interrupted at the next start: nobody has cancelled it. */
  close(): void;
}

interface AskingParts {
  journal: Journal;
  engine: Engine;
  clock: Clock;
  random: Random;
  /** Requests that wait for somebody to answer. */
  deferred: Waiting;
  /** As it is now: a reload makes another. */
  world(): World;
  /** Targets are told the trace. */
  propagates(): boolean;
}

export function createAsking({ journal, engine, clock, random, deferred, world, propagates }: AskingParts): Asking {
  /** Answers under way, by exchange; `known`: they may be asked for by its id, and so be cancelled by it. */
  const cancels = shortLivedMap<{ cancel: () => void; known: boolean }>();
  let closing = false;
  /** Deferred exchanges that are being asked again. */
  const runs = new Map<string, Asked>();

  function planOf(ask: Ask, credential = clientCredential(ask.headers)): ReturnType<typeof makePlan> {
    const userAgent = headerOf(ask, 'user-agent');
    const client: AskingClient = {
      credential,
      alone: ask.alone === true,
      ...(userAgent !== undefined && { userAgent }),
    };
    return makePlan(world(), {
      dialect: ask.dialect.name,
      head: ask.head,
      client,
      body: ask.body,
      ...(ask.route === undefined ? {} : { route: ask.route }),
    });
  }

  /** Whether a request can wait for somebody to answer: it is kept, and can be asked again without its client's credential. */
  function mayWait(asking: Ask, plan: Plan): boolean {
    if (asking.runs !== undefined || !(plan.defer || asking.queue === true)) return false;
    if (!plan.save || journal.state().type !== 'saving') return false;
    // What the vendor's own servers know may be something else by then.
    if (asking.head.dependsOn !== undefined || asking.head.previousResponse !== undefined) return false;
    return planOf(asking, 'none').ok;
  }

  function ask(given: Ask): Result<Asked, Parameters<Dialect['encodeError']>[0]> {
    const again = given.runs === undefined ? undefined : runs.get(given.runs);
    if (again) return ok(again);
    const plan = planOf(given);
    if (!plan.ok) return plan;
    const waits = mayWait(given, plan.value);
    // An answer to this one is an answer to the same question that waits already. What is in the background has a name of its own to keep.
    const same = waits && given.head.background !== true ? deferred.sameAs(given) : undefined;
    const asking = same === undefined || runs.has(same) ? given : { ...given, runs: same };
    const defer = waits && asking.runs === undefined;
    const at = clock.now();
    const id = exchangeId(at, random);
    const { route, save } = plan.value;
    const answer = journal.open(openingOf(asking, { id, at, route, save, defer }), asking.body);
    let over = false;
    let complete = false;
    const { original, ...question } = asking.head.background ? inForeground(asking) : asking;
    const kept = plan.value.targets.some(
      ({ target, provider, native }) => native && target.provider === original?.provider && provider.keepsResponses,
    );
    const cancel = engine.ask({
      ...question,
      ...(original && kept && { original }),
      ...(propagates() && {
        traceparent: (attempt: number) => traceparentFor(id, attempt, answer.opening.traceparent),
      }),
      plan: { ...plan.value, defer, ...(asking.runs !== undefined && { targets: models(plan.value.targets) }) },
      append(entry) {
        if (entry.type === 'end') {
          over = true;
          complete = entry.outcome.type === 'complete';
          if (entry.outcome.type === 'deferred') deferred.remember(asking, id);
          cancels.delete(id);
          if (asking.runs !== undefined) runs.delete(asking.runs);
          // Without an end it is found as interrupted at the next start. Nobody has cancelled it.
          if (closing) return;
        }
        answer.append(entry);
      },
    });
    const stays =
      plan.value.whenClientLeaves === 'finish' || asking.head.background === true || asking.once !== undefined || asking.runs !== undefined;
    if (!over) cancels.set(id, { cancel, known: asking.head.stored === true });
    const asked: Asked = {
      log: answer,
      abandon() {
        if (over) return complete;
        if (!stays) cancel();
        return stays;
      },
      cancel,
    };
    if (asking.runs !== undefined && !over) runs.set(asking.runs, asked);
    return ok(asked);
  }

  /** Who has waited for an answer is to get one, rather than what lies on this machine. */
  function models(targets: Plan['targets']): Plan['targets'] {
    const others = targets.filter(({ provider }) => provider.desk !== true);
    return others.length > 0 ? others : targets;
  }

  return {
    planOf: (given) => planOf(given),
    ask,
    cancel(exchange) {
      const found = cancels.get(exchange);
      if (found?.known) found.cancel();
    },
    close() {
      // What goes on without a client would take our own end for its provider's, and leave that in the state for the next start.
      closing = true;
      for (const { cancel } of cancels.values()) cancel();
    },
  };
}
