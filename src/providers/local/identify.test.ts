import { createServer, type RequestListener } from 'node:http';
import { createServer as createSocketServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../exchange/clock.ts';
import type { LocalScript } from '../../sim/local/script.ts';
import { type LocalServer, startLocalService } from '../../sim/local/serve.ts';
import { createCall } from '../http-call.ts';
import { localAsker } from './ask.ts';
import { identify, type Look } from './identify.ts';
import type { LocalService } from './service.ts';

const http = createCall({ environment: {}, connection: () => undefined });
const ask = localAsker(http.call, systemClock);
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function service(script: LocalScript): Promise<LocalServer> {
  const server = await startLocalService(script);
  closing.push(server.close);
  return server;
}

function lookAt(url: string, named = false, shown = new Map()): Promise<Look> {
  return identify({ baseUrl: `${url}/v1`, named }, ask, shown);
}

async function found(script: LocalScript, named = false): Promise<LocalService> {
  const look = await lookAt((await service(script)).url, named);
  if (look.type !== 'service') throw new Error(JSON.stringify(look));
  return look.service;
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A web server that is no model service. `asked`: the paths that it was asked for. */
async function webServer(answer: RequestListener): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const url = await listening(
    createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      answer(request, response);
    }),
  );
  return { url, asked };
}

describe('Ollama', () => {
  it('tells of each model what it can and with which context it runs, which is not what it could take', async () => {
    const { kind, version, models, cutsLongInput } = await found({
      kind: 'ollama',
      models: [
        { name: 'qwen3:8b', running: 32_768, longest: 262_144, capabilities: ['completion', 'tools', 'thinking'], parameters: '8.2B' },
        { name: 'llama3.2:1b', numCtx: 8192, longest: 131_072, capabilities: ['completion'] },
        { name: 'gemma4', longest: 2048, capabilities: ['completion', 'vision'] },
        { name: 'mistral', longest: 131_072 },
      ],
    });
    expect({ kind, version, cutsLongInput }).toEqual({ kind: 'ollama', version: '0.40.12', cutsLongInput: true });
    expect(models).toMatchObject([
      {
        name: 'qwen3:8b',
        loaded: true,
        context: 32_768,
        contextFrom: 'running',
        longest: 262_144,
        tools: true,
        reasoning: true,
        billions: 8.2,
      },
      { name: 'llama3.2:1b', loaded: false, context: 8192, contextFrom: 'set', tools: false, images: false },
      { name: 'gemma4', context: 2048, contextFrom: 'assumed', images: true },
      { name: 'mistral', context: 4096, contextFrom: 'assumed' },
    ]);
  });

  it('leaves out what makes no text, and what really runs on its servers', async () => {
    const { models, leftOut } = await found({
      kind: 'ollama',
      models: [
        { name: 'qwen3:8b' },
        { name: 'nomic-embed-text:latest', capabilities: ['embedding'] },
        { name: 'gpt-oss:120b-cloud', remoteHost: 'https://ollama.com:443' },
        { name: 'mine', remoteHost: 'https://ollama.com:443' },
      ],
    });
    expect(models.map(({ name }) => name)).toEqual(['qwen3:8b']);
    expect(leftOut.map(({ name }) => name)).toEqual(['nomic-embed-text:latest', 'gpt-oss:120b-cloud', 'mine']);
  });

  it('is there also without a model; a description is asked for once; what ran is believed to run so again', async () => {
    expect(await found({ kind: 'ollama', models: [] })).toMatchObject({ kind: 'ollama', models: [] });
    const server = await service({ kind: 'ollama', models: [{ name: 'a', running: 16_384 }] });
    const shown = new Map();
    await lookAt(server.url, false, shown);
    delete server.script.models[0]!.running;
    const look = await lookAt(server.url, false, shown);
    expect(look).toMatchObject({ service: { models: [{ loaded: false, context: 16_384, contextFrom: 'running' }] } });
    expect(server.requests().filter(({ path }) => path === '/api/show')).toHaveLength(1);
  });
});

