import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wholeText } from '../assistant.ts';
import { startSim, type SimServer } from '../serve.ts';
import { questionFor, requestBody } from '../sample-request.ts';
import type { Content } from '../faults/fault.ts';

let sim: SimServer;
beforeAll(async () => {
  sim = await startSim({ strict: true });
});
afterAll(() => sim.close());

const contents: Content[] = ['text', 'tool', 'parallel', 'thinking'];
const mixed = 'Show me everything awkward. [sim script=mixed]';

describe('anthropic-messages through the official SDK', () => {
  const client = (): Anthropic => new Anthropic({ baseURL: sim.url, apiKey: 'sim-key', maxRetries: 0 });
  type Params = Anthropic.MessageCreateParamsNonStreaming;
  const params = (content: Content): Params => requestBody('anthropic-messages', false, content, 'claude-sim') as unknown as Params;

  for (const content of contents) {
    it(`${content}: the stream adds up to the whole answer`, async () => {
      const streamed = await client().messages.stream(params(content)).finalMessage();
      const whole = await client().messages.create(params(content));
      const plain = (message: Anthropic.Message): unknown =>
        message.content.map((block) => ({ ...block, ...('id' in block ? { id: 'x' } : {}) }));
      expect(plain(streamed)).toEqual(plain(whole));
      expect(streamed.stop_reason).toBe(whole.stop_reason);
      expect(streamed.usage.output_tokens).toBe(whole.usage.output_tokens);
      expect(streamed.id).toMatch(/^msg_01/);
      expect(streamed.id).not.toBe(whole.id);
    });
  }

  it('says what it was asked, that it is simulated, and calls tools with arguments of the schema', async () => {
    const text = await client().messages.create(params('text'));
    expect(text.content).toMatchObject([{ type: 'text', text: wholeText(questionFor('text')) }]);
    expect(wholeText(questionFor('text'))).toMatch(/^This is a simulated answer/);
    const calls = await client().messages.create(params('parallel'));
    expect(calls.content.flatMap((block) => (block.type === 'tool_use' ? [[block.name, block.input]] : []))).toEqual([
      ['get_weather', { city: 'simulated city', unit: 'celsius' }],
      ['get_time', { city: 'simulated city 2', unit: 'celsius' }],
    ]);
    expect(calls.stop_reason).toBe('tool_use');
    const thinking = await client().messages.stream(params('thinking')).finalMessage();
    expect(thinking.content[0]).toMatchObject({ type: 'thinking', signature: expect.stringMatching(/.{16}/) });
  });

  it('bears awkward text', async () => {
    const streamed = await client()
      .messages.stream({ model: 'm', max_tokens: 4096, messages: [{ role: 'user', content: mixed }] })
      .finalText();
    expect(streamed).toBe(wholeText(mixed));
    expect(streamed).toContain('👩‍🚀');
  });

  it('tells of refusals, limits and errors as the vendor does', async () => {
    const ask = (content: string): Promise<Anthropic.Message> =>
      client().messages.create({ model: 'm', max_tokens: 100, messages: [{ role: 'user', content }] });
    expect((await ask('x [sim refuse]')).stop_reason).toBe('refusal');
    expect((await ask('x [sim stop=length]')).stop_reason).toBe('max_tokens');
    const cut = await client().messages.create({ model: 'm', max_tokens: 5, messages: [{ role: 'user', content: 'x' }] });
    expect(cut.stop_reason).toBe('max_tokens');
    const stopped = await client().messages.create({
      model: 'm',
      max_tokens: 500,
      stop_sequences: ['Line 3'],
      messages: [{ role: 'user', content: 'x' }],
    });
    expect(stopped).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'Line 3' });
    await expect(client().messages.create({ ...params('text'), max_tokens: 0 })).rejects.toBeInstanceOf(Anthropic.BadRequestError);
    expect((await client().messages.countTokens(params('text'))).input_tokens).toBeGreaterThan(5);
    expect((await client().models.list()).data.map((model) => model.id)).toContain('claude');
  });
});

describe('openai-chat through the official SDK', () => {
  const client = (): OpenAI => new OpenAI({ baseURL: `${sim.url}/v1`, apiKey: 'sim-key', maxRetries: 0 });
  type Params = OpenAI.ChatCompletionCreateParamsNonStreaming;
  const params = (content: Content): Params => requestBody('openai-chat', false, content, 'gpt-sim') as unknown as Params;

  for (const content of contents) {
    it(`${content}: the stream adds up to the whole answer`, async () => {
      const stream = client().chat.completions.stream({ ...params(content), stream: true, stream_options: { include_usage: true } });
      const streamed = await stream.finalChatCompletion();
      const whole = await client().chat.completions.create(params(content));
      const plain = (completion: OpenAI.ChatCompletion): unknown => {
        const { message, finish_reason } = completion.choices[0]!;
        const calls = (message.tool_calls ?? []).map((call) =>
          call.type === 'function' ? [call.function.name, JSON.parse(call.function.arguments)] : [],
        );
        return [message.content, calls, finish_reason, completion.usage?.completion_tokens];
      };
      expect(plain(streamed)).toEqual(plain(whole));
    });
  }

  it('answers with the same words as the other dialect, reasons beside them, and reports usage when asked', async () => {
    const completion = await client().chat.completions.create(params('text'));
    expect(completion.choices[0]!.message.content).toBe(wholeText(questionFor('text')));
    const stream = await client().chat.completions.create({ ...params('thinking'), stream: true });
    let reasoning = '';
    let usage = 0;
    for await (const chunk of stream) {
      const delta = chunk.choices[0]?.delta as { reasoning_content?: string } | undefined;
      reasoning += delta?.reasoning_content ?? '';
      if (chunk.usage) usage++;
    }
    expect(reasoning).toContain('Simulated thinking');
    expect(usage).toBe(0);
  });

  it('demands of the schema are met and errors are the vendor’s', async () => {
    const schema = { type: 'object', properties: { title: { type: 'string' }, count: { type: 'integer' } }, required: ['title', 'count'] };
    const answer = await client().chat.completions.create({
      ...params('text'),
      response_format: { type: 'json_schema', json_schema: { name: 'title', schema } },
    });
    expect(JSON.parse(answer.choices[0]!.message.content!)).toEqual({ title: 'simulated title', count: 7 });
    const refused = await client().chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'x [sim refuse]' }] });
    expect(refused.choices[0]!.message.refusal).toContain('refusal');
    await expect(client().chat.completions.create({ model: 'm', messages: [] })).rejects.toBeInstanceOf(OpenAI.BadRequestError);
  });
});
