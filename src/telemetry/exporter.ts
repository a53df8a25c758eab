import type { Clock } from '../exchange/clock.ts';
import { exportRequest, type Resource, type Span } from './otlp.ts';

/** What the collector answered. Rejects where it could not be reached. */
export type Post = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  patience: number,
) => Promise<{ status: number; retryAfter?: number }>;

export interface ExporterOptions {
  /** The traces endpoint itself: `http://127.0.0.1:4318/v1/traces`. */
  url: string;
  headers: Readonly<Record<string, string>>;
  resource: Resource;
  clock: Clock;
  post: Post;
  /** Once for each time that the collector goes away or comes back. `why` without a key. */
  onTrouble(why: string | undefined): void;
}

export interface ExportFigures {
  exported: number;
  /** Spans that found no room, or that the collector would not take. */
  dropped: number;
  queued: number;
}

export interface Exporter {
  /** Never waits: what does not fit is dropped and counted. */
  add(spans: readonly Span[]): void;
  figures(): ExportFigures;
  /** Tries once more to send what is left, for a few seconds at most. */
  close(): Promise<void>;
}

// The defaults of OpenTelemetry's batch processor and OTLP exporter:
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
const MOST_QUEUED = 2048;
const BATCH = 512;
const DELAY = 5000;
const PATIENCE = 10_000;
/** Backing off from a collector that is down or busy, as OTLP asks: doubling, from a second to a minute. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 60_000;
const LAST_PATIENCE = 2000;

/** All others mean that the same will be refused again (OTLP, retryable response codes). */
const RETRYABLE = new Set([429, 502, 503, 504]);

export function createExporter({ url, headers, resource, clock, post, onTrouble }: ExporterOptions): Exporter {
  let queue: Span[] = [];
  let exported = 0;
  let dropped = 0;
  let pause = 0;
  let sending: Promise<void> | undefined;
  let cancel: (() => void) | undefined;
  let closed = false;
  let inTrouble = false;

  function arm(delay: number): void {
    if (closed || cancel || sending) return;
    cancel = clock.after(delay, () => {
      cancel = undefined;
      begin();
    });
  }

  function begin(): void {
    if (sending || queue.length === 0) return;
    sending = send(PATIENCE).finally(() => {
      sending = undefined;
      if (queue.length > 0) arm(pause > 0 ? pause : queue.length >= BATCH ? 0 : DELAY);
    });
  }

  async function send(patience: number): Promise<void> {
    const batch = queue.splice(0, BATCH);
    const wait = await attempt(batch, patience);
    if (wait === undefined) {
      pause = 0;
      return;
    }
    // The same ones are tried again; the newest find no room if it takes long.
    queue = [...batch, ...queue];
    limit();
    pause = Math.min(LONGEST_PAUSE, Math.max(wait, pause === 0 ? FIRST_PAUSE : pause * 2));
  }

  /** `undefined`: it is done with; else the least milliseconds to wait before the same is sent again. */
  async function attempt(batch: Span[], patience: number): Promise<number | undefined> {
    try {
      const { status, retryAfter } = await post(url, headers, JSON.stringify(exportRequest(resource, batch)), patience);
      if (status >= 200 && status < 300) {
        exported += batch.length;
        trouble(undefined);
        return undefined;
      }
      trouble(`the collector answered with status ${status}`);
      if (RETRYABLE.has(status)) return retryAfter ?? 0;
      dropped += batch.length;
      return undefined;
    } catch {
      trouble('the collector cannot be reached');
      return 0;
    }
  }

  function trouble(why: string | undefined): void {
    if (inTrouble === (why !== undefined)) return;
    inTrouble = why !== undefined;
    onTrouble(why);
  }

  function limit(): void {
    if (queue.length <= MOST_QUEUED) return;
    dropped += queue.length - MOST_QUEUED;
    queue.length = MOST_QUEUED;
  }

  return {
    add(spans) {
      if (closed) return;
      queue.push(...spans);
      limit();
      if (queue.length >= BATCH && pause === 0 && !sending) {
        cancel?.();
        cancel = undefined;
        arm(0);
      } else arm(pause > 0 ? pause : DELAY);
    },
    figures: () => ({ exported, dropped, queued: queue.length }),
    async close() {
      closed = true;
      cancel?.();
      await sending;
      while (queue.length > 0) {
        const before = queue.length;
        await send(LAST_PATIENCE);
        if (queue.length >= before) break;
      }
      dropped += queue.length;
      queue = [];
    },
  };
}
