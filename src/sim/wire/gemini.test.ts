import { FunctionCallingConfigMode, GoogleGenAI, type GenerateContentResponse } from '@google/genai';
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

describe('gemini through the official SDK', () => {
  const client = (apiVersion?: string): GoogleGenAI =>
    new GoogleGenAI({ apiKey: 'sim-key', httpOptions: { baseUrl: sim.url, ...(apiVersion === undefined ? {} : { apiVersion }) } });
  const asked = (content: Content, model = 'gemini-3-pro'): Parameters<GoogleGenAI['models']['generateContent']>[0] => {
    const body = requestBody('gemini', true, content, model) as { generationConfig?: object; tools?: object[] };
    return { model, contents: questionFor(content), config: { ...body.generationConfig, ...(body.tools ? { tools: body.tools } : {}) } };
  };
  const plain = (answers: GenerateContentResponse[]): unknown => {
    const parts = answers.flatMap((each) => each.candidates?.[0]?.content?.parts ?? []);
    return {
      text: parts.flatMap((part) => (part.thought ? [] : [part.text ?? ''])).join(''),
      thoughts: parts.flatMap((part) => (part.thought ? [part.text ?? ''] : [])).join(''),
      calls: parts.flatMap((part) => (part.functionCall ? [[part.functionCall.name, part.functionCall.args]] : [])),
      signed: parts.filter((part) => part.thoughtSignature !== undefined).length,
      finish: answers.at(-1)?.candidates?.[0]?.finishReason,
      tokens: answers.at(-1)?.usageMetadata?.totalTokenCount,
    };
  };

  for (const content of contents) {
    for (const version of [undefined, 'v1beta']) {
      it(`${content} under ${version ?? 'the default version'}: the stream adds up to the whole answer`, async () => {
        const chunks: GenerateContentResponse[] = [];
        for await (const chunk of await client(version).models.generateContentStream(asked(content))) chunks.push(chunk);
        expect(chunks.every((chunk) => chunk.usageMetadata !== undefined)).toBe(true);
        const whole = await client(version).models.generateContent(asked(content));
        expect(plain(chunks)).toEqual(plain([whole]));
        expect(plain(chunks)).toMatchObject({ signed: 1, finish: 'STOP' });
      });
    }
  }

  it('says the words of every dialect, thinks aloud when asked, and bears awkward text', async () => {
    expect((await client().models.generateContent(asked('text'))).text).toBe(wholeText(questionFor('text')));
    expect(plain([await client().models.generateContent(asked('thinking'))])).toMatchObject({
      thoughts: expect.stringContaining('Simulated thinking'),
    });
    expect((await client().models.generateContent({ model: 'm', contents: mixed })).text).toBe(wholeText(mixed));
  });

  it('gives calls ids and signatures from Gemini 3 on, and asks for them back', async () => {
    const old = await client().models.generateContent(asked('tool', 'gemini-2.5-flash'));
    expect(old.functionCalls?.[0]?.id).toBeUndefined();
    const { tools, ...config } = asked('parallel').config!;
    const chat = client().chats.create({ model: 'gemini-3-pro', config: { ...config, tools: tools! } });
    const first = await chat.sendMessage({ message: questionFor('parallel') });
    expect(first.functionCalls).toHaveLength(2);
    const message = first.functionCalls!.map(({ id, name }) => ({
      functionResponse: { id: id!, name: name!, response: { output: `result of ${name}` } },
    }));
    expect((await chat.sendMessage({ message })).text).toContain('result of get_weather');
    const history = chat.getHistory();
    const stripped = history.map((content) => ({
      role: content.role!,
      parts: content.parts!.map(({ thoughtSignature: _signature, ...part }) => part),
    }));
    const again = client().models.generateContent({ model: 'gemini-3-pro', contents: stripped.slice(0, 3), config: { tools: tools! } });
    await expect(again).rejects.toMatchObject({ status: 400, message: expect.stringContaining('missing a thought_signature') });
  });

  it('obeys the tool mode, schemas, limits and stop sequences', async () => {
    const forced = await client().models.generateContent({
      ...asked('tool'),
      contents: 'x',
      config: {
        ...asked('tool').config,
        toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ['get_time'] } },
      },
    });
    expect(forced.functionCalls?.map((call) => call.name)).toEqual(['get_time']);
    const json = await client().models.generateContent({
      model: 'm',
      contents: 'x',
      config: {
        responseMimeType: 'application/json',
        responseJsonSchema: { type: 'object', properties: { count: { type: 'integer' } }, required: ['count'] },
      },
    });
    expect(JSON.parse(json.text!)).toEqual({ count: 7 });
    const short = await client().models.generateContent({ model: 'm', contents: 'x', config: { maxOutputTokens: 5 } });
    expect(short.candidates?.[0]?.finishReason).toBe('MAX_TOKENS');
    const stopped = await client().models.generateContent({ model: 'm', contents: 'x', config: { stopSequences: ['Line 3'] } });
    expect(stopped.text).not.toContain('Line 3');
  });

  it('streams an array where SSE is not asked for, and takes the key from the query', async () => {
    const body = JSON.stringify(requestBody('gemini', true, 'text', 'm'));
    const answer = await fetch(`${sim.url}/v1beta/models/m:streamGenerateContent?key=sim-key`, { method: 'POST', body });
    const chunks = (await answer.json()) as GenerateContentResponse[];
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(chunks.length).toBeGreaterThan(5);
    expect(plain(chunks)).toMatchObject({ text: wholeText(questionFor('text')), finish: 'STOP' });
  });

  it('counts, lists and refuses', async () => {
    expect((await client().models.countTokens({ model: 'm', contents: 'How many?' })).totalTokens).toBeGreaterThan(5);
    const models = await client().models.list();
    expect(models.page.map((model) => model.name)).toContain('models/gemini');
    await expect(client().models.generateContent({ model: 'm', contents: [] })).rejects.toThrow(/contents|INVALID_ARGUMENT/);
  });
});
