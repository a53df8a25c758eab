import type { Dialect } from '../dialects/dialect.ts';
import type { Clock } from '../exchange/clock.ts';
import { exchangeId, type Random } from '../exchange/ids.ts';
import type { Fault } from '../exchange/fault.ts';
import { err, ok, type Result } from '../exchange/result.ts';
import { shortLivedMap } from '../exchange/short-lived-map.ts';
import type { Engine } from '../failover/engine.ts';
import type { LinePlace } from '../failover/admission.ts';
import { makePlan, type Plan, type World } from '../failover/plan.ts';
import type { Journal } from '../journal/journal.ts';
import { type AskingClient, clientCredential } from '../providers/subscription.ts';
import { traceparentFor } from '../telemetry/trace-context.ts';
import type { Holding, Terms } from './deferred/holding.ts';
import type { Waiting } from './deferred/waiting.ts';
import type { QueueDesk } from './queue/serve-queue.ts';
import { headerOf, openingOf } from './opening.ts';
import type { Ask, Asked, KeptLog } from './ports.ts';
import { inForeground } from './responses/foreground.ts';
import { routeRefusal } from './token-routes.ts';

/** From a request to an exchange under way: planned, opened in the journal, handed to the engine. */
export interface Asking {
  planOf(ask: Ask): ReturnType<typeof makePlan>;
  ask(ask: Ask): Result<Asked, Parameters<Dialect['encodeError']>[0]>;
  /** Keeps a request of a file without asking anybody; the same line again is the same request. Returns the exchange. */
  put(ask: Ask, of: { batch: string; line: string }): Result<string, Fault>;
  /** An answer that somebody has asked for before, for a client that may be ready to hold on. */
  hold(ask: Ask, log: KeptLog): KeptLog;
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
  /** Which of them is asked again when. */
  queue: Pick<QueueDesk, 'keep' | 'hasRoom' | 'has'>;
  /** Clients that wait with them. */
  holding: Holding;
  /** The only routes that a principal may use; `undefined`: all. */
  routesOf(principal: string): readonly string[] | undefined;
  /** As it is now: a reload makes another. */
  world(): World;
  /** Targets are told the trace. */
  propagates(): boolean;
}

