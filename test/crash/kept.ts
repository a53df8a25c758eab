import { exchangeTime } from '../../src/exchange/ids.ts';
import { isObject, type JsonObject, parseObject } from '../../src/exchange/json.ts';
import type { EncoderContext } from '../../src/dialects/dialect.ts';
import type { AnswerEvent } from '../../src/exchange/event.ts';
import type { ExchangeOutcome } from '../../src/journal/entry.ts';
import { codec } from '../matrix/run-cell.ts';
import type { Heard } from './listener.ts';

/** An exchange as the server that was started again tells it, in the shape of `GET /api/exchanges/{id}/events`. */
type Told =
  | { seq: number; type: 'bytes'; text: string; events: AnswerEvent[]; terminated: boolean }
  | { seq: number; type: 'events'; events: AnswerEvent[] }
  | { seq: number; type: 'seam'; from: string; to: string }
  | { seq: number; type: 'end'; outcome: ExchangeOutcome }
  | { seq: number; type: 'head' | 'attempt' | 'attempt-end' };

export interface Kept {
  /** `complete`, `failed`, `cancelled`, `interrupted`; `missing` where there is no such exchange. */
  state: string;
  /** Bytes that the client had received and that are there again, in order. */
  delivered: number;
  /** Bytes that it had received and that are not. */
  lost: number;
  /** What else is not as it should be. */
  wrong: string[];
}

/** Compares what a client had received with what is still there. */
export async function whatIsKept(address: string, heard: Heard & { exchange: string }): Promise<Kept> {
  const response = await fetch(`${address}/api/exchanges/${heard.exchange}/events`);
  if (!response.ok)
    return { state: 'missing', delivered: 0, lost: heard.body.length, wrong: [`${response.status} ${await response.text()}`] };
  const told = (await response.text()).split('\n\n').flatMap(readMessage);
  const wrong: string[] = [];
  for (const [index, { seq }] of told.entries()) if (seq !== index) wrong.push(`entry ${seq} in place ${index}`);
  const end = told.at(-1);
  if (end?.type !== 'end') return { state: 'open', delivered: 0, lost: heard.body.length, wrong: ['there is no end'] };
  if (heard.ended && heard.status === 200 && end.outcome.type !== 'complete')
    wrong.push(`the client has all of it, yet it is ${end.outcome.type}`);
  if (heard.status !== 200) return { state: end.outcome.type, delivered: 0, lost: 0, wrong };

  const kept = heard.stream ? streamOf(heard, told, end.outcome) : wholeOf(heard, told);
  const same = commonLength(heard.body, kept);
  return { state: end.outcome.type, delivered: same, lost: heard.body.length - same, wrong };
}

function readMessage(message: string): Told[] {
  const data = /^data: (.*)$/m.exec(message)?.[1];
  if (data === undefined) return [];
  const value: unknown = JSON.parse(data);
  return isObject(value) ? [value as unknown as Told] : [];
}

/** The bytes that the server writes for these entries. */
function streamOf(heard: Heard & { exchange: string }, told: readonly Told[], outcome: ExchangeOutcome): Buffer {
  const encoder = codec(heard.dialect).encoder(contextOf(heard));
  const pieces: string[] = [];
  let terminated = false;
  for (const entry of told) {
    if (entry.type === 'bytes') {
      encoder.observe(entry.events, Buffer.from(entry.text));
      pieces.push(entry.text);
      terminated ||= entry.terminated;
    } else if (entry.type === 'events') pieces.push(encoder.encode(entry.events));
    else if (entry.type === 'seam') pieces.push(encoder.seam(entry.from, entry.to));
  }
  if (outcome.type === 'complete') pieces.push(encoder.end(terminated));
  if (outcome.type === 'failed') pieces.push(encoder.error(outcome.fault));
  return Buffer.from(pieces.join(''));
}

function wholeOf(heard: Heard & { exchange: string }, told: readonly Told[]): Buffer {
  const raw = told.flatMap((entry) => (entry.type === 'bytes' ? [entry.text] : []));
  if (raw.length > 0) return Buffer.from(raw.join(''));
  const events = told.flatMap((entry) => (entry.type === 'events' ? entry.events : []));
  const answer: JsonObject = codec(heard.dialect).encodeAnswer(events, contextOf(heard));
  return Buffer.from(JSON.stringify(answer));
}

function contextOf({ dialect, path, question, exchange }: Heard & { exchange: string }): EncoderContext {
  const head = codec(dialect).inspect(question, path);
  if (!head.ok) throw new Error(head.error.message);
  const request = parseObject(question.toString());
  return { exchange, head: head.value, created: Math.floor((exchangeTime(exchange) ?? 0) / 1000), request: () => request };
}

function commonLength(one: Buffer, other: Buffer): number {
  const most = Math.min(one.length, other.length);
  if (one.subarray(0, most).equals(other.subarray(0, most))) return most;
  for (let at = 0; at < most; at++) if (one[at] !== other[at]) return at;
  return most;
}
