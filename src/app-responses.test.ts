import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, jsonSchema, type LanguageModel, type ModelMessage, stepCountIs, tool } from 'ai';
import OpenAI from 'openai';
import type { ResponseStreamEvent } from 'openai/resources/responses/responses';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type App, buildApp } from './app.ts';
import { configSettings } from './config/settings.ts';
import { type SimServer, startSim } from './sim/serve.ts';
import { lastBody, strike } from './sim/strike.ts';

// Slow machines are slow; what hangs is found by then.
vi.setConfig({ testTimeout: 60_000 });

/** A house with a native provider, a foreign one, and a data folder that outlives it. */
let home: string;
let native: SimServer;
let foreign: SimServer;
let app: App;
let client: OpenAI;

const NATIVE_FIRST = 'native-first';
const FOREIGN_FIRST = 'foreign-first';
const UNSAVED = 'unsaved';

async function open(providers: object = {}): Promise<void> {
  const settings = configSettings.parse({
    server: { port: 0, closeWait: '1s' },
    data: join(home, 'data'),
    providers: {
      native: { dialect: 'openai-responses', baseUrl: `${native.url}/v1`, apiKey: 'k' },
      foreign: { dialect: 'anthropic-messages', baseUrl: foreign.url, apiKey: 'k' },
      ...providers,
    },
    routes: {
      [NATIVE_FIRST]: ['native/gpt-x', 'foreign/claude-x'],
      [FOREIGN_FIRST]: ['foreign/claude-x', 'native/gpt-x'],
      [UNSAVED]: { targets: ['foreign/claude-x'], save: 'off' },
    },
  });
  const built = await buildApp(settings, {
    version: '0.0.0',
    surroundings: { environment: {}, home, platform: 'linux', workingFolder: home },
  });
  if (!built.ok) throw new Error(JSON.stringify(built.error));
  app = built.value;
  client = new OpenAI({ baseURL: `${app.address}/v1`, apiKey: 'sk-test', maxRetries: 0 });
}

async function restart(): Promise<void> {
  await app.close();
  await open();
}

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'understudy-responses-'));
  [native, foreign] = await Promise.all([startSim(), startSim()]);
  await open();
});
afterEach(async () => {
  await app.close();
  await Promise.all([native.close(), foreign.close()]);
  rmSync(home, { recursive: true });
});

