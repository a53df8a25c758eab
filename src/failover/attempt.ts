import type { Frame, Headers, StreamDecoder } from '../dialects/dialect.ts';
import type { Clock } from '../exchange/clock.ts';
import type { Fault } from '../exchange/fault.ts';
import { parseObject } from '../exchange/json.ts';
import type { Usage } from '../exchange/usage.ts';
import type { Timings } from '../health/health.ts';
import { PING_MAY_TAKE } from '../health/priors.ts';
import type { Call, TransportError } from '../providers/call.ts';
import { withoutCredential } from '../providers/hide-credential.ts';
import { htmlTitle } from './html-title.ts';
import { createAnswerState } from './answer-state.ts';
import type { AttemptInput, AttemptSink } from './attempt-input.ts';
import { classifyError, classifyTransport } from './classify.ts';
import { createResumption } from './resume.ts';

/** A provider's answer as it came, for errors that are passed on untouched. */
export interface WireResponse {
  status: number;
  headers: Headers;
  body: string;
}

export type AttemptResult =
  | { type: 'whole'; mended: boolean; timings: Timings; usage: Partial<Usage> }
  | {
      type: 'failed';
      fault: Fault;
      response?: WireResponse;
      headersAfter?: number;
      firstEventAfter?: number;
      took: number;
      usage: Partial<Usage>;
    };

/** Error bodies and whole bodies larger than this are not read on. */
const LARGEST_ERROR = 1024 * 1024;
const LARGEST_BODY = 64 * 1024 * 1024;
/** An error's body has to come soon after its status. */
const ERROR_BODY_WAIT = 5000;
/** After the finish reason only usage and terminator can be missing; they are not worth a longer wait. */
const TERMINATOR_WAIT = 2000;
/** After the terminator the response's end keeps the connection usable; it is not waited for much longer. */
const CLOSE_WAIT = 1000;
/** Begins a comment in an event stream. */
const COLON = 58;

