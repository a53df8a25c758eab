import type { Clock } from '../../exchange/clock.ts';
import { err, ok } from '../../exchange/result.ts';
import type { DataKey } from '../../journal/at-rest/data-key.ts';
import { createNotifier } from '../../queue/notify.ts';
import type { Job } from '../../queue/job.ts';
import { createQueue, type Queue, type QueueNews } from '../../queue/queue.ts';
import type { QueueSettings } from '../../queue/settings.ts';
import { type JobStore, openJobStore } from '../../queue/store.ts';
import { dialectOf } from '../../dialects/all.ts';
import type { Journal } from '../../journal/journal.ts';
import { post } from '../../telemetry/post.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { isLoopback } from '../access.ts';
import { askAgain, type Dialects } from '../deferred/again.ts';
import type { Waiting } from '../deferred/waiting.ts';
import type { ServerPorts } from '../ports.ts';
import type { PlacedJob, QueuePort } from './queue-port.ts';
import { tellUser } from './tell-user.ts';

export interface QueueHome {
  /** The data folder. */
  folder: string;
  key: DataKey | undefined;
  /** The configuration in force. */
  current(): { queue: QueueSettings; server: { host: string }; journal: { durability: 'process' | 'power' } };
  address(): string;
}

export interface QueueDoors {
  clock: Clock;
  random(): number;
  journal: Journal;
  deferred: Pick<Waiting, 'withdraw'>;
  telemetry: Pick<Telemetry, 'feed' | 'warn'>;
  ask: ServerPorts['ask'];
}

const DIALECTS: Dialects = {
  'anthropic-messages': dialectOf('anthropic-messages'),
  'openai-chat': dialectOf('openai-chat'),
  'openai-responses': dialectOf('openai-responses'),
  gemini: dialectOf('gemini'),
};

/** The queue of a server. Where its database can't be opened, what is kept waits to be asked again by hand. */
export interface QueueDesk {
  port: Omit<QueuePort, 'put'>;
  begin(): Promise<void>;
  keep: Queue['keep'];
  hasRoom(): boolean;
  has(batch: string, line: string): Job | undefined;
  notices(): string[];
  close(): Promise<void>;
}

export function serveQueue(home: QueueHome, { clock, random, journal, deferred, telemetry, ask }: QueueDoors): QueueDesk {
  const { feed } = telemetry;
  const settings = (): QueueSettings => home.current().queue;
  const opened = openJobStore(home.folder, home.key, home.current().journal.durability);
  if (!opened.ok) {
    const { reason, action } = opened.error;
    return {
      port: nobody(settings),
      keep: () => undefined,
      begin: () => Promise.resolve(),
      hasRoom: () => true,
      has: () => undefined,
      notices: () => [`What nobody could answer is not asked again by itself: ${reason}. What to do: ${action}.`],
      close: () => Promise.resolve(),
    };
  }
  const store = opened.value;
  const notifier = createNotifier({
    store,
    clock,
    settings,
    address: home.address,
    post,
    warn: (message) => telemetry.warn('queue', message),
  });

  const user = tellUser(feed, clock);

  function onNews({ job, change }: QueueNews): void {
    const { exchange, state, priority, route, model, attempts, reason, run, batch } = job;
    feed.publish({
      type: 'queue',
      change,
      exchange,
      state,
      priority,
      route,
      model,
      attempts,
      ...(reason !== undefined && { reason }),
      ...(run !== undefined && { run }),
      ...(batch !== undefined && { batch }),
    });
    user.hear({ job, change });
    if (job.notify !== undefined && job.endedAt !== undefined) notifier.look();
  }

  const queue = createQueue({
    store,
    journal,
    clock,
    random,
    settings,
    withdraw: deferred.withdraw,
    onNews,
    async start({ exchange, priority }) {
      const asked = await askAgain({ ask, journal }, DIALECTS, exchange, { alone: isLoopback(home.current().server.host), priority });
      if (asked.ok) return ok(asked.value.exchange);
      const { code, message } = asked.error;
      return err(
        code === 'not-waiting' || code === 'unknown-exchange'
          ? { type: 'gone' as const }
          : { type: 'not-askable' as const, reason: message },
      );
    },
  });
  // Somebody else's answer on a route, or a target that is let in again, says more than a pause.
  const stopListening = feed.subscribe(({ signal }) => {
    if (signal.type === 'exchange-ended' && signal.outcome === 'complete') queue.wake(signal.route);
    else if (signal.type === 'breaker' && signal.to !== 'open') queue.wake();
  });

  return {
    port: portOf(queue, store, clock, settings),
    begin: queue.begin,
    keep: queue.keep,
    hasRoom: queue.hasRoom,
    has: store.ofLine,
    notices: () => [],
    async close() {
      stopListening();
      user.close();
      await notifier.close();
      await queue.close();
    },
  };
}

function portOf(queue: Queue, store: JobStore, clock: Clock, settings: () => QueueSettings): Omit<QueuePort, 'put'> {
  const placed = (job: Job): PlacedJob => (job.state === 'waiting' ? { ...job, place: store.before(job, clock.now()) + 1 } : job);
  return {
    settings,
    overview(query) {
      const now = clock.now();
      const listed = store.list({ ...query, limit: query.limit + 1 }, now);
      const jobs = listed.slice(0, query.limit);
      const places = new Map(store.order(now).map((exchange, index) => [exchange, index + 1]));
      const oldest = store.oldest();
      const last = jobs.at(-1);
      return {
        counts: store.counts(),
        ...(oldest !== undefined && { oldest }),
        jobs: jobs.map((job) => ({ ...job, ...(job.state === 'waiting' && { place: places.get(job.exchange) ?? 1 }) })),
        ...(listed.length > jobs.length && last && { next: last.exchange }),
      };
    },
    get(exchange) {
      const job = store.get(exchange);
      return job && placed(job);
    },
    summary() {
      const { waiting = 0, running = 0 } = store.counts();
      const oldest = store.oldest();
      return { waiting, running, ...(oldest !== undefined && { oldest }) };
    },
    change(exchange, change) {
      const job = queue.change(exchange, change);
      return job && placed(job);
    },
    cancel: queue.cancel,
    wake: () => queue.wake(),
  };
}

function nobody(settings: () => QueueSettings): Omit<QueuePort, 'put'> {
  const nothing = (): undefined => undefined;
  return {
    settings,
    overview: nothing,
    get: nothing,
    summary: nothing,
    change: nothing,
    cancel: () => Promise.resolve(undefined),
    wake: nothing,
  };
}