export function createAsking({
  journal,
  engine,
  clock,
  random,
  deferred,
  queue,
  holding,
  routesOf,
  world,
  propagates,
}: AskingParts): Asking {
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
    const plan = makePlan(world(), {
      dialect: ask.dialect.name,
      head: ask.head,
      client,
      body: ask.body,
      ...(ask.route === undefined ? {} : { route: ask.route }),
    });
    const refusal = plan.ok ? routeRefusal(ask.principal, routesOf(ask.principal), plan.value.route) : undefined;
    return refusal ? err(refusal) : plan;
  }

  /** Whether a request can wait for somebody to answer: it is kept, and can be asked again without its client's credential. */
  function mayWait(asking: Ask, plan: Plan): boolean {
    if (asking.runs !== undefined || !(plan.defer || asking.queue !== undefined)) return false;
    // Nobody else was asked for: what lies on this machine is there now.
    if (plan.targets.every(({ provider }) => provider.desk === true)) return false;
    if (!plan.save || journal.state().type !== 'saving' || !queue.hasRoom()) return false;
    // What the vendor's own servers know may be something else by then.
    if (asking.head.dependsOn !== undefined || asking.head.previousResponse !== undefined) return false;
    return planOf(asking, 'none').ok;
  }

  function ask(given: Ask): Result<Asked, Parameters<Dialect['encodeError']>[0]> {
    const again = given.runs === undefined ? undefined : runs.get(given.runs);
    if (again) return ok({ ...again, held: hold(given, again.log) });
    const plan = planOf(given);
    if (!plan.ok) return plan;
    const wait = waitOf(given, plan.value);
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
    let place: (() => LinePlace | undefined) | undefined;
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
      inLine: (look) => void (place = look),
      append(entry) {
        if (entry.type === 'end') {
          over = true;
          complete = entry.outcome.type === 'complete';
          if (entry.outcome.type === 'deferred') keep(wait === undefined ? asking : { priority: 'interactive', ...asking }, id, route);
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
      place: () => place?.(),
      abandon() {
        if (!over && !stays) cancel();
        else if (over && !complete && plan.value.whenClientLeaves === 'withdraw') withdraw(asking, id);
        return over ? complete : stays;
      },
      cancel,
      ...(wait !== undefined && (defer || asking.runs !== undefined) && { held: holding.hold(answer, termsOf(given, plan.value, wait)) }),
    };
    if (asking.runs !== undefined && !over) runs.set(asking.runs, asked);
    return ok(asked);
  }

  /** Before its end is written: who is told that it is kept finds it in the queue, whatever happens next. */
  function keep(asking: Ask, id: string, route: string, of?: { batch: string; line: string }): void {
    const { priority, deadline, notify, principal, head } = asking;
    const terms = { ...(priority && { priority }), ...(deadline !== undefined && { deadline }), ...(notify !== undefined && { notify }) };
    queue.keep({ exchange: id, route, model: head.model, principal }, { ...terms, ...of });
    deferred.remember(asking, id);
  }

  function put(asking: Ask, of: { batch: string; line: string }): Result<string, Fault> {
    const known = queue.has(of.batch, of.line);
    if (known) return ok(known.exchange);
    const plan = planOf(asking);
    if (!plan.ok) return plan;
    const refused = (message: string): Result<string, Fault> => err({ class: 'bad-request', symptom: 'skipped', message });
    const { route, save } = plan.value;
    if (!save) return refused(`The route '${route}' keeps nothing (save: off), so a request can't wait there.`);
    if (journal.state().type !== 'saving') return refused('Nothing can be kept now: the data folder is full or can’t be written.');
    if (!queue.hasRoom()) return refused('The queue is full (queue.most).');
    const at = clock.now();
    const id = exchangeId(at, random);
    const answer = journal.open(openingOf(asking, { id, at, route, save, defer: true }), asking.body);
    keep(asking, id, route, of);
    answer.append({
      type: 'end',
      outcome: { type: 'deferred', fault: { class: 'provider-fault', symptom: 'skipped', message: 'It was put into the queue.' } },
    });
    return ok(id);
  }

  /** Nobody holds on for it any more, nor will ask for it by its key. */
  function withdraw({ runs: name, once }: Ask, id: string): void {
    const kept = name ?? id;
    if (!closing && once === undefined && holding.of(kept) === 0) void deferred.withdraw(kept);
  }

  function hold(asking: Ask, log: KeptLog): KeptLog {
    const plan = planOf(asking);
    const wait = plan.ok ? waitOf(asking, plan.value) : undefined;
    return plan.ok && wait !== undefined ? holding.hold(log, termsOf(asking, plan.value, wait)) : log;
  }

  /** Who has waited for an answer is to get one, rather than what lies on this machine. */
  function models(targets: Plan['targets']): Plan['targets'] {
    const others = targets.filter(({ provider }) => provider.desk !== true);
    return others.length > 0 ? others : targets;
  }

  return {
    planOf: (given) => planOf(given),
    ask,
    put,
    hold,
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

/** How long a client is ready to wait for somebody to answer, in milliseconds. Who asks in the background comes back for it. */
function waitOf({ queue, head }: Ask, { waits }: Plan): number | undefined {
  if (head.background === true || queue === 'allow') return undefined;
  return queue?.wait ?? waits;
}

/** Google's clients bear nothing before the answer: their headers wait as long. */
function termsOf({ head, dialect }: Ask, { deadlines }: Plan, wait: number): Terms {
  return { wait, ...(head.stream && dialect.keepAlive !== '' && { headers: deadlines.headerHold }) };
}