/** One upstream call: clocks, decoding, completeness. Returns a function that gives it up. */
export function startAttempt(call: Call, clock: Clock, input: AttemptInput, sink: AttemptSink): () => void {
  const { dialect, limits } = input;
  const only = input.candidates === 1;
  const began = clock.monotonic();
  const state = createAnswerState();
  /** Made for the first of a stream's bytes: a whole answer needs none. */
  let made: StreamDecoder | undefined;
  let mode: 'headers' | 'error' | 'sniff' | 'stream' | 'body' | 'done' = 'headers';
  let status = 0;
  let headers: Headers = {};
  let chunks: Buffer[] = [];
  let size = 0;
  let headersAt: number | undefined;
  let firstEventAt: number | undefined;
  let lastProgress = began;
  let lastByte = began;
  let longestGap = 0;
  /** After a silence its provider was asked for the rest, and nothing has come of it yet. */
  let askedForRest = false;
  /** The silence under way is thought of which nothing is told: no gap between words. */
  let silentlyThinking = false;
  let timerDue = 0;
  let stopTimer: (() => void) | undefined;
  /** The response has ended: nothing is left to wait for or to cancel. */
  let over = false;
  // A call may answer before it has returned.
  let cancelCall: (() => void) | undefined = undefined;

  function decoder(): StreamDecoder {
    return (made ??= dialect.decoder());
  }

  function elapsed(since: number): number {
    return clock.monotonic() - since;
  }

  function arm(delay: number, task: () => void): void {
    stopTimer?.();
    timerDue = clock.monotonic() + delay;
    stopTimer = clock.after(delay, task);
  }

  function settle(result: AttemptResult, keepCall: boolean): void {
    if (mode === 'done') return;
    mode = 'done';
    stopTimer?.();
    stopTimer = undefined;
    if (!over && keepCall) stopTimer = clock.after(CLOSE_WAIT, () => cancelCall?.());
    else if (!over) cancelCall?.();
    if (result.type === 'failed') resumption?.abandon();
    sink.settled(result);
  }

  function fail(fault: Fault, response?: WireResponse, keepCall = false): void {
    // What came before the trouble may be all there is to an answer: then nothing is missing but its last punctuation mark.
    if (only && state.whole() && !state.brokenCall && state.hasContent() && mode === 'stream') return succeed(true, keepCall);
    give(fault, response, keepCall);
  }

  /** Ends the attempt as failed, whatever has come of its answer: also where whoever takes the frames has refused them. */
  function give(fault: Fault, response: WireResponse | undefined, keepCall: boolean): void {
    // A provider may quote the key that it refuses; under an error status the call has taken it out already.
    const message = withoutCredential(input.request, fault.message);
    settle(
      {
        type: 'failed',
        fault: message === fault.message ? fault : { ...fault, message },
        ...(response === undefined ? {} : { response: { ...response, body: withoutCredential(input.request, response.body) } }),
        ...(headersAt === undefined ? {} : { headersAfter: headersAt - began }),
        ...(firstEventAt === undefined ? {} : { firstEventAfter: firstEventAt - began }),
        took: elapsed(began),
        usage: state.usage,
      },
      keepCall,
    );
  }

  function succeed(mended: boolean, keepCall: boolean): void {
    const took = elapsed(began);
    const headersAfter = (headersAt ?? began) - began;
    const firstEventAfter = firstEventAt === undefined ? took : firstEventAt - began;
    settle({ type: 'whole', mended, timings: { headersAfter, firstEventAfter, longestGap, took }, usage: state.usage }, keepCall);
  }

  /** The connection is lost: what its provider goes on making is asked for. False: nothing of that kind. */
  function resumed(cause: Fault): boolean {
    const waiting = mode === 'stream' && state.finish === undefined && resumption?.lost(cause);
    if (waiting !== true) return false;
    over = false;
    cancelCall = resumption!.stop;
    return true;
  }

  function fault(symptom: Fault['symptom'], message: string): Fault {
    return { class: 'provider-fault', symptom, message, ...(status === 0 ? {} : { status }) };
  }

  function seconds(milliseconds: number): string {
    return `${Math.round(milliseconds / 100) / 10} s`;
  }

  /** Judges the silence so far and sets the moment at which it would be too long. Runs once in a while, not per chunk. */
  function watch(): void {
    if (mode === 'done') return;
    if (state.finish !== undefined && only) {
      arm(TERMINATOR_WAIT, () => fail(fault('truncated', 'the answer had ended, its terminator did not come')));
      return;
    }
    const first = firstEventAt === undefined;
    const thinking = state.thinking();
    const since = first ? (headersAt ?? began) : lastProgress;
    const silent = elapsed(since);
    // Whoever thinks without a word of it is waited for as for first words.
    const calm = first || thinking === 'hidden' ? limits.firstEvent : thinking ? limits.thinking : limits.idle;
    if (silent < calm) return arm(calm - silent, watch);
    const quiet = elapsed(lastByte);
    const pings = lastByte > since && quiet < PING_MAY_TAKE;
    const longest = first || thinking === 'hidden' ? limits.firstEventAlive : thinking ? limits.thinkingAlive : limits.idleAlive;
    if (pings && silent < longest && (input.reasoning || state.patient()))
      return arm(Math.min(longest - silent, PING_MAY_TAKE - quiet), watch);
    const what = first ? 'first words' : 'more words';
    const stall = fault(
      first ? 'first-event-timeout' : 'idle-timeout',
      `no ${what} within ${seconds(silent)}${pings ? ', only pings' : ''}`,
    );
    // Perhaps it is only the connection that has gone quiet: asked once, and not again before there is more.
    if (first || askedForRest || !resumption) return fail(stall);
    if (cancelCall === resumption.stop) resumption.drop();
    else cancelCall?.();
    if (!resumed(stall)) return fail(stall);
    askedForRest = true;
    lastProgress = lastByte = clock.monotonic();
    arm(calm, watch);
  }

  function takeFrames(frames: Frame[]): void {
    const batch: Frame[] = [];
    let after: (() => void) | undefined;
    let progress = false;
    for (const frame of frames) {
      if (frame.type === 'error') {
        after = () => fail(classifyError(frame.error, true));
        break;
      }
      if (frame.type === 'malformed') {
        after = () => fail(fault('malformed', `the stream can't be read: ${frame.reason}`));
        break;
      }
      state.observe(frame.events);
      // Words of further candidates pass as bytes and have no events; comments are none.
      progress ||= state.progress || (!only && frame.events.length === 0 && frame.raw[0] !== COLON);
      if (frame.type === 'end') {
        const problem = incomplete();
        if (problem) after = () => fail(problem, undefined, true);
        else {
          batch.push(frame);
          after = () => succeed(false, true);
        }
        break;
      }
      batch.push(frame);
    }
    if (progress) {
      const now = clock.monotonic();
      if (firstEventAt !== undefined) {
        if (!silentlyThinking) longestGap = Math.max(longestGap, now - lastProgress);
      } else if (state.thinking() !== 'hidden') firstEventAt = now;
      silentlyThinking = state.thinking() === 'hidden';
      lastProgress = now;
      askedForRest = false;
    }
    if (batch.length > 0) {
      const refused = sink.frames(batch, state);
      if (refused) return give(refused, undefined, false);
    }
    if (after) return after();
    if (
      progress &&
      (input.stream ? state.finish !== undefined || timerDue > lastProgress + limits.idle : only && state.finish !== undefined)
    )
      watch();
  }

  /** Why a stream that says that it has ended has not. */
  function incomplete(): Fault | undefined {
    if (state.finish === undefined) return fault('truncated', 'the stream ended without a finish reason');
    if (!state.whole()) return fault('truncated', 'the stream ended within a part of the answer');
    if (state.brokenCall && state.finish !== 'length')
      return fault('bad-tool-call', "a tool call's arguments are not a JSON object, or its id was used before");
    if (!input.mayBeEmpty && !state.hasContent() && (state.finish === 'stop' || state.finish === 'tool-calls' || state.finish === 'other'))
      return fault('empty', 'the answer was empty');
    return undefined;
  }

  function takeWhole(): void {
    const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    chunks = [];
    const text = bytes.toString('utf8');
    const json = parseObject(text);
    const error = dialect.decodeError(status, headers, text, json);
    if (error) return fail(classifyError(error, false), { status, headers, body: text }, true);
    if (!json) return fail(fault('not-an-answer', describe(text)), undefined, true);
    const decoded = dialect.decodeAnswer(json);
    if (!decoded.ok) return fail(fault('not-an-answer', `status ${status}, but no answer: ${decoded.error}`), undefined, true);
    state.observe(decoded.value);
    const problem = incomplete();
    if (problem) return fail(problem, undefined, true);
    firstEventAt = clock.monotonic();
    const refused = sink.body(bytes, decoded.value, state);
    if (refused) return give(refused, undefined, true);
    succeed(false, true);
  }

  function describe(text: string): string {
    if (text.trim() === '') return `status ${status} with an empty body`;
    if (/^\s*</.test(text)) return `status ${status} with a web page${htmlTitle(text)} instead of an answer`;
    return `status ${status} with a body that is no answer`;
  }

  /** What a 200 brings is told by its first bytes, not by its content type: some services get that wrong. */
  function sniff(): void {
    const head = Buffer.concat(chunks)
      .toString('latin1')
      .replace(/^\u00ef\u00bb\u00bf/, '')
      .trimStart();
    if (head === '') return;
    // Gemini streams a JSON array to whom it did not understand to want events.
    const array = head[0] === '[' && dialect.endsWithConnection === true;
    const streamed = array || (head[0] !== '{' && head[0] !== '[' && head[0] !== '<');
    mode = streamed ? 'stream' : 'body';
    if (!streamed) return;
    const all = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    chunks = [];
    takeFrames(decode(all));
  }

  /** What a codec of ours trips over costs this attempt, not the server with all that it is answering. */
  function decode(chunk: Buffer | undefined): Frame[] {
    try {
      return chunk ? decoder().push(chunk) : decoder().end();
    } catch (error) {
      return [{ type: 'malformed', raw: Buffer.alloc(0), reason: `Understudy failed on it (${String(error)}); please report that` }];
    }
  }

  function onHeaders(code: number, received: Headers): void {
    if (mode !== 'headers') return;
    status = code;
    headers = received;
    headersAt = lastByte = clock.monotonic();
    if (code < 200 || code >= 300) {
      mode = 'error';
      arm(ERROR_BODY_WAIT, finishError);
      return;
    }
    mode = 'sniff';
    sink.headers(received);
    if (input.stream) watch();
  }

  function onData(chunk: Buffer): void {
    if (mode === 'done' || chunk.length === 0) return;
    lastByte = clock.monotonic();
    if (mode === 'stream') return takeFrames(decode(chunk));
    size += chunk.length;
    if (mode === 'error') {
      if (size <= LARGEST_ERROR) chunks.push(chunk);
      return;
    }
    if (size > LARGEST_BODY) return fail(fault('too-large', `the answer is larger than ${LARGEST_BODY / 1024 / 1024} MiB`));
    chunks.push(chunk);
    if (mode === 'sniff') sniff();
  }

  function finishError(): void {
    const body = Buffer.concat(chunks).toString('utf8');
    const error = dialect.decodeError(status, headers, body) ?? { status, message: `status ${status}` };
    fail(classifyError(error, false), { status, headers, body }, true);
  }

  function onEnd(): void {
    over = true;
    if (mode === 'done') {
      stopTimer?.();
      return;
    }
    if (mode === 'error') return finishError();
    if (mode === 'stream') {
      if (resumed(fault('truncated', 'the stream ended without its terminator'))) return;
      takeFrames(decode(undefined));
      const problem = incomplete() ?? (only ? undefined : fault('truncated', 'the stream ended without its terminator'));
      return problem ? fail(problem, undefined, true) : succeed(dialect.endsWithConnection !== true, true);
    }
    if (size === 0 || mode === 'sniff') return fail(fault('empty', `status ${status} with an empty body`), undefined, true);
    takeWhole();
  }

  function onError(error: TransportError): void {
    over = true;
    if (mode === 'done') {
      stopTimer?.();
      return;
    }
    if (mode === 'error') return finishError();
    const lost = classifyTransport(error);
    if (!resumed(lost)) fail(lost);
  }

  const resumption =
    input.resume &&
    createResumption(call, clock, input.resume, decoder(), {
      data: onData,
      end: onEnd,
      error: onError,
      resumed: (cause) => sink.resumed(cause),
      refused(cause) {
        over = true;
        fail(cause);
      },
    });
  cancelCall = call(input.request, { headers: onHeaders, data: onData, end: onEnd, error: onError });
  if (mode === 'headers') {
    if (input.stream) arm(limits.headers, () => fail(fault('headers-timeout', `no response within ${seconds(limits.headers)}`)));
    else arm(limits.whole, () => fail(fault('total-timeout', `no answer within ${seconds(limits.whole)}`)));
  }
  return () => {
    if (mode !== 'done') {
      mode = 'done';
      resumption?.abandon();
      stopTimer?.();
    }
    stopTimer?.();
    cancelCall?.();
  };
}
