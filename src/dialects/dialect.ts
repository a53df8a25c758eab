import type { DialectName } from '../exchange/dialect-name.ts';
import type { AnswerEvent } from '../exchange/event.ts';
import type { Fault, WireError } from '../exchange/fault.ts';
import type { JsonObject } from '../exchange/json.ts';
import type { CalledTool } from '../exchange/part.ts';
import type { Effort, Request } from '../exchange/request.ts';
import type { Result } from '../exchange/result.ts';
import type { Layout } from './json-spans.ts';
import type { TargetFacts } from './target-facts.ts';
import type { Parsed } from './top-members.ts';

/** Response or request headers, names in lower case. */
export type Headers = Readonly<Record<string, string | undefined>>;

/** Something the client said that the target's dialect has no word for. Never dropped without one of these. */
export interface Loss {
  /** Where: `tools[2]`, `messages[4].parts[0]`, `top_k`. */
  what: string;
  why: string;
  /** Reasoning of another producer, which nobody but its maker is ever sent. */
  foreignReasoning?: true;
}

/** A request that its own dialect would refuse, found before anyone was asked. */
export interface RequestProblem {
  /** `messages[3].role`; empty when the body as a whole is at fault. */
  field: string;
  message: string;
}

/** What planning needs to know of a request, read from its bytes without decoding it. */
export interface RequestHead {
  model: string;
  stream: boolean;
  /** Length of the body in bytes; input tokens are estimated from it. */
  size: number;
  maxOutputTokens?: number;
  /** Reasoning was asked for (budget, adaptive or an effort other than none). */
  reasoning: boolean;
  effort?: Effort;
  hasTools: boolean;
  /** A JSON answer was demanded: it is not continued as prose. */
  structured: boolean;
  /** The body holds one of our envelopes (see envelope.ts): something that another producer made. */
  foreignParts: boolean;
  /** More than one candidate answer was asked for; only a native target can do that. */
  candidates: number;
  /** Chat's `stream_options.include_usage`; true for dialects that always report usage. */
  includeUsage: boolean;
  /** How a streamed answer is framed where it is not SSE: Gemini's JSON array, without `alt=sse`. The server reframes it. */
  framing?: 'json-array';
  /** Responses: the answer that this request goes on from. The server puts the history in its place, where we have it. */
  previousResponse?: string;
  /** Something that only the vendor's own servers know (`conversation`, a stored prompt, `cachedContents/…`): nobody else can answer. */
  dependsOn?: string;
  /** Responses: the client does not wait for the answer; it asks for it later by id. */
  background?: boolean;
  /** Responses: `store` is not false: the answer may be asked for by id and gone on from. */
  stored?: boolean;
  /** Where the members of the inspected body stand, if it was looked through. */
  layout?: Layout;
  /** The inspected body, if it was parsed. */
  parsed?: Parsed;
}

export interface EncodedRequest {
  body: JsonObject;
  /** Headers that the dialect needs besides auth (`anthropic-version`). */
  headers: Record<string, string>;
  losses: Loss[];
  /** Tools that the client knows otherwise than the target's answer will call them: name in the answer's events -> the client's tool. */
  calls?: ReadonlyMap<string, CalledTool>;
}

/** A change made to a native request's bytes. */
export interface Edit {
  what: string;
  why: string;
}

/**
 * The unit on the path: one event of the wire's stream. `raw` is its exact bytes, up to and including the blank line, with
 * any comment lines before it. `clean` is false where the dialect's official client would trip over the bytes (no `event:`
 * line, something after the terminator, an unknown object on a chat stream): then the events are written anew instead.
 */
export type Frame =
  | { type: 'events'; raw: Buffer; clean: boolean; events: AnswerEvent[] }
  | { type: 'error'; raw: Buffer; error: WireError }
  | { type: 'malformed'; raw: Buffer; reason: string }
  /** The dialect's terminator (`message_stop`, `[DONE]`). Nothing follows it. */
  | { type: 'end'; raw: Buffer; clean: boolean; events: AnswerEvent[] };

/** Incremental: the same frames come out wherever the bytes are cut. After an `end`, `error` or `malformed` frame it yields nothing more. */
export interface StreamDecoder {
  push(chunk: Buffer): Frame[];
  /** At the end of the body: a `malformed` frame if an event was cut in half, else nothing. */
  end(): Frame[];
  /**
   * How far a kept answer has come, where its dialect can be asked for the rest of one. Forgets an event of which only a piece has come:
   * what is pushed next begins after the last whole one.
   */
  place?(): AnswerPlace | undefined;
}

