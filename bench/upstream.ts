/** A provider for the bench, in a process of its own: answers all dialects, paced as the model's name says (wire.ts). */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DIALECTS, WIRES } from './wire.ts';
import { chunkText, paceOf, type Pace, type Stream } from './wires/wire.ts';

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => answer(request, response, Buffer.concat(chunks)));
});

function answer(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  const url = request.url ?? '/';
  const dialect = DIALECTS.find((name) => WIRES[name].owns(url));
  if (!dialect) return void response.writeHead(404).end();
  const wire = WIRES[dialect];
  // A proxy may reorder the fields, so that they are looked for at both ends; parsing 100 KB would cost more than the proxy does.
  const edges =
    body.length > 8192 ? body.toString('latin1', 0, 4096) + body.toString('latin1', body.length - 4096) : body.toString('latin1');
  const asked = wire.asked(url, edges);
  const pace = paceOf(asked.model);
  if (!asked.stream) {
    const whole = Buffer.from(JSON.stringify(wire.whole(asked.model, pace)));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': whole.length }).end(whole);
    return;
  }
  const stream = wire.stream(asked.model, pace);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (stream.opening !== '') response.write(stream.opening);
  if (pace.rate > 0) paced(response, stream, pace);
  else poured(response, stream, pace);
}

/** The first chunk at once, then one each interval. */
function paced(response: ServerResponse, stream: Stream, pace: Pace): void {
  let sent = 0;
  const next = () => {
    response.write(stream.chunk(chunkText(sent++)));
    if (sent < pace.chunks) return;
    clearInterval(timer);
    response.end(stream.closing);
  };
  const timer = setInterval(next, 1000 / pace.rate);
  response.on('close', () => clearInterval(timer));
  next();
}

/** One chunk each turn of the event loop: written in one turn they would reach the proxy as one. */
function poured(response: ServerResponse, stream: Stream, pace: Pace): void {
  let sent = 0;
  const next = () => {
    if (response.destroyed) return;
    const room = response.write(stream.chunk(chunkText(sent++)));
    if (sent === pace.chunks) response.end(stream.closing);
    else if (room) setImmediate(next);
    else response.once('drain', next);
  };
  next();
}

server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit());
