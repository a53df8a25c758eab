import type { Dialect, RequestHead, RequestProblem } from '../dialects/dialect.ts';
import { createArrayFraming } from '../dialects/gemini/json-array.ts';
import { type Layout, layoutOf } from '../dialects/json-spans.ts';
import type { Parsed } from '../dialects/top-members.ts';
import type { Fault } from '../exchange/fault.ts';
import { type JsonObject, parseObject } from '../exchange/json.ts';
import type { Result } from '../exchange/result.ts';
import { askOnce } from './attach/ask-once.ts';
import type { Share } from './budget.ts';
import type { Delivery, Reframe, Stop } from './delivery.ts';
import { broken, type Desk, type Visit } from './desk.ts';
import type { Ask } from './ports.ts';
import { receive } from './receive.ts';
import { sendFault } from './refusal.ts';
import { streamedAnswer } from './streamed-answer.ts';
import { wholeAnswer } from './whole-answer.ts';

/** `POST` of a question: inspect, ask, follow the answer. */
export function answerEndpoint(desk: Desk, dialect: Dialect, visit: Visit): void {
  receive(
    desk,
    dialect,
    visit,
    (body) => dialect.inspect(body, visit.url, desk.ports.translates(dialect.name)),
    (ask, share) =>
      askOnce(desk, visit, ask, ask.body, share, (asking) => {
        if (!asking.ok) {
          share.release();
          return sendFault(visit.response, asking.error, dialect, statusOf(asking.error));
        }
        const reframe = ask.head.framing === 'json-array' ? { reframe: jsonArray() } : {};
        deliver(desk, visit, { ask, ...asking.value, request: parsedOnce(ask.body, { layout: ask.head.layout }), ...reframe }, share);
      }),
  );
}

/** Not every dialect's error has a word for it. */
export function statusOf({ status }: Fault): { status?: number } {
  return status === 422 ? { status } : {};
}

/** As Google types it. */
function jsonArray(): Reframe {
  return { contentType: 'application/json; charset=UTF-8', ...createArrayFraming() };
}

export interface Asking {
  ask: Pick<Ask, 'dialect' | 'head'>;
  asked: Delivery['asked'];
  request: () => JsonObject | undefined;
  reframe?: Reframe;
  attached?: boolean;
  /** The connection is done with, and the client did not get all of it. */
  left?(): void;
}

/** Writes an answer to a visitor, as it comes or as a whole. `share` is given back when the visitor has no more use for it. */
export function deliver(desk: Desk, visit: Visit, { ask, asked, request, reframe, attached, left }: Asking, share: Share): void {
  const delivery: Delivery = {
    response: visit.response,
    dialect: ask.dialect,
    head: ask.head,
    request,
    ...(reframe && { reframe }),
    asked,
    attached: attached === true,
    journal: () => desk.ports.journal.state(),
    clock: desk.clock,
    log: desk.log,
    keepAlive: desk.settings.keepAlive,
    slowReader: desk.settings.slowReader,
    closed() {
      share.release();
      leave();
      if (left && !visit.response.writableFinished) left();
    },
  };
  const stop: Stop = ask.head.stream ? streamedAnswer(delivery) : wholeAnswer(delivery);
  const leave = desk.open.add(stop);
}

/** A request for a count of its tokens. */
export function countEndpoint(desk: Desk, dialect: Dialect, visit: Visit): void {
  receive(
    desk,
    dialect,
    visit,
    (body) => inspectCount(dialect, body, visit.url),
    (ask, share) => count(desk, visit, ask, share),
  );
}

export function count(desk: Desk, visit: Visit, ask: Ask, share: Share): void {
  const { response } = visit;
  response.once('close', () => share.release());
  desk.ports.countTokens(ask).then(
    ({ status, headers, body }) => {
      if (response.destroyed) return;
      response.writeHead(status, { 'content-type': 'application/json', ...headers, 'content-length': String(body.length) });
      response.end(body);
    },
    (error: unknown) => broken(desk, visit, ask.dialect, error),
  );
}

/** In some dialects the request stands inside the question for its count. */
export function inspectCount(dialect: Dialect, body: Buffer, url: string): Result<RequestHead, RequestProblem> {
  const json = dialect.counting && parseObject(body.toString('utf8'));
  const request = json && dialect.counting?.request(json);
  return dialect.inspect(request === undefined || request === json ? body : Buffer.from(JSON.stringify(request)), url);
}

/**
 * What an answer may repeat of its request: read when it is first asked for, and kept. Responses are the only ones that do, and not of
 * their `input`: as most of the body, it would be parsed and kept for nothing. To be called before the request is asked of anybody:
 * what was parsed is not kept any longer.
 */
export function parsedOnce(
  body: Buffer,
  { layout, parsed }: { layout?: Layout | undefined; parsed?: Parsed | undefined } = {},
): () => JsonObject | undefined {
  const whole = parsed?.of === body ? parsed.look() : undefined;
  let read: { json: JsonObject | undefined } | undefined = whole && { json: 'input' in whole ? { ...whole, input: null } : { ...whole } };
  return () => (read ??= { json: withoutInput(body, layout) }).json;
}

function withoutInput(body: Buffer, known: Layout | undefined): JsonObject | undefined {
  const layout = layoutOf(body, known);
  const input = layout.ok ? layout.value.members.get('input') : undefined;
  const text = input ? `${body.toString('utf8', 0, input.start)}null${body.toString('utf8', input.end)}` : body.toString('utf8');
  return parseObject(text);
}
