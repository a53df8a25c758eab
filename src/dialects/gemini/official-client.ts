/** For tests: Google's own client as the judge of what we write, and recorded real answers where they are at hand. */
import { GoogleGenAI, type GenerateContentResponse } from '@google/genai';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, parseObject, type Json, type JsonObject } from '../../exchange/json.ts';

/** What a person or a program would call the answer. */
export interface ReadAnswer {
  text: string;
  thoughts: string;
  calls: { id?: string; name: string; args: Json }[];
  signatures: string[];
  /** Parts that are none of these. */
  others: JsonObject[];
  finish?: string;
  blocked?: string;
  usage?: JsonObject;
  model?: string;
  id?: string;
}

function clientOver(bytes: Buffer | string, type: string, cut: number): GoogleGenAI {
  const answer = (): Promise<Response> =>
    Promise.resolve(new Response(chunked(Buffer.from(bytes), cut), { headers: { 'content-type': type } }));
  return new GoogleGenAI({ apiKey: 'test', vertexai: false, httpOptions: { baseUrl: 'http://127.0.0.1:1', fetch: answer } });
}

/** What the client makes of these bytes as an answer to `generateContentStream`. Throws what the client throws. */
export async function readByGoogle(bytes: Buffer | string, cut = 4096): Promise<ReadAnswer> {
  const client = clientOver(bytes, 'text/event-stream', cut);
  const chunks: GenerateContentResponse[] = [];
  for await (const chunk of await client.models.generateContentStream({ model: 'any', contents: 'any' })) chunks.push(chunk);
  return put(chunks);
}

/** The same of a whole body. */
export async function readBodyByGoogle(body: JsonObject): Promise<ReadAnswer> {
  const client = clientOver(JSON.stringify(body), 'application/json', 4096);
  return put([await client.models.generateContent({ model: 'any', contents: 'any' })]);
}

/** The parts that a chat session of the client would send back; it keeps none of an answer that it finds invalid. */
export async function historyByGoogle(bytes: Buffer | string): Promise<JsonObject[]> {
  const chat = clientOver(bytes, 'text/event-stream', 4096).chats.create({ model: 'any' });
  for await (const _ of await chat.sendMessageStream({ message: 'any' }));
  const said = chat.getHistory(true).filter(({ role }) => role === 'model');
  return JSON.parse(JSON.stringify(said.flatMap(({ parts = [] }) => parts))) as JsonObject[];
}

function put(chunks: GenerateContentResponse[]): ReadAnswer {
  const answer: ReadAnswer = { text: '', thoughts: '', calls: [], signatures: [], others: [] };
  for (const chunk of chunks) {
    const said = JSON.parse(JSON.stringify(chunk)) as JsonObject;
    const candidate = Array.isArray(said.candidates) && isObject(said.candidates[0]) ? said.candidates[0] : {};
    const content = isObject(candidate.content) ? candidate.content : {};
    for (const part of Array.isArray(content.parts) ? content.parts : []) if (isObject(part)) take(part, answer);
    if (typeof candidate.finishReason === 'string') answer.finish = candidate.finishReason;
    const feedback = said.promptFeedback;
    if (isObject(feedback) && typeof feedback.blockReason === 'string') answer.blocked = feedback.blockReason;
    if (isObject(said.usageMetadata)) answer.usage = said.usageMetadata;
    if (typeof said.modelVersion === 'string') answer.model = said.modelVersion;
    if (typeof said.responseId === 'string') answer.id = said.responseId;
  }
  return answer;
}

function take(part: JsonObject, answer: ReadAnswer): void {
  if (typeof part.thoughtSignature === 'string') answer.signatures.push(part.thoughtSignature);
  const call = part.functionCall;
  if (isObject(call)) {
    answer.calls.push({ ...(typeof call.id === 'string' && { id: call.id }), name: String(call.name), args: call.args ?? {} });
  } else if (typeof part.text !== 'string') answer.others.push(part);
  else if (part.thought === true) answer.thoughts += part.text;
  else answer.text += part.text;
}

function chunked(bytes: Buffer, cut: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(new Uint8Array(bytes.subarray(at, at + cut)));
      at += cut;
    },
  });
}

const RECORDINGS = `${process.env.UNDERSTUDY_CORPORA ?? '/work/shared/corpora'}/vercel-ai-fixtures`;

export interface Recording {
  name: string;
  /** Payloads of a stream's events, or one whole body. */
  chunks: string[];
  stream: boolean;
}

/** Answers of `generateContent` that Google really gave; none where the corpora are not at hand. Other APIs' are left out. */
export function recordings(): Recording[] {
  return ['google', 'google-vertex'].flatMap((folder) => {
    const path = join(RECORDINGS, folder);
    if (!existsSync(path)) return [];
    return readdirSync(path)
      .toSorted()
      .flatMap((name) => {
        const content = readFileSync(join(path, name), 'utf8');
        const stream = name.endsWith('.chunks.txt');
        const chunks = stream ? content.split('\n').filter(Boolean) : [content];
        return chunks.every((chunk) => Array.isArray(parseObject(chunk)?.candidates)) ? [{ name, chunks, stream }] : [];
      });
  });
}

/** As Google frames them. */
export function asEvents(chunks: readonly string[]): string {
  return chunks.map((chunk) => `data: ${chunk}\r\n\r\n`).join('');
}
