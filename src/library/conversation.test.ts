import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import type { LanguageModelV4 } from '@ai-sdk/provider';
import { APICallError, generateText, jsonSchema, type ModelMessage, Output, stepCountIs, streamText, tool, ToolLoopAgent } from 'ai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../exchange/clock.ts';
import { journalSettings } from '../journal/settings.ts';
import { openJournal } from '../journal/open.ts';
import { type SimServer, startSim } from '../sim/serve.ts';
import { createFailover, createFailoverHealth } from './index.ts';

let lead: SimServer;
let backup: SimServer;
beforeAll(async () => {
  lead = await startSim({ name: 'lead', strict: true });
  backup = await startSim({ name: 'backup', strict: true });
});
afterAll(() => Promise.all([lead.close(), backup.close()]));

const MODELS = {
  anthropic: (url: string) => createAnthropic({ baseURL: `${url}/v1`, apiKey: 'k' })('claude-sonnet-4-5'),
  responses: (url: string) => createOpenAI({ baseURL: `${url}/v1`, apiKey: 'k' })('gpt-5.2'),
  google: (url: string) => createGoogleGenerativeAI({ baseURL: `${url}/v1beta`, apiKey: 'k' })('gemini-3-pro'),
} satisfies Record<string, (url: string) => LanguageModelV4>;
type Package = keyof typeof MODELS;

const look = tool({
  inputSchema: jsonSchema<{ topic: string }>({ type: 'object', properties: { topic: { type: 'string' } }, required: ['topic'] }),
  execute: ({ topic }) => `found ${topic}`,
});
/** Thinks, calls a tool and answers. */
const QUESTION: ModelMessage = { role: 'user', content: 'Think of the sea and look it up. [sim thinking tools=1]' };

function set(sim: SimServer, fault: string | undefined): void {
  const done = sim.setFaults(fault === undefined ? [] : [{ fault }]);
  if (!done.ok) throw new Error(done.error);
}

