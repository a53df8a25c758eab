import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What stands where a base URL is wrong: somebody else's server, or the right one under a wrong path. */
const MANNERS = [
  // A page of a web server.
  { status: 404, type: 'text/html', body: '<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>' },
  // A login page, or an app that answers every path.
  { status: 200, type: 'text/html; charset=utf-8', body: '<!doctype html><html><head><title>Sign in</title></head><body></body></html>' },
  // FastAPI, as vLLM and many gateways of one's own say it.
  { status: 404, type: 'application/json', body: '{"detail":"Not Found"}' },
  // OpenAI, asked under a path that it does not have.
  {
    status: 404,
    type: 'application/json',
    body: '{"error":{"message":"Invalid URL (POST /v1/v1/chat/completions)","type":"invalid_request_error","param":null,"code":null}}',
  },
  // Go's standard server, as Ollama says it.
  { status: 404, type: 'text/plain', body: '404 page not found' },
  // A server that takes no POST there.
  { status: 405, type: 'text/plain', body: 'Method Not Allowed' },
] as const;

/** Answers all paths in one manner. */
export async function startMisdirected(manner: number): Promise<{ url: string; close(): Promise<void> }> {
  const { status, type, body } = MANNERS[manner % MANNERS.length]!;
  const server = createServer((incoming, response) => {
    incoming.resume();
    incoming.on('end', () => response.writeHead(status, { 'content-type': type }).end(body));
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
