import type { Dialect, Frame, Headers } from '../dialects/dialect.ts';
import type { AnswerEvent } from '../exchange/event.ts';
import type { Fault } from '../exchange/fault.ts';
import type { Limits } from '../health/health.ts';
import type { UpstreamRequest } from '../providers/call.ts';
import type { AnswerState } from './answer-state.ts';
import type { AttemptResult } from './attempt.ts';
import type { Resume } from './resume.ts';

/** What an attempt tells while it runs. Never called again after `settled` or a cancel. */
export interface AttemptSink {
  /** A good status line has come. */
  headers(headers: Headers): void;
  /** Decoded frames of one chunk, in order. A fault returned ends the attempt with it. */
  frames(frames: Frame[], state: AnswerState): Fault | undefined;
  /** A whole body where one was asked for, or where a stream was and JSON came. */
  body(bytes: Buffer, events: AnswerEvent[], state: AnswerState): Fault | undefined;
  /** The connection was lost, and the provider is asked for the rest of what it goes on making. */
  resumed(fault: Fault): void;
  settled(result: AttemptResult): void;
}

export interface AttemptInput {
  request: UpstreamRequest;
  /** The target's dialect. */
  dialect: Dialect;
  /** A stream was asked for. */
  stream: boolean;
  limits: Limits;
  /** Reasoning was asked for: pings prove life, and the first words may take their time. */
  reasoning: boolean;
  /** How many answers were asked for. The events tell the first; that the others are whole, only the terminator says. */
  candidates: number;
  /** The provider goes on making the answer when the connection is lost. */
  resume?: Resume;
  /** An answer without a word is believed: it has been said twice, after tool results, which need none. */
  mayBeEmpty: boolean;
}
