import { openaiChat } from '../../dialects/openai-chat/dialect.ts';
import type { EncoderContext } from '../../dialects/dialect.ts';
import type { AnswerEvent } from '../../exchange/event.ts';
import type { JsonObject } from '../../exchange/json.ts';
import { parseObject } from '../../exchange/json.ts';
import type { Call, UpstreamHandler, UpstreamRequest } from '../../providers/call.ts';
import { DESK_ORIGIN } from '../../providers/desk.ts';
import type { Desk } from '../desk.ts';
import { questionOf } from './question.ts';

/** Characters of a piece of a streamed answer: the answer is there at once, and one frame of all of it would be as large. */
const PIECE = 2000;

/**
 * A call that the offline desk answers, in this process. To the engine it is a service that speaks chat, streamed or not. Tools are ignored; a request
 * that wants JSON is refused, as its client could not read what the desk says. Calls to anybody else are passed to `others`.
 */
export function withDesk(desk: Pick<Desk, 'answer'>, others: Call): Call {
  return (request, handler) => {
    if (request.origin !== DESK_ORIGIN) return others(request, handler);
    let gone = false;
    answer(desk, request, handler, () => gone).catch((error: unknown) => {
      if (!gone)
        handler.error({ symptom: 'closed', local: true, message: error instanceof Error ? error.message : 'the offline desk failed' });
    });
    return () => {
      gone = true;
    };
  };
}

async function answer(
  desk: Pick<Desk, 'answer'>,
  request: UpstreamRequest,
  handler: UpstreamHandler,
  isGone: () => boolean,
): Promise<void> {
  const body = parseObject(request.body.toString('utf8'));
  const decoded = body && openaiChat.decodeRequest(body, request.path);
  // Never within the call itself: whoever calls does not have its handle yet.
  await Promise.resolve();
  if (isGone()) return;
  if (!decoded?.ok) return refuse(handler, decoded?.error.message ?? 'the request is not JSON');
  const { model, stream, output } = decoded.value;
  if (output.type !== 'text') return refuse(handler, 'the offline desk has earlier answers and notes as they are, which are no JSON');
  const { text, at } = await desk.answer({ question: questionOf(decoded.value) });
  if (isGone()) return;
  const events = eventsOf(`desk-${at.toString(36)}`, model, text);
  const context: EncoderContext = {
    exchange: 'offline-desk',
    head: { model, stream: true, includeUsage: true },
    created: Math.floor(at / 1000),
  };
  handler.headers(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' });
  if (stream) {
    const encoder = openaiChat.encoder(context);
    handler.data(Buffer.from(encoder.encode(events) + encoder.end(false)));
  } else handler.data(Buffer.from(JSON.stringify(openaiChat.encodeAnswer(events, context))));
  handler.end();
}

function eventsOf(id: string, model: string, text: string): AnswerEvent[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at + PIECE);
    const end = code >= 0xdc00 && code <= 0xdfff ? at + PIECE + 1 : at + PIECE;
    pieces.push(text.slice(at, end));
    at = end;
  }
  return [
    { type: 'start', id, model },
    { type: 'part-start', index: 0, part: { type: 'text' } },
    ...pieces.map((piece): AnswerEvent => ({ type: 'part-delta', index: 0, delta: { type: 'text', text: piece } })),
    { type: 'part-end', index: 0 },
    // Nobody counted tokens, as nobody made any.
    { type: 'usage', usage: { input: 0, output: 0 } },
    { type: 'finish', reason: 'stop' },
  ];
}

function refuse(handler: UpstreamHandler, message: string): void {
  const body: JsonObject = { error: { message, type: 'invalid_request_error' } };
  handler.headers(400, { 'content-type': 'application/json' });
  handler.data(Buffer.from(JSON.stringify(body)));
  handler.end();
}
