import { type Client, MOST_ROUNDS } from './client.ts';

/** What of `@openai/agents` is used here. */
export interface AgentsPackage {
  Agent: new (options: object) => object;
  Runner: new (options: object) => { run(agent: object, prompt: string, options: object): Promise<AgentsRun> };
  OpenAIProvider: new (options: object) => object;
  tool(options: object): object;
}

interface AgentsRun extends AsyncIterable<unknown> {
  finalOutput?: unknown;
  completed?: Promise<void>;
}

/** OpenAI's Agents SDK, which speaks Responses, with its own loop for tools. */
export function agents({ Agent, Runner, OpenAIProvider, tool: makeTool }: AgentsPackage): Client {
  return async ({ address, key, model, prompt, stream, tool }) => {
    const provider = new OpenAIProvider({ apiKey: key, baseURL: `${address}/v1`, useResponses: true });
    const tools = tool
      ? [
          makeTool({
            name: tool.name,
            description: tool.description,
            parameters: { ...tool.schema, additionalProperties: true },
            strict: false,
            execute: (args: unknown) => tool.run(args),
          }),
        ]
      : [];
    const agent = new Agent({ name: 'Assistant', instructions: 'Answer.', model, tools });
    const runner = new Runner({ modelProvider: provider, tracingDisabled: true });
    const run = await runner.run(agent, prompt, { stream, maxTurns: MOST_ROUNDS });
    if (stream) {
      for await (const _event of run);
      await run.completed;
    }
    return { text: typeof run.finalOutput === 'string' ? run.finalOutput : '', stop: run.finalOutput === undefined ? undefined : 'final' };
  };
}
