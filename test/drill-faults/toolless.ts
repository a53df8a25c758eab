import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type JsonObject, parseObject } from '../../src/exchange/json.ts';

/** A service in front of another that has no tools: it refuses who brings some, or does as if there were none. */
export async function startToolless(behind: string, manner: 'refuses' | 'ignores'): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => answer(behind, manner, incoming, Buffer.concat(chunks), response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function answer(behind: string, manner: 'refuses' | 'ignores', incoming: IncomingMessage, body: Buffer, response: ServerResponse): void {
  const asked = parseObject(body.toString());
  const hasTools = Array.isArray(asked?.['tools']);
  if (hasTools && manner === 'refuses') {
    // Ollama's words; Google's form of an error for Gemini's clients.
    const message = 'registry.ollama.ai/library/the-backup does not support tools';
    const error = incoming.url?.includes('/models/')
      ? { code: 400, message, status: 'INVALID_ARGUMENT' }
      : { message, type: 'invalid_request_error' };
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ type: 'error', error }));
    return;
  }
  const { tools: _tools, tool_choice: _choice, toolConfig: _config, ...rest } = asked ?? {};
  const sent = hasTools ? Buffer.from(JSON.stringify(rest satisfies JsonObject)) : body;
  const { host: _host, 'content-length': _length, ...headers } = incoming.headers;
  const onward = send(
    behind + incoming.url,
    { method: incoming.method ?? 'GET', headers: { ...headers, ...(sent.length > 0 && { 'content-length': sent.length }) } },
    (from) => {
      response.writeHead(from.statusCode ?? 502, from.headers);
      from.pipe(response);
    },
  );
  onward.on('error', () => response.destroy());
  response.on('close', () => onward.destroy());
  onward.end(sent);
}
