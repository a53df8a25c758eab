import OpenAI from 'openai';
import type { JsonObject } from '../../exchange/json.ts';

/** For tests: what OpenAI's own client makes of a stream, put together by its helper. Throws what the client throws. */
export async function readWithOpenai(bytes: string | Buffer): Promise<JsonObject> {
  const stream = clientOver(bytes, 'text/event-stream').responses.stream({ model: 'any', input: 'hello' });
  return plain(await stream.finalResponse());
}

/** The events as the same client hands them out one by one. */
export async function eventsWithOpenai(bytes: string | Buffer): Promise<JsonObject[]> {
  const events: JsonObject[] = [];
  const stream = await clientOver(bytes, 'text/event-stream').responses.create({ model: 'any', input: 'hello', stream: true });
  for await (const event of stream) events.push(event as unknown as JsonObject);
  return events;
}

/** A whole body. */
export async function bodyWithOpenai(body: JsonObject): Promise<JsonObject> {
  return plain(await clientOver(JSON.stringify(body), 'application/json').responses.create({ model: 'any', input: 'hello' }));
}

function clientOver(bytes: string | Buffer, type: string): OpenAI {
  return new OpenAI({
    apiKey: 'test',
    baseURL: 'http://127.0.0.1:1/v1',
    maxRetries: 0,
    logLevel: 'off',
    fetch: () => Promise.resolve(new Response(Buffer.from(bytes), { headers: { 'content-type': type } })),
  });
}

/** Without what the helper adds for its users. */
const HELP = new Set(['output_text', 'output_parsed', 'parsed', 'parsed_arguments', '_request_id']);

function plain(response: object): JsonObject {
  return JSON.parse(JSON.stringify(response, (key, value: unknown) => (HELP.has(key) ? undefined : value))) as JsonObject;
}
