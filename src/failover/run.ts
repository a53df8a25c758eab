import type { AnswerEvent } from '../exchange/event.ts';
import type { Fault } from '../exchange/fault.ts';
import { targetName } from '../exchange/target.ts';
import type { Usage } from '../exchange/usage.ts';
import type { End } from '../journal/entry.ts';
import { type Asking, createAsker } from './asking.ts';
import type { WireResponse } from './attempt.ts';
import { retryable } from './classify.ts';
import { vendorOfDialect } from '../providers/catalogue.ts';
import { createDelivery, type Delivery, passedHeaders, type Source } from './delivery.ts';
import type { EngineParts, Question } from './engine.ts';
import { exhausted, passes } from './exhausted.ts';
import { createHedge } from './hedge.ts';
import { hopHandlers } from './hop.ts';
import { attemptLimits } from './attempt-limits.ts';
import { createItinerary, type Cut, type Visit } from './itinerary.ts';
import { type Handlers, launchAttempt } from './launch.ts';
import { openingHandlers } from './opening.ts';

/**
 * One exchange, from question to end: attempts until something may be seen, then that answer, then as many hops as it takes and
 * is allowed to finish it. Its entries, in order, are its whole state.
 */
export function runExchange(parts: EngineParts, question: Question): () => void {
  const { clock, health } = parts;
  const { plan, append, head } = question;
  const { thoughts } = parts;
  const deliver = (): Delivery => createDelivery(question, plan.untold && thoughts ? () => thoughts.recorder(question) : undefined);
  let delivery = deliver();
  const asker = createAsker(parts, question);
  const itinerary = createItinerary(parts, question);
  const hedge = createHedge(parts, question, itinerary, begin);
  let attempts = 0;
  let hops = 0;
  let ended = false;
  let lastProgress = clock.monotonic();
  /** By ordinal: gives an attempt under way up and writes its end. Two run only before anything has been seen of either. */
  const underWay = new Map<number, (outrun: boolean) => void>();
  let stopWaiting: (() => void) | undefined;
  /** Health has let a visit in that waits for its moment. */
  let reserved: { visit: Visit; since: number } | undefined;
  let firstUsage: Partial<Usage> = {};
  /** Who answers; before that, whoever was asked or failed last. */
  let speaker: Pick<Source, 'ordinal' | 'target'> = { ordinal: -1, target: '' };

  const stopHold = head.stream ? clock.after(plan.deadlines.headerHold, () => delivery.openHead()) : undefined;
  let stopTotal = clock.after(plan.deadlines.total, checkTotal);

  /** The total bounds time without progress towards an answer, never a flowing answer. */
  function checkTotal(): void {
    const left = plan.deadlines.total - (clock.monotonic() - lastProgress);
    if (left > 0) {
      stopTotal = clock.after(left, checkTotal);
      return;
    }
    const seconds = Math.round(plan.deadlines.total / 1000);
    const fault: Fault = {
      class: 'provider-fault',
      symptom: 'total-timeout',
      message: `no progress towards an answer within ${seconds} s`,
    };
    stopAttempts();
    fail(exhausted([...itinerary.misses(), { target: speaker.target || plan.route, fault }]));
  }

  /** All that are under way; or, once one of two leads, the other. */
  function stopAttempts(but?: number): void {
    hedge.stop();
    for (const [ordinal, giveUp] of underWay) {
      if (ordinal === but) continue;
      underWay.delete(ordinal);
      giveUp(but !== undefined);
    }
  }

  function end(outcome: End['outcome']): void {
    if (ended) return;
    stopAttempts();
    ended = true;
    stopHold?.();
    stopTotal();
    stopWaiting?.();
    itinerary.close();
    // Nobody will come after all: a trial's slot must not stay taken.
    if (reserved) health.abandoned(reserved.visit.planned.target, clock.monotonic() - reserved.since, reserved.visit.held);
    const { usage } = delivery.delivered;
    const skipped = itinerary.passed();
    append({ type: 'end', outcome, ...(Object.keys(usage).length === 0 ? {} : { usage }), ...(skipped.length > 0 && { skipped }) });
  }

  /** The last word on promise 1: nothing ends as complete that is not whole. */
  function complete(): void {
    const { delivered } = delivery;
    if (delivered.finish !== undefined && delivered.whole()) return end({ type: 'complete', finish: delivered.finish });
    fail({ class: 'provider-fault', symptom: 'truncated', message: `the answer of ${speaker.target} is not whole` });
  }

  function next(): void {
    if (ended) return;
    const visit = itinerary.next();
    if (visit.type === 'wait') stopWaiting = clock.after(visit.ms, next);
    else if (visit.type === 'line') stopWaiting = visit.stand(next);
    else if (visit.type === 'none') fail(exhausted(itinerary.misses()), itinerary.onlyResponse());
    else attempt(visit.visit);
  }

  function wait(ms: number, visit: Visit): void {
    reserved = { visit, since: clock.monotonic() };
    stopWaiting = clock.after(ms, () => retry(visit));
  }

  function retry(visit: Visit): void {
    const stands = itinerary.stands(visit);
    if (typeof stands === 'function') {
      stopWaiting = stands(() => retry(visit));
      return;
    }
    reserved = undefined;
    if (stands) return attempt(visit);
    health.abandoned(visit.planned.target, undefined, visit.held);
    next();
  }

  function fail(fault: Fault, response?: WireResponse): void {
    // Nothing of an answer has been seen, and a later time may be a better one.
    if (plan.defer && !delivery.committed() && passes(fault)) return end({ type: 'deferred', fault });
    const committed = delivery.headSent();
    // An error under a status of success is told in our own words: the status would be believed.
    if (response && response.status >= 400 && !committed) {
      append({ type: 'head', status: response.status, headers: passedHeaders(response.headers), target: speaker.target });
      end({ type: 'failed', fault, committed: false, body: response.body });
    } else end({ type: 'failed', fault, committed });
  }

  function launch(visit: Visit, asking: Asking, handlers: (source: Source) => Handlers): void {
    const { target } = visit.planned;
    const { vendor, model } = target;
    const source: Source = {
      ordinal: attempts++,
      target: targetName(target),
      // An answer that nobody waits for was promised under an id of ours: it is written anew.
      native: asking.native && head.background !== true,
      vendor,
      model,
      sealed: asking.native && visit.planned.facts.mixedVendors === true && vendor !== vendorOfDialect(question.dialect.name),
      unproved: plan.home?.signedCalls === true && visit.planned.facts.signedCalls !== true,
      headers: {},
    };
    speaker = source;
    const stop = launchAttempt(
      parts,
      question,
      {
        visit,
        asking,
        source,
        skipped: itinerary.passed(),
        limits: (shape) => attemptLimits(health.limits(target, shape), plan, visit, itinerary.remaining()),
        mayBeEmpty: visit.after?.symptom === 'empty' && asker.answersTools(),
        progress() {
          lastProgress = clock.monotonic();
        },
        resumed() {
          const stopped = underWay.get(source.ordinal);
          underWay.delete(source.ordinal);
          if (stopped) underWay.set(attempts, stopped);
          return attempts++;
        },
        deliveredText: () => (delivery.committed() ? delivery.delivered.text() : undefined),
        settling() {
          underWay.delete(source.ordinal);
          return !ended;
        },
      },
      handlers(source),
    );
    // Where it failed at once, another one may be under way already.
    if (stop) underWay.set(source.ordinal, stop);
  }

  function attempt(visit: Visit): void {
    if (!begin(visit)) next();
  }

  /** Begins an attempt before which nothing has been seen. False: it can't be asked. */
  function begin(visit: Visit): boolean {
    const asking = asker.first(visit.planned, visit.fresh);
    if (!asking.ok) {
      itinerary.missed(visit, asking.error);
      health.abandoned(visit.planned.target, undefined, visit.held);
      return false;
    }
    // A client that did not ask for a stream gets only what one attempt has said from beginning to end.
    const own = head.stream ? delivery : deliver();
    hedge.watch(visit, asking.value);
    launch(visit, asking.value, (source) => ({
      ...openingHandlers(question, own, source, {
        speaks: hedge.stop,
        leads() {
          stopAttempts(source.ordinal);
          speaker = source;
          delivery = own;
        },
      }),
      settled(fault, result) {
        if (!fault) return complete();
        firstUsage = result.usage;
        const response = result.type === 'failed' ? result.response : undefined;
        if (own.committed()) afterCommit(visit.index, fault);
        else failed(visit, source, fault, response);
      },
    }));
    return true;
  }

  function failed(visit: Visit, source: Source, fault: Fault, response: WireResponse | undefined): void {
    // The other one goes on, as if it had been alone.
    if (underWay.size > 0 && !itinerary.decides(visit, fault, response)) return itinerary.fell(visit, fault, response);
    speaker = source;
    hedge.stop();
    const verdict = itinerary.failed(visit, fault, response);
    if (verdict === 'pass-back') fail(fault, response);
    else if (verdict === 'next') next();
    else wait(verdict.wait, verdict.visit);
  }

  /** Part of an answer is out and its attempt has died. */
  function afterCommit(index: number, fault: Fault): void {
    const { delivered } = delivery;
    // Of several candidates the events tell only one: no end is made up for the others.
    const single = head.candidates === 1;
    if (single && delivered.whole()) return complete();
    if (single && delivered.endsWithToolCall() && !delivered.holding) {
      const open = delivered.parts.filter((part) => part.open).map((part): AnswerEvent => ({ type: 'part-end', index: part.index }));
      delivery.events([...open, { type: 'finish', reason: 'tool-calls' }], {
        ...speaker,
        vendor: '',
        model: '',
        native: false,
        sealed: false,
        unproved: false,
        headers: {},
      });
      return complete();
    }
    // After a tool call or a server's own tool, words can't be told apart from what belongs to it.
    const textOnly = delivered.parts.every((part) => part.type === 'text' || part.type === 'reasoning');
    const mayContinue = plan.failover.continuation && hops < plan.failover.maxHops && single && textOnly && fault.symptom !== 'runaway';
    const pause = mayContinue ? itinerary.networkWait(fault) : undefined;
    if (pause !== undefined) {
      // Nobody was reached: that was no hop.
      hops = Math.max(0, hops - 1);
      stopWaiting = clock.after(pause, () => carryOn(index, fault, true));
    } else carryOn(index, fault, mayContinue);
  }

  function carryOn(index: number, fault: Fault, mayContinue: boolean): void {
    itinerary.missed({ index }, fault);
    if (mayContinue) findHop({ index, fault, since: clock.monotonic() });
    else breakOff();
  }

  function findHop(cut: Cut): void {
    const found = itinerary.hop(cut);
    if (found.type === 'visit') hop(found.visit);
    else if (found.type === 'line') stopWaiting = found.stand(() => findHop(cut));
    else if (found.type === 'wait') stopWaiting = clock.after(found.ms, () => findHop(cut));
    else breakOff();
  }

  function breakOff(): void {
    const last = exhausted(itinerary.misses());
    // The request was being answered: whatever a hop was refused for, asking again makes sense.
    const broken: Fault = retryable(last) ? last : { class: 'provider-fault', symptom: 'truncated', message: '' };
    fail({ ...broken, message: `The answer broke off and could not be carried on. ${last.message}` });
  }

  function hop(visit: Visit): void {
    hops += 1;
    const { delivered } = delivery;
    const text = delivered.text();
    // Thinking and prefill exclude each other (Anthropic: the last assistant turn has to begin with its thinking).
    const prefill = visit.planned.facts.prefill && !head.reasoning;
    const asking = text.trim() === '' ? asker.again(visit.planned) : asker.hop(visit.planned, text, prefill);
    if (!asking.ok) {
      health.abandoned(visit.planned.target, undefined, visit.held);
      hops -= 1;
      return afterCommit(visit.index, asking.error);
    }
    const from = speaker.target;
    launch(visit, { ...asking.value, native: false }, (source) => ({
      ...hopHandlers(question, delivery, { from, source, prefill, firstUsage }),
      settled(fault, result) {
        if (!fault) return complete();
        // Whoever turned it down without a word has cost neither money nor time: the next may still be asked.
        if (result.type === 'failed' && result.firstEventAfter === undefined) hops -= 1;
        afterCommit(visit.index, fault);
      },
    }));
  }

  next();
  return () => {
    if (ended) return;
    end({ type: 'cancelled', committed: delivery.headSent() });
  };
}