async function collect(stream: AsyncIterable<ResponseStreamEvent>): Promise<ResponseStreamEvent[]> {
  const events: ResponseStreamEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

describe('a response', () => {
  for (const model of [NATIVE_FIRST, FOREIGN_FIRST]) {
    test(`is created, streamed and asked for again: ${model}`, async () => {
      const whole = await client.responses.create({ model, input: 'hello' });
      expect(whole).toMatchObject({ object: 'response', status: 'completed' });
      expect(whole.output_text.length).toBeGreaterThan(100);
      const again = await client.responses.retrieve(whole.id);
      expect(again).toMatchObject({ id: whole.id, status: 'completed', output: whole.output, usage: whole.usage });

      const streamed = await client.responses.stream({ model, input: 'hello again' }).finalResponse();
      expect(streamed.output_text.length).toBeGreaterThan(100);
      expect((await client.responses.retrieve(streamed.id)).output).toMatchObject(
        streamed.output.map((item) => ({ type: item.type, ...('content' in item && { content: [{ text: streamed.output_text }] }) })),
      );
    });
  }

  test('says what it goes on from, also where its service was sent the history itself; that is recorded', async () => {
    const first = await client.responses.create({ model: FOREIGN_FIRST, input: 'hello' });
    const asking = { model: NATIVE_FIRST, input: 'and now?', previous_response_id: first.id };
    const whole = await client.responses.create(asking);
    expect(lastBody(native)).not.toHaveProperty('previous_response_id');
    expect(whole.previous_response_id).toBe(first.id);
    const events = await collect(await client.responses.create({ ...asking, stream: true }));
    const told = events.flatMap((event) => ('response' in event ? [[event.type, event.response.previous_response_id]] : []));
    expect(told.length).toBeGreaterThan(1);
    expect(told.filter(([, id]) => id !== first.id)).toEqual([]);
    expect((await client.responses.retrieve(whole.id)).previous_response_id).toBe(first.id);
    const { exchanges } = (await (await fetch(`${app.address}/api/exchanges`)).json()) as {
      exchanges: { attempts: { edits?: string[] }[] }[];
    };
    expect(exchanges[0]!.attempts[0]!.edits).toContainEqual(expect.stringContaining('previous_response_id of the answer'));
    // Whoever starts anew goes on from nothing, in the service's own bytes.
    expect((await client.responses.create({ model: NATIVE_FIRST, input: 'hello' })).previous_response_id).not.toBe(first.id);
  });

  test('is not known to who did not store it, nor where nothing is kept, nor under any other id', async () => {
    const unstored = await client.responses.create({ model: FOREIGN_FIRST, input: 'hello', store: false });
    const unsaved = await client.responses.create({ model: UNSAVED, input: 'hello' });
    const chat = await client.chat.completions.create({ model: FOREIGN_FIRST, messages: [{ role: 'user', content: 'hi' }] }).withResponse();
    const ids = [unstored.id, unsaved.id, `resp_${chat.response.headers.get('x-understudy-exchange')}`, 'resp_none'];
    for (const id of ids) {
      await expect(client.responses.retrieve(id)).rejects.toMatchObject({ status: 404, code: 'response_not_found' });
      await expect(client.responses.cancel(id)).rejects.toMatchObject({ status: 404 });
      await expect(client.responses.inputItems.list(id)).rejects.toMatchObject({ status: 404 });
    }
  });

  test('says what was asked, by pages', async () => {
    const { id } = await client.responses.create({
      model: FOREIGN_FIRST,
      input: [
        { role: 'user', content: 'one' },
        { role: 'assistant', content: 'two' },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'three' }] },
      ],
    });
    const texts: unknown[] = [];
    for await (const item of client.responses.inputItems.list(id, { order: 'asc', limit: 2 })) texts.push(item);
    expect(texts).toMatchObject([
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'one' }] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'two' }] },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'three' }] },
    ]);
    expect((await client.responses.inputItems.list(id, { limit: 1 })).data).toMatchObject([{ content: [{ text: 'three' }] }]);
  });

  test('is not deleted, and that is said', async () => {
    const { id } = await client.responses.create({ model: FOREIGN_FIRST, input: 'hello' });
    await expect(client.responses.delete(id)).rejects.toMatchObject({
      status: 501,
      message: expect.stringContaining('Nothing has been deleted') as string,
    });
    expect((await client.responses.retrieve(id)).id).toBe(id);
  });

  test('tells what its target could not be told', async () => {
    const { response } = await client.responses
      .create({ model: FOREIGN_FIRST, input: 'hello', tools: [{ type: 'web_search' }], truncation: 'auto' })
      .withResponse();
    const losses = response.headers.get('x-understudy-losses') ?? '';
    expect(losses).toContain('tools[0]');
    const exchange = (await (await fetch(`${app.address}/api/exchanges/${response.headers.get('x-understudy-exchange')}`)).json()) as {
      attempts: { losses: string[] }[];
    };
    expect(exchange.attempts[0]!.losses.map((loss) => loss.split(': ')[0]).join(', ')).toBe(losses);
  });

  test('41: tokens are counted, natively or as a marked estimate', async () => {
    const counted = await client.responses.inputTokens.count({ model: NATIVE_FIRST, input: 'hello '.repeat(100) });
    expect(counted.input_tokens).toBeGreaterThan(10);
  });
});

describe('45: previous_response_id', () => {
  test('a native turn first, then a foreign one: it gets the whole history', async () => {
    const first = await client.responses.create({ model: NATIVE_FIRST, input: 'my name is Ada', instructions: 'be brief' });
    strike(native, '500');
    const second = await client.responses.create({ model: NATIVE_FIRST, input: 'what is it?', previous_response_id: first.id });
    expect(second.status).toBe('completed');
    expect(second.previous_response_id).toBe(first.id);
    const asked = lastBody(foreign);
    const messages = JSON.stringify(asked.messages);
    expect(messages).toContain('my name is Ada');
    expect(messages).toContain('That is the end of the simulated answer.');
    expect(messages).toContain('what is it?');
    // Instructions of the previous request do not carry over.
    expect(asked.system).toBeUndefined();
  });

  for (const model of [NATIVE_FIRST, FOREIGN_FIRST]) {
    test(`a chain over restarts, streamed and not: ${model}`, async () => {
      const one = await client.responses.create({ model, input: 'the word is «plum»' });
      await restart();
      const two = await client.responses.stream({ model, input: 'and a second: «fig»', previous_response_id: one.id }).finalResponse();
      await restart();
      const three = await client.responses.create({ model, input: [{ role: 'user', content: 'both?' }], previous_response_id: two.id });
      expect(three.status).toBe('completed');
      const body = lastBody(model === NATIVE_FIRST ? native : foreign);
      // Nobody here is known to keep responses.
      expect(body).not.toHaveProperty('previous_response_id');
      expect(JSON.stringify(body)).toMatch(/«plum»[^]*This is a simulated answer to [^]*«fig»[^]*"assistant"[^]*both\?/);
      const asked: string[] = [];
      for await (const item of client.responses.inputItems.list(three.id, { order: 'asc' })) asked.push(JSON.stringify(item));
      expect(asked).toHaveLength(5);
    });
  }

  test('tool calls and their results keep together', async () => {
    const tools = [{ type: 'function' as const, name: 'look', parameters: { type: 'object', properties: {} }, strict: false }];
    const first = await client.responses.create({ model: FOREIGN_FIRST, input: '[sim tools=1] look around', tools });
    const call = first.output.find((item) => item.type === 'function_call')!;
    const second = await client.responses.create({
      model: FOREIGN_FIRST,
      tools,
      previous_response_id: first.id,
      input: [{ type: 'function_call_output', call_id: call.call_id, output: 'a lighthouse' }],
    });
    expect(second.status).toBe('completed');
    expect(JSON.stringify(lastBody(foreign).messages)).toMatch(/tool_use[^]*tool_result[^]*a lighthouse/);
  });

  test('of a response that nobody knows', async () => {
    await expect(
      client.responses.create({ model: FOREIGN_FIRST, input: 'on', previous_response_id: 'resp_unknown' }),
    ).rejects.toMatchObject({ status: 400, code: 'previous_response_not_found' });
  });
});

