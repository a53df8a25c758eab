import { sseSplitter } from '../../dialects/sse.ts';
import type { Clock } from '../../exchange/clock.ts';
import { parseObject } from '../../exchange/json.ts';
import type { Signal, SignalType } from '../../telemetry/signal.ts';

export interface FollowOptions {
  address: string;
  token: string | undefined;
  /** Absent: all. */
  types?: readonly SignalType[];
  clock: Clock;
  heard(signal: Signal): void;
  /** Events were missed, or it is another process than before: how things stand has to be asked anew. */
  reset?(): void;
  /** Whether the feed is there; told at each change. */
  connected?(there: boolean): void;
}

/** Milliseconds before a feed that ended is asked for again; doubled each time that it does not come. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 5000;
/** No event of ours is longer (texts in it are cut); what is comes from somebody else. */
const MOST_EVENT = 64 * 1024;

/** Follows a running Understudy's `GET /api/events`, through restarts, without missing what is still kept. Returns how to end it. */
export function followFeed({ address, token, types, clock, heard, reset, connected }: FollowOptions): () => void {
  const stop = new AbortController();
  let cursor: string | undefined;
  let there: boolean | undefined;
  let wake: () => void = () => undefined;

  function tell(now: boolean): void {
    if (now === there) return;
    there = now;
    connected?.(now);
  }

  function take(raw: Buffer, event: string, data: string): void {
    const id = /^id: (.+)$/m.exec(raw.toString('latin1'))?.[1];
    if (id !== undefined) cursor = id;
    if (data === '') return;
    if (event === 'reset') return reset?.();
    const signal = parseObject(data);
    if (signal?.['version'] === 1) heard(signal as unknown as Signal);
  }

  async function read(): Promise<void> {
    const url = new URL('/api/events', address);
    if (types) url.searchParams.set('types', types.join(','));
    const response = await fetch(url, {
      signal: stop.signal,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(cursor !== undefined && { 'last-event-id': cursor }),
      },
    });
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      return;
    }
    tell(true);
    const splitter = sseSplitter({ maxEvent: MOST_EVENT });
    for await (const chunk of response.body) {
      for (const { raw, event, data } of splitter.push(Buffer.from(chunk))) {
        if (stop.signal.aborted) return;
        take(raw, event, data);
      }
    }
  }

  async function follow(): Promise<void> {
    let pause = FIRST_PAUSE;
    while (!stop.signal.aborted) {
      const before = cursor;
      // A server that ends, or is not there yet: it is asked again.
      await read().catch(() => undefined);
      if (stop.signal.aborted) return;
      tell(false);
      pause = cursor === before ? Math.min(LONGEST_PAUSE, pause * 2) : FIRST_PAUSE;
      await new Promise<void>((resolve) => {
        const cancel = clock.after(pause, resolve);
        wake = () => {
          cancel();
          resolve();
        };
      });
    }
  }

  void follow();
  return () => {
    stop.abort();
    wake();
  };
}
