import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EnvHttpProxyAgent, request } from 'undici';
import { isObject, parseObject } from '../../src/exchange/json.ts';
import { MOST } from './budget.ts';
import type { Service } from './services.ts';

/** Stands between Understudy and one real service: passes everything on, breaks an answer when told to, and holds the budget. */
export interface FaultProxy {
  /** What Understudy takes for the service's base URL. */
  baseUrl: string;
  /** Closes the connection inside the next streamed answer once so many characters of text have come. `down`: and stays down. */
  cutNext(characters: number, afterwards: 'well' | 'down'): void;
  heal(): void;
  /** Requests that reached the service. */
  calls(): number;
  close(): Promise<void>;
}

interface Cut {
  characters: number;
  afterwards: 'well' | 'down';
}

const OVERLOADED = '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded, says the live test"}}';
/** Hop-by-hop, or set anew for the next connection. */
const OWN_HEADERS = new Set(['host', 'connection', 'keep-alive', 'transfer-encoding', 'content-length', 'accept-encoding']);

/** `most`: requests that are let through in all. HTTPS_PROXY and the like are heeded. */
export async function startFaultProxy(service: Service, most: number): Promise<FaultProxy> {
  const prefix = service.preset.dialect.startsWith('openai-') ? '/v1' : '';
  const agent = new EnvHttpProxyAgent();
  let cut: Cut | undefined;
  let down = false;
  let calls = 0;

  async function pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await wholeBody(incoming);
    const free = incoming.url?.includes('/count_tokens') === true || incoming.method !== 'POST';
    const refusal = free ? undefined : overBudget(body, calls, most);
    if (refusal !== undefined)
      return sendError(response, 400, JSON.stringify({ error: { type: 'invalid_request_error', message: refusal } }));
    if (down && !free) return sendError(response, 529, OVERLOADED);
    if (!free) calls++;
    const headers = Object.entries(incoming.headers).flatMap(([name, value]) =>
      value === undefined || OWN_HEADERS.has(name) ? [] : [[name, value] as const],
    );
    const left = new AbortController();
    response.once('close', () => left.abort());
    const answer = await request(service.baseUrl + (incoming.url ?? '').slice(prefix.length), {
      method: incoming.method === 'POST' ? 'POST' : 'GET',
      headers: Object.fromEntries(headers),
      body: body.length > 0 ? body : null,
      dispatcher: agent,
      signal: left.signal,
    });
    const passed = Object.entries(answer.headers).filter(([name, value]) => value !== undefined && !OWN_HEADERS.has(name));
    response.writeHead(answer.statusCode, Object.fromEntries(passed));
    const streamed = String(answer.headers['content-type']).includes('event-stream');
    const now = streamed && !free ? cut : undefined;
    if (now) cut = undefined;
    if (now?.afterwards === 'down') down = true;
    if (now) await passUntil(answer.body, response, now.characters);
    else for await (const chunk of answer.body as AsyncIterable<Buffer>) response.write(chunk);
    if (!response.destroyed) response.end();
  }

  const server = createServer((incoming, response) => {
    pass(incoming, response).catch((error: unknown) => {
      // The service was not reached, or broke off: Understudy sees the same.
      if (response.headersSent || response.destroyed) response.destroy();
      else sendError(response, 502, JSON.stringify({ error: { message: error instanceof Error ? error.message : String(error) } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`,
    cutNext(characters, afterwards) {
      cut = { characters, afterwards };
      down = false;
    },
    heal() {
      cut = undefined;
      down = false;
    },
    calls: () => calls,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await agent.close();
    },
  };
}

/** Passes whole events on until so much text has gone out, then half of the next one, then closes. */
async function passUntil(body: AsyncIterable<Buffer>, response: ServerResponse, characters: number): Promise<void> {
  let waiting = Buffer.alloc(0);
  let said = 0;
  for await (const chunk of body) {
    waiting = Buffer.concat([waiting, chunk]);
    for (let end = waiting.indexOf('\n\n'); end >= 0; end = waiting.indexOf('\n\n')) {
      const event = waiting.subarray(0, end + 2);
      if (said >= characters) {
        await new Promise((resolve) => response.write(event.subarray(0, event.length / 2), resolve));
        response.destroy();
        return;
      }
      response.write(event);
      said += textIn(event).length;
      waiting = waiting.subarray(end + 2);
    }
  }
  // The answer was shorter than that: it stays whole, and the check says that nothing was joined.
  response.write(waiting);
}

function textIn(event: Buffer): string {
  const data = /^data: ?(.*)$/m.exec(event.toString('utf8'))?.[1];
  const frame = data === undefined ? undefined : parseObject(data);
  if (!frame) return '';
  if (isObject(frame['delta']) && typeof frame['delta']['text'] === 'string') return frame['delta']['text'];
  if (frame['type'] === 'response.output_text.delta' && typeof frame['delta'] === 'string') return frame['delta'];
  const choice = Array.isArray(frame['choices']) ? frame['choices'][0] : undefined;
  const content = isObject(choice) && isObject(choice['delta']) ? choice['delta']['content'] : undefined;
  return typeof content === 'string' ? content : '';
}

function overBudget(body: Buffer, calls: number, most: number): string | undefined {
  const json = parseObject(body.toString('utf8'));
  const generation = json?.['generationConfig'];
  const limit =
    json?.['max_tokens'] ??
    json?.['max_completion_tokens'] ??
    json?.['max_output_tokens'] ??
    (isObject(generation) ? generation['maxOutputTokens'] : undefined);
  if (calls >= most) return `the live test has let through ${most} requests, as many as it had announced`;
  if (body.length > MOST.body) return `the live test lets no request above ${MOST.body} bytes through`;
  if (typeof limit !== 'number' || limit > MOST.outputTokens)
    return `the live test lets no request without a limit of at most ${MOST.outputTokens} tokens through`;
  return undefined;
}

async function wholeBody(incoming: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}

function sendError(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
}
