import type { Clock } from '../exchange/clock.ts';
import type { Refusal } from './faults/fault.ts';
import { playScene, type SceneHandler, type SimSymptom, type SimTransportError } from './play.ts';
import type { SimProvider, SimRequest } from './sim-provider.ts';

/** An upstream request as `providers/call.ts` has it. */
export interface SimUpstreamRequest {
  method: string;
  origin: string;
  path: string;
  headers: [name: string, value: string][];
  body: Buffer;
  connectTimeout: number;
  fresh: boolean;
}

export type SimCallPort = (request: SimUpstreamRequest, handler: SceneHandler) => () => void;

export interface SimCallOptions {
  clock: Clock;
  /** By host name as in the origin, with the port where it has one; a host that is not here does not resolve. */
  providers: Readonly<Record<string, SimProvider>>;
  /** Told of each request and of its end, for counting what is still open. */
  observe?: (host: string, request: SimRequest, fault: string | undefined) => (() => void) | undefined;
}

/** Milliseconds that a resolver takes to say that it has no answer. */
const RESOLVER_TIMEOUT = 10_000;

/** The transport port over simulated providers, in process and on a clock: thousands of answers a second, no sockets. */
export function simCall(options: SimCallOptions): SimCallPort {
  const { clock, providers } = options;
  return (request, handler) => {
    const { host } = new URL(request.origin);
    const provider = providers[host];
    if (!provider) return refused(clock, 'dns', request.connectTimeout, handler);
    const headers: Record<string, string> = {};
    for (const [name, value] of request.headers) headers[name.toLowerCase()] = value;
    const asked: SimRequest = { method: request.method, path: request.path, headers, body: request.body, reused: !request.fresh };
    const played = provider.playEarly(asked) ?? provider.play(asked);
    const done = once(options.observe?.(host, asked, played.fault));
    const told = done ? closing(handler, done) : handler;
    const cancel =
      played.refuse === undefined ? playScene(played.scene, clock, told) : refused(clock, played.refuse, request.connectTimeout, told);
    return () => {
      done?.();
      cancel();
    };
  };
}

function once(task: (() => void) | undefined): (() => void) | undefined {
  let over = false;
  return (
    task &&
    (() => {
      if (!over) task();
      over = true;
    })
  );
}

function closing(handler: SceneHandler, done: () => void): SceneHandler {
  return {
    headers: (status, headers) => handler.headers(status, headers),
    data: (chunk) => handler.data(chunk),
    end() {
      done();
      handler.end();
    },
    error(error) {
      done();
      handler.error(error);
    },
  };
}

/** A connection that never came to be. */
function refused(clock: Clock, refusal: Refusal, connectTimeout: number, handler: SceneHandler): () => void {
  const { symptom, after } = outcome(refusal, connectTimeout);
  if (symptom === undefined) return () => undefined;
  const error: SimTransportError = { symptom, local: false, message: `simulated: ${refusal}` };
  return clock.after(after, () => handler.error(error));
}

/** How a client sees it, and when. `never-reads`: the connection stands and nothing more is heard. */
function outcome(refusal: Refusal, connectTimeout: number): { symptom?: SimSymptom; after: number } {
  switch (refusal) {
    case 'closed-port':
      return { symptom: 'refused', after: 0 };
    case 'dns':
      return { symptom: 'dns', after: 0 };
    case 'dns-timeout':
      return RESOLVER_TIMEOUT < connectTimeout
        ? { symptom: 'dns', after: RESOLVER_TIMEOUT }
        : { symptom: 'connect-timeout', after: connectTimeout };
    case 'syn-dropped':
    case 'tls-hang':
      return { symptom: 'connect-timeout', after: connectTimeout };
    case 'tls-self-signed':
    case 'tls-expired':
    case 'tls-wrong-host':
    case 'plain-http-on-tls':
      return { symptom: 'tls', after: 0 };
    case 'never-reads':
      return { after: 0 };
  }
}
