import type { Frame, RequestHead } from '../dialects/dialect.ts';
import type { AnswerEvent } from '../exchange/event.ts';
import type { Fault } from '../exchange/fault.ts';
import type { CalledTool } from '../exchange/part.ts';
import type { Usage } from '../exchange/usage.ts';
import type { FailureEvidence, Limits, Shape } from '../health/health.ts';
import type { AttemptOutcome, PassedOver } from '../journal/entry.ts';
import type { Provider } from '../providers/provider.ts';
import { askOf, beginOf } from './admission.ts';
import { answerLosses } from './answer-losses.ts';
import type { AnswerState } from './answer-state.ts';
import type { Asking } from './asking.ts';
import type { AttemptSink } from './attempt-input.ts';
import { type AttemptResult, startAttempt } from './attempt.ts';
import { attemptCost, priceOf } from './cost.ts';
import type { Source } from './delivery.ts';
import type { EngineParts, Question } from './engine.ts';
import type { Visit } from './itinerary.ts';
import { frameWithPreviousId, withPreviousId } from './previous-response.ts';
import { rateEvidence } from './rate-room.ts';
import { traced } from './traced.ts';

/** What an attempt's answer goes to. */
export interface Handlers extends Pick<AttemptSink, 'frames' | 'body'> {
  /** The attempt is whole: what was held may go. A fault says that it is not good enough after all. */
  rest(usage: Partial<Usage>): Fault | undefined;
  settled(fault: Fault | undefined, result: AttemptResult): void;
}

export interface Launch {
  visit: Visit;
  asking: Asking;
  /** Headers are filled in when they come. */
  source: Source;
  /** Who was passed over on the way to it. */
  skipped: PassedOver[];
  limits(shape: Shape): Limits;
  /** An answer without a word is believed this time. */
  mayBeEmpty: boolean;
  /** Something of an answer has come. */
  progress(): void;
  /** The rest is asked for on another connection: the ordinal that it has from here on. */
  resumed(): number;
  /** What the client has; nothing where nothing has been seen. */
  deliveredText(): string | undefined;
  /** The attempt has settled. False: the exchange has ended meanwhile, and nobody wants to know. */
  settling(): boolean;
}

/**
 * Starts an attempt and keeps its books: its entries, what health learns from it, what it costs. Returns a function that gives it
 * up (`outrun`: because another has been faster); nothing where it failed at once.
 */
