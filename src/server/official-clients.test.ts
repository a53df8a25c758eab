import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterEach, describe, expect, test } from 'vitest';
import type { RunningServer } from './listen.ts';
import { attempt, failed, head, type Script, serve, speak, type Stage, stage, words } from './testing/scripted-ports.ts';

/** What the vendors' own clients make of what this room writes. */

let server: RunningServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function clients(script: Script): Promise<{ anthropic: Anthropic; openai: OpenAI; on: Stage }> {
  const on = stage({ script });
  server = await serve(on, { closeWait: 0, maxBody: 1024 * 1024 });
  return {
    on,
    anthropic: new Anthropic({ baseURL: server.address, apiKey: 'sk-a', maxRetries: 0 }),
    openai: new OpenAI({ baseURL: `${server.address}/v1`, apiKey: 'sk-o', maxRetries: 0 }),
  };
}

const ask = { model: 'm', messages: [{ role: 'user' as const, content: 'hi' }] };
const askLong = { ...ask, messages: [{ role: 'user' as const, content: 'x'.repeat(2 * 1024 * 1024) }] };

const breakOff: Script = (log) => {
  log.append(attempt());
  log.append(head());
  log.append({ type: 'events', attempt: 0, events: words('Hello').slice(0, 3) });
  log.append(failed(true));
};

describe('@anthropic-ai/sdk', () => {
  test('reads answers, streamed and whole', async () => {
    const { anthropic } = await clients(speak('Grüße'));
    expect((await anthropic.messages.create({ ...ask, max_tokens: 9 })).content).toMatchObject([{ type: 'text', text: 'Grüße' }]);
    expect(await anthropic.messages.stream({ ...ask, max_tokens: 9 }).finalText()).toBe('Grüße');
  });

  test('never takes a broken answer for a whole one', async () => {
    const { anthropic } = await clients(breakOff);
    await expect(anthropic.messages.stream({ ...ask, max_tokens: 9 }).finalText()).rejects.toThrow('broke off');
  });

  test('throws its own errors', async () => {
    const { anthropic } = await clients(() => ({ class: 'model-not-found', symptom: 'skipped', message: 'no route answers for m' }));
    await expect(anthropic.messages.create({ ...ask, max_tokens: 9 })).rejects.toThrow(Anthropic.NotFoundError);
    await expect(anthropic.messages.create({ ...askLong, max_tokens: 9 })).rejects.toMatchObject({
      status: 413,
      message: expect.stringContaining('server.maxBody') as string,
    });
  });

  test('pages through the models and counts tokens', async () => {
    const { anthropic } = await clients(speak('x'));
    const ids: string[] = [];
    for await (const model of anthropic.models.list({ limit: 2 })) ids.push(model.id);
    expect(ids).toEqual(['claude-a', 'claude-b', 'vendor/gpt-c']);
    expect((await anthropic.models.retrieve('vendor/gpt-c')).id).toBe('vendor/gpt-c');
    expect((await anthropic.messages.countTokens(ask)).input_tokens).toBe(7);
  });
});

describe('openai', () => {
  test('reads answers, streamed and whole', async () => {
    const { openai } = await clients(speak('Grüße'));
    expect((await openai.chat.completions.create(ask)).choices[0]!.message.content).toBe('Grüße');
    const stream = openai.chat.completions.stream(ask);
    expect((await stream.finalChatCompletion()).choices[0]!.message.content).toBe('Grüße');
  });

  test('never takes a broken answer for a whole one', async () => {
    const { openai } = await clients(breakOff);
    await expect(openai.chat.completions.stream(ask).finalChatCompletion()).rejects.toThrow('broke off');
  });

  test('throws its own errors', async () => {
    const { openai } = await clients(() => ({ class: 'model-not-found', symptom: 'skipped', message: 'no route answers for m' }));
    await expect(openai.chat.completions.create(ask)).rejects.toThrow(OpenAI.NotFoundError);
    await expect(openai.chat.completions.create(askLong)).rejects.toMatchObject({ status: 413 });
  });

  test('lists the models, and upstream hears at once when it leaves', async () => {
    const { openai, on } = await clients((log) => log.append(head()));
    const ids: string[] = [];
    for await (const model of openai.models.list()) ids.push(model.id);
    expect(ids).toHaveLength(3);
    const stream = await openai.chat.completions.create({ ...ask, stream: true });
    stream.controller.abort();
    while (on.abandoned.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(on.abandoned).toHaveLength(1);
  });
});
