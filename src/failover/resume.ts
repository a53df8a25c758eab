import type { AnswerPlace, Dialect, StreamDecoder } from '../dialects/dialect.ts';
import type { Clock } from '../exchange/clock.ts';
import type { Fault } from '../exchange/fault.ts';
import type { Call, UpstreamHandler, UpstreamRequest } from '../providers/call.ts';
import type { Question } from './engine.ts';
import type { PlannedTarget } from './plan.ts';

/** For an answer that its provider goes on making when the connection is lost (research/dialects.md 3.2, resume order). */
export interface Resume {
  /** Asks for what comes after a place. */
  rest(place: AnswerPlace): UpstreamRequest;
  /** A closed connection does not stop it, and it is billed to its end. */
  cancel(place: AnswerPlace): UpstreamRequest;
}

/**
 * Whether a request is made so that it can be resumed: only where its client itself asked for an answer in the background, which is kept,
 * and only by a service that is known to keep answers. Storage is turned on for nobody.
 */
export function isResumable({ head, dialect }: Question, planned: PlannedTarget): boolean {
  const wanted = head.background === true && head.stored === true && head.stream;
  return wanted && dialect.resume !== undefined && planned.native && planned.provider.keepsResponses === true && !planned.passThrough;
}

/** `asked`: the request whose answer may have to be resumed. */
export function resumeOf(ways: NonNullable<Dialect['resume']>, asked: UpstreamRequest): Resume {
  const headers = asked.headers.filter(([name]) => !ABOUT_BODY.has(name.toLowerCase()));
  const bare = { ...asked, headers, body: Buffer.alloc(0), fresh: true };
  return {
    rest: (place) => ({ ...bare, method: 'GET', path: ways.restPath(asked.path, place) }),
    cancel: (place) => ({ ...bare, method: 'POST', path: ways.cancelPath(asked.path, place) }),
  };
}

const ABOUT_BODY = new Set(['content-type', 'content-length', 'idempotency-key']);

/** Keeps an answer's connection: what has been lost is asked for, from the last whole event on. */
export interface Resumption {
  /** False: there is no place to go on from, or nothing has come of it so often that it is given up. */
  lost(cause: Fault): boolean;
  /** Nobody wants the rest any more. */
  abandon(): void;
  /** Gives up its connection, which has gone quiet; `lost` asks for another. */
  drop(): void;
  /** Gives up the connection or the wait for it, for good. */
  stop(): void;
}

export interface Resumed extends Pick<UpstreamHandler, 'data' | 'end' | 'error'> {
  /** The rest is asked for. Told once for each connection that was lost. */
  resumed(cause: Fault): void;
  /** The provider does not give the rest. */
  refused(cause: Fault): void;
}

/** Milliseconds before the rest is asked for, and asked for again while nothing of it has come. */
const WAITS = [0, 500, 2000];

export function createResumption(call: Call, clock: Clock, resume: Resume, decoder: StreamDecoder, to: Resumed): Resumption {
  let at = -1;
  let tries = 0;
  let stopped = false;
  let stop: (() => void) | undefined;

  function lost(cause: Fault): boolean {
    const place = decoder.place?.();
    if (!place) return false;
    if (place.after > at) tries = 0;
    at = place.after;
    const wait = WAITS[tries++];
    if (wait === undefined) return false;
    if (tries === 1) to.resumed(cause);
    stop = clock.after(wait, () => ask(place, cause));
    return true;
  }

  function ask(place: AnswerPlace, cause: Fault): void {
    let accepted = false;
    const refused = (): void => {
      if (!stopped && !lost(cause)) to.refused(cause);
    };
    stop = call(resume.rest(place), {
      headers(status) {
        accepted = status === 200;
        // What it does not know now it will not know later.
        if (!accepted && status < 500) tries = WAITS.length;
      },
      data: (chunk) => accepted && to.data(chunk),
      end: () => (accepted ? to.end() : refused()),
      error: (error) => (accepted ? to.error(error) : refused()),
    });
  }

  return {
    lost,
    abandon() {
      const place = decoder.place?.();
      if (place) call(resume.cancel(place), { headers: ignore, data: ignore, end: ignore, error: ignore });
    },
    drop: () => stop?.(),
    stop() {
      stopped = true;
      stop?.();
    },
  };
}

function ignore(): void {}
