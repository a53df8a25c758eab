import type { ServerResponse } from 'node:http';
import type { Dialect, EncoderContext, RequestHead } from '../dialects/dialect.ts';
import type { Clock } from '../exchange/clock.ts';
import type { Fault } from '../exchange/fault.ts';
import { isTooDeep, TOO_DEEP } from '../exchange/too-deep.ts';
import type { JsonObject } from '../exchange/json.ts';
import { passes } from '../failover/exhausted.ts';
import type { AttemptStart, ExchangeOutcome, Head, Opening } from '../journal/entry.ts';
import type { JournalState } from '../journal/journal.ts';
import { answerHeaders } from './answer-head.ts';
import { deferredFault, isDeferred, unkeptFault } from './deferred/fault.ts';
import type { Asked, Log } from './ports.ts';

/** Turns a stream of SSE into something else on its way out: another framing, or less of it. */
export interface Reframe {
  contentType: string;
  /** Takes whole SSE frames. */
  push(sse: string): string;
  /** What belongs behind a complete answer. */
  end(): string;
}

/** One answer on its way to one client. */
export interface Delivery {
  response: ServerResponse;
  dialect: Dialect;
  head: RequestHead;
  /** The client's request, for answers that repeat parts of it. */
  request: () => JsonObject | undefined;
  reframe?: Reframe;
  asked: Pick<Asked, 'log' | 'place'> & { abandon(): void };
  /** The answer was asked for by an earlier request. */
  attached?: boolean;
  journal: () => JournalState;
  clock: Clock;
  log: Log;
  /** Milliseconds of silence after which a streaming client gets a keep-alive. */
  keepAlive: number;
  /** Milliseconds after which a client that takes nothing is dropped. */
  slowReader: number;
  /** Called once, when the connection has no more use for this answer. */
  closed: () => void;
}

/** Ends an answer that is under way with an error, because the server stops. */
export type Stop = (fault: Fault) => void;

/** What the dialect's writers of this answer need to know. */
export function encoderContext({ asked, head, request }: Pick<Delivery, 'asked' | 'head' | 'request'>): EncoderContext {
  const { id, at } = asked.log.opening;
  return { exchange: id, head, created: Math.floor(at / 1000), request };
}

/** What an answer that is not complete failed of, as its client is told. `begun`: part of it is out; headers alone are no part of it. */
export function faultOf(
  outcome: Exclude<ExchangeOutcome, { type: 'complete' }>,
  opening: Pick<Opening, 'id' | 'runs' | 'save'>,
  begun: boolean,
): Fault {
  switch (outcome.type) {
    case 'failed':
      if (begun || !passes(outcome.fault)) return outcome.fault;
      // Asked again in vain: it goes on waiting under its first name.
      if (opening.runs !== undefined) return deferredFault(outcome.fault, opening.runs);
      return outcome.body === undefined ? unkeptFault(outcome.fault, opening.save) : outcome.fault;
    case 'deferred':
      return deferredFault(outcome.fault, opening.id);
    case 'cancelled':
      return { class: 'cancelled', symptom: 'client-gone', message: 'This answer was cancelled. Ask again if it is still wanted.' };
    case 'interrupted':
      return { class: 'provider-fault', symptom: 'closed', message: 'Understudy was stopped in the middle of this answer. Ask again.' };
  }
}

/** The log can't hand over the rest of an answer. */
export function lostFault(reason: string): Fault {
  return {
    class: 'provider-fault',
    symptom: 'closed',
    message: `The rest of this answer could not be read back from the journal (${reason}). Ask again.`,
  };
}

/** Something of ours broke while it wrote the answer. The client is told; nobody waits for a follower that has died. */
export function brokenFault(delivery: Delivery, error: unknown): Fault {
  if (isTooDeep(error)) return { class: 'bad-request', symptom: 'status', status: 400, message: `${TOO_DEEP}. Send a flatter one.` };
  const exchange = delivery.asked.log.opening.id;
  delivery.log.error({ err: error, exchange }, 'writing an answer failed');
  return {
    class: 'provider-fault',
    symptom: 'protocol',
    message: `Understudy could not write this answer (${error instanceof Error ? error.message : String(error)}). Ask again; if it stays so, report it with the id ${exchange}.`,
  };
}

/**
 * An error in place of an answer, as a normal HTTP response. `provider`: the provider's own error, to be passed on as it came;
 * its status is the head's where there is one.
 */
export function errorAnswer(
  delivery: Delivery,
  fault: Fault,
  head: Head | undefined,
  attempts: readonly AttemptStart[],
  provider: string | undefined,
): { status: number; headers: string[]; body: Buffer } {
  const exchange = delivery.asked.log.opening.id;
  const plain = delivery.dialect.encodeError(fault, exchange);
  const encoded = isDeferred(fault) ? { ...plain, ...unretried(plain.headers) } : plain;
  const own = provider !== undefined;
  const body = Buffer.from(provider ?? JSON.stringify(encoded.body));
  const status = own ? (errorStatus(head?.status) ?? errorStatus(fault.status) ?? encoded.status) : encoded.status;
  const shown: Head = own && head ? head : { type: 'head', status, headers: Object.entries(encoded.headers) };
  const { attached = false } = delivery;
  const headers = answerHeaders(
    { exchange, journal: delivery.journal(), head: shown, attempts, attached },
    'application/json; charset=utf-8',
  );
  headers.push('content-length', String(body.length));
  return { status, headers, body };
}

/**
 * 424, the dependency has failed: OpenAI's, Anthropic's, Google's and Vercel's clients try 408, 409, 429 and every 5xx again by themselves
 * (Vercel's whatever `x-should-retry` says), and each time would leave one more request waiting.
 */
function unretried(headers: Record<string, string>): { status: number; headers: Record<string, string> } {
  const { 'retry-after': _seconds, 'retry-after-ms': _milliseconds, ...rest } = headers;
  return { status: 424, headers: { ...rest, 'x-should-retry': 'false' } };
}

/** An error must never go out under a status of success, whatever the provider did (`error` in a body under 200). */
function errorStatus(status: number | undefined): number | undefined {
  return status !== undefined && status >= 400 && status <= 599 ? status : undefined;
}
