import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wholeText } from '../assistant.ts';
import type { Content } from '../faults/fault.ts';
import { questionFor, requestBody } from '../sample-request.ts';
import { startSim, type SimServer } from '../serve.ts';

let sim: SimServer;
beforeAll(async () => {
  sim = await startSim({ strict: true });
});
afterAll(() => sim.close());

const contents: Content[] = ['text', 'tool', 'parallel', 'thinking'];
const mixed = 'Show me everything awkward. [sim script=mixed]';

describe('openai-responses through the official SDK', () => {
  const client = (): OpenAI => new OpenAI({ baseURL: `${sim.url}/v1`, apiKey: 'sim-key', maxRetries: 0 });
  type Params = OpenAI.Responses.ResponseCreateParamsNonStreaming;
  const params = (content: Content): Params => requestBody('openai-responses', false, content, 'gpt-sim') as unknown as Params;
  /** What does not change from answer to answer. */
  const plain = (response: OpenAI.Responses.Response): unknown =>
    response.output.map((item) => {
      if (item.type === 'message') return item.content.map((part) => (part.type === 'output_text' ? part.text : part.refusal));
      if (item.type === 'function_call') return [item.name, item.arguments];
      return item.type === 'reasoning' ? item.summary : item;
    });

  for (const content of contents) {
    it(`${content}: the stream adds up to the whole answer`, async () => {
      const stream = client().responses.stream({ ...params(content), stream: true });
      const types: string[] = [];
      const numbers: number[] = [];
      stream.on('event', (event) => {
        types.push(event.type);
        numbers.push(event.sequence_number);
      });
      const streamed = await stream.finalResponse();
      const whole = await client().responses.create(params(content));
      expect(plain(streamed as OpenAI.Responses.Response)).toEqual(plain(whole));
      expect(streamed.status).toBe('completed');
      expect(streamed.usage?.output_tokens).toBe(whole.usage?.output_tokens);
      expect(numbers).toEqual(numbers.map((_, index) => index));
      expect(types.slice(0, 3)).toEqual(['response.created', 'response.in_progress', 'response.output_item.added']);
      expect(types.at(-1)).toBe('response.completed');
      expect(streamed.id).toMatch(/^resp_[0-9a-f]{50}$/);
      expect(streamed.id).not.toBe(whole.id);
    });
  }

  it('says the words of every dialect, and shows its reasoning when asked for a summary', async () => {
    expect((await client().responses.create(params('text'))).output_text).toBe(wholeText(questionFor('text')));
    const awkward = client().responses.stream({ model: 'm', input: mixed, stream: true });
    expect((await awkward.finalResponse()).output_text).toBe(wholeText(mixed));
    const thought = await client().responses.create(params('thinking'));
    expect(thought.output[0]).toMatchObject({
      type: 'reasoning',
      encrypted_content: expect.stringMatching(/.{16}/),
      summary: [{ type: 'summary_text', text: expect.stringContaining('Simulated thinking') }, {}],
    });
    const silent = await client().responses.create({ ...params('thinking'), reasoning: { effort: 'high' } });
    expect(silent.output[0]).toMatchObject({ type: 'reasoning', summary: [] });
  });

  it('calls custom tools with free text, and tools of a namespace by both names', async () => {
    const tools: Params['tools'] = [
      { type: 'custom', name: 'apply_patch' },
      {
        type: 'namespace',
        name: 'files',
        description: 'Files',
        tools: [{ type: 'function', name: 'read', parameters: { type: 'object', properties: { path: { type: 'string' } } } }],
      },
    ];
    const stream = client().responses.stream({ model: 'm', input: 'Do both. [sim tools=2]', tools, stream: true });
    const { output } = await stream.finalResponse();
    expect(output).toMatchObject([
      { type: 'message' },
      { type: 'custom_tool_call', name: 'apply_patch', input: 'simulated input' },
      { type: 'function_call', name: 'read', namespace: 'files', arguments: '{"path":"simulated path 2"}' },
    ]);
  });

  it('keeps answers, and goes on from them', async () => {
    const first = await client().responses.create({ ...params('parallel') });
    const results = first.output.flatMap((item) =>
      item.type === 'function_call'
        ? [{ type: 'function_call_output' as const, call_id: item.call_id, output: `result of ${item.name}` }]
        : [],
    );
    expect(results).toHaveLength(2);
    const next = await client().responses.create({ model: 'gpt-sim', previous_response_id: first.id, input: results });
    expect(next.output_text).toContain('result of get_weather');
    expect(await client().responses.retrieve(next.id)).toMatchObject({ id: next.id, status: 'completed', output_text: next.output_text });
    const own = await client().responses.inputItems.list(next.id);
    expect(own.data.map((item) => item.type)).toEqual(['function_call_output', 'function_call_output']);
    await client().responses.delete(next.id);
    await expect(client().responses.retrieve(next.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(client().responses.create({ model: 'm', input: 'x', previous_response_id: next.id })).rejects.toMatchObject({
      status: 400,
      code: 'previous_response_not_found',
    });
    const unkept = await client().responses.create({ ...params('text'), store: false });
    await expect(client().responses.retrieve(unkept.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });

  it('answers in the background, from any place on, until it is cancelled', async () => {
    const slow = { model: 'm', input: 'Slowly. [sim pace=20ms words=60]', background: true } as const;
    const queued = await client().responses.create(slow);
    expect(queued.status).toMatch(/queued|in_progress/);
    await expect.poll(async () => (await client().responses.retrieve(queued.id)).status, { timeout: 10_000 }).toBe('completed');
    expect((await client().responses.retrieve(queued.id)).output_text).toBe(wholeText(slow.input));
    const again = await client().responses.retrieve(queued.id, { stream: true, starting_after: 3 });
    const numbers: number[] = [];
    for await (const event of again) numbers.push(event.sequence_number);
    expect(numbers[0]).toBe(4);
    const other = await client().responses.create(slow);
    expect((await client().responses.cancel(other.id)).status).toBe('cancelled');
    expect((await client().responses.retrieve(other.id)).status).toBe('cancelled');
  });

  it('tells of refusals, limits and errors as the vendor does', async () => {
    const ask = (input: string): Promise<OpenAI.Responses.Response> => client().responses.create({ model: 'm', input });
    expect((await ask('x [sim refuse]')).output[0]).toMatchObject({ content: [{ type: 'refusal' }] });
    expect(await ask('x [sim stop=length]')).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
    expect(await ask('x [sim stop=content-filter]')).toMatchObject({ incomplete_details: { reason: 'content_filter' } });
    await expect(client().responses.create({ model: 'm', input: [] })).rejects.toBeInstanceOf(OpenAI.BadRequestError);
  });
});