describe('compaction', () => {
  const COMPACTED = {
    id: 'resp_c',
    object: 'response.compaction',
    created_at: 1,
    output: [
      { type: 'message', role: 'user', id: 'msg_1', status: 'completed', content: [{ type: 'input_text', text: 'hello' }] },
      { type: 'compaction', id: 'cmp_1', encrypted_content: 'sealed' },
    ],
    usage: {
      input_tokens: 9,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 3,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 12,
    },
  };

  test('is the vendor’s, byte for byte', async () => {
    const { id } = await client.responses.create({ model: FOREIGN_FIRST, input: 'the word is «plum»' });
    const whole = `${JSON.stringify(COMPACTED)}\n`;
    const paths: string[] = [];
    let sent = '';
    const vendor = createServer((request, response) => {
      paths.push(request.url ?? '');
      request.on('data', (chunk: Buffer) => (sent += chunk.toString()));
      request.on('end', () => response.setHeader('content-type', 'application/json').end(whole));
    });
    await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', resolve));
    await app.close();
    await open({ openai: { baseUrl: `http://127.0.0.1:${(vendor.address() as AddressInfo).port}/v1`, apiKey: 'k' } });
    const answer = await fetch(`${app.address}/v1/responses/compact`, {
      method: 'POST',
      body: JSON.stringify({ model: 'openai/gpt-x', previous_response_id: id }),
    });
    vendor.close();
    expect(await answer.text()).toBe(whole);
    expect(answer.status).toBe(200);
    expect(paths).toEqual(['/v1/responses/compact']);
    expect(sent).toContain('«plum»');
  });

  test('of nobody else', async () => {
    await expect(client.responses.compact({ model: FOREIGN_FIRST as 'gpt-5.4', input: 'hello' })).rejects.toThrow(
      'how to compact a conversation',
    );
  });
});

describe('45: items that are referred to instead of sent again', () => {
  for (const model of [NATIVE_FIRST, FOREIGN_FIRST]) {
    test(`a conversation of the AI SDK over a restart, and its lead failing: ${model}`, async () => {
      const ai = (): LanguageModel => createOpenAI({ baseURL: `${app.address}/v1`, apiKey: 'sk-test' })(model);
      const look = tool({
        description: 'looks',
        inputSchema: jsonSchema<object>({ type: 'object', properties: {} }),
        execute: () => 'a lighthouse',
      });
      const messages: ModelMessage[] = [{ role: 'user', content: '[sim tools=1 thinking] look around for «plum»' }];
      const first = await generateText({ model: ai(), messages, tools: { look }, stopWhen: stepCountIs(4), maxRetries: 0 });
      expect(first.text).toContain('simulated');
      messages.push(...first.response.messages, { role: 'user', content: 'and on' });
      await restart();
      strike(model === NATIVE_FIRST ? native : foreign, '500');
      const second = await generateText({ model: ai(), messages, tools: { look }, stopWhen: stepCountIs(2), maxRetries: 0 });
      expect(second.text).toContain('simulated');
      const backup = lastBody(model === NATIVE_FIRST ? foreign : native);
      expect(JSON.stringify(backup)).not.toContain('item_reference');
      expect(JSON.stringify(backup)).toMatch(/«plum»[^]*a lighthouse[^]*and on/);
    });
  }

  test('one that nobody knows is said to be unknown', async () => {
    const input = [
      { role: 'user' as const, content: 'one' },
      { type: 'item_reference' as const, id: 'msg_unknown' },
      { role: 'user' as const, content: 'two' },
    ];
    await expect(client.responses.create({ model: FOREIGN_FIRST, input })).rejects.toThrow('msg_unknown');
  });
});