describe('others', () => {
  it('LM Studio, by its own lists, new and old', async () => {
    const models = [
      { name: 'qwen/qwen3-8b', running: 16_384, longest: 40_960, capabilities: ['completion', 'tools'], parameters: '8B' },
      { name: 'google/gemma-3-4b', longest: 131_072, capabilities: ['completion', 'vision'] },
      { name: 'text-embedding-nomic', capabilities: ['embedding'] },
    ];
    for (const kind of ['lmstudio', 'lmstudio-before-0.4'] as const) {
      const service = await found({ kind, models: structuredClone(models) });
      expect(service).toMatchObject({
        kind: 'lmstudio',
        models: [
          { name: 'qwen/qwen3-8b', loaded: true, context: 16_384, longest: 40_960, tools: true, images: false },
          { name: 'google/gemma-3-4b', loaded: false, context: 4096, contextFrom: 'assumed', images: true },
        ],
        leftOut: [{ name: 'text-embedding-nomic' }],
      });
    }
    expect(await found({ kind: 'lmstudio', models: [] })).toMatchObject({ kind: 'lmstudio', models: [] });
  });

  it('llama.cpp, whose window is that of a slot', async () => {
    const service = await found({
      kind: 'llamacpp',
      models: [{ name: 'qwen3.gguf', running: 65_536, longest: 262_144, capabilities: ['tools'] }],
    });
    expect(service).toMatchObject({
      kind: 'llamacpp',
      slots: 4,
      cutsLongInput: false,
      models: [{ loaded: true, context: 65_536, longest: 262_144, tools: true, images: false }],
    });
    const router = await found({ kind: 'llamacpp-router', models: [{ name: 'a' }, { name: 'b', running: 4096 }] });
    expect(router.models).toMatchObject([
      { name: 'a', loaded: false },
      { name: 'b', loaded: true },
    ]);
    expect(await found({ kind: 'llamacpp-router', models: [] })).toMatchObject({ kind: 'llamacpp', models: [] });
  });

  it('vLLM, whose list says how long a conversation may be', async () => {
    const service = await found({ kind: 'vllm', models: [{ name: 'Qwen/Qwen3-30B-A3B', running: 131_072 }] });
    expect(service).toMatchObject({ kind: 'vllm', models: [{ name: 'Qwen/Qwen3-30B-A3B', context: 131_072, billions: 30 }] });
  });

  it('anything that speaks as OpenAI does only where its user has named the port: it may lead elsewhere', async () => {
    const { url, port } = await service({ kind: 'openai', models: [{ name: 'gpt-5.6' }] });
    expect(await lookAt(url)).toMatchObject({ type: 'stranger', stranger: { said: expect.stringContaining('local.ports') } });
    expect(await lookAt(url, true)).toMatchObject({
      service: { kind: 'openai', provider: `local-${port}`, models: [{ name: 'gpt-5.6' }] },
    });
  });
});

describe('strangers at these ports', () => {
  it('nobody', async () => {
    const server = await service({ kind: 'vllm', models: [] });
    await server.close();
    closing.length = 0;
    expect(await lookAt(server.url)).toEqual({ type: 'nobody' });
  });

  it.each<[string, RequestListener]>([
    ['a page', (_request, response) => response.setHeader('content-type', 'text/html').end('<h1>It works!</h1>')],
    ['not found', (_request, response) => response.writeHead(404).end('Not Found')],
    ['an error', (_request, response) => response.writeHead(500).end('{}')],
    ['JSON of another kind', (_request, response) => response.end('{"data":[1,2,3]}')],
    ['an API of its own', (_request, response) => response.end('{"object":"list","data":[{"name":"x"}]}')],
    ['half of JSON', (_request, response) => response.end('{"object":"list","data":[')],
    ['a redirection', (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/v1/models' }).end()],
  ])('%s: one question, and no more', async (_name, answer) => {
    const { url, asked } = await webServer(answer);
    expect(await lookAt(url)).toMatchObject({ type: 'stranger', stranger: { said: 'no model service' } });
    expect(await lookAt(url, true)).toMatchObject({ type: 'stranger' });
    expect(asked).toEqual(['GET /v1/models', 'GET /v1/models']);
  });

  it('whoever asks for a key, breaks off, goes on for ever or says nothing', async () => {
    const locked = await webServer((_request, response) => response.writeHead(401).end('{"error":"Unauthorized"}'));
    expect(await lookAt(locked.url, true)).toMatchObject({ stranger: { said: 'something that asks for a key' } });
    const broken = await webServer((request) => request.socket.destroy());
    expect(await lookAt(broken.url)).toMatchObject({ stranger: { said: 'something that breaks off' } });
    const endless = await webServer((_request, response) => {
      const more = (): void => {
        while (response.write('x'.repeat(65_536)) && !response.destroyed);
      };
      response.on('drain', more);
      more();
    });
    expect(await lookAt(endless.url)).toMatchObject({ stranger: { said: expect.stringContaining('far more') } });
    const silent = await listening(createSocketServer((socket) => socket.on('error', () => undefined)));
    expect(await lookAt(silent)).toMatchObject({ stranger: { said: 'something that does not answer' } });
  });

  it('another Understudy, and an Ollama that hangs in the middle of being asked', async () => {
    const own = await webServer((_request, response) =>
      response.end('{"object":"list","data":[{"id":"sim/claude","object":"model","created":0,"owned_by":"sim"}]}'),
    );
    expect(await lookAt(own.url, true)).toMatchObject({ stranger: { said: 'an Understudy' } });
    const half = await webServer((request, response) => {
      if (request.url === '/v1/models') response.end('{"object":"list","data":[{"id":"a","object":"model","owned_by":"library"}]}');
      if (request.url === '/api/version') response.end('{"version":"0.40.12"}');
    });
    expect(await lookAt(half.url)).toMatchObject({ type: 'stranger' });
  });

  it('names that nobody can ask for are left out', async () => {
    const odd = await webServer((_request, response) =>
      response.end(
        JSON.stringify({
          object: 'list',
          data: ['good', 'a b', '*', '', '"x"', 'y'.repeat(500)].map((id) => ({
            id,
            object: 'model',
            owned_by: 'vllm',
            max_model_len: -1,
          })),
        }),
      ),
    );
    expect(await lookAt(odd.url)).toMatchObject({ service: { models: [{ name: 'good', loaded: true }] } });
  });
});
