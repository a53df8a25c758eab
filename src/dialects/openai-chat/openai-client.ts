import OpenAI from 'openai';
import type { ChatCompletion } from 'openai/resources/chat/completions';

/** For tests: OpenAI's own client, which is given `bytes` as the answer, and what it makes of them. Throws what the client throws. */
export async function readWithOpenai(bytes: string | Buffer, cut = 4096): Promise<ChatCompletion> {
  const client = new OpenAI({
    apiKey: 'test',
    baseURL: 'http://127.0.0.1:1/v1',
    maxRetries: 0,
    fetch: async () => new Response(chunked(Buffer.from(bytes), cut), { headers: { 'content-type': 'text/event-stream' } }),
  });
  const completion = await client.chat.completions
    .stream({ model: 'any', messages: [{ role: 'user', content: 'hello' }] })
    .finalChatCompletion();
  return JSON.parse(JSON.stringify(completion)) as ChatCompletion;
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
