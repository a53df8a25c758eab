import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type JsonObject, parseObject } from '../../exchange/json.ts';
import { localEndpoint } from './endpoints.ts';
import type { ChatTurn, LocalModelScript, LocalScript } from './script.ts';

/** A request that such a service has been sent. */
export interface LocalRequest {
  method: string;
  path: string;
  body: JsonObject;
}

export interface LocalServer {
  /** `http://127.0.0.1:PORT`. */
  url: string;
  port: number;
  /** Changed at will; what it says from then on is another. */
  script: LocalScript;
  requests(): readonly LocalRequest[];
  /** Most conversations that it has worked on at once. */
  busiest(): number;
  close(): Promise<void>;
}

/** Serves on loopback, on a free port unless one is given. */
export async function startLocalService(script: LocalScript, port = 0): Promise<LocalServer> {
  const requests: LocalRequest[] = [];
  let [now, most] = [0, 0];
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const path = (request.url ?? '').split('?')[0]!;
      requests.push({ method: request.method ?? '', path, body });
      if (path !== '/v1/chat/completions') return answer(script, path, body, response);
      most = Math.max(most, ++now);
      return answer(script, path, body, response).finally(() => (now -= 1));
    });
  });
  await new Promise<void>((done, wrong) => {
    server.once('error', wrong);
    server.listen(port, '127.0.0.1', done);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${taken}`,
    port: taken,
    script,
    requests: () => requests,
    busiest: () => most,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

async function answer(script: LocalScript, path: string, body: JsonObject, response: ServerResponse): Promise<void> {
  if (script.kind.startsWith('llamacpp')) response.setHeader('server', 'llama.cpp');
  const model = script.models.find(({ name }) => name === body['model']);
  if (path === '/v1/chat/completions') {
    if (!model) return send(response, 404, { error: { message: `model '${String(body['model'])}' not found`, type: 'not_found_error' } });
    await load(script, model);
    await new Promise((done) => setTimeout(done, script.reading ?? 0));
    const turn = script.chat?.(body) ?? { text: `This is ${model.name}, on this machine.` };
    return body['stream'] === true ? stream(response, model.name, turn, body) : whole(response, model.name, turn);
  }
  if (model && (path === '/api/generate' || path === '/api/v1/models/load')) {
    if ((path === '/api/generate') !== (script.kind === 'ollama') || script.kind === 'lmstudio-before-0.4') return send(response, 404, {});
    await load(script, model);
    return send(
      response,
      200,
      script.kind === 'ollama'
        ? { model: model.name, created_at: '2026-11-23T06:05:00.000Z', response: '', done: true, done_reason: 'load' }
        : { model_instance_id: model.name, config: { context_length: model.running ?? 4096 }, load_time_seconds: 1.5 },
    );
  }
  const found = localEndpoint(script, path, body);
  send(
    response,
    found?.status ?? (found ? 200 : 404),
    found?.json ?? { error: { message: 'File Not Found', type: 'not_found_error', code: 404 } },
  );
}

async function load(script: LocalScript, model: LocalModelScript): Promise<void> {
  if (model.running !== undefined) return;
  await new Promise((done) => setTimeout(done, script.loading ?? 0));
  model.running = model.numCtx ?? 4096;
}

function send(response: ServerResponse, status: number, json: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(json));
}

function whole(response: ServerResponse, model: string, { text, call }: ChatTurn): void {
  const tool_calls = call && [
    { index: 0, id: 'call_1', type: 'function', function: { name: call.name, arguments: JSON.stringify(call.arguments) } },
  ];
  send(response, 200, {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_780_000_000,
    model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: text ?? '', ...(tool_calls && { tool_calls }) },
        finish_reason: call ? 'tool_calls' : 'stop',
      },
    ],
    usage: { prompt_tokens: 20, completion_tokens: 9, total_tokens: 29 },
  });
}

function stream(response: ServerResponse, model: string, { text = '', call }: ChatTurn, body: JsonObject): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const base = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_780_000_000, model };
  const say = (delta: object, finish_reason: string | null = null): void =>
    void response.write(`data: ${JSON.stringify({ ...base, choices: [{ index: 0, delta, finish_reason }] })}\n\n`);
  say({ role: 'assistant', content: '' });
  for (const word of text.split(/(?<= )/)) if (word !== '') say({ content: word });
  // Ollama and llama.cpp send a call as one piece.
  if (call)
    say({
      tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: call.name, arguments: JSON.stringify(call.arguments) } }],
    });
  say({}, call ? 'tool_calls' : 'stop');
  const options = body['stream_options'] as { include_usage?: boolean } | undefined;
  if (options?.include_usage === true)
    response.write(
      `data: ${JSON.stringify({ ...base, choices: [], usage: { prompt_tokens: 20, completion_tokens: 9, total_tokens: 29 } })}\n\n`,
    );
  response.end('data: [DONE]\n\n');
}

async function readBody(request: IncomingMessage): Promise<JsonObject> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return parseObject(Buffer.concat(chunks).toString('utf8')) ?? {};
}