describe('in the background', () => {
  test('the answer is there later, also by its events and behind any of them', async () => {
    const queued = await client.responses.create({ model: FOREIGN_FIRST, input: '[sim pace=5ms words=60] hello', background: true });
    expect(queued.status).toMatch(/queued|in_progress/);
    expect(queued.output).toEqual([]);
    const events = await collect(await client.responses.retrieve(queued.id, { stream: true }));
    expect(events[0]!.type).toBe('response.created');
    expect(events.at(-1)!.type).toBe('response.completed');
    const whole = await client.responses.retrieve(queued.id);
    expect(whole).toMatchObject({ id: queued.id, status: 'completed', background: true });
    expect(whole.output_text).toContain('That is the end of the simulated answer.');
    for (const after of [0, 3, events.length - 2]) {
      const rest = await collect(await client.responses.retrieve(queued.id, { stream: true, starting_after: after }));
      expect(rest).toEqual(events.slice(after + 1));
    }
    await restart();
    expect(await collect(await client.responses.retrieve(queued.id, { stream: true, starting_after: 2 }))).toEqual(events.slice(3));
    expect((await client.responses.retrieve(queued.id)).output_text).toBe(whole.output_text);
  });

  for (const model of [NATIVE_FIRST, FOREIGN_FIRST]) {
    test(`a client that left finds the rest behind what it has: ${model}`, async () => {
      const stream = await client.responses.create({ model, input: '[sim pace=10ms words=60] hello', background: true, stream: true });
      const had: ResponseStreamEvent[] = [];
      for await (const event of stream) {
        had.push(event);
        if (event.type === 'response.output_text.delta') break;
      }
      const created = had[0]!;
      if (created.type !== 'response.created') throw new Error(created.type);
      expect(created.response.id).toMatch(/^resp_x_/);
      const rest = await collect(
        await client.responses.retrieve(created.response.id, { stream: true, starting_after: had.at(-1)!.sequence_number }),
      );
      const numbers = [...had, ...rest].map((event) => event.sequence_number);
      expect(numbers).toEqual(numbers.map((_, index) => index));
      const last = rest.at(-1)!;
      if (last.type !== 'response.completed') throw new Error(last.type);
      const text = [...had, ...rest].flatMap((event) => (event.type === 'response.output_text.delta' ? [event.delta] : [])).join('');
      expect(last.response.output_text ?? text).toContain('That is the end of the simulated answer.');
      expect(text).toContain('That is the end of the simulated answer.');
    });

    test(`it is cancelled upstream too: ${model}`, async () => {
      const queued = await client.responses.create({ model, input: '[sim pace=200ms words=500] hello', background: true });
      expect((await client.responses.retrieve(queued.id)).status).toMatch(/queued|in_progress/);
      expect((await client.responses.cancel(queued.id)).status).toBe('cancelled');
      await vi.waitFor(async () => expect((await client.responses.retrieve(queued.id)).status).toBe('cancelled'));
      expect((await client.responses.cancel(queued.id)).status).toBe('cancelled');
    });

    test(`one can go on from it: ${model}`, async () => {
      const queued = await client.responses.create({ model, input: 'the word is «plum»', background: true });
      await vi.waitFor(async () => expect((await client.responses.retrieve(queued.id)).status).toBe('completed'));
      const next = await client.responses.create({ model, input: 'which word?', previous_response_id: queued.id });
      expect(next.status).toBe('completed');
    });
  }

  test('a failure is told when it is asked for', async () => {
    for (const sim of [native, foreign]) strike(sim, '500');
    const queued = await client.responses.create({ model: FOREIGN_FIRST, input: 'hello', background: true });
    await vi.waitFor(async () => expect((await client.responses.retrieve(queued.id)).status).toBe('failed'));
    expect(await client.responses.retrieve(queued.id)).toMatchObject({ error: { code: 'server_error' }, output: [] });
    await expect(client.responses.create({ model: FOREIGN_FIRST, input: 'on', previous_response_id: queued.id })).rejects.toBeInstanceOf(
      OpenAI.APIError,
    );
  });

  test('one that was under way when the server stopped has failed, and what there was of it is told', async () => {
    const queued = await client.responses.create({ model: FOREIGN_FIRST, input: '[sim pace=20ms words=400] hello', background: true });
    await vi.waitFor(async () => expect((await client.responses.retrieve(queued.id)).output_text).toContain('simulated'));
    await restart();
    const found = await client.responses.retrieve(queued.id);
    expect(found).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('stopped') as string } });
    expect(found.output_text).toContain('simulated');
  });

  test('what could not be asked for later is refused', async () => {
    await expect(client.responses.create({ model: FOREIGN_FIRST, input: 'x', background: true, store: false })).rejects.toMatchObject({
      status: 400,
      param: 'store',
    });
    await expect(client.responses.create({ model: UNSAVED, input: 'x', background: true })).rejects.toMatchObject({
      status: 400,
      param: 'background',
    });
  });
});
