import type { z } from 'zod';
import type { Json } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { Accepted, States } from './hub-answers.ts';
import { acceptedAnswer, challengeAnswer, refusedAnswer, statesAnswer } from './hub-answers.ts';
import type { HubCall, HubReply } from './hub-call.ts';
import { MOST_BITS, work } from './work.ts';

/** Why a hub has not taken something. `passing`: the same may be taken later. */
export interface HubProblem {
  passing: boolean;
  /** One sentence without a full stop. */
  message: string;
  /** Milliseconds, where the hub says so. */
  retryAfter?: number;
}

export interface HubClient {
  /** Shows work for it and hands it in. `at`: the time on this machine, to tell a wrong clock by. */
  send(what: 'reports' | 'keys', statement: string, signature: string, at: number): Promise<Result<Accepted, HubProblem>>;
  /** `unchanged`: since the last time that it was asked. */
  states(): Promise<Result<States | 'unchanged', HubProblem>>;
  /** From then on nothing is sent. */
  close(): void;
}

/** Minutes that a clock may be wrong by before its reports are too old or too new for a hub. */
const CLOCK_LEEWAY = 10;

const GIVEN_UP: HubProblem = { passing: true, message: 'it was given up' };

/** One hub. `url`: without a slash at its end. */
export function hubClient(url: string, call: HubCall, pause: () => Promise<void>): HubClient {
  const ended = new AbortController();
  let etag: string | undefined;

  async function asked<Shape extends z.ZodType>(path: string, shape: Shape, body?: string): Promise<Result<z.output<Shape>, HubProblem>> {
    if (ended.signal.aborted) return err(GIVEN_UP);
    const reply = await call({ url: `${url}/api/v1/${path}`, ...(body !== undefined && { body }) });
    return reply.ok ? answerIn(reply.value, shape, url) : err({ passing: true, message: `${url}: ${reply.error}` });
  }

  return {
    async send(what, statement, signature, at) {
      const given = await asked('challenge', challengeAnswer);
      if (!given.ok) return given;
      const { challenge, bits, now } = given.value;
      const off = Math.round((at - now) / 60_000);
      if (Math.abs(off) > CLOCK_LEEWAY) {
        const which = `${Math.abs(off)} minutes ${off > 0 ? 'fast' : 'slow'}`;
        return err({ passing: true, message: `${url}: by the hub's clock this machine's is ${which}; set it right` });
      }
      if (bits > MOST_BITS) return err({ passing: true, message: `${url}: the hub asks for more work than is done for a report` });
      const proof = await work(challenge, signature, bits, { pause, signal: ended.signal });
      if (proof === undefined) return err(GIVEN_UP);
      const accepted = await asked(
        what,
        acceptedAnswer,
        JSON.stringify({ statement: JSON.parse(statement) as Json, signature, challenge, proof }),
      );
      return accepted.ok ? ok(accepted.value.outcome) : accepted;
    },
    async states() {
      if (ended.signal.aborted) return err(GIVEN_UP);
      const reply = await call({ url: `${url}/api/v1/states`, ...(etag !== undefined && { etag }) });
      if (!reply.ok) return err({ passing: true, message: `${url}: ${reply.error}` });
      if (reply.value.status === 304) return ok('unchanged');
      const states = answerIn(reply.value, statesAnswer, url);
      etag = states.ok ? reply.value.etag : undefined;
      return states;
    },
    close: () => ended.abort(),
  };
}

function answerIn<Shape extends z.ZodType>(
  { status, body, retryAfter }: HubReply,
  shape: Shape,
  url: string,
): Result<z.output<Shape>, HubProblem> {
  const given = parsed(body);
  if (status >= 200 && status < 300) {
    const read = shape.safeParse(given);
    return read.success ? ok(read.data) : err({ passing: true, message: `${url}: what answers there is no hub of Understudy` });
  }
  const refusal = refusedAnswer.safeParse(given);
  const said = refusal.success ? `${refusal.data.error.message} ${refusal.data.error.hint}`.replace(/\.$/, '') : `status ${status}`;
  const passing = status === 429 || status === 408 || status >= 500 || !refusal.success;
  return err({ passing, message: `${url}: ${said}`, ...(retryAfter !== undefined && { retryAfter }) });
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
