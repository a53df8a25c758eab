import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import type { LanguageModelV4, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { generateText, jsonSchema, Output, stepCountIs, streamText, tool, wrapLanguageModel } from 'ai';
import { describe, expect, test } from 'vitest';
import type { FaultRule } from '../sim/sim-provider.ts';
import { type SimServer, startSim } from '../sim/serve.ts';
import { createFailover } from './index.ts';
import { flaws } from './testing/sequence.ts';

/** Real packages, which speak to simulated services over loopback. */
const PACKAGES = {
  anthropic: (url: string) => createAnthropic({ baseURL: `${url}/v1`, apiKey: 'k' })('sim-claude'),
  chat: (url: string) => createOpenAI({ baseURL: `${url}/v1`, apiKey: 'k' }).chat('sim-gpt'),
  responses: (url: string) => createOpenAI({ baseURL: `${url}/v1`, apiKey: 'k' })('sim-gpt'),
  google: (url: string) => createGoogleGenerativeAI({ baseURL: `${url}/v1beta`, apiKey: 'k' })('sim-gemini'),
} satisfies Record<string, (url: string) => LanguageModelV4>;
type Package = keyof typeof PACKAGES;
const NAMES = Object.keys(PACKAGES) as Package[];

/** What the lead does: as in test/sdks/cell.ts. */
const CONDITIONS: readonly (FaultRule | undefined)[] = [
  undefined,
  { fault: '529' },
  { fault: 'error-event', position: 'text-middle' },
  { fault: 'stall', position: 'text-middle' },
  { fault: 'cut-inside', position: 'text-middle' },
  { fault: 'clean-end', position: 'text-middle' },
  { fault: '200-html' },
  { fault: '401' },
];
const CONTENTS = { text: 'words=40', tool: 'tools=1', parallel: 'tools=3', reasoning: 'thinking words=20', structured: 'json' } as const;
type Content = keyof typeof CONTENTS;

interface Cell {
  lead: Package;
  backup: Package;
  stream: boolean;
  content: Content;
  fault: FaultRule | undefined;
}

/**
 * Every lead, asked for every content in every condition. Backups, and whether a stream is asked for, take turns; what is cut in the middle is
 * always a stream too, since only that is carried on.
 */
const cells = NAMES.flatMap((lead, first) =>
  (Object.keys(CONTENTS) as Content[]).flatMap((content, second) =>
    CONDITIONS.flatMap((fault, third) => {
      const backup = NAMES[(first + second + third) % NAMES.length]!;
      const cell = { lead, backup, content, fault };
      const streams = fault?.position === undefined ? [(first + second + third) % 2 === 0] : first === second % 4 ? [true, false] : [true];
      return streams.map((stream): Cell => ({ ...cell, stream }));
    }),
  ),
);

interface Experience {
  text: string;
  output?: unknown;
  finish: string;
  /** Executions of the tool, by call. */
  ran: string[];
  /** Every part that the wrapped model gave, by call of the model. */
  streams: LanguageModelV4StreamPart[][];
}

const SCHEMA = jsonSchema<{ city: string }>({
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
});

async function ask(model: LanguageModelV4, { stream, content }: Pick<Cell, 'stream' | 'content'>): Promise<Experience> {
  const ran: string[] = [];
  const streams: LanguageModelV4StreamPart[][] = [];
  const watched = wrapLanguageModel({
    model,
    middleware: {
      specificationVersion: 'v4',
      async wrapStream({ doStream }) {
        const result = await doStream();
        const parts: LanguageModelV4StreamPart[] = [];
        streams.push(parts);
        const note = new TransformStream<LanguageModelV4StreamPart, LanguageModelV4StreamPart>({
          transform(part, controller) {
            parts.push(part);
            controller.enqueue(part);
          },
        });
        return { ...result, stream: result.stream.pipeThrough(note) };
      },
    },
  });
  const look = tool({
    description: 'Looks a topic up',
    inputSchema: jsonSchema<{ topic: string }>({ type: 'object', properties: { topic: { type: 'string' } }, required: ['topic'] }),
    execute(input, { toolCallId }) {
      ran.push(toolCallId);
      return `found ${input.topic}`;
    },
  });
  const question = {
    model: watched,
    prompt: `Tell me of the sea. [sim ${CONTENTS[content]}]`,
    stopWhen: stepCountIs(4),
    maxOutputTokens: 4000,
    maxRetries: 0,
    ...((content === 'tool' || content === 'parallel') && { tools: { look } }),
    ...(content === 'reasoning' && { reasoning: 'medium' as const }),
    ...(content === 'structured' && { output: Output.object({ schema: SCHEMA }) }),
  };
  if (!stream) {
    const result = await generateText(question);
    const { text, finishReason: finish } = result;
    return { text, finish, ran, streams, ...(content === 'structured' && { output: result.output }) };
  }
  let failure: unknown;
  const result = streamText({ ...question, onError: ({ error }) => void (failure = error) });
  await result.consumeStream();
  if (failure !== undefined) throw failure;
  const output = content === 'structured' ? { output: await result.output } : {};
  return { text: await result.text, finish: await result.finishReason, ran, streams, ...output };
}

/** What healthy services say; the words of the simulated ones are the same everywhere. */
async function expected(content: Content): Promise<Experience> {
  const sim = await startSim({ name: 'lead' });
  try {
    return await ask(createFailover({ models: [PACKAGES.anthropic(sim.url)] }), { stream: true, content });
  } finally {
    await sim.close();
  }
}

async function inHouse<Value>(fault: FaultRule | undefined, use: (lead: SimServer, backup: SimServer) => Promise<Value>): Promise<Value> {
  const lead = await startSim({ name: 'lead', strict: true, faults: fault ? [fault] : [] });
  const backup = await startSim({ name: 'backup', strict: true });
  try {
    return await use(lead, backup);
  } finally {
    await Promise.all([lead.close(), backup.close()]);
  }
}

/** The package for Google puts a tool's words into an object; the simulated service says back what it was told. */
function plain(text: string): string {
  return text.replaceAll(/"\{"name":"look","content":"([^"]*)"\}"/g, '"$1"');
}

/** Idle limits only as long as a busy machine needs. */
const DEADLINES = { idle: '800ms', firstEvent: '3s', headers: '10s' };

async function run(cell: Cell, wanted: Experience): Promise<string[]> {
  return inHouse(cell.fault, async (lead, backup) => {
    const model = createFailover({ models: [PACKAGES[cell.lead](lead.url), PACKAGES[cell.backup](backup.url)], deadlines: DEADLINES });
    const wrong: string[] = [];
    try {
      const seen = await ask(model, cell);
      if (plain(seen.text) !== plain(wanted.text)) wrong.push(`text: ${seen.text}`);
      if (seen.finish !== 'stop') wrong.push(`finish: ${seen.finish}`);
      if (JSON.stringify(seen.output) !== JSON.stringify(wanted.output)) wrong.push(`output: ${JSON.stringify(seen.output)}`);
      if (seen.ran.length !== wanted.ran.length || new Set(seen.ran).size !== seen.ran.length) wrong.push(`ran: ${seen.ran.join()}`);
      wrong.push(...seen.streams.flatMap(flaws));
      if (cell.stream && seen.streams.length === 0) wrong.push('no stream was watched');
    } catch (error) {
      wrong.push(String(error));
    }
    const stolen = [...lead.requests(), ...backup.requests()].filter(({ body }) => /understudy/.test(body));
    if (stolen.length > 0) wrong.push('our marks went out');
    if (cell.fault && cell.fault.fault !== '529' && !lead.requests().some(({ fault }) => fault !== undefined) && cell.content === 'text')
      wrong.push('the fault did not strike');
    return wrong;
  });
}

describe('models of the AI SDK’s own packages, behind services that fail', () => {
  test.each(Object.keys(CONTENTS) as Content[])('%s', { timeout: 60_000 }, async (content) => {
    const wanted = await expected(content);
    const waiting = cells.filter((cell) => cell.content === content);
    expect(waiting.length).toBeGreaterThanOrEqual(32);
    const wrong: string[] = [];
    await Promise.all(
      Array.from({ length: 12 }, async () => {
        for (let cell = waiting.pop(); cell; cell = waiting.pop()) {
          const name = `${cell.lead} | ${cell.backup}, ${cell.stream ? 'stream' : 'whole'}, ${cell.fault?.fault ?? 'well'}`;
          wrong.push(...(await run(cell, wanted)).map((what) => `${name}: ${what}`));
        }
      }),
    );
    expect(wrong).toEqual([]);
  });
});
