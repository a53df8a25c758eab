/**
 * The acceptance tests of Open Responses (openresponses/openresponses, src/lib/compliance-tests.ts, read in November 2026), its HTTP cases
 * rebuilt: what is asked, the schema of the response and of each event, and what each case looks for. Once to a simulated service of the
 * dialect itself and then through Understudy to services of all four: no case is worse. Its WebSocket cases are left out: Understudy answers
 * the upgrade with 426, on which clients go on over HTTP.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isObject, parseObject, type Json, type JsonObject } from '../../src/exchange/json.ts';
import { startSim, type SimServer } from '../../src/sim/serve.ts';
import { settingsOf } from '../sockets/house.ts';
import { startUnderstudy, type Understudy } from '../sockets/understudy.ts';
import { TARGETS } from './pair.ts';
import { checkerOf } from './schemas.ts';

const HEART = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

interface Case {
  name: string;
  input: Json;
  tools?: Json;
  stream?: true;
  /** The kind of item that has to be in the output. */
  item: string;
  /** The case looks for status `completed`. */
  completed: boolean;
}

function message(role: string, content: Json): JsonObject {
  return { type: 'message', role, content };
}

const WEATHER: JsonObject = {
  type: 'function',
  name: 'get_weather',
  description: 'Get the current weather for a location',
  parameters: { type: 'object', properties: { location: { type: 'string', description: 'City and state' } }, required: ['location'] },
};

const CASES: Case[] = [
  { name: 'basic response', input: [message('user', 'Say hello in exactly 3 words.')], item: 'message', completed: true },
  { name: 'streaming response', input: [message('user', 'Count from 1 to 5.')], stream: true, item: 'message', completed: true },
  {
    name: 'system prompt',
    input: [message('system', 'You are a pirate. Always respond in pirate speak.'), message('user', 'Say hello.')],
    item: 'message',
    completed: true,
  },
  {
    name: 'tool calling',
    // The simulated model has to be told to use one.
    input: [message('user', "What's the weather like in San Francisco? [sim tools=1]")],
    tools: [WEATHER],
    item: 'function_call',
    completed: false,
  },
  {
    name: 'image input',
    input: [
      message('user', [
        { type: 'input_text', text: 'What do you see in this image? Answer in one sentence.' },
        { type: 'input_image', image_url: HEART },
      ]),
    ],
    item: 'message',
    completed: true,
  },
  {
    name: 'multi-turn',
    input: [
      message('user', 'My name is Alice.'),
      message('assistant', 'Hello Alice! Nice to meet you. How can I help you today?'),
      message('user', 'What is my name?'),
    ],
    item: 'message',
    completed: true,
  },
];

const checker = checkerOf('Open Responses');

/** What the acceptance test would object to; empty when it passes. */
async function objections(origin: string, model: string, { input, tools, stream, item, completed }: Case): Promise<string[]> {
  const response = await fetch(`${origin}/v1/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer sk-compliance' },
    body: JSON.stringify({ model, input, ...(tools !== undefined && { tools }), stream: stream ?? false }),
  });
  const text = await response.text();
  if (!response.ok) return [`${response.status}: ${text.slice(0, 300)}`];
  const found: string[] = [];
  let final = stream ? undefined : parseObject(text);
  if (stream) {
    const events = Array.from(text.matchAll(/^data: (\{.*)$/gm), ([, data]) => parseObject(data!) ?? {});
    if (events.length === 0) found.push('no events');
    for (const event of events) {
      const schema = checker!.ofEvent(String(event.type));
      found.push(
        ...(schema === undefined
          ? [`unknown event ${String(event.type)}`]
          : checker!.check(schema, event).map((wrong) => `${schema}${wrong}`)),
      );
      if (/^response\.(completed|incomplete|failed)$/.test(String(event.type)) && isObject(event.response)) final = event.response;
    }
  }
  if (!final) return [...found, 'no response'];
  found.push(...checker!.check('ResponseResource', final));
  const output = Array.isArray(final.output) ? final.output.filter(isObject) : [];
  if (!output.some(({ type }) => type === item)) found.push(`no ${item} in the output`);
  if (completed && final.status !== 'completed') found.push(`status is ${String(final.status)}`);
  return found;
}

describe.skipIf(!checker)('Open Responses acceptance', () => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-compliance-'));
  let sim: SimServer;
  let understudy: Understudy;

  beforeAll(async () => {
    sim = await startSim({ strict: true });
    understudy = await startUnderstudy({
      folder,
      config: {
        providers: Object.fromEntries(TARGETS.map((target) => [target, settingsOf(target, sim.url, 'sk-compliance')])),
        routes: Object.fromEntries(TARGETS.map((target) => [`to-${target}`, { targets: [`${target}/the-model`] }])),
      },
    });
  }, 40_000);

  afterAll(async () => {
    await understudy.stop();
    await sim.close();
    rmSync(folder, { recursive: true });
  });

  test.each(CASES.map((each) => [each.name, each] as const))('%s', async (_name, each) => {
    const direct = await objections(sim.url, 'the-model', each);
    // A response of OpenAI's has no penalties, which Open Responses wants; the simulated one has none either.
    expect(direct.filter((wrong) => !wrong.includes("required property 'presence_penalty'"))).toEqual([]);
    const through = Object.fromEntries(
      await Promise.all(TARGETS.map(async (target) => [target, await objections(understudy.address, `to-${target}`, each)] as const)),
    );
    // A native target's answer passes as it is; what we write ourselves has nothing wrong with it.
    expect(through).toEqual({ 'anthropic-messages': [], 'openai-chat': [], 'openai-responses': direct, gemini: [] });
  });
});
