import type { Frame, RequestHead } from '../dialects/dialect.ts';
import type { AnswerEvent } from '../exchange/event.ts';
import type { Fault } from '../exchange/fault.ts';
import { targetName } from '../exchange/target.ts';
import type { Usage } from '../exchange/usage.ts';
import type { Shape } from '../health/health.ts';
import type { AttemptOutcome, End } from '../journal/entry.ts';
import { type Asking, createAsker } from './asking.ts';
import { type AttemptResult, type AttemptSink, startAttempt, type WireResponse } from './attempt.ts';
import { createCarry } from './carry.ts';
import { retryable } from './classify.ts';
import { createDelivery, passedHeaders, type Source } from './delivery.ts';
import type { EngineParts, Question } from './engine.ts';
import { exhausted } from './exhausted.ts';
import { type AnswerFrame, createHold } from './hold.ts';
import { costOf } from './spend.ts';
import { attemptLimits, createItinerary, type Visit } from './itinerary.ts';

/**
 * One exchange, from question to end: attempts until something may be seen, then that answer, then as many hops as it takes and
 * is allowed to finish it. Its entries, in order, are its whole state.
 */
export function runExchange(parts: EngineParts, question: Question): () => void {
  const { clock, health } = parts;
  const { plan, append, head } = question;
  const delivery = createDelivery(question);
  const asker = createAsker(parts, question);
  const itinerary = createItinerary(parts, question);
  let ordinal = -1;
  let hops = 0;
  let ended = false;
  let lastProgress = clock.monotonic();
  /** Gives up the attempt under way and writes its end. */
  let giveUp: (() => void) | undefined;
  let stopWaiting: (() => void) | undefined;
  /** Health has let a visit in that waits for its moment. */
  let reserved: { visit: Visit; since: number } | undefined;
  let firstUsage: Partial<Usage> = {};
  let lastTarget = '';

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
    giveUp?.();
    end({
      type: 'failed',
      fault: exhausted([...itinerary.misses(), { target: lastTarget || plan.route, fault }]),
      committed: delivery.headSent(),
    });
  }

  function end(outcome: End['outcome']): void {
    if (ended) return;
    ended = true;
    stopHold?.();
    stopTotal();
    stopWaiting?.();
    // Nobody will come after all: a trial's slot must not stay taken.
    if (reserved) health.abandoned(reserved.visit.planned.target, clock.monotonic() - reserved.since);
    const { usage } = delivery.delivered;
    append({ type: 'end', outcome, ...(Object.keys(usage).length === 0 ? {} : { usage }) });
  }

  /** The last word on promise 1: nothing ends as complete that is not whole. */
  function complete(): void {
    const { delivered } = delivery;
    if (delivered.finish !== undefined && delivered.whole()) return end({ type: 'complete', finish: delivered.finish });
    fail({ class: 'provider-fault', symptom: 'truncated', message: `the answer of ${lastTarget} is not whole` });
  }

  function next(): void {
    if (ended) return;
    const visit = itinerary.next();
    if (visit.type === 'wait') stopWaiting = clock.after(visit.ms, next);
    else if (visit.type === 'none') fail(exhausted(itinerary.misses()), itinerary.onlyResponse());
    else attempt(visit.visit);
  }

  function wait(ms: number, visit: Visit): void {
    reserved = { visit, since: clock.monotonic() };
    stopWaiting = clock.after(ms, () => {
      reserved = undefined;
      attempt(visit);
    });
  }

  function fail(fault: Fault, response?: WireResponse): void {
    const committed = delivery.headSent();
    // An error under a status of success is told in our own words: the status would be believed.
    if (response && response.status >= 400 && !committed) {
      append({ type: 'head', status: response.status, headers: passedHeaders(response.headers), target: lastTarget });
      end({ type: 'failed', fault, committed: false, body: response.body });
    } else end({ type: 'failed', fault, committed });
  }

  /** Starts an attempt and keeps its books; `handlers` get its answer. */
  function launch(visit: Visit, asking: Asking, handlers: (source: Source) => Handlers): void {
    const { target } = visit.planned;
    const source: Source = {
      ordinal: ++ordinal,
      target: targetName(target),
      native: asking.native,
      vendor: target.vendor,
      model: target.model,
      headers: {},
    };
    const { native, losses, edits, renamed } = asking;
    lastTarget = source.target;
    append({ type: 'attempt', ordinal: source.ordinal, kind: visit.kind, target, native, losses, edits });
    const began = clock.monotonic();
    const shape = shapeOf(asking, head);
    const { frames, body, rest, settled } = handlers(source);
    let over = false;

    function book(
      outcome: AttemptOutcome,
      times: { headersAfter?: number; firstEventAfter?: number; took: number },
      usage: Partial<Usage>,
    ): void {
      const { headersAfter, firstEventAfter, took } = times;
      append({
        type: 'attempt-end',
        ordinal: source.ordinal,
        outcome,
        ...(headersAfter === undefined ? {} : { headersAfter }),
        ...(firstEventAfter === undefined ? {} : { firstEventAfter }),
        took,
        ...(Object.keys(usage).length === 0 ? {} : { usage }),
      });
    }

    const cancel = startAttempt(
      parts.call,
      clock,
      {
        request: asking.upstream,
        dialect: asking.dialect,
        stream: asking.stream,
        limits: attemptLimits(health.limits(target, shape), plan, visit, itinerary.remaining()),
        reasoning: head.reasoning,
        candidates: head.candidates,
      },
      {
        headers(headers) {
          source.headers = headers;
        },
        frames(list, state) {
          if (state.progress) lastProgress = clock.monotonic();
          return frames(renamed ? list.map((frame) => withNames(frame, renamed)) : list, state);
        },
        body: (bytes, events, state) => body(bytes, renamed ? events.map((event) => withName(event, renamed)) : events, state),
        settled(result) {
          over = true;
          giveUp = undefined;
          if (ended) return;
          const fault = result.type === 'whole' ? rest(result.usage) : result.fault;
          if (result.type === 'whole') health.succeeded(target, shape, result.timings);
          // That two texts don't meet says nothing about the provider's health.
          else if (result.fault.symptom === 'diverged') health.abandoned(target, result.took);
          else health.failed(target, result.fault, { took: result.took });
          const outcome: AttemptOutcome = fault
            ? { type: 'failed', fault }
            : { type: 'whole', mended: result.type === 'whole' && result.mended };
          book(outcome, result.type === 'whole' ? result.timings : result, result.usage);
          charge(visit, asking, result);
          settled(fault, result);
        },
      },
    );
    // A call may fail at once: then there is nothing left to give up.
    if (over) return;
    giveUp = () => {
      giveUp = undefined;
      cancel();
      const took = clock.monotonic() - began;
      health.abandoned(target, took);
      book({ type: 'cancelled' }, { took }, {});
    };
  }

  /** What a backup's answer cost. Nothing is billed for an answer that never began. */
  function charge({ index, planned }: Visit, asking: Asking, { usage, ...result }: AttemptResult): void {
    const began = result.type === 'whole' || result.firstEventAfter !== undefined;
    if (index === 0 || !began) return;
    const estimate = { input: asking.upstream.body.length / 4, output: tokensOf(delivery.delivered.text()) };
    parts.spend.add(costOf(planned.facts.price, usage, estimate));
  }

  function attempt(visit: Visit): void {
    const asking = asker.first(visit.planned, visit.fresh);
    if (!asking.ok) {
      itinerary.missed(visit, asking.error);
      health.abandoned(visit.planned.target);
      return next();
    }
    const hold = createHold(false);
    launch(visit, asking.value, (source) => ({
      frames(frames, state) {
        const step = hold.push(frames, state);
        if ('fault' in step) return step.fault;
        if (step.release.length > 0) delivery.frames(step.release, source);
        return undefined;
      },
      body(bytes, events) {
        delivery.body(bytes, events, source);
        return undefined;
      },
      rest() {
        const frames = hold.rest();
        if (frames.length > 0) delivery.frames(frames, source);
        delivery.flush(source);
        return undefined;
      },
      settled(fault, result) {
        if (!fault) return complete();
        firstUsage = result.usage;
        if (delivery.committed()) return afterCommit(visit.index, fault);
        delivery.discard();
        const response = result.type === 'failed' ? result.response : undefined;
        const verdict = itinerary.failed(visit, fault, response);
        if (verdict === 'pass-back') fail(fault, response);
        else if (verdict === 'next') next();
        else wait(verdict.wait, verdict.visit);
      },
    }));
  }

  /** Part of an answer is out and its attempt has died. */
  function afterCommit(index: number, fault: Fault): void {
    const { delivered } = delivery;
    // Of several candidates the events tell only one: no end is made up for the others.
    const single = head.candidates === 1;
    if (single && delivered.whole()) return complete();
    if (single && delivered.endsWithToolCall()) {
      const open = delivered.parts.filter((part) => part.open).map((part): AnswerEvent => ({ type: 'part-end', index: part.index }));
      delivery.events([...open, { type: 'finish', reason: 'tool-calls' }], {
        ordinal,
        target: lastTarget,
        vendor: '',
        model: '',
        native: false,
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
    const visit = mayContinue ? itinerary.hop(index, fault) : undefined;
    if (visit) return hop(visit, fault);
    if (!mayContinue) itinerary.missed({ index }, fault);
    const last = exhausted(itinerary.misses());
    // The request was being answered: whatever a hop was refused for, asking again makes sense.
    const broken: Fault = retryable(last) ? last : { class: 'provider-fault', symptom: 'truncated', message: '' };
    fail({ ...broken, message: `The answer broke off and could not be carried on. ${last.message}` });
  }

  function hop(visit: Visit, cause: Fault): void {
    hops += 1;
    const { delivered } = delivery;
    const text = delivered.text();
    // Thinking and prefill exclude each other (Anthropic: the last assistant turn has to begin with its thinking).
    const prefill = visit.planned.facts.prefill && !head.reasoning;
    const asking = text.trim() === '' ? asker.again(visit.planned) : asker.hop(visit.planned, text, prefill);
    if (!asking.ok) {
      health.abandoned(visit.planned.target);
      return afterCommit(visit.index, cause);
    }
    const from = lastTarget;
    const hold = createHold(true);
    const carry = createCarry(delivered, prefill);
    let seamed = false;

    function pass(frames: readonly AnswerFrame[], usage: Partial<Usage>, source: Source): Fault | undefined {
      return splice(
        frames.flatMap((frame) => frame.events),
        usage,
        source,
      );
    }

    function splice(events: readonly AnswerEvent[], usage: Partial<Usage>, source: Source): Fault | undefined {
      const step = carry.push(events);
      if (step.type === 'failed') return { class: 'provider-fault', symptom: 'diverged', message: step.reason };
      const finishes = step.events.some((event) => event.type === 'finish');
      const ends = step.events.some((event) => event.type === 'finish' && event.reason === 'stop');
      const words = ends && head.structured ? delivered.text() + textOf(step.events) : '';
      // A limit may cut JSON, and a tool call needs none: only what claims to be the whole answer has to be it.
      if (words !== '' && !isJson(words)) {
        return { class: 'provider-fault', symptom: 'diverged', message: 'the continued answer is not valid JSON' };
      }
      const join = carry.join();
      if (join !== undefined && !seamed) {
        seamed = true;
        append({ type: 'seam', from, to: source.target, delivered: text.length, join });
      }
      if (finishes) step.events.unshift({ type: 'usage', usage: joinedUsage(text, usage) });
      delivery.events(step.events, source);
      return undefined;
    }

    launch(visit, { ...asking.value, native: false }, (source) => ({
      frames(frames, state) {
        const step = hold.push(frames, state);
        return 'fault' in step ? step.fault : pass(step.release, state.usage, source);
      },
      body: (_bytes, events, state) => splice(events, state.usage, source),
      rest: (usage) => pass(hold.rest(), usage, source),
      settled: (fault) => (fault ? afterCommit(visit.index, fault) : complete()),
    }));
  }

  /** Input of the first attempt, output as delivered: what came before the seam is estimated where nobody counted it. */
  function joinedUsage(before: string, hop: Partial<Usage>): Partial<Usage> {
    const output = Math.max(firstUsage.output ?? 0, tokensOf(before)) + (hop.output ?? 0);
    return firstUsage.input === undefined ? { output } : { input: firstUsage.input, output };
  }

  next();
  return () => {
    if (ended) return;
    giveUp?.();
    end({ type: 'cancelled', committed: delivery.headSent() });
  };
}

/** What an attempt's answer goes to. */
interface Handlers extends Pick<AttemptSink, 'frames' | 'body'> {
  /** The attempt is whole: what was held may go. A fault says that it is not good enough after all. */
  rest(usage: Partial<Usage>): Fault | undefined;
  settled(fault: Fault | undefined, result: AttemptResult): void;
}

function withNames(frame: Frame, names: ReadonlyMap<string, string>): Frame {
  return 'events' in frame ? { ...frame, events: frame.events.map((event) => withName(event, names)) } : frame;
}

/** Calls a tool by the name under which the client offered it. */
function withName(event: AnswerEvent, names: ReadonlyMap<string, string>): AnswerEvent {
  if (event.type !== 'part-start' || event.part.type !== 'tool-call') return event;
  const name = names.get(event.part.name);
  return name === undefined ? event : { ...event, part: { ...event.part, name } };
}

function shapeOf(asking: Asking, head: RequestHead): Shape {
  return {
    size: asking.upstream.body.length,
    stream: asking.stream,
    reasoning: head.reasoning,
    ...(head.effort === undefined ? {} : { effort: head.effort }),
    ...(head.maxOutputTokens === undefined ? {} : { maxOutputTokens: head.maxOutputTokens }),
  };
}

/** Four characters a token: the usual English average. */
function tokensOf(text: string): number {
  return Math.ceil(text.length / 4);
}

function textOf(events: readonly AnswerEvent[]): string {
  return events.map((event) => (event.type === 'part-delta' && event.delta.type === 'text' ? event.delta.text : '')).join('');
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