/** A place in an answer that its provider keeps. */
export interface AnswerPlace {
  id: string;
  /** Number of the last event that has come. */
  after: number;
}

export interface EncoderContext {
  exchange: string;
  head: Pick<RequestHead, 'model' | 'stream' | 'includeUsage' | 'background'>;
  /** UTC seconds for dialects that stamp their answers. */
  created: number;
  /** The client's request, for dialects whose answers repeat parts of it (Responses). Parsed when first asked for. */
  request?: () => JsonObject | undefined;
}

/** Writes one answer. What went to the client as raw bytes is told to it by `observe`, so that it can carry on from there. */
export interface StreamEncoder {
  /** `raw`: the bytes that said so, for dialects that number what they write (Responses). */
  observe(events: readonly AnswerEvent[], raw?: Buffer): void;
  encode(events: readonly AnswerEvent[]): string;
  /** What is still missing of a proper end: held-back finish, usage, terminator. Empty when all of it has been written or observed. */
  end(terminatorSeen: boolean): string;
  /** An in-band error frame. No terminator follows it. */
  error(fault: Fault): string;
  /** Where two attempts meet: an SSE comment, for clients that bear one; otherwise empty. */
  seam(from: string, to: string): string;
}

export interface EncodedError {
  status: number;
  headers: Record<string, string>;
  body: JsonObject;
}

/** The same functions in two directions, the same shape in every dialect. Pure. */
export interface Dialect {
  name: DialectName;
  /** A stream has no terminator: after the finish reason it ends with its connection (Gemini). */
  endsWithConnection?: true;
  /** A tool call is one piece: its arguments can't be told as they come (Gemini). */
  wholeCalls?: true;
  /** A frame that keeps a client waiting without saying anything. */
  keepAlive: string;
  /**
   * Where requests go, relative to a provider's base URL: `/v1/messages`, `/chat/completions`. A native target gets the client's own
   * path and query too, where the dialect has versions of it (`/v1`, `/v1beta`).
   */
  endpoint(model: string, stream: boolean, clientPath?: string): string;
  /**
   * `path`: path and query as the client asked; Gemini's says which model and whether to stream. `parse`: the request is likely to be
   * decoded, so that it is better parsed now than looked through. What comes out is the same.
   */
  inspect(body: Buffer, path: string, parse?: boolean): Result<RequestHead, RequestProblem>;
  decodeRequest(body: JsonObject, path: string): Result<Request, RequestProblem>;
  encodeRequest(request: Request, facts: TargetFacts): EncodedRequest;
  /**
   * A native target's request: the client's bytes with the model replaced and parts that this vendor would refuse cut out
   * (or unwrapped, when they are its own). Everything else stays byte for byte. `layout`: of the same bytes, where `inspect` found it.
   */
  adaptRequest(body: Buffer, model: string, facts: TargetFacts, layout?: Layout): { body: Buffer; edits: Edit[] };
  decoder(): StreamDecoder;
  /** A whole body. The events are those of a stream that says the same. */
  decodeAnswer(body: JsonObject): Result<AnswerEvent[], string>;
  encoder(context: EncoderContext): StreamEncoder;
  encodeAnswer(events: readonly AnswerEvent[], context: EncoderContext): JsonObject;
  /** From an HTTP error, or from a body that says `error` under status 200. `undefined`: the body is no error of this dialect. `known`: what it says, where it has been parsed. */
  decodeError(status: number, headers: Headers, body: string, known?: JsonObject): WireError | undefined;
  encodeError(fault: Fault, exchange: string): EncodedError;
  /** For providers that go on making an answer when its connection is lost, and can be asked for the rest. */
  resume?: {
    /** The request, asked so that this holds. */
    inBackground(body: Buffer): Buffer;
    /** `path`: where the answer was asked for, with its query. */
    restPath(path: string, place: AnswerPlace): string;
    cancelPath(path: string, place: AnswerPlace): string;
  };
  /** The dialect's call for counting a request's tokens without asking for an answer. */
  counting?: {
    endpoint(model: string, clientPath?: string): string;
    /** The body's request is in the form that `inspect` and `decodeRequest` take. Identity for most. */
    request(body: JsonObject): JsonObject;
    /** Tokens that an answer tells; `undefined`: it is none. */
    read(body: JsonObject): number | undefined;
    /** An estimate in the shape of an answer, marked as one by `understudy_estimate`. */
    estimate(tokens: number): JsonObject;
  };
}
