import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setImmediate } from 'node:timers/promises';

/** Real requests that are under way in this process, so that virtual time stands still until they have been answered. */
export interface Wire {
  quiet(): Promise<void>;
  close(): void;
}

/** Real milliseconds after which an answer over loopback is not late but missing. */
const LONGEST = 10_000;
/** Turns of the event loop without a request: what an answer leads to has then begun. */
const TURNS = 3;

export function watchWire(): Wire {
  const open = new Set<object>();
  const begun = (message: unknown): void => void open.add((message as { request: object }).request);
  const ended = (message: unknown): void => void open.delete((message as { request: object }).request);
  subscribe('undici:request:create', begun);
  subscribe('undici:request:trailers', ended);
  subscribe('undici:request:error', ended);
  return {
    async quiet() {
      const began = performance.now();
      for (let turns = 0; turns < TURNS; turns++) {
        if (open.size > 0) turns = 0;
        if (performance.now() - began > LONGEST) throw new Error(`${open.size} requests over loopback were not answered`);
        await setImmediate();
      }
    },
    close() {
      unsubscribe('undici:request:create', begun);
      unsubscribe('undici:request:trailers', ended);
      unsubscribe('undici:request:error', ended);
    },
  };
}
