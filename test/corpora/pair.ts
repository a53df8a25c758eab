/** One recorded answer, written in one dialect: is it accepted there, and does it say the same? */
import type { Dialect, EncoderContext, Frame } from '../../src/dialects/dialect.ts';
import { anthropicMessages } from '../../src/dialects/anthropic-messages/dialect.ts';
import { gemini } from '../../src/dialects/gemini/dialect.ts';
import { OFFICIAL_CLIENTS } from '../../src/dialects/official-clients.ts';
import { openaiChat } from '../../src/dialects/openai-chat/dialect.ts';
import { openaiResponses } from '../../src/dialects/openai-responses/dialect.ts';
import { saidBy, type Said } from '../../src/dialects/said.ts';
import { isDeepStrictEqual } from 'node:util';
import type { DialectName } from '../../src/exchange/dialect-name.ts';
import type { AnswerEvent } from '../../src/exchange/event.ts';
import type { JsonObject } from '../../src/exchange/json.ts';
import { lossesBetween, type Losses } from './losses.ts';
import type { Recording } from './recordings.ts';

export const DIALECTS: Record<DialectName, Dialect> = {
  'anthropic-messages': anthropicMessages,
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  gemini,
};

export const TARGETS = Object.keys(DIALECTS) as DialectName[];

const CONTEXT: EncoderContext = { exchange: 'x_1', head: { model: 'asked', stream: true, includeUsage: true }, created: 1_780_000_000 };

/** A recording, read by its own dialect. */
export interface Read {
  events: AnswerEvent[];
  said: Said;
  /** What is wrong with how we read it; empty when nothing is. */
  problems: string[];
}

export function decode(dialect: Dialect, bytes: Buffer | string): Frame[] {
  const decoder = dialect.decoder();
  return [...decoder.push(Buffer.from(bytes)), ...decoder.end()];
}

export function eventsOf(frames: readonly Frame[]): AnswerEvent[] {
  return frames.flatMap((frame) => (frame.type === 'events' || frame.type === 'end' ? frame.events : []));
}

/** Reads it as we do and as the official client does. */
export async function read(recording: Recording): Promise<Read> {
  const dialect = DIALECTS[recording.dialect];
  const client = OFFICIAL_CLIENTS[recording.dialect];
  const problems: string[] = [];
  let frames: Frame[] = [];
  let events: AnswerEvent[] = [];
  const { said } = recording;
  if (said.type === 'stream') {
    frames = decode(dialect, said.bytes);
    events = eventsOf(frames);
    problems.push(...passThrough(dialect, said.bytes, frames));
  } else {
    const decoded = dialect.decodeAnswer(said.body);
    if (decoded.ok) events = decoded.value;
    else problems.push(`the body is not read: ${decoded.error}`);
  }
  const ours = saidBy(events);
  const theirs = await attempt(() => (said.type === 'stream' ? client.stream(said.bytes) : client.body(said.body)));
  problems.push(...differences('read by us and by the official client', theirs, ours));
  return { events, said: ours, problems };
}

/** What went through untouched is whole, byte for byte, and an encoder that was shown it has nothing to add. */
function passThrough(dialect: Dialect, bytes: Buffer, frames: readonly Frame[]): string[] {
  const problems: string[] = [];
  const unread = frames.find(({ type }) => type === 'malformed' || type === 'error');
  if (unread) problems.push(`a frame is not read: ${JSON.stringify(unread.type === 'malformed' ? unread.reason : unread)}`);
  if (
    Buffer.concat(frames.map(({ raw }) => raw))
      .toString()
      .trimEnd() !== bytes.toString().trimEnd()
  )
    problems.push('bytes are missing from the frames');
  if (frames.some((frame) => 'clean' in frame && !frame.clean)) problems.push('a frame is not clean: it would be written anew');
  const encoder = dialect.encoder(CONTEXT);
  for (const frame of frames) if (frame.type === 'events' || frame.type === 'end') encoder.observe(frame.events, frame.raw);
  const more = encoder.end(frames.at(-1)?.type === 'end');
  if (more !== '') problems.push(`after it has passed, something is added: ${more.slice(0, 200)}`);
  return problems;
}

export interface Verdict {
  problems: string[];
  losses: Losses;
}

/** Writes the answer in the dialect, event by event and as a whole body, and has both read by the dialect's official client and by us. */
export async function write({ events, said }: Read, target: DialectName): Promise<Verdict> {
  const dialect = DIALECTS[target];
  const client = OFFICIAL_CLIENTS[target];
  const problems: string[] = [];
  const { stream, body } = written(dialect, events);
  problems.push(...differences('streamed', await attempt(() => client.stream(stream)), said));
  problems.push(...differences('whole', await attempt(() => client.body(body)), said));
  const frames = decode(dialect, stream);
  const bad = frames.find((frame) => !('clean' in frame) || !frame.clean);
  if (bad && bad.raw.length > 0) problems.push(`what we wrote is not clean: ${bad.raw.toString().slice(0, 200)}`);
  const again = eventsOf(frames);
  const whole = dialect.decodeAnswer(body);
  if (!whole.ok) problems.push(`the body that we wrote is not read: ${whole.error}`);
  else problems.push(...differences('whole, read by us', saidBy(whole.value), said));
  return { problems, losses: lossesBetween(events, again) };
}

export function written(dialect: Dialect, events: readonly AnswerEvent[]): { stream: string; body: JsonObject } {
  const encoder = dialect.encoder(CONTEXT);
  const stream = events.map((event) => encoder.encode([event])).join('') + encoder.end(false);
  const body = JSON.parse(
    JSON.stringify(dialect.encodeAnswer(events, { ...CONTEXT, head: { ...CONTEXT.head, stream: false } })),
  ) as JsonObject;
  return { stream, body };
}

async function attempt(ask: () => Promise<Said>): Promise<Said | string> {
  try {
    return await ask();
  } catch (error) {
    return `refused: ${String(error)}`;
  }
}

function differences(where: string, got: Said | string, wanted: Said): string[] {
  if (typeof got === 'string') return [`${where}: ${got}`];
  return (Object.keys(wanted) as (keyof Said)[])
    .filter((field) => !isDeepStrictEqual(got[field], wanted[field]))
    .map(
      (field) => `${where}: ${field} is ${JSON.stringify(got[field])?.slice(0, 160)}, not ${JSON.stringify(wanted[field])?.slice(0, 160)}`,
    );
}
