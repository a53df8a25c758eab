import { openaiChat } from '../../dialects/openai-chat/dialect.ts';
import type { EncoderContext, Headers } from '../../dialects/dialect.ts';
import type { Clock } from '../../exchange/clock.ts';
import type { AnswerEvent } from '../../exchange/event.ts';
import { type JsonObject, parseObject } from '../../exchange/json.ts';
import type { Request } from '../../exchange/request.ts';
import type { Result } from '../../exchange/result.ts';
import type { Call, UpstreamHandler } from '../call.ts';
import type { Engine } from './engine-process.ts';
import { answerEvents } from './events.ts';
import { jobOf, schemasOf } from './job.ts';
import type { EngineSetup } from './messages.ts';

/** Origin of the embedded engine. */
export const EMBEDDED_ORIGIN = 'embedded://engine';

/** Where the model of a name is, and how it is loaded; or why it can't be. */
export type FindModel = (name: string) => Result<EngineSetup, { status: 404 | 503; message: string }>;

/**
 * A call that the engine on this machine answers. To whoever calls it is a service that speaks chat. Calls to anybody else are passed to `others`.
 */
export function createEmbeddedCall(engine: Engine, find: FindModel, clock: Clock, others: Call): Call {
  let answers = 0;
  return (request, handler) => {
    if (request.origin !== EMBEDDED_ORIGIN) return others(request, handler);
    const line = { gone: false, leave: (): void => undefined };
    // Nobody is called back before the call has returned.
    setImmediate(() => {
      if (!line.gone) line.leave = answer(engine, find, clock, request.body, `embedded-${clock.now().toString(36)}-${++answers}`, handler);
    });
    return () => {
      line.gone = true;
      line.leave();
    };
  };
}

function answer(engine: Engine, find: FindModel, clock: Clock, bytes: Buffer, id: string, handler: UpstreamHandler): () => void {
  const body = parseObject(bytes.toString('utf8'));
  const decoded = body && openaiChat.decodeRequest(body, '/chat/completions');
  const nothing = (): void => undefined;
  if (!decoded?.ok) return (refuse(handler, 400, decoded?.error.message ?? 'the request is not JSON'), nothing);
  const request: Request = decoded.value;
  if (typeof body?.n === 'number' && body.n > 1) return (refuse(handler, 400, 'the embedded engine gives one answer (n: 1)'), nothing);
  const setup = find(request.model);
  if (!setup.ok) return (refuse(handler, setup.error.status, setup.error.message), nothing);
  const job = jobOf(request);
  if (!job.ok) return (refuse(handler, 400, job.error), nothing);

  const { stream } = request;
  const usage = (body?.stream_options as JsonObject | undefined)?.include_usage === true;
  const context: EncoderContext = {
    exchange: id,
    head: { model: request.model, stream, includeUsage: usage },
    created: Math.floor(clock.now() / 1000),
  };
  const encoder = openaiChat.encoder(context);
  const events = answerEvents(id, request.model, schemasOf(request));
  const whole: AnswerEvent[] = [];
  let begun = false;

  function begin(): void {
    if (begun) return;
    begun = true;
    handler.headers(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' });
  }
  function write(found: AnswerEvent[]): void {
    if (!stream) return void whole.push(...found);
    begin();
    const text = encoder.encode(found);
    if (text !== '') handler.data(Buffer.from(text));
  }

  const leave = engine.ask(setup.value, job.value, {
    told(message) {
      switch (message.type) {
        case 'reading':
          // Loaded, and at work: what follows is the reading of the question.
          if (stream) begin();
          return;
        case 'text':
          return write(events.text(message.text, message.thought));
        case 'call':
          return write(events.call(message.name, message.arguments));
        case 'done':
          write(events.finish(message.reason, message.usage));
          begin();
          handler.data(Buffer.from(stream ? encoder.end(false) : JSON.stringify(openaiChat.encodeAnswer(whole, context))));
          return handler.end();
        case 'refused':
          return refuse(handler, 400, message.message, message.tooLong ? 'context_length_exceeded' : undefined);
        case 'broke':
          return fail('reset', message.message);
      }
    },
    failed(problem) {
      if (problem.type === 'crashed') return fail(begun ? 'reset' : 'closed', problem.message);
      const wait = problem.wait === undefined ? {} : { 'retry-after': String(Math.ceil(problem.wait / 1000)) };
      if (begun) return fail('reset', problem.message);
      refuse(handler, 503, `embedded engine: ${problem.message}`, 'engine_unavailable', wait);
    },
  });

  function fail(symptom: 'reset' | 'closed', message: string): void {
    handler.error({ symptom, local: false, message: `embedded engine: ${message}` });
  }

  return leave;
}

function refuse(handler: UpstreamHandler, status: number, message: string, code?: string, headers: Headers = {}): void {
  handler.headers(status, { ...headers, 'content-type': 'application/json' });
  const type = status < 500 ? 'invalid_request_error' : 'server_error';
  handler.data(Buffer.from(JSON.stringify({ error: { message, type, ...(code !== undefined && { code }) } })));
  handler.end();
}
