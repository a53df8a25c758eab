import type { Agent, IncomingMessage } from 'node:http';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { StringDecoder } from 'node:string_decoder';
import type { Clock } from '../exchange/clock.ts';
import type { Question } from './question.ts';
import type { Reading } from './wire-reader.ts';
import { readWhole, wireReader } from './wire-reader.ts';

/** What a client experienced with one question. */
export interface Heard {
  /** Absent where there was no answer at all. */
  reading?: Reading;
  /** `lost`: the connection broke; `patience`: the client gave up waiting. */
  ending: 'ended' | 'lost' | 'patience';
  /** Status of the last try. */
  status?: number;
  /** Who answered, as the gateway says. */
  answeredBy?: string;
  tries: number;
  /** Milliseconds from the first try to the end. */
  took: number;
}

export interface ListenOptions {
  /** Scheme, host, port. */
  origin: string;
  /** Milliseconds for all tries together. */
  patience: number;
  retries: number;
  agent: Agent;
  clock: Clock;
}

/** Waits of the official SDKs between tries: half a second, doubled. */
const FIRST_PAUSE = 500;
/** How long a body may stay open after its answer's own end. */
const GRACE = 500;

interface Try {
  reading?: Reading;
  ending: Heard['ending'];
  status?: number;
  answeredBy?: string;
}

/** Asks as an official SDK does: repeats what failed before the answer began, and not what broke off within it. */
export async function ask(question: Question, options: ListenOptions): Promise<Heard> {
  const begun = options.clock.monotonic();
  const left = (): number => options.patience - (options.clock.monotonic() - begun);
  for (let tries = 1; ; tries++) {
    const last = await once(question, options, Math.max(1, left()));
    const pause = FIRST_PAUSE * 2 ** (tries - 1);
    const again = tries <= options.retries && worthRepeating(last) && left() > pause;
    if (!again) return { ...last, tries, took: options.clock.monotonic() - begun };
    await new Promise<void>((resolve) => options.clock.after(pause, resolve));
  }
}

/** Status codes that the official SDKs retry, and connections that broke before anything came. */
function worthRepeating(last: Try): boolean {
  if (last.ending === 'patience') return false;
  if (last.status === undefined) return true;
  return last.status === 408 || last.status === 409 || last.status === 429 || last.status >= 500;
}

function once(question: Question, options: ListenOptions, patience: number): Promise<Try> {
  return new Promise((resolve) => {
    const url = new URL(question.path, options.origin);
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = send(url, { method: 'POST', headers: question.headers, ...(url.protocol === 'http:' && { agent: options.agent }) });
    let settled = false;
    let cancelGrace: (() => void) | undefined;
    let answer: { status: number; answeredBy: string | undefined; reading: () => Reading } | undefined;
    const finish = (ending: Heard['ending']): void => {
      if (settled) return;
      settled = true;
      cancelPatience();
      cancelGrace?.();
      outgoing.destroy();
      if (!answer) return resolve({ ending });
      const { status, answeredBy, reading } = answer;
      resolve({ ending, status, reading: reading(), ...(answeredBy !== undefined && { answeredBy }) });
    };
    const cancelPatience = options.clock.after(patience, () => finish('patience'));

    outgoing.on('error', () => finish('lost'));
    outgoing.on('response', (incoming: IncomingMessage) => {
      const status = incoming.statusCode ?? 0;
      const header = incoming.headers['x-understudy-target'];
      const text = new StringDecoder('utf8');
      const stream = status === 200 && question.kind.stream ? wireReader(question.kind.dialect) : undefined;
      let body = '';
      answer = {
        status,
        answeredBy: typeof header === 'string' ? header : undefined,
        reading: () => (stream ? stream.reading : readWhole(question.kind.dialect, status, body)),
      };
      incoming.on('data', (chunk: Buffer) => {
        const piece = text.write(chunk);
        if (stream) stream.push(piece);
        else body += piece;
        // The answer says that it is over. The SDKs read on to the end of the body; one that never ends is left after a while.
        if (stream?.reading.finished || stream?.reading.error !== undefined)
          cancelGrace ??= options.clock.after(GRACE, () => finish('ended'));
      });
      incoming.on('end', () => finish(incoming.complete ? 'ended' : 'lost'));
      incoming.on('error', () => finish('lost'));
      incoming.on('close', () => finish('lost'));
    });
    outgoing.end(question.body);
  });
}
