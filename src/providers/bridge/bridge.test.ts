import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openaiChat } from '../../dialects/openai-chat/dialect.ts';
import { assemble } from '../../dialects/assemble.ts';
import type { JsonObject } from '../../exchange/json.ts';
import { startSim, type SimServer } from '../../sim/serve.ts';
import { createBridge } from './bridge-call.ts';
import { sdkLoader } from './load-sdk.ts';

let sim: SimServer;
beforeAll(async () => {
  sim = await startSim();
});
afterAll(() => sim.close());

const KEY = 'sk-secret-of-the-bridge';

/** A service that sends who asks on to itself under another name, and quotes the key of whoever comes. */
const quoting = { url: '', keys: [] as (string | undefined)[], redirects: false };
const quoter = createServer((request, response) => {
  const key = request.headers['x-api-key'];
  quoting.keys.push(typeof key === 'string' ? key : undefined);
  const { port } = quoter.address() as AddressInfo;
  const headers = { 'content-type': 'application/json', 'x-refused': String(key) };
  if (quoting.redirects && request.headers.host?.startsWith('127.') === true)
    return void response.writeHead(307, { location: `http://localhost:${port}/elsewhere` }).end();
  response
    .writeHead(401, headers)
    .end(JSON.stringify({ type: 'error', error: { type: 'authentication_error', message: `no such key: ${String(key)}` } }));
});
beforeAll(async () => {
  await new Promise<void>((resolve) => {
    quoter.listen(0, '127.0.0.1', resolve);
  });
  quoting.url = `http://127.0.0.1:${(quoter.address() as AddressInfo).port}/v1`;
});
afterAll(() => {
  quoter.closeAllConnections();
  quoter.close();
});

/** Services of this test, by the name in the origin. */
function service(name: string): { package: string; options: JsonObject } | undefined {
  if (name === 'claude') return { package: '@ai-sdk/anthropic', options: { baseURL: `${sim.url}/v1`, apiKey: 'k' } };
  if (name === 'quoting') return { package: '@ai-sdk/anthropic', options: { baseURL: quoting.url, apiKey: KEY } };
  if (name === 'missing') return { package: '@ai-sdk/nobody-has-this', options: {} };
  return undefined;
}

function fail(fault: string, position?: 'text-middle'): void {
  const set = sim.setFaults([{ fault, ...(position && { position }) }]);
  if (!set.ok) throw new Error(set.error);
}

interface Heard {
  status: number;
  body: string;
  error?: string;
}

function ask(to: string, body: JsonObject): Promise<Heard> {
  const call = createBridge(sdkLoader(service, [process.cwd()]), () => {
    throw new Error('nobody else is asked here');
  });
  return new Promise((resolve) => {
    const heard: Heard = { status: 0, body: '' };
    call(
      {
        method: 'POST',
        origin: `ai-sdk://${to}`,
        path: '/chat/completions',
        headers: [],
        body: Buffer.from(JSON.stringify({ model: 'sim-claude', ...body })),
        connectTimeout: 1000,
        fresh: false,
      },
      {
        headers: (status) => void (heard.status = status),
        data: (chunk) => void (heard.body += chunk.toString()),
        end: () => resolve(heard),
        error: ({ message }) => resolve({ ...heard, error: message }),
      },
    );
  });
}

function answerOf(body: string) {
  const decoder = openaiChat.decoder();
  const frames = [...decoder.push(Buffer.from(body)), ...decoder.end()];
  return { frames, answer: assemble(frames.flatMap((frame) => ('events' in frame ? frame.events : []))) };
}

const words = { stream: true, messages: [{ role: 'user', content: 'Hello. [sim words=12]' }] };
const tool = { type: 'function', function: { name: 'look_up', parameters: { type: 'object', properties: { topic: { type: 'string' } } } } };

describe('a service behind a package of the AI SDK', () => {
  test('its words come as a chat stream that ends properly', async () => {
    const { status, body } = await ask('claude', words);
    const { frames, answer } = answerOf(body);
    expect(status).toBe(200);
    expect(answer.parts[0]!.text.length).toBeGreaterThan(20);
    expect(answer.finish?.reason).toBe('stop');
    expect(answer.usage.output).toBeGreaterThan(0);
    expect(frames.at(-1)!.type).toBe('end');
  });

  test('its tool calls come whole, and results go back', async () => {
    const question = { role: 'user', content: 'Look it up. [sim tools=1]' };
    const { body } = await ask('claude', { stream: true, messages: [question], tools: [tool] });
    const call = answerOf(body).answer.parts.find(({ head }) => head.type === 'tool-call')!;
    expect(call.head).toMatchObject({ name: 'look_up' });
    expect(JSON.parse(call.arguments)).toBeTypeOf('object');
    const id = call.head.type === 'tool-call' ? call.head.id : '';
    const history = [
      question,
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id, type: 'function', function: { name: 'look_up', arguments: call.arguments } }],
      },
      { role: 'tool', tool_call_id: id, content: 'found' },
    ];
    const after = answerOf((await ask('claude', { stream: true, messages: history, tools: [tool] })).body).answer;
    expect(after.finish?.reason).toBe('stop');
    expect(after.parts[0]!.text).not.toBe('');
  });

  test('a whole answer where no stream was asked for', async () => {
    const { body } = await ask('claude', { ...words, stream: false });
    expect(JSON.parse(body)).toMatchObject({ object: 'chat.completion', choices: [{ finish_reason: 'stop' }] });
  });

  test('its errors keep their status, and one within the answer is an error of the stream', async () => {
    fail('529');
    expect(await ask('claude', words)).toMatchObject({ status: 529 });
    fail('error-event', 'text-middle');
    const { frames } = answerOf((await ask('claude', words)).body);
    expect(frames.at(-1)!.type).toBe('error');
    sim.setFaults([]);
  });

  test('a stream that stops in the middle gets no clean end', async () => {
    for (const fault of ['reset-edge', 'clean-end']) {
      fail(fault, 'text-middle');
      const heard = await ask('claude', words);
      sim.setFaults([]);
      expect(heard.body).toContain('chat.completion.chunk');
      expect(heard.body).not.toContain('[DONE]');
      expect(heard.body).not.toContain('"finish_reason":"stop"');
    }
  });

  test('a key that the service quotes goes no further, and none goes where a redirect leads', async () => {
    const quoted = await ask('quoting', words);
    expect(quoted.status).toBe(401);
    expect(quoted.body).toContain('no such key: [secret]');
    expect(JSON.stringify(quoted)).not.toContain(KEY);
    quoting.redirects = true;
    quoting.keys.length = 0;
    expect(await ask('quoting', words)).toMatchObject({ status: 307 });
    expect(quoting.keys).toEqual([KEY]);
  });

  test('what cannot be put in its words is refused before anybody is asked', async () => {
    const content = [{ type: 'image_url', image_url: { url: 'no address' } }];
    const { status, body } = await ask('claude', { stream: true, messages: [{ role: 'user', content }] });
    expect([status, body]).toEqual([400, expect.stringContaining('invalid_request_error')]);
  });

  test('a package that is not there says how to get it', async () => {
    const { status, body } = await ask('missing', words);
    expect(status).toBe(401);
    expect(body).toContain('npm install @ai-sdk/nobody-has-this');
  });
});

test('both SDK providers that the tests use are of the version that the bridge takes', () => {
  const models = [createAnthropic({ apiKey: 'k' })('m'), createGoogleGenerativeAI({ apiKey: 'k' })('m')];
  expect(models.map((model) => model.specificationVersion)).toEqual(['v4', 'v4']);
});