export function launchAttempt(
  parts: EngineParts,
  question: Question,
  launch: Launch,
  handlers: Handlers,
): ((outrun: boolean) => void) | undefined {
  const { clock, health } = parts;
  const { append, head } = question;
  const { visit, asking, source } = launch;
  const { target } = visit.planned;
  const { native, losses, edits, calls, goesOnFrom } = asking;
  const { skipped } = launch;
  append({
    type: 'attempt',
    ordinal: source.ordinal,
    kind: visit.kind,
    target,
    native,
    losses,
    edits,
    ...(skipped.length > 0 && { skipped }),
  });
  const began = clock.monotonic();
  const shape = shapeOf(asking, head, visit.planned.provider);
  const watch = beginOf(parts.controls, askOf(question, visit.index, visit.kind), asking.upstream.body.length);
  /** Only another dialect says what the client's has no word for. */
  const lost = target.dialect === question.dialect.name ? undefined : answerLosses(question.dialect.name);
  /** What has come, for what nobody counts. */
  let received: AnswerState | undefined;
  let accepted = false;
  /** Milliseconds to its first words. */
  let wordsAfter: number | undefined;
  let over = false;
  /** A trial that holds health's slot for this target. */
  let onTrial = visit.held !== null;

  function book(
    outcome: AttemptOutcome,
    times: { headersAfter?: number; firstEventAfter?: number; took: number },
    usage: Partial<Usage>,
    cost: number | undefined,
  ): void {
    const { headersAfter, firstEventAfter, took } = times;
    const losses = lost?.read() ?? [];
    append({
      type: 'attempt-end',
      ordinal: source.ordinal,
      outcome,
      ...(headersAfter === undefined ? {} : { headersAfter }),
      ...(firstEventAfter === undefined ? {} : { firstEventAfter }),
      took,
      ...(Object.keys(usage).length === 0 ? {} : { usage }),
      ...(cost === undefined || cost === 0 ? {} : { cost }),
      ...(losses.length > 0 && { losses }),
    });
  }

  function costOfIt(result: AttemptResult | 'given-up'): number | undefined {
    return attemptCost(priceOf(visit.planned), { result, accepted, sent: asking.upstream.body, state: received });
  }

  function evidenceOf({ took, fault, response }: Extract<AttemptResult, { type: 'failed' }>): FailureEvidence {
    const remaining = rateEvidence(fault, response ?? { headers: source.headers, body: '' }, asking.upstream.body, clock.now());
    const { held } = visit;
    return remaining === undefined ? { took, held } : { took, held, remaining };
  }

  /** For the books another attempt; the answer goes on where it was. */
  function resumed(fault: Fault): void {
    book({ type: 'failed', fault }, { took: clock.monotonic() - began }, {}, undefined);
    source.ordinal = launch.resumed();
    append({ type: 'attempt', ordinal: source.ordinal, kind: 'hop', target, native, losses: [], edits: [] });
    const from = source.target;
    const delivered = launch.deliveredText();
    if (delivered !== undefined) append({ type: 'seam', from, to: from, delivered: delivered.length, join: 'resume' });
  }

  function settled(result: AttemptResult): void {
    over = true;
    if (!launch.settling()) return watch.settled('given-up', costOfIt('given-up'));
    const fault = result.type === 'whole' ? handlers.rest(result.usage) : result.fault;
    if (result.type === 'whole')
      health.succeeded(target, shape, wordsAfter === undefined ? result.timings : { ...result.timings, wordsAfter }, visit.held);
    // That two texts don't meet says nothing about the provider's health.
    else if (result.fault.symptom === 'diverged') health.abandoned(target, result.took, visit.held);
    else health.failed(target, result.fault, evidenceOf(result));
    const outcome: AttemptOutcome = fault ? { type: 'failed', fault } : { type: 'whole', mended: result.type === 'whole' && result.mended };
    const cost = costOfIt(result);
    book(outcome, result.type === 'whole' ? result.timings : result, result.usage, cost);
    watch.settled(result, cost);
    handlers.settled(fault, result);
  }

  const cancel = startAttempt(
    parts.call,
    clock,
    {
      request: traced(asking.upstream, question, source.ordinal),
      dialect: asking.dialect,
      stream: asking.stream,
      limits: launch.limits(shape),
      reasoning: head.reasoning,
      candidates: head.candidates,
      mayBeEmpty: launch.mayBeEmpty,
      ...(asking.resume && { resume: asking.resume }),
    },
    {
      headers(headers) {
        source.headers = headers;
        accepted = true;
        watch.headers(headers);
      },
      frames(frames, state) {
        received = state;
        if (state.progress) launch.progress();
        if (wordsAfter === undefined && (state.shown || state.heldArguments > 0)) wordsAfter = clock.monotonic() - began;
        if (onTrial && state.shown) {
          // It speaks: the next one need not wait for the end of a long answer to be let in.
          onTrial = false;
          health.abandoned(target, clock.monotonic() - began, visit.held);
        }
        if (lost) for (const frame of frames) if ('events' in frame) lost.observe(frame.events);
        const known = calls ? frames.map((frame) => asKnown(frame, calls)) : frames;
        return handlers.frames(goesOnFrom === undefined ? known : known.map((frame) => frameWithPreviousId(frame, goesOnFrom)), state);
      },
      body(bytes, events, state) {
        received = state;
        lost?.observe(events);
        return handlers.body(
          goesOnFrom === undefined ? bytes : withPreviousId(bytes, goesOnFrom),
          calls ? events.map((event) => calledAsKnown(event, calls)) : events,
          state,
        );
      },
      resumed,
      settled,
    },
  );
  if (over) return undefined;
  return (outrun) => {
    cancel();
    const took = clock.monotonic() - began;
    health.abandoned(target, took, visit.held);
    if (outrun && wordsAfter === undefined) health.outrun(target, shape, took);
    const cost = costOfIt('given-up');
    watch.settled('given-up', cost);
    book({ type: 'cancelled' }, { took }, received?.usage ?? {}, cost);
  };
}

function asKnown(frame: Frame, calls: ReadonlyMap<string, CalledTool>): Frame {
  return 'events' in frame ? { ...frame, events: frame.events.map((event) => calledAsKnown(event, calls)) } : frame;
}

/** Calls a tool as the client offered it: by its own name, in its namespace, in its form. */
function calledAsKnown(event: AnswerEvent, calls: ReadonlyMap<string, CalledTool>): AnswerEvent {
  if (event.type !== 'part-start' || event.part.type !== 'tool-call') return event;
  const tool = calls.get(event.part.name);
  return tool === undefined ? event : { ...event, part: { ...event.part, ...tool } };
}

/** What the request as written looks like to the learned limits. */
export function shapeOf(asking: Asking, head: RequestHead, { computesHere }: Pick<Provider, 'computesHere'>): Shape {
  return {
    size: asking.upstream.body.length,
    stream: asking.stream,
    reasoning: head.reasoning,
    ...(head.effort === undefined ? {} : { effort: head.effort }),
    ...(head.maxOutputTokens === undefined ? {} : { maxOutputTokens: head.maxOutputTokens }),
    ...(computesHere === true && { computesHere }),
  };
}
