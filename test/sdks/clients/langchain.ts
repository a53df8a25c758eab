import { type Client, MOST_ROUNDS, tooManyRounds } from './client.ts';

/** What of LangChain's chat models is used here; the packages are brought on demand and have no types in this repository. */
export interface LangChainModel {
  bindTools(tools: object[]): LangChainModel;
  invoke(messages: object[]): Promise<LangChainMessage>;
  stream(messages: object[]): Promise<AsyncIterable<LangChainMessage & { concat(other: unknown): LangChainMessage }>>;
}

interface LangChainMessage {
  text: string;
  tool_calls?: { id?: string; name: string; args: unknown }[];
  response_metadata: Record<string, unknown>;
}

/** LangChain JS over one of its packages. */
export function langchain(make: (address: string, key: string, model: string) => LangChainModel): Client {
  return async ({ address, key, model, prompt, stream, tool }) => {
    const bare = make(address, key, model);
    const asked = tool ? bare.bindTools([{ name: tool.name, description: tool.description, schema: tool.schema }]) : bare;
    const messages: object[] = [{ role: 'user', content: prompt }];
    for (let round = 0; round <= MOST_ROUNDS; round++) {
      const answer = stream ? await joined(await asked.stream(messages)) : await asked.invoke(messages);
      const calls = answer.tool_calls ?? [];
      if (calls.length === 0 || !tool) return { text: answer.text, stop: stopOf(answer.response_metadata) };
      messages.push(
        answer,
        ...calls.map((call) => ({ role: 'tool', tool_call_id: call.id ?? '', name: call.name, content: tool.run(call.args) })),
      );
    }
    throw tooManyRounds();
  };
}

async function joined(chunks: AsyncIterable<LangChainMessage & { concat(other: unknown): LangChainMessage }>): Promise<LangChainMessage> {
  let whole: (LangChainMessage & { concat(other: unknown): LangChainMessage }) | undefined;
  for await (const chunk of chunks) whole = whole ? (whole.concat(chunk) as typeof chunk) : chunk;
  if (!whole) throw new Error('LangChain gave no chunk');
  return whole;
}

/** Each package has its own word for it. */
function stopOf(metadata: Record<string, unknown>): string | undefined {
  for (const name of ['stop_reason', 'finish_reason', 'finishReason', 'status']) {
    const value = metadata[name];
    if (typeof value === 'string') return value;
  }
  return undefined;
}
