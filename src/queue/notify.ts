import { createHmac } from 'node:crypto';
import type { Clock } from '../exchange/clock.ts';
import { err, ok, type Result } from '../exchange/result.ts';
import type { Post } from '../telemetry/exporter.ts';
import type { Job } from './job.ts';
import type { QueueSettings } from './settings.ts';
import type { JobStore } from './store.ts';

/** Tells whoever asked for it (`x-understudy-notify`) that a kept request is over. At least once; what is not taken is told again, some times. */
export interface Notifier {
  look(): void;
  /** Settles when nothing is being told. */
  close(): Promise<void>;
}

/** Milliseconds. */
const PATIENCE = 10_000;
/** Milliseconds before the second telling, doubled each time; and how many there are at most: the last after more than an hour. */
const PAUSE = 5000;
const TELLINGS = 11;
const AT_ONCE = 20;

/** A URL that may be told: on this machine, or a host that the settings name. The error says why not. */
export function notifyUrl(text: string, { notifyHosts }: Pick<QueueSettings, 'notifyHosts'>): Result<string, string> {
  if (!URL.canParse(text)) return err(`is no URL: ${text.slice(0, 80)}`);
  const { protocol, hostname, username } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') return err('has to begin with http:// or https://');
  if (username !== '') return err('may hold no user name: it would be in the log');
  const own = hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname);
  if (!own && !notifyHosts.includes(hostname))
    return err(`names ${hostname}, which is neither this machine nor in queue.notifyHosts of understudy.yaml`);
  return ok(text);
}

export function createNotifier(parts: {
  store: Pick<JobStore, 'untold' | 'told'>;
  clock: Clock;
  post: Post;
  settings(): QueueSettings;
  address(): string;
  warn(message: string): void;
}): Notifier {
  const { store, clock, settings } = parts;
  let working: Promise<void> | undefined;
  let again = false;
  let stopTimer: (() => void) | undefined;
  let closed = false;
  /** When one that was not taken may be told again, by its exchange. */
  const later = new Map<string, number>();

  async function tell({ exchange, state, notify, reason, run, endedAt }: Job): Promise<boolean> {
    const allowed = notifyUrl(notify ?? '', settings());
    if (!allowed.ok) return true;
    const body = JSON.stringify({
      exchange,
      state,
      at: endedAt,
      ...(run !== undefined && { answeredBy: run }),
      ...(state === 'answered' ? { answer: `${parts.address()}/api/exchanges/${exchange}/answer` } : { reason: reason ?? state }),
    });
    const { notifySecret } = settings();
    const signature =
      notifySecret === undefined
        ? {}
        : { 'x-understudy-signature': `sha256=${createHmac('sha256', notifySecret).update(body).digest('hex')}` };
    try {
      const { status } = await parts.post(allowed.value, signature, body, PATIENCE);
      return status >= 200 && status < 300;
    } catch {
      return false;
    }
  }

  async function work(): Promise<void> {
    do {
      again = false;
      const now = clock.now();
      const due = store.untold(AT_ONCE + later.size).filter(({ job }) => (later.get(job.exchange) ?? 0) <= now);
      for (const { job, tellings } of due) {
        if (closed) return;
        if (await tell(job)) {
          later.delete(job.exchange);
          store.told(job.exchange, clock.now());
        } else if (tellings + 1 >= TELLINGS) {
          later.delete(job.exchange);
          store.told(job.exchange, clock.now());
          parts.warn(`Nobody took the news of the request ${job.exchange} at ${job.notify ?? ''}: it is ${job.state}.`);
        } else {
          later.set(job.exchange, clock.now() + PAUSE * 2 ** tellings);
          store.told(job.exchange, undefined);
        }
      }
      if (due.length >= AT_ONCE) again = true;
    } while (again && !closed);
    arm();
  }

  function arm(): void {
    stopTimer?.();
    stopTimer = undefined;
    if (closed || later.size === 0) return;
    stopTimer = clock.after(Math.max(1, Math.min(...later.values()) - clock.now()), look);
  }

  function look(): void {
    if (closed) return;
    again = true;
    working ??= work().finally(() => (working = undefined));
  }

  look();
  return {
    look,
    async close() {
      closed = true;
      stopTimer?.();
      await working;
    },
  };
}
