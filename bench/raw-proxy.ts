/**
 * What Understudy is measured against: the least that a Node proxy can do. `node:http` in, undici `Pool.dispatch` out, request
 * bodies buffered, nothing looked at. Usage: `node bench/raw-proxy.ts PORT UPSTREAM_ORIGIN`.
 */
import { createServer } from 'node:http';
import { Pool } from 'undici';

const [port, origin] = process.argv.slice(2);
if (!port || !origin) throw new Error('Usage: node bench/raw-proxy.ts PORT UPSTREAM_ORIGIN');
const pool = new Pool(origin, { connections: 256 });
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'host', 'content-length', 'te', 'trailer', 'upgrade']);

const server = createServer((request, response) => {
  if (request.url === '/healthz') return void response.end('ok');
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const headers: Record<string, string | string[]> = {};
    for (const [name, value] of Object.entries(request.headers)) if (value !== undefined && !HOP_BY_HOP.has(name)) headers[name] = value;
    pool.dispatch(
      { method: 'POST', path: request.url ?? '/', headers, body: Buffer.concat(chunks) },
      {
        onRequestStart() {},
        onResponseStart(controller, status, upstream) {
          const kept = Object.entries(upstream).filter(([name]) => !HOP_BY_HOP.has(name) || name === 'content-length');
          response.writeHead(status, Object.fromEntries(kept));
          response.on('drain', () => controller.resume());
          response.on('close', () => response.writableFinished || controller.abort(new Error('client gone')));
        },
        onResponseData(controller, chunk) {
          if (!response.write(chunk)) controller.pause();
        },
        onResponseEnd() {
          response.end();
        },
        onResponseError(_, error) {
          response.destroy(error);
        },
      },
    );
  });
});
server.listen(Number(port), '127.0.0.1');
