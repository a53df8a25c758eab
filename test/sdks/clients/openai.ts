import OpenAI from 'openai';
import { type Client, MOST_ROUNDS, tooManyRounds } from './client.ts';

/** `openai`: `chat.completions.stream` and `create`; also for clients that are made like it (Groq's). */
export function chatWith(make: (address: string, key: string) => Pick<OpenAI, 'chat'>, streams: 'helper' | 'iterator' = 'helper'): Client {
  return async ({ address, key, model, prompt, stream, tool, schema }) => {
    const client = make(address, key);
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: prompt }];
    for (let round = 0; round <= MOST_ROUNDS; round++) {
      const question = {
        model,
        messages,
        ...(schema && { response_format: { type: 'json_schema' as const, json_schema: { name: 'sea', schema, strict: true } } }),
        ...(tool && {
          tools: [
            { type: 'function' as const, function: { name: tool.name, description: tool.description, parameters: { ...tool.schema } } },
          ],
        }),
      };
      const choice = !stream
        ? (await client.chat.completions.create(question)).choices[0]
        : streams === 'helper'
          ? (await client.chat.completions.stream(question).finalChatCompletion()).choices[0]
          : await gathered(await client.chat.completions.create({ ...question, stream: true }));
      const message = choice?.message;
      const calls = message?.tool_calls ?? [];
      if (!message || calls.length === 0 || !tool) return { text: message?.content ?? '', stop: choice?.finish_reason ?? undefined };
      messages.push({ role: 'assistant', content: message.content, tool_calls: calls });
      for (const call of calls) {
        const args: unknown = call.type === 'function' ? JSON.parse(call.function.arguments) : {};
        messages.push({ role: 'tool', tool_call_id: call.id, content: tool.run(args) });
      }
    }
    throw tooManyRounds();
  };
}

type Gathered = Pick<OpenAI.ChatCompletion.Choice, 'finish_reason'> & {
  message: Pick<OpenAI.ChatCompletionMessage, 'content' | 'tool_calls'>;
};

/** Chunks put together as every tutorial does. */
async function gathered(chunks: AsyncIterable<OpenAI.ChatCompletionChunk>): Promise<Gathered | undefined> {
  let finish: OpenAI.ChatCompletion.Choice['finish_reason'] | undefined;
  let content = '';
  const calls: OpenAI.ChatCompletionMessageFunctionToolCall[] = [];
  for await (const { choices } of chunks) {
    const [choice] = choices;
    content += choice?.delta.content ?? '';
    finish = choice?.finish_reason ?? finish;
    for (const piece of choice?.delta.tool_calls ?? []) {
      const call = (calls[piece.index] ??= { id: '', type: 'function', function: { name: '', arguments: '' } });
      call.id ||= piece.id ?? '';
      call.function.name += piece.function?.name ?? '';
      call.function.arguments += piece.function?.arguments ?? '';
    }
  }
  if (finish === undefined) return undefined;
  return { finish_reason: finish, message: { content, ...(calls.length > 0 && { tool_calls: calls }) } };
}

export const openaiChat: Client = chatWith((address, apiKey) => new OpenAI({ baseURL: `${address}/v1`, apiKey }));

/** `openai`: `responses.stream` and `create`, the history going back item by item. */
export const openaiResponses: Client = responses(false);

/** The same, each turn going on from the last by `previous_response_id`. */
export const openaiResponsesKept: Client = responses(true);

function responses(kept: boolean): Client {
  return async ({ address, key, model, prompt, stream, tool, schema }) => {
    const client = new OpenAI({ baseURL: `${address}/v1`, apiKey: key });
    let input: OpenAI.Responses.ResponseInputItem[] = [{ role: 'user', content: prompt }];
    let previous: string | undefined;
    for (let round = 0; round <= MOST_ROUNDS; round++) {
      const question = {
        model,
        input,
        store: kept,
        ...(previous !== undefined && { previous_response_id: previous }),
        ...(schema && { text: { format: { type: 'json_schema' as const, name: 'sea', schema, strict: true } } }),
        ...(tool && {
          tools: [
            { type: 'function' as const, name: tool.name, description: tool.description, parameters: { ...tool.schema }, strict: false },
          ],
        }),
      };
      const answer = stream ? await client.responses.stream(question).finalResponse() : await client.responses.create(question);
      const calls = answer.output.flatMap((item) =>
        item.type === 'function_call' ? [item as OpenAI.Responses.ResponseFunctionToolCall] : [],
      );
      if (calls.length === 0 || !tool) return { text: answer.output_text, stop: answer.status };
      const results = calls.map((call) => ({
        type: 'function_call_output' as const,
        call_id: call.call_id,
        output: tool.run(JSON.parse(call.arguments)),
      }));
      previous = kept ? answer.id : undefined;
      input = kept ? results : [...input, ...(answer.output as OpenAI.Responses.ResponseInputItem[]), ...results];
    }
    throw tooManyRounds();
  };
}
