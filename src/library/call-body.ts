import type { LanguageModelV4CallOptions, LanguageModelV4Message } from '@ai-sdk/provider';
import type { Json, JsonObject } from '../exchange/json.ts';

/**
 * What a model is asked, as JSON: the call's options with the prompt under `messages`, as all dialects have their history under a name that
 * says so (failover/conversation.ts). What is no JSON stays outside: the signal and the headers travel beside it, found by `exchange`.
 */
export interface CallBody extends JsonObject {
  exchange: string;
  messages: JsonObject[];
}

/** Throws where the prompt holds what is no JSON (a cycle, a bigint), as the packages do that write it on a wire. */
export function callBody(exchange: string, options: LanguageModelV4CallOptions): CallBody {
  const { prompt, abortSignal: _, headers: __, includeRawChunks: ___, ...rest } = options;
  return { ...(rest as unknown as JsonObject), exchange, messages: prompt.map((message) => asJson(message) as unknown as JsonObject) };
}

/** The options again, for the model. */
export function optionsOf(body: CallBody): LanguageModelV4CallOptions {
  const { messages, exchange: _, ...rest } = body;
  return { ...(rest as object), prompt: messages.map((message) => revived(message)) };
}

/** Bytes become base64, which every model takes as well; addresses become text. */
function asJson(message: LanguageModelV4Message): LanguageModelV4Message | object {
  if (message.role === 'system') return message;
  return { ...message, content: message.content.map((part) => changed(part as Piece, encoded)) };
}

function revived(message: JsonObject): LanguageModelV4Message {
  if (!Array.isArray(message.content)) return message as unknown as LanguageModelV4Message;
  const content = message.content.map((part) => changed(part as Piece, decoded));
  return { ...message, content } as unknown as LanguageModelV4Message;
}

/** A part of a message, or of a tool's result: files are in both. */
interface Piece {
  data?: { type: string; data?: unknown; url?: unknown };
  output?: { type: string; value?: unknown };
}

function changed(piece: Piece, change: (data: NonNullable<Piece['data']>) => object): object {
  if (typeof piece.data === 'object') return { ...piece, data: change(piece.data) };
  const { output } = piece;
  if (output?.type !== 'content' || !Array.isArray(output.value)) return piece;
  return { ...piece, output: { ...output, value: output.value.map((inner) => changed(inner as Piece, change)) } };
}

function encoded(data: NonNullable<Piece['data']>): object {
  if (data.type === 'data' && data.data instanceof Uint8Array) {
    const { buffer, byteOffset, byteLength } = data.data;
    return { ...data, data: Buffer.from(buffer, byteOffset, byteLength).toString('base64') };
  }
  return data.type === 'url' ? { ...data, url: String(data.url) } : data;
}

function decoded(data: NonNullable<Piece['data']>): object {
  return data.type === 'url' && typeof data.url === 'string' ? { ...data, url: new URL(data.url) } : data;
}

/** A piece of JSON that a model's part is, for the vocabulary's extension bags; and the way back. */
export function bag(value: object): JsonObject {
  return value as JsonObject;
}

export function unbag<Part>(value: Json | undefined): Part {
  return value as Part;
}
