import { createGoogle } from '@ai-sdk/google';
import { describe, expect, test } from 'vitest';
import { parseObject, type JsonObject } from '../../exchange/json.ts';
import { answerOf, decode, eventsOf } from './chunks.ts';
import { encoder } from './encode-stream.ts';
import { asEvents, recordings } from './official-client.ts';

interface Message {
  text: string;
  thoughts: string;
  calls: { name: string; args: JsonObject | undefined }[];
  finish: string | undefined;
  input: number | undefined;
  output: number | undefined;
}

/** What Vercel's provider, which is not of our making, reads from the same bytes. */
async function readByVercel(bytes: string): Promise<Message> {
  const provider = createGoogle({
    apiKey: 'test',
    fetch: () => Promise.resolve(new Response(bytes, { headers: { 'content-type': 'text/event-stream' } })),
  });
  const prompt = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'any' }] }];
  const { stream } = await provider('gemini-3-pro').doStream({ prompt });
  const message: Message = { text: '', thoughts: '', calls: [], finish: undefined, input: undefined, output: undefined };
  for await (const part of stream) {
    if (part.type === 'text-delta') message.text += part.delta;
    else if (part.type === 'reasoning-delta') message.thoughts += part.delta;
    else if (part.type === 'tool-call') message.calls.push({ name: part.toolName, args: parseObject(part.input) });
    else if (part.type === 'finish') {
      message.finish = part.finishReason.unified;
      message.input = part.usage.inputTokens.total;
      message.output = part.usage.outputTokens.total;
    }
  }
  return message;
}

function readByUs(bytes: string): Message {
  const { parts, finish, usage } = answerOf(bytes);
  const words = (type: string): string => parts.map((part) => (part.head.type === type ? part.text : '')).join('');
  return {
    text: words('text'),
    thoughts: words('reasoning'),
    calls: parts.flatMap(({ head, arguments: json }) => (head.type === 'tool-call' ? [{ name: head.name, args: parseObject(json) }] : [])),
    finish: finish?.reason,
    input: usage.input,
    output: usage.output,
  };
}

const streams = recordings().filter(({ stream }) => stream);

describe.skipIf(streams.length === 0)("Vercel's provider as an oracle", () => {
  test.each(streams.map(({ name, chunks }) => [name, asEvents(chunks)] as const))('%s', async (_name, bytes) => {
    const ours = readByUs(bytes);
    expect(ours).toEqual(await readByVercel(bytes));
    const writer = encoder({ exchange: 'x_1', head: { model: 'm', stream: true, includeUsage: true }, created: 1 });
    const again = writer.encode(eventsOf(decode(bytes))) + writer.end(false);
    expect(await readByVercel(again)).toEqual(ours);
  });
});
