import type { LanguageModelV4, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { parseObject } from '../exchange/json.ts';
import type { Call, UpstreamHandler, UpstreamRequest } from '../providers/call.ts';
import { type CallBody, optionsOf } from './call-body.ts';
import { messageOf, toldBy, wireErrorOf } from './model-error.ts';

/** What goes beside the question: a model and the headers of this call. */
export interface Beside {
  model: LanguageModelV4;
  headers: Record<string, string | undefined> | undefined;
}

/** A comment in the stream: the model lives, and says nothing. */
const PING = Buffer.from(':\n');

/**
 * The port over which the engine reaches wrapped models. To the engine each is a service that streams: a line for each part, errors with
 * their status, and no end but the model's own finish.
 */
export function modelCall(beside: (request: UpstreamRequest, body: CallBody) => Beside | undefined): Call {
  return (request, handler) => {
    const gone = new AbortController();
    answer(beside, request, handler, gone.signal).catch((error: unknown) => {
      if (!gone.signal.aborted) handler.error({ symptom: 'closed', local: false, message: messageOf(error) });
    });
    return () => gone.abort();
  };
}

async function answer(
  beside: Parameters<typeof modelCall>[0],
  request: UpstreamRequest,
  handler: UpstreamHandler,
  gone: AbortSignal,
): Promise<void> {
  const body = parseObject(request.body.toString('utf8')) as CallBody;
  const found = beside(request, body);
  if (!found) return handler.error({ symptom: 'closed', local: false, message: 'the exchange is over' });
  const { model, headers } = found;
  let stream: ReadableStream<LanguageModelV4StreamPart>;
  try {
    const options = { ...optionsOf(body), abortSignal: gone, ...(headers && { headers }) };
    const result = await model.doStream(options);
    stream = result.stream;
    if (gone.aborted) return void stream.cancel().catch(() => undefined);
    handler.headers(200, result.response?.headers ?? {});
  } catch (error) {
    if (!gone.aborted) refuse(handler, error);
    return;
  }
  await pass(stream, handler, gone);
}

function refuse(handler: UpstreamHandler, error: unknown): void {
  const told = toldBy(error, false);
  if (told.type === 'transport') return handler.error(told.error);
  handler.headers(told.status, told.headers);
  handler.data(Buffer.from(JSON.stringify({ error: told.error })));
  handler.end();
}

async function pass(stream: ReadableStream<LanguageModelV4StreamPart>, handler: UpstreamHandler, gone: AbortSignal): Promise<void> {
  const reader = stream.getReader();
  // Also where the model does not heed the signal.
  const leave = (): void => void reader.cancel(gone.reason).catch(() => undefined);
  gone.addEventListener('abort', leave, { once: true });
  try {
    while (!gone.aborted) {
      const { done, value } = await reader.read();
      if (gone.aborted) return;
      if (done) return handler.end();
      const line = lineOf(value);
      if (line) handler.data(line);
    }
  } catch (error) {
    if (gone.aborted) return;
    const told = toldBy(error, true);
    if (told.type === 'transport') handler.error(told.error);
    else handler.data(Buffer.from(`data: ${JSON.stringify({ type: 'error', error: told.error })}\n`));
  } finally {
    gone.removeEventListener('abort', leave);
  }
}

/** What a part looks like on the way to the engine; nothing for what is not told. */
function lineOf(part: LanguageModelV4StreamPart): Buffer | undefined {
  switch (part.type) {
    case 'raw':
      return undefined;
    case 'ping':
      return PING;
    case 'error':
      return dataOf({ type: 'error', error: wireErrorOf(part.error) });
    case 'file':
    case 'reasoning-file':
      return dataOf(
        part.data.type === 'data' && part.data.data instanceof Uint8Array
          ? { ...part, data: { ...part.data, data: base64(part.data.data) } }
          : part,
      );
    case 'finish': {
      const { unified, raw } = part.finishReason;
      if (unified === 'error') return dataOf({ type: 'error', error: { message: `the answer ended with: ${raw ?? 'error'}` } });
      // What a package says at the end of a stream that never told a reason: such an answer was cut.
      return unified === 'interrupted' || (unified === 'other' && raw === undefined) ? undefined : dataOf(part);
    }
    default:
      return dataOf(part);
  }
}

function dataOf(part: object): Buffer {
  return Buffer.from(`data: ${JSON.stringify(part)}\n`);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
