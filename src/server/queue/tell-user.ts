import type { Clock } from '../../exchange/clock.ts';
import type { QueueNews } from '../../queue/queue.ts';
import type { Feed } from '../../telemetry/feed.ts';

/** Milliseconds without further news after which the user is told of all at once. */
const QUIET = 15_000;
/** Told at the latest after so many milliseconds, if it goes on. */
const LATEST = 5 * 60_000;

/** One message for all requests that were answered, or given up, about the same time. Whoever holds on knows by itself; a file has its own progress. */
export function tellUser(feed: Pick<Feed, 'publish'>, clock: Clock): { hear(news: QueueNews): void; close(): void } {
  const counts = { answered: 0, failed: 0, expired: 0 };
  let since: number | undefined;
  let stop: (() => void) | undefined;
  let last = '';

  function tell(): void {
    const { answered, failed, expired } = counts;
    Object.assign(counts, { answered: 0, failed: 0, expired: 0 });
    [since, stop] = [undefined, undefined];
    const lost = failed + expired;
    const requests = (count: number): string => (count === 1 ? '1 request that waited' : `${count} requests that waited`);
    const title =
      answered > 0
        ? `${requests(answered)} ${answered === 1 ? 'has its answer' : 'have their answers'}`
        : `${requests(lost)} could not be answered`;
    const rest = answered > 0 && lost > 0 ? ` ${lost} could not be answered.` : '';
    feed.publish({
      type: 'alert',
      alert: `queue-${last}`,
      state: lost === 0 ? 'over' : 'new',
      title,
      text: `understudy queue --all shows them.${rest}`,
      bell: false,
    });
  }

  return {
    hear({ job, change }) {
      if (change !== 'answered' && change !== 'failed' && change !== 'expired') return;
      if (job.priority === 'interactive' || job.batch !== undefined) return;
      counts[change] += 1;
      last = job.exchange;
      since ??= clock.monotonic();
      stop?.();
      stop = clock.after(Math.max(0, Math.min(QUIET, since + LATEST - clock.monotonic())), tell);
    },
    close: () => stop?.(),
  };
}
