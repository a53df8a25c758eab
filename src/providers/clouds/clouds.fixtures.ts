import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';
import { anthropicMessages } from '../../dialects/anthropic-messages/dialect.ts';
import { parseObject } from '../../exchange/json.ts';
import type { TransportError } from '../call.ts';
import { createCall } from '../http-call.ts';
import { type PrepareInput, prepareRequest } from '../prepare.ts';
import type { Provider } from '../provider.ts';
import { resolveProviders } from '../resolve.ts';
import type { ProvidersSettings } from '../settings.ts';

export interface Seen {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface SimulatedService {
  url: string;
  seen: Seen[];
  close(): Promise<void>;
}

/** A server on loopback that keeps what it is asked. */
export async function service(answer: (seen: Seen, response: ServerResponse) => void): Promise<SimulatedService> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = { method: request.method!, path: request.url!, headers: request.headers, body: Buffer.concat(chunks).toString('utf8') };
      seen.push(one);
      answer(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** One provider from settings, as the configuration would make it. */
export function oneProvider(settings: ProvidersSettings, environment: Record<string, string> = {}): Provider {
  const resolved = resolveProviders(settings, { environment, home: '/nowhere', platform: 'linux' });
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.error));
  return resolved.value.providers[0]!;
}

export interface Came {
  status?: number;
  headers: Readonly<Record<string, string | undefined>>;
  body: string;
  error?: TransportError;
}

/** Asks a provider the way in which the engine does. */
export async function ask(provider: Provider, more: Partial<PrepareInput> & { body: Buffer; endpoint: string }): Promise<Came> {
  const prepared = prepareRequest({
    provider,
    native: true,
    model: 'claude-opus-5-5',
    clientPath: more.endpoint,
    clientHeaders: [],
    dialectHeaders: {},
    stream: true,
    connectTimeout: 2000,
    fresh: false,
    ...more,
  });
  if (!prepared.ok) throw new Error(prepared.error);
  const http = createCall({ environment: {} });
  try {
    return await new Promise<Came>((resolve) => {
      const came: Came = { headers: {}, body: '' };
      http.call(prepared.value, {
        headers(status, headers) {
          came.status = status;
          came.headers = headers;
        },
        data: (chunk) => void (came.body += chunk.toString('utf8')),
        end: () => resolve(came),
        error: (error) => resolve({ ...came, error }),
      });
    });
  } finally {
    await http.close();
  }
}

/** What Anthropic's decoder makes of a stream's text: types of frames, and the words in it. */
export function decoded(text: string): { frames: string[]; words: string } {
  const frames = anthropicMessages.decoder().push(Buffer.from(text));
  const words = frames.flatMap((frame) => ('events' in frame ? frame.events : []));
  return {
    frames: frames.map((frame) => frame.type),
    words: words.map((event) => (event.type === 'part-delta' && 'text' in event.delta ? event.delta.text : '')).join(''),
  };
}

/** An answer of Anthropic's, event by event. */
export const ANSWER = [
  {
    type: 'message_start',
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-opus-5-5',
      content: [],
      stop_reason: null,
      usage: { input_tokens: 3, output_tokens: 1 },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Grüße, 世界' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 4 } },
  { type: 'message_stop', 'amazon-bedrock-invocationMetrics': { inputTokenCount: 3 } },
] as const;

/** An AWS event stream's message, written from its specification. */
export function message(headers: Record<string, string>, payload: string | Buffer): Buffer {
  const head = Buffer.concat(
    Object.entries(headers).map(([name, value]) => {
      const bytes = Buffer.from(value);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(bytes.length);
      return Buffer.concat([Buffer.from([Buffer.byteLength(name)]), Buffer.from(name), Buffer.from([7]), length, bytes]);
    }),
  );
  const body = Buffer.from(payload);
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(12 + head.length + body.length + 4, 0);
  prelude.writeUInt32BE(head.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const all = Buffer.concat([prelude, head, body]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(all));
  return Buffer.concat([all, checksum]);
}

export function chunk(event: object): Buffer {
  const bytes = Buffer.from(JSON.stringify(event)).toString('base64');
  return message(
    { ':event-type': 'chunk', ':content-type': 'application/json', ':message-type': 'event' },
    JSON.stringify({ bytes, p: 'abcdefgh' }),
  );
}

/** Signature Version 4 from AWS's description, by hand: what the Authorization header should be, or what is wrong with the request. */
export function expectedSignature(seen: Seen, secret: string, region: string, service: string): string {
  const authorization = seen.headers.authorization ?? '';
  const [, credential, signedHeaders] =
    /^AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=[0-9a-f]{64}$/.exec(authorization) ?? [];
  if (credential === undefined || signedHeaders === undefined) return `no Signature Version 4: ${authorization.slice(0, 20)}`;
  const hash = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const date = String(seen.headers['x-amz-date']);
  const [path, query = ''] = seen.path.split('?', 2) as [string, string?];
  // Every service but S3 encodes the path once more.
  const canonicalPath = path
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/');
  const names = signedHeaders.split(';');
  for (const needed of ['host', 'x-amz-date']) if (!names.includes(needed)) return `${needed} is not signed`;
  if (seen.headers['x-amz-security-token'] !== undefined && !names.includes('x-amz-security-token')) return 'the token is not signed';
  const headers = names.map((name) => `${name}:${String(seen.headers[name]).trim()}\n`).join('');
  const canonical = [seen.method, canonicalPath, query, headers, signedHeaders, hash(seen.body)].join('\n');
  const scope = `${date.slice(0, 8)}/${region}/${service}/aws4_request`;
  const key = [region, service, 'aws4_request'].reduce<Buffer>(hmac, hmac(`AWS4${secret}`, date.slice(0, 8)));
  const signature = hmac(key, ['AWS4-HMAC-SHA256', date, scope, hash(canonical)].join('\n')).toString('hex');
  return `AWS4-HMAC-SHA256 Credential=${credential.split('/', 1)[0]}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
}

export function objectOf(text: string): Record<string, unknown> {
  return parseObject(text) ?? {};
}
