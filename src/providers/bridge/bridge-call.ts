import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider';
import { openaiChat } from '../../dialects/openai-chat/dialect.ts';
import type { EncoderContext, Headers } from '../../dialects/dialect.ts';
import { isObject, parseObject, type JsonObject } from '../../exchange/json.ts';
import type { Request } from '../../exchange/request.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { Call, UpstreamHandler, UpstreamRequest } from '../call.ts';
import { BRIDGE_SCHEME } from './scheme.ts';
import { callOptions } from './call-options.ts';
import { streamReader } from './stream-events.ts';

export interface LoadedModel {
  model: LanguageModelV4;
  /** Takes the service's keys out of a text: some services quote the key that they refuse. */
  redact(text: string): string;
}

/** Makes the model of a name at a service; loads the service's package when it is first asked for. */
export type ModelLoader = (service: string, model: string) => Promise<Result<LoadedModel, string>>;

/**
 * A call that a package of the AI SDK answers, for services that speak no dialect of ours. To the engine it is a service that speaks
 * chat: requests come in and answers go out in that dialect, streams as streams, errors with their status. Calls to anybody else are
 * passed to `others`.
 */
export function createBridge(load: ModelLoader, others: Call): Call {
  return (request, handler) => {
    if (!request.origin.startsWith(BRIDGE_SCHEME)) return others(request, handler);
    const gone = new AbortController();
    answer(load, request, handler, gone.signal).catch((error: unknown) => {
      if (!gone.signal.aborted) handler.error({ symptom: 'closed', local: false, message: messageOf(error) });
    });
    return () => gone.abort();
  };
}

async function answer(load: ModelLoader, request: UpstreamRequest, handler: UpstreamHandler, gone: AbortSignal): Promise<void> {
  const body = parseObject(request.body.toString('utf8'));
  const decoded = body && openaiChat.decodeRequest(body, request.path);
  if (!decoded?.ok)
    return refuse(handler, gone, 400, {
      error: { message: decoded?.error.message ?? 'the request is not JSON', type: 'invalid_request_error' },
    });
  const loaded = await load(request.origin.slice(BRIDGE_SCHEME.length), decoded.value.model);
  if (!loaded.ok) return refuse(handler, gone, 401, { error: { message: loaded.error, type: 'authentication_error' } });
  const { model, redact } = loaded.value;
  const asked = optionsOf(decoded.value, gone);
  if (!asked.ok) return refuse(handler, gone, 400, { error: { message: asked.error, type: 'invalid_request_error' } });
  const context: EncoderContext = {
    exchange: 'bridge',
    head: { model: decoded.value.model, stream: true, includeUsage: true },
    created: 0,
  };
  const encoder = openaiChat.encoder(context);
  const reader = streamReader(decoded.value.model, { dialect: 'openai-chat' });
  const events: Parameters<typeof openaiChat.encodeAnswer>[0][number][] = [];
  let begun = false;

  function begin(): void {
    if (begun) return;
    begun = true;
    handler.headers(200, { 'content-type': decoded?.ok && decoded.value.stream ? 'text/event-stream' : 'application/json' });
  }

  try {
    const { stream } = await model.doStream(asked.value);
    for await (const part of stream) {
      if (gone.aborted) return;
      const read = reader.read(part);
      if ('error' in read) {
        if (!begun) return fail(handler, gone, read.error, redact);
        handler.data(
          Buffer.from(encoder.error({ class: 'provider-fault', symptom: 'error-event', message: redact(messageOf(read.error)) })),
        );
        return handler.end();
      }
      if (read.events.length === 0) continue;
      events.push(...read.events);
      if (!decoded.value.stream) continue;
      begin();
      const bytes = encoder.encode(read.events);
      if (bytes !== '') handler.data(Buffer.from(bytes));
    }
  } catch (error) {
    if (gone.aborted) return;
    if (begun) return handler.error({ symptom: 'reset', local: false, message: redact(messageOf(error)) });
    return fail(handler, gone, error, redact);
  }
  if (gone.aborted) return;
  // Whether the answer is whole is told by its events: a stream that stopped without a finish gets no terminator from us.
  const finished = events.some((event) => event.type === 'finish');
  begin();
  if (!decoded.value.stream) handler.data(Buffer.from(finished ? JSON.stringify(openaiChat.encodeAnswer(events, context)) : ''));
  else if (finished) handler.data(Buffer.from(encoder.end(false)));
  handler.end();
}

/** The service's own answer where the package passes it on; otherwise a connection that failed. */
function fail(handler: UpstreamHandler, gone: AbortSignal, error: unknown, redact: LoadedModel['redact']): void {
  const message = redact(messageOf(error));
  const told = isObject(error as never) ? (error as Record<string, unknown>) : {};
  const status = typeof told.statusCode === 'number' ? told.statusCode : undefined;
  if (status === undefined) {
    if (!gone.aborted) handler.error({ symptom: 'closed', local: false, message });
    return;
  }
  const headers = isObject(told.responseHeaders as never) ? (told.responseHeaders as Headers) : {};
  const shown = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value === undefined ? value : redact(value)]));
  refuse(handler, gone, status, { error: { message, type: 'provider_error', code: status } }, shown);
}

/** A request that can't be put in the package's words, such as an image behind what is no address, is the client's mistake. */
function optionsOf(request: Request, gone: AbortSignal): Result<LanguageModelV4CallOptions, string> {
  try {
    return ok(callOptions(request, gone));
  } catch (error) {
    return err(messageOf(error));
  }
}

function refuse(handler: UpstreamHandler, gone: AbortSignal, status: number, body: JsonObject, headers: Headers = {}): void {
  if (gone.aborted) return;
  handler.headers(status, { ...headers, 'content-type': 'application/json' });
  handler.data(Buffer.from(JSON.stringify(body)));
  handler.end();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : typeof error === 'string' ? error : 'the service failed without saying why';
}