/** Reasoning is asked for, in any of the wires. */
const THINKS = /"thinking":\{"type":"(enabled|adaptive)"|"reasoning":\{"effort"|"thinkingConfig"/;

/** Signatures of simulated makers say whose they are (src/sim/signature.ts). */
function makersIn(sim: SimServer): string[] {
  const bodies = sim
    .requests()
    .map(({ body }) => body)
    .join('\n');
  const found = [...bodies.matchAll(/[A-Za-z0-9+/]{40,}={0,2}/g)].map(([text]) => Buffer.from(text, 'base64').toString('latin1'));
  return [...new Set(found.flatMap((text) => /^simulated ([\w-]+):/.exec(text)?.[1] ?? []))];
}

const DIALECT: Record<Package, string> = { anthropic: 'anthropic-messages', responses: 'openai-responses', google: 'gemini' };

describe('a conversation that changes hands and comes back', () => {
  const pairs = (Object.keys(MODELS) as Package[]).flatMap((one) =>
    (Object.keys(MODELS) as Package[]).filter((other) => other !== one).map((other) => [one, other] as const),
  );

  test.each(pairs)('%s, then %s, then back: each is content with it, and reasoning stays with its maker', async (one, other) => {
    const [first, second] = [await startSim({ name: 'first', strict: true }), await startSim({ name: 'second', strict: true })];
    try {
      const models = [MODELS[one](first.url), MODELS[other](second.url)];
      const model = createFailover({ models, failover: { sticky: 'off' } });
      let messages: ModelMessage[] = [];
      for (const fault of [undefined, '529', undefined]) {
        set(first, fault);
        messages = [...messages, QUESTION];
        const options = { model, messages, tools: { look }, stopWhen: stepCountIs(3), reasoning: 'medium' as const, maxRetries: 0 };
        const result = streamText({ ...options, onError: () => undefined });
        await result.consumeStream();
        expect(await result.finishReason).toBe('stop');
        messages = [...messages, ...(await result.response).messages];
      }
      // The user leaves Understudy: the lead alone takes the history as it is.
      const alone = await generateText({
        model: models[0]!,
        messages: [...messages, { role: 'user', content: 'And now? [sim words=5]' }],
        tools: { look },
        maxRetries: 0,
      });
      expect(alone.text).toContain('simulated answer');
      // OpenAI keeps reasoning itself, and is reminded of it by its id.
      const kept = first.requests().some(({ body }) => /"item_reference","id":"rs_/.test(body));
      expect(makersIn(first)).toEqual(kept ? [] : [DIALECT[one]]);
      expect(makersIn(second).filter((maker) => maker !== DIALECT[other])).toEqual([]);
      const thoughts = (sim: SimServer): number => sim.requests().filter(({ body }) => THINKS.test(body)).length;
      // Within a turn of its own each goes on thinking, after the other's turn as well; but for the last question, which does not ask for it.
      // Anthropic is not asked to think in the middle of a turn that another began.
      const without = one === 'anthropic' ? 2 : 1;
      expect([thoughts(first), thoughts(second)]).toEqual([first.requests().length - without, second.requests().length]);
    } finally {
      await Promise.all([first.close(), second.close()]);
    }
  });
});

test('agents and objects work with it as with any model', async () => {
  set(lead, '529');
  const model = createFailover({ models: [MODELS.anthropic(lead.url), MODELS.google(backup.url)] });
  const agent = new ToolLoopAgent({ model, tools: { look } });
  const { text, steps } = await agent.generate({ prompt: 'Look it up. [sim tools=2]' });
  expect(text).toContain('simulated answer');
  expect(steps.flatMap(({ toolResults }) => toolResults)).toHaveLength(2);
  const schema = jsonSchema<{ city: string }>({
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  });
  const { output } = await generateText({ model, prompt: 'Where? [sim json]', output: Output.object({ schema }) });
  expect(output).toHaveProperty('city');
  set(lead, undefined);
});

test('what nobody can answer is asked once, whatever retries the AI SDK allows', async () => {
  set(lead, '529');
  const before = lead.requests().length;
  const model = createFailover({ models: [MODELS.anthropic(lead.url)] });
  const error: unknown = await generateText({ model, prompt: 'Hi', maxRetries: 5 }).catch((caught: unknown) => caught);
  expect(APICallError.isInstance(error) && error.isRetryable).toBe(false);
  // The engine's own second chance for the last target, and no more.
  expect(lead.requests().length - before).toBe(2);
  set(lead, undefined);
});

test('instances that share their health share what they have found out', async () => {
  const health = createFailoverHealth();
  set(lead, '401');
  const models = [MODELS.anthropic(lead.url), MODELS.responses(backup.url)];
  const [one, other] = [createFailover({ models, health }), createFailover({ models, health })];
  await generateText({ model: one, prompt: 'Hi [sim words=5]' });
  const before = lead.requests().length;
  await generateText({ model: other, prompt: 'Hello [sim words=5]' });
  expect(lead.requests().length).toBe(before);
  expect(other.status().map(({ target }) => target)).toContain('anthropic.messages/claude-sonnet-4-5');
  set(lead, undefined);
});

test('with a journal every word is on disk, with who was asked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-library-'));
  try {
    set(lead, '529');
    const models = [MODELS.anthropic(lead.url), MODELS.responses(backup.url)];
    const model = createFailover({ models, journal: folder });
    const result = streamText({ model, prompt: 'Keep this. [sim words=20]' });
    const text = await result.text;
    const { exchange } = (await result.providerMetadata)!.understudy as { exchange: string };
    await model.close();

    const opened = await openJournal({
      folder,
      settings: journalSettings.parse({}),
      clock: systemClock,
      decoders: { stream: () => ({ push: () => [], end: () => [] }), whole: () => [] },
      onNotice: () => undefined,
    });
    if (!opened.ok) throw new Error(opened.error.message);
    const kept = await opened.value.get(exchange);
    await opened.value.close();
    expect(kept).toMatchObject({ state: 'complete', text });
    expect(kept?.request).toContain('Keep this.');
    expect(kept?.attempts.map(({ target }) => target)).toEqual(['anthropic.messages/claude-sonnet-4-5', 'openai.responses/gpt-5.2']);

    const second = createFailover({ models, journal: folder });
    const third = createFailover({ models, journal: folder });
    await generateText({ model: second, prompt: 'Hi [sim words=5]' });
    await expect(generateText({ model: third, prompt: 'Hi', maxRetries: 0 })).rejects.toThrow('in use');
    await Promise.all([second.close(), third.close()]);
  } finally {
    set(lead, undefined);
    rmSync(folder, { recursive: true });
  }
});
