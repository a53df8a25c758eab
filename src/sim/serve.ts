import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { z } from 'zod';
import { systemClock, type Clock } from '../exchange/clock.ts';
import { err, ok, type Result } from '../exchange/result.ts';
import { jsonScene } from './errors.ts';
import type { Refusal } from './faults/fault.ts';
import { POSITIONS } from './position.ts';
import { createRecorder, type Recorded } from './recorder.ts';
import type { Scene } from './scene.ts';
import { createSimProvider, type FaultRule, type Played, type SimProviderOptions, type SimRequest } from './sim-provider.ts';
import { playOnSocket } from './socket-player.ts';

export interface SimServerOptions extends Omit<SimProviderOptions, 'clock'> {
  clock?: Clock;
  /** 0: any free port. */
  port?: number;
}

/** A simulated provider on a real socket of this machine. */
export interface SimServer {
  port: number;
  /** The origin: `http://127.0.0.1:9100`. */
  url: string;
  /** What came in, oldest first; the last few thousand. */
  requests(): Recorded[];
  /** The error names a fault that the catalogue does not have. */
  setFaults(rules: readonly FaultRule[]): Result<void, string>;
  /** Connections that are open now. */
  sockets(): number;
  close(): Promise<void>;
}

/** Bodies above this get 413, as from the real services. */
const LARGEST_BODY = 64 * 1024 * 1024;
/** Milliseconds that a client has to read an answer given before its body was taken. */
const EARLY_ANSWER = 500;

const wholeNumber = z.int().nonnegative();
const scheduleShape = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('once') }),
  z.strictObject({ type: z.literal('times'), count: wholeNumber }),
  z.strictObject({ type: z.literal('for'), ms: wholeNumber }),
  z.strictObject({ type: z.literal('between'), from: wholeNumber, to: wholeNumber }),
  z.strictObject({ type: z.literal('ever') }),
  z.strictObject({ type: z.literal('flap'), on: z.int().positive(), off: z.int().positive() }),
  z.strictObject({ type: z.literal('probability'), p: z.number().min(0).max(1), seed: z.int() }),
]);
const rulesShape = z.strictObject({
  faults: z.array(
    z.strictObject({
      fault: z.string(),
      position: z.union([z.enum(POSITIONS), z.strictObject({ byte: wholeNumber })]).exactOptional(),
      schedule: scheduleShape.exactOptional(),
      scope: z
        .strictObject({
          model: z.string().exactOptional(),
          key: z.string().exactOptional(),
          stream: z.boolean().exactOptional(),
          minBody: wholeNumber.exactOptional(),
        })
        .exactOptional(),
    }),
  ),
});

/**
 * Starts a simulated provider on 127.0.0.1. Besides the dialects' endpoints it has `POST /__sim/faults` (`{"faults": [rule]}`,
 * replacing all) and `GET /__sim/requests` for other processes. Rejects where the port is taken.
 */
export async function startSim(options: SimServerOptions = {}): Promise<SimServer> {
  const clock = options.clock ?? systemClock;
  const provider = createSimProvider({ ...options, clock });
  const recorder = createRecorder();
  const open = new Set<Socket>();
  const served = new WeakSet<Socket>();
  const playing = new Set<() => void>();

  const server = createServer((incoming, response) => {
    const reused = served.has(incoming.socket);
    served.add(incoming.socket);
    const head = { method: incoming.method ?? 'GET', path: incoming.url ?? '/', headers: flat(incoming), reused };
    const early = head.method === 'POST' ? provider.playEarly(head) : undefined;
    if (early) return answerEarly(early, { ...head, body: Buffer.alloc(0) }, response);
    read(incoming, (body) => {
      if (!body)
        return play(jsonScene(413, { error: { type: 'request_too_large', message: 'Request exceeds the maximum size' } }), response);
      const request: SimRequest = { ...head, body };
      if (head.path.startsWith('/__sim/')) return play(control(request), response);
      let played: Played;
      try {
        played = provider.play(request);
      } catch (error) {
        // The simulated assistants live in the process of who runs them: a body nested so deep that it can't be said back must not end it.
        const message = `This request is beyond a simulated provider: ${error instanceof Error ? error.message : String(error)}`;
        return play(jsonScene(500, { error: { type: 'server_error', code: 'server_error', message } }), response);
      }
      answer(played, request, response);
    });
  });
  // A client that goes away in the middle of a scene is the scene's business, not an error of the server.
  server.on('clientError', (_error, socket) => socket.destroy());
  server.on('connection', (socket) => {
    open.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => open.delete(socket));
  });

  function play(scene: Scene, response: ServerResponse, done: (left: boolean) => void = () => undefined): void {
    let over = false;
    const stop = playOnSocket(scene, response, clock, (left) => {
      over = true;
      playing.delete(stopping);
      done(left);
    });
    function stopping(): void {
      stop();
    }
    if (!over) playing.add(stopping);
  }

  function answer(played: Played, request: SimRequest, response: ServerResponse): void {
    const status = played.refuse === undefined ? played.scene.find((step) => step.type === 'head')?.status : undefined;
    const recorded = recorder.add(request, clock.now(), { ...played, ...(status !== undefined && { status }) });
    play(played.refuse === undefined ? played.scene : refusalScene(played.refuse), response, (left) => {
      recorded.state = left ? 'left' : 'done';
    });
  }

  function answerEarly(played: Played, request: SimRequest, response: ServerResponse): void {
    const { socket } = response;
    response.shouldKeepAlive = false;
    response.once('finish', () => {
      const cancel = clock.after(EARLY_ANSWER, () => socket?.destroy());
      socket?.once('close', cancel);
    });
    answer(played, request, response);
  }

  function control(request: SimRequest): Scene {
    if (request.path === '/__sim/requests')
      return jsonScene(
        200,
        recorder.list().map((recorded) => ({ ...recorded })),
      );
    if (request.path !== '/__sim/faults' || request.method !== 'POST') {
      return jsonScene(404, { error: 'POST /__sim/faults and GET /__sim/requests are all there is' });
    }
    const set = readRules(request.body.toString());
    const done = set.ok ? provider.setFaults(set.value) : set;
    return done.ok ? jsonScene(200, { ok: true }) : jsonScene(400, { error: done.error });
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    requests: () => recorder.list(),
    setFaults: (rules) => provider.setFaults(rules),
    sockets: () => open.size,
    close: () =>
      new Promise((resolve) => {
        for (const stop of playing) stop();
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

/** What of a failed connection can still be shown on one that was accepted; `broken-host.ts` has the real thing. */
function refusalScene(refusal: Refusal): Scene {
  return refusal === 'never-reads' || refusal === 'syn-dropped' || refusal === 'tls-hang' ? [{ type: 'hang' }] : [{ type: 'reset' }];
}

function readRules(text: string): Result<FaultRule[], string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return err('the body is not JSON; send {"faults": [{"fault": "529"}]}');
  }
  const rules = rulesShape.safeParse(value);
  return rules.success ? ok(rules.data.faults) : err(z.prettifyError(rules.error));
}

function flat(incoming: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

/** Reads a body to its end; `undefined`: too large. Nothing is called for a client that goes before that. */
function read(incoming: IncomingMessage, done: (body: Buffer | undefined) => void): void {
  const pieces: Buffer[] = [];
  let size = 0;
  incoming.on('data', (piece: Buffer) => {
    size += piece.length;
    if (size <= LARGEST_BODY) pieces.push(piece);
    else pieces.length = 0;
  });
  incoming.on('end', () => done(size <= LARGEST_BODY ? Buffer.concat(pieces) : undefined));
}
