import { type Client, MOST_ROUNDS, tooManyRounds } from './client.ts';

/** What of `@mistralai/mistralai` is used here. */
export interface MistralPackage {
  Mistral: new (options: object) => {
    chat: { complete(question: object): Promise<MistralAnswer>; stream(question: object): Promise<AsyncIterable<{ data: MistralChunk }>> };
  };
}

interface MistralCall {
  id?: string;
  index?: number;
  function: { name: string; arguments: unknown };
}
interface MistralAnswer {
  choices: { finishReason: string; message: { content?: unknown; toolCalls?: MistralCall[] | null } }[];
}
interface MistralChunk {
  choices: { finishReason: string | null; delta: { content?: unknown; toolCalls?: MistralCall[] | null } }[];
}

/** Mistral's own SDK. */
export function mistral({ Mistral }: MistralPackage): Client {
  return async ({ address, key, model, prompt, stream, tool }) => {
    const client = new Mistral({ serverURL: address, apiKey: key });
    const messages: object[] = [{ role: 'user', content: prompt }];
    for (let round = 0; round <= MOST_ROUNDS; round++) {
      const question = {
        model,
        messages,
        ...(tool && {
          tools: [{ type: 'function', function: { name: tool.name, description: tool.description, parameters: tool.schema } }],
        }),
      };
      let text = '';
      let stop: string | undefined;
      const calls: MistralCall[] = [];
      if (stream) {
        for await (const { data } of await client.chat.stream(question)) {
          const [choice] = data.choices;
          if (typeof choice?.delta.content === 'string') text += choice.delta.content;
          stop = choice?.finishReason ?? stop;
          for (const piece of choice?.delta.toolCalls ?? []) addPiece(calls, piece);
        }
      } else {
        const [choice] = (await client.chat.complete(question)).choices;
        if (typeof choice?.message.content === 'string') text = choice.message.content;
        stop = choice?.finishReason;
        calls.push(...(choice?.message.toolCalls ?? []));
      }
      if (calls.length === 0 || !tool) return { text, stop };
      messages.push({ role: 'assistant', content: text, toolCalls: calls });
      for (const call of calls) {
        const args: unknown = typeof call.function.arguments === 'string' ? JSON.parse(call.function.arguments) : call.function.arguments;
        messages.push({ role: 'tool', toolCallId: call.id, name: call.function.name, content: tool.run(args) });
      }
    }
    throw tooManyRounds();
  };
}

function addPiece(calls: MistralCall[], piece: MistralCall): void {
  const known = calls[piece.index ?? calls.length];
  if (!known) calls.push({ ...piece, function: { ...piece.function } });
  else known.function.arguments = `${String(known.function.arguments)}${String(piece.function.arguments)}`;
}
