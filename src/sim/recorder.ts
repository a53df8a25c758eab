import type { SimRequest } from './sim-provider.ts';

/** A request as a simulated provider received it, and what became of its answer. */
export interface Recorded {
  /** UTC milliseconds. */
  at: number;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
  model: string;
  stream: boolean;
  reused: boolean;
  /** Id of the fault that struck. */
  fault?: string;
  /** Of the answer; absent where none was begun. */
  status?: number;
  /** `left`: the client went before the answer was over. */
  state: 'open' | 'done' | 'left';
}

/** So many requests and bytes of bodies are remembered; older ones go. */
const MOST_REQUESTS = 2000;
const MOST_BYTES = 64 * 1024 * 1024;

export interface Recorder {
  add(request: SimRequest, at: number, played: { model: string; stream: boolean; fault?: string; status?: number }): Recorded;
  list(): Recorded[];
}

export function createRecorder(): Recorder {
  const kept: Recorded[] = [];
  let bytes = 0;
  return {
    add(request, at, played) {
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(request.headers)) if (value !== undefined) headers[name] = value;
      const { model, stream, fault, status } = played;
      const recorded: Recorded = {
        at,
        method: request.method,
        path: request.path,
        headers,
        body: request.body.toString(),
        model,
        stream,
        reused: request.reused,
        ...(fault === undefined ? {} : { fault }),
        ...(status === undefined ? {} : { status }),
        state: 'open',
      };
      kept.push(recorded);
      bytes += recorded.body.length;
      while (kept.length > MOST_REQUESTS || (bytes > MOST_BYTES && kept.length > 1)) bytes -= kept.shift()!.body.length;
      return recorded;
    },
    list: () => [...kept],
  };
}
